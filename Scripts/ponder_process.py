"""Shared by the measuring scripts in this folder: starting `ponder`, reading its last line and its run folder."""
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import time

from metrics_lines import kind_of, parse

ROOT = pathlib.Path(__file__).resolve().parent.parent


def fail(message):
    sys.exit(f"{pathlib.Path(sys.argv[0]).name}: {message}")


def find_ponder():
    """$PONDER, else the release build."""
    program = os.environ.get("PONDER") or str(ROOT / ".build/release/ponder")
    if not os.access(program, os.X_OK):
        fail(f"{program} is not a program; run Scripts/quickstart first, or set PONDER")
    return program


def new_folder(name):
    """A folder of its own below runs/, for the output of one call of a script."""
    folder = ROOT / "runs" / f"{time.strftime('%Y-%m-%d-%H%M%S')}-{name}"
    folder.mkdir(parents=True)
    return folder


def tail(path, lines=12):
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])


def last_object(text, command):
    """The JSON object in the last line of standard output."""
    lines = [line for line in text.splitlines() if line.strip()]
    try:
        result = json.loads(lines[-1])
        if isinstance(result, dict):
            return result
    except (IndexError, ValueError):
        pass
    fail(f"the last line of `{' '.join(command)}` is no JSON object: {lines[-1][:200] if lines else 'nothing'}")


class Training:
    """One `ponder train`, its progress in LOG, its standard output in LOG with .out behind."""

    def __init__(self, arguments, log):
        self.command = [find_ponder(), "train", *map(str, arguments)]
        self.log, self.output = log, log.with_suffix(".out")
        self.start = time.monotonic()
        with open(self.log, "ab") as progress, open(self.output, "wb") as output:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=output, stderr=progress)

    def result(self, deadline):
        """Waits at most DEADLINE seconds for the end and returns the last line's object."""
        try:
            status = self.process.wait(timeout=deadline)
        except subprocess.TimeoutExpired:
            self.kill()
            fail(f"`{' '.join(self.command)}` took longer than {deadline:.0f} s; the end of {self.log}:\n{tail(self.log)}")
        except KeyboardInterrupt:
            self.process.wait()
            raise
        self.wall = time.monotonic() - self.start
        if status != 0:
            fail(f"`{' '.join(self.command)}` ended with {status}; the end of {self.log}:\n{tail(self.log)}")
        return last_object(self.output.read_text(), self.command)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def workers(self):
        """Process ids of the workers: direct children whose arguments contain ` worker`."""
        found = []
        for children in pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/children"):
            try:
                found += [int(pid) for pid in children.read_text().split()]
            except OSError:
                pass  # The thread or the process has just ended.
        return [pid for pid in found if " worker" in arguments_of(pid)]


def arguments_of(pid):
    """A process's arguments in one line; empty when it is gone or a zombie."""
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def train(arguments, log, deadline):
    training = Training(arguments, log)
    result = training.result(deadline)
    return result, training.wall


def seeds(text):
    """The numbers of `1-3,7`."""
    found = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def steps_of(run):
    """The steps in metrics.jsonl, without its evaluations; a torn last line is not one."""
    try:
        lines = parse((run / "metrics.jsonl").read_bytes())
    except OSError:
        return []
    return [line for line in lines if kind_of(line) == "step"]


def steps_done(run):
    steps = steps_of(run)
    return steps[-1]["step"] if steps else 0


def evaluations(run):
    """{purpose: [row, …]} in the order of policy versions; shares are 0 to 1."""
    database = sqlite3.connect(f"file:{run / 'run.sqlite'}?mode=ro", uri=True)
    try:
        rows = database.execute(
            "SELECT purpose, version, problems, correct, formatted, thought_length, details FROM evaluations"
            " ORDER BY version").fetchall()
    finally:
        database.close()
    found = {}
    for purpose, version, problems, correct, formatted, length, details in rows:
        found.setdefault(purpose, []).append({
            "version": version, "accuracy": correct / problems, "format": formatted / problems,
            "thought_length": length, "details": json.loads(details)})
    return found


def lengths_by_difficulty(row):
    """{'3': 20.1, …} of one evaluation, in the order of difficulty."""
    levels = row["details"]["by_difficulty"]
    return {key: levels[key]["thought_length"] for key in sorted(levels, key=int)}


def percent(share):
    return "–" if share is None else f"{100 * share:.1f}"


def table(header, rows):
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
