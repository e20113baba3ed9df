"""Workers on hosts: two slots on a real sshd, a dead host beside them, a run to its end, and an orderly stop."""
import json
import os
import pathlib
import signal

from parts import Processes, check, run, say, tail, wait_for
from ssh_hosts import Hosts, free_port

PROGRAMS = {"ssh": "openssh-client", "sshd": "openssh-server", "tar": "tar"}

CONFIGURATION = """\
steps: 2
rollout:
  problems: 16
  assignmentProblems: 4
evaluation:
  every: 0
  problems: 32
"""


def test(folder):
    hosts, processes = Hosts(folder / "ssh"), Processes()
    try:
        hosts.start()
        refusals(folder, hosts)
        attached(folder, hosts, processes)
        detached(folder, hosts, processes)
        whole(folder, hosts, processes)
        whole_detached(folder, hosts)
    except Exception:
        for path in sorted(folder.glob("*.log")):
            say(f"--- {path.name}\n{tail(path)}")
        say(f"--- sshd\n{hosts.logs()}")
        raise
    finally:
        processes.end()
        hosts.stop()


def launch(hosts, *arguments, **options):
    return run(os.environ["PONDER"], "launch", *arguments, environment=hosts.environment, **options)


def refusals(folder, hosts):
    file = folder / "elsewhere"
    file.write_text("alive-a\nelsewhere\n")
    done = launch(hosts, "ssh", "--hosts", file, "--coordinator", "tcp://127.0.0.1:5555", expect=2)
    check("elsewhere" in done.stderr, f"a loopback coordinator was refused without naming the host: {done.stderr}")
    dead = folder / "dead"
    dead.write_text("dead\n")
    done = launch(
        hosts, "ssh", "--hosts", dead, "--coordinator", "tcp://127.0.0.1:5555", "--state", folder / "none", expect=3)
    check("no workers on dead: " in done.stderr, f"the dead host was not named: {done.stderr}")
    check(not list((folder / "none").glob("*.json")), "a launch of nothing is still recorded")
    done = launch(
        hosts, "ssh", "--hosts", write(folder, "alive-a\n"), "--coordinator", "tcp://127.0.0.1:5555", "--ponder",
        "/no/such/ponder", "--state", folder / "none", expect=1)
    check("/no/such/ponder is no program there" in done.stderr, f"the reason is missing: {done.stderr}")


def attached(folder, hosts, processes):
    """Two workers on one host, one on another, none on the dead one; the run ends, and so does the launcher."""
    endpoint = f"tcp://127.0.0.1:{free_port()}"
    coordinator = start_coordinator(folder, "attached", endpoint, processes)
    file = write(folder, "alive-a slots=2\ndead slots=2   # nobody listens there\nalive-b\n")
    log = folder / "launch.log"
    launcher = processes.start(
        os.environ["PONDER"], "launch", "ssh", "--hosts", file, "--coordinator", endpoint, "--copy", "--state",
        folder / "state", log=log, environment=hosts.environment)
    wait_for("the end of the run", lambda: coordinator.poll() is not None or launcher.poll() is not None, 180)
    wait_for("the end of the coordinator", lambda: coordinator.poll() is not None, 20)
    check(coordinator.returncode == 0, f"the coordinator ended with {coordinator.returncode}")
    code = launcher.wait(timeout=30)
    text = log.read_text()
    check(code == 0, f"the launcher ended with {code}")
    line = json.loads([line for line in text.splitlines() if line.startswith("{")][0])
    check((line["workers"], line["hosts"], line["unreachable"]) == (3, 2, ["dead"]), f"it started something else: {line}")
    check("no workers on dead: " in text, "the dead host is not listed with its reason")
    for host in ("alive-a", "alive-b"):
        check(f"\n{host}: " in text, f"no output of {host} is told with its name")
    check(not list((folder / "state").glob("*.json")), "a launch that is over is still recorded")
    copies = list((folder / "ssh" / "home" / ".cache" / "ponder").glob("*/ponder"))
    check(len(copies) == 1, f"the program was copied to {len(copies)} folders, not 1")
    say("ssh: a run with 3 workers on 2 of 3 hosts came to its end")


def detached(folder, hosts, processes):
    """Workers outlive the launcher, are found again, and end in order; other processes are left alone."""
    endpoint = f"tcp://127.0.0.1:{free_port()}"
    state = ["--state", folder / "detached-state"]
    launch(
        hosts, "ssh", "--hosts", write(folder, "alive-a slots=2\n"), "--coordinator", endpoint, "--detach", "--ponder",
        os.environ["PONDER"], *state)
    rows = status(hosts, state)
    check([row["state"] for row in rows] == ["running"] * 2, f"not two running workers: {rows}")
    record = json.loads(next((folder / "detached-state").glob("*.json")).read_text())
    workers = record["launched"]["ssh"]["workers"]
    for worker in workers:
        arguments = pathlib.Path(f"/proc/{worker['process']}/cmdline").read_bytes()
        check(b"worker" in arguments and endpoint.encode() in arguments, f"{worker} is no worker of ours")
    os.kill(workers[0]["process"], signal.SIGKILL)
    wait_for("one gone worker", lambda: sorted(row["state"] for row in status(hosts, state)) == ["gone", "running"], 20)
    launch(hosts, "stop", *state)
    check(not runs(workers[1]["process"]), "the second worker still runs")
    check(status(hosts, state) == [], "what was stopped is still recorded")
    logs = list((folder / "ssh" / "home" / "state" / "ponder" / "logs").glob("*/*.log"))
    check(len(logs) == 2, f"{len(logs)} logs on the host, not 2")
    say("ssh: detached workers were found again and ended in order")


def keys_of(folder):
    keys = folder / "it's keys"
    if not keys.exists():
        run(os.environ["PONDER"], "keys", "make", "coordinator", "worker", "--keys", keys)
        run(os.environ["PONDER"], "keys", "authorize", "worker", "--keys", keys)
    return keys


def whole(folder, hosts, processes):
    """A coordinator here and workers on two hosts, with keys that the launch brings; all ends with the run."""
    config = folder / "whole.yaml"
    config.write_text(CONFIGURATION)
    log = folder / "whole.log"
    launcher = processes.start(
        os.environ["PONDER"], "launch", "ssh", config, "--run", folder / "whole", "--hosts", write(folder, "alive-a\nalive-b\n"),
        "--keys", keys_of(folder), "--copy", "--bind", f"tcp://*:{free_port()}", "--state", folder / "whole-state", log=log,
        environment=hosts.environment)
    wait_for("the end of the launch", lambda: launcher.poll() is not None, 180)
    text = log.read_text()
    check(launcher.returncode == 0, f"the launcher ended with {launcher.returncode}")
    results = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    check(any(result.get("steps") == 2 for result in results), f"the run's result is not printed: {results}")
    check("coordinator: " in text and "alive-a: " in text, "the output of coordinator and hosts is not told with its name")
    check("connected to tcp://" in text, "a worker does not say that it is connected")
    copies = list((folder / "ssh" / "home" / ".cache" / "ponder").glob("keys-*"))
    check(len(copies) == 1 and copies[0].stat().st_mode & 0o077 == 0, f"the keys are in {copies}, or others may read them")
    check(not list((folder / "whole-state").glob("*.json")), "a launch that is over is still recorded")
    say("ssh: a coordinator here and workers on 2 hosts, with keys, came to the end of their run")


def whole_detached(folder, hosts):
    """A detached coordinator is found again, is saved when it is told to end, and continues."""
    state = ["--state", folder / "left-state"]
    arguments = ["ssh", folder / "whole.yaml", "--run", folder / "left", "--steps", 100000, "--hosts", write(folder, "alive-a\n"),
                 "--keys", keys_of(folder), "--ponder", os.environ["PONDER"], "--bind", f"tcp://*:{free_port()}", "--detach", *state]
    for _ in range(2):
        launch(hosts, *arguments)
        rows = status(hosts, state)
        check([(row["name"], row["state"]) for row in rows][0] == ("coordinator", "running"), f"no running coordinator: {rows}")
        check(len(rows) == 2 and rows[1]["state"] == "running", f"no running worker: {rows}")
        wait_for("a step", lambda: "1/100000" in (folder / "left" / "launch" / "coordinator.log").read_text()
                 or "goes on at" in (folder / "left" / "launch" / "coordinator.log").read_text(), 120)
        launch(hosts, "stop", *state)
        log = (folder / "left" / "launch" / "coordinator.log").read_text()
        check("interrupted after step" in log, f"the coordinator was not saved: {log}")
        check(status(hosts, state) == [], "what was stopped is still recorded")
    say("ssh: a detached coordinator was saved and continued")


def status(hosts, state):
    return [json.loads(line) for line in launch(hosts, "status", "--json", *state).stdout.splitlines()]


def runs(process):
    """Whether a process exists and is not a zombie."""
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def start_coordinator(folder, name, endpoint, processes):
    config = folder / f"{name}.yaml"
    config.write_text(CONFIGURATION)
    return processes.start(
        os.environ["PONDER"], "coordinator", config, "--bind", endpoint, "--run", folder / name, log=folder / f"{name}.log")


def write(folder, text):
    path = folder / "hosts"
    path.write_text(text)
    return path
