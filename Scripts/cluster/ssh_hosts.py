"""A real sshd on loopback with a configuration, a port and keys of its own, and the `ssh` that finds it by made-up names."""
import os
import pathlib
import shutil
import socket

from parts import Processes, check, run, tail, wait_for

SERVER = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
PidFile {folder}/sshd.pid
AuthorizedKeysFile {folder}/user_key.pub
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
PermitRootLogin yes
MaxStartups 64
SetEnv HOME={folder}/home XDG_STATE_HOME={folder}/home/state
"""

CLIENT = """\
Host alive-a alive-b
    HostName 127.0.0.1
    Port {port}
Host dead
    HostName 127.0.0.1
    Port {dead_port}
Host elsewhere
    HostName 192.0.2.1
Host *
    User {user}
    IdentityFile {folder}/user_key
    IdentitiesOnly yes
    UserKnownHostsFile {folder}/known_hosts
    StrictHostKeyChecking yes
"""


class Hosts:
    """`alive-a` and `alive-b` are this machine, nobody listens at `dead`, and `elsewhere` is another machine."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.processes = Processes()

    def start(self):
        (self.folder / "home").mkdir(parents=True)
        for name in ("host_key", "user_key"):
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.folder / name)
        port, dead = free_port(), free_port()
        host_key = (self.folder / "host_key.pub").read_text().split()
        (self.folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {host_key[0]} {host_key[1]}\n")
        values = {"folder": self.folder, "port": port, "dead_port": dead, "user": run("id", "-un").stdout.strip()}
        (self.folder / "sshd_config").write_text(SERVER.format(**values))
        (self.folder / "ssh_config").write_text(CLIENT.format(**values))
        # What a user has in ~/.ssh/config; OpenSSH does not look at $HOME for it.
        client = self.folder / "bin" / "ssh"
        client.parent.mkdir()
        client.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {self.folder}/ssh_config "$@"\n')
        client.chmod(0o755)
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)
        server = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
        check(server, "there is no sshd; apt-get install openssh-server")
        self.processes.start(server, "-D", "-e", "-f", self.folder / "sshd_config", log=self.folder / "sshd.log")
        wait_for("sshd", lambda: run("ssh", "alive-a", "true", environment=self.environment, expect=None).returncode == 0, 20)

    @property
    def environment(self):
        return {"PATH": f"{self.folder}/bin:{os.environ['PATH']}"}

    def stop(self):
        self.processes.end()

    def logs(self):
        return tail(self.folder / "sshd.log")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
