"""Runs on three machines under random schedules of kills, cuts and restarts: each ends with the same bits and a closed ledger."""
import json
import random
import subprocess
import sys
import time

from chaos.hosts import Hosts
from ponder_process import find_ponder, last_object, tail

CONFIGURATION = """\
steps: 40
rollout: {problems: 6, samples: 4, assignmentProblems: 1, maxNewTokens: 32}
evaluation: {every: 0, problems: 8}
checkpoint: {every: 1, keep: 3}
threads: {worker: 1, learner: 1}
deadlines: {ping: 0.1, silence: 1.5, resend: 0.5, straggler: 1.5, lease: 15, coordinatorGone: 120, grace: 1}
"""
PORT = 5555


class Broken(Exception):
    """A schedule did not end as required."""


class Scene:
    """The machines, the keys and the configuration that all schedules share."""

    def __init__(self, folder, nodes=2):
        self.folder, self.nodes, self.ponder = folder, nodes, find_ponder()
        self.file = folder / "run.yaml"
        self.file.write_text(CONFIGURATION)
        keys = [self.ponder, "keys"]
        subprocess.run([*keys, "make", "coordinator", "--keys", folder / "head"], check=True, capture_output=True)
        for number in range(1, nodes + 1):
            mine = folder / f"node{number}"
            subprocess.run([*keys, "make", "worker", "--keys", mine], check=True, capture_output=True)
            (mine / "coordinator.pub").write_bytes((folder / "head" / "coordinator.pub").read_bytes())
            subprocess.run(
                [*keys, "authorize", mine / "worker.pub", "--as", f"node{number}", "--keys", folder / "head"],
                check=True, capture_output=True)
        self.hosts = Hosts(nodes)

    def undisturbed(self):
        """The hash of an undisturbed run on one machine."""
        command = [self.ponder, "train", self.file, "--run", self.folder / "quiet", "--workers", 1]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            raise Broken(f"the undisturbed run ended with {done.returncode}: {done.stderr[-500:]}")
        return last_object(done.stdout, list(map(str, command)))["policy_sha256"]


class Schedule:
    """One run and its faults, determined by its seed except for the machine's speed."""

    LIMIT = 150

    def __init__(self, scene, seed):
        self.scene, self.random, self.seed = scene, random.Random(seed), seed
        self.folder = scene.folder / f"schedule-{seed}"
        self.folder.mkdir()
        self.events, self.lives = [], 0
        self.workers = {}

    def start_coordinator(self):
        self.lives += 1
        scene = self.scene
        self.coordinator = scene.hosts.start(
            scene.hosts.head,
            [scene.ponder, "coordinator", scene.file, "--bind", f"tcp://0.0.0.0:{PORT}", "--run", self.folder / "run",
             "--keys", scene.folder / "head"], self.folder / "coordinator.log")

    def start_worker(self, number):
        scene = self.scene
        self.workers[number] = scene.hosts.start(
            scene.hosts.nodes[number - 1],
            [scene.ponder, "worker", "--connect", f"tcp://10.77.{number}.1:{PORT}", "--name", f"node{number}", "--keys",
             scene.folder / f"node{number}"], self.folder / f"node{number}.log")

    def run(self, wanted):
        """Returns what happened.

        Raises Broken when the run does not end well, its weights are others, or its ledger does not close.
        """
        start = time.monotonic()
        try:
            self.start_coordinator()
            for number in range(1, self.scene.nodes + 1):
                self.start_worker(number)
            for _ in range(self.random.randint(3, 8)):
                if not self.passes(self.random.uniform(0.1, 1.2)):
                    break
                self.strike()
            self.scene.hosts.heal()
            self.finish(start)
        finally:
            self.scene.hosts.heal()
            self.end()
        return self.judge(wanted, time.monotonic() - start)

    def passes(self, seconds):
        """Whether the run is still in progress after that many seconds."""
        try:
            self.coordinator.wait(timeout=seconds)
            return False
        except subprocess.TimeoutExpired:
            return True

    def strike(self):
        number = self.random.randint(1, self.scene.nodes)
        kind = self.random.choice(["kill worker", "kill worker", "cut", "one way", "slow", "kill coordinator"])
        self.events.append(f"{kind} {number}" if kind != "kill coordinator" else kind)
        if kind == "kill worker":
            self.workers[number].kill()
            self.workers[number].wait()
            self.start_worker(number)
        elif kind == "kill coordinator":
            self.coordinator.kill()
            self.coordinator.wait()
            self.start_coordinator()
        elif kind == "slow":
            self.scene.hosts.slow(number, self.random.choice([1, 2, 10]))
        else:
            self.scene.hosts.cut(number, one_way=kind == "one way")
            self.passes(self.random.uniform(0.3, 3.5))
            self.scene.hosts.heal()

    def finish(self, start):
        if self.passes(max(1, self.LIMIT - (time.monotonic() - start))):
            raise Broken(f"the run did not end within {self.LIMIT} s; {self.story()}")
        if self.coordinator.returncode != 0:
            raise Broken(f"the coordinator ended with {self.coordinator.returncode}; {self.story()}")

    def end(self):
        """Ends the remaining processes: a worker that was cut off when the run ended still waits for it."""
        time.sleep(0.5)
        for process in self.workers.values():
            if process.poll() is None:
                process.terminate()
        for process in [self.coordinator, *self.workers.values()]:
            try:
                process.wait(timeout=0 if process is self.coordinator else 20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def story(self):
        return f"seed {self.seed}: {', '.join(self.events)}; the end of its log:\n{tail(self.folder / 'coordinator.log')}"

    def judge(self, wanted, seconds):
        result = last_object((self.folder / "coordinator.log.out").read_text(), ["coordinator"])
        if result["policy_sha256"] != wanted:
            raise Broken(f"other weights, {result['policy_sha256']} in place of {wanted}; {self.story()}")
        status = json.loads(subprocess.run(
            [self.scene.ponder, "status", "--run", self.folder / "run", "--json"], capture_output=True, text=True,
            check=True).stdout)
        ledger = status["report"]["ledger"]
        ends = ledger["used"] + sum(ledger["dropped"].values()) + ledger["expired"]
        if ledger["issued"] != ends or ledger["outstanding"] != 0:
            raise Broken(f"the ledger does not close: {ledger}; {self.story()}")
        bad = {number: process.returncode for number, process in self.workers.items() if process.returncode != 0}
        if bad:
            raise Broken(f"workers ended with {bad}; {self.story()}")
        return {"seed": self.seed, "events": self.events, "lives": self.lives, "seconds": round(seconds, 1),
                "policy_sha256": wanted, "ledger": ledger}


def run(folder, count, first_seed):
    """Runs COUNT schedules.

    Returns what each was; a broken one has `error`.
    """
    scene = Scene(folder)
    outcomes = []
    try:
        wanted = scene.undisturbed()
        for seed in range(first_seed, first_seed + count):
            try:
                outcome = Schedule(scene, seed).run(wanted)
            except (Broken, subprocess.TimeoutExpired) as error:
                outcome = {"seed": seed, "error": str(error)}
            outcomes.append(outcome)
            print(f"faults: schedule {seed}: " + outcome.get("error", f"same bits, {', '.join(outcome.get('events', []))}"),
                  file=sys.stderr)
    finally:
        scene.hosts.remove()
    return outcomes
