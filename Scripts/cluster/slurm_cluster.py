"""A whole Slurm on this machine: one slurmctld, four nodes that are slurmd processes, and a munged of its own.

Nothing of the machine's own configuration is read or changed: files, sockets and ports are the test's.
"""
import os
import pathlib
import shutil
import socket
import subprocess

from parts import Failed, Processes, check, run, tail, wait_for

CONFIGURATION = """\
ClusterName=ponder
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={control_port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
# The credential's life is also how long a requeued job waits before it is begun again.
AuthInfo=socket={folder}/munge.socket,cred_expire=5
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=5,bf_interval=2
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=4
MinJobAge=300
StateSaveLocation={folder}/controller
SlurmctldPidFile={folder}/slurmctld.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdSpoolDir={folder}/%n
SlurmdPidFile={folder}/%n.pid
SlurmdLogFile={folder}/%n.log
JobRequeue=1
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
NodeName=n[1-4] NodeHostname={host} NodeAddr=127.0.0.1 Port=[{node_port}-{last_port}] CPUs=2 RealMemory=1000
PartitionName=low Nodes=n[1-4] Default=YES State=UP PriorityTier=1 PreemptMode=REQUEUE GraceTime=4
PartitionName=high Nodes=n[1-4] State=UP PriorityTier=10 PreemptMode=OFF
"""


class Slurm:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.processes = Processes()
        self.environment = {"SLURM_CONF": str(self.folder / "slurm.conf")}

    def start(self):
        check(os.geteuid() == 0, "a Slurm of its own needs root")
        check(os.path.ismount("/sys/fs/cgroup"), "slurmd needs a mounted /sys/fs/cgroup")
        self.folder.mkdir()
        (self.folder / "controller").mkdir()
        control, first = _free_ports(5)
        configuration = CONFIGURATION.format(
            host=socket.gethostname().split(".")[0], folder=self.folder, control_port=control, node_port=first,
            last_port=first + 3)
        (self.folder / "slurm.conf").write_text(configuration)
        self._start_munge()
        self._daemon("slurmctld", "slurmctld", "-D", "-c", "-f", self.folder / "slurm.conf")
        for node in range(1, 5):
            self._daemon(f"n{node}", "slurmd", "-D", "-N", f"n{node}", "-f", self.folder / "slurm.conf")
        wait_for("four idle nodes", lambda: self._idle() == 4, 60)

    def stop(self):
        try:
            if (self.folder / "slurm.conf").exists():
                self.call("scancel", "--user=root", expect=None, deadline=10)
                wait_for("an empty queue", lambda: not self.call("squeue", "--noheader", expect=None).stdout.strip(), 30)
        except (Failed, subprocess.TimeoutExpired):
            pass  # The daemons are ended in any case, and with them what they started.
        finally:
            self.processes.end()

    def call(self, *command, expect=0, deadline=60, environment=None):
        return run(*command, expect=expect, deadline=deadline, environment={**self.environment, **(environment or {})})

    def job(self, number):
        """The fields of a job, as `scontrol show job` prints them; empty when Slurm has forgotten it."""
        done = self.call("scontrol", "show", "job", number, "--oneliner", expect=None)
        return dict(word.split("=", 1) for word in done.stdout.split() if "=" in word) if done.returncode == 0 else {}

    def state(self, number):
        return self.job(number).get("JobState", "")

    def elements(self, array):
        """{index: (state, nodes)} of the array's elements that are in the queue."""
        done = self.call("squeue", "--noheader", "--array", f"--jobs={array}", "--format=%K %T %N", expect=None)
        found = {}
        for line in done.stdout.splitlines():
            words = line.split()
            found[int(words[0])] = (words[1], words[2] if len(words) > 2 else "")
        return found

    def logs(self):
        return "\n".join(f"--- {path}\n{tail(path, 12)}" for path in sorted(self.folder.glob("*.log")))

    def _idle(self):
        done = self.call("sinfo", "--noheader", "--Node", "--partition=low", "--format=%N %T", expect=None)
        return sum(line.endswith("idle") for line in done.stdout.splitlines())

    def _start_munge(self):
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        # Run as root, munged wants every folder above its files to be root's.
        self._daemon(
            "munged", shutil.which("munged") or "/usr/sbin/munged", "--foreground", "--force", f"--key-file={key}",
            f"--socket={self.folder}/munge.socket", f"--pid-file={self.folder}/munged.pid",
            f"--log-file={self.folder}/munged.log", f"--seed-file={self.folder}/munged.seed")
        wait_for("munged's socket", lambda: (self.folder / "munge.socket").exists(), 20)

    def _daemon(self, name, program, *arguments):
        program = shutil.which(str(program), path=f"{os.environ['PATH']}:/usr/sbin") or program
        process = self.processes.start(program, *arguments, log=self.folder / f"{name}.out", environment=self.environment)
        return process


def _free_ports(count):
    """A free port for the controller, and the first of COUNT - 1 free ones in a row."""
    for base in range(17001, 19000, count):
        probes = []
        try:
            for port in range(base, base + count):
                probe = socket.socket()
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probes.append(probe)
                probe.bind(("127.0.0.1", port))
            return base, base + 1
        except OSError:
            continue
        finally:
            for probe in probes:
                probe.close()
    raise Failed("no free ports for Slurm's daemons")
