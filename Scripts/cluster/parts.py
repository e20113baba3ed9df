"""Shared by the parts of Scripts/test-cluster: processes that are always ended, and waits with a deadline."""
import os
import pathlib
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


class Failed(Exception):
    """A failed check, described in one sentence."""


def say(text):
    print(f"test-cluster: {text}", file=sys.stderr, flush=True)


def check(condition, text):
    if not condition:
        raise Failed(text)


def wait_for(what, condition, deadline):
    """Returns the first true value of CONDITION, polled often; fails after DEADLINE seconds."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failed(f"not within {deadline} s: {what}")
        time.sleep(0.1)


def run(*command, deadline=60, environment=None, expect=0):
    """Runs a command to its end; the error of a failed command contains both of its output streams."""
    done = subprocess.run(
        [str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=deadline,
        env={**os.environ, **(environment or {})})
    if expect is not None and done.returncode != expect:
        raise Failed(f"`{' '.join(map(str, command))}` ended with {done.returncode}, not {expect}:\n{done.stdout}{done.stderr}")
    return done


class Processes:
    """Processes that this test started; each is ended, by its id, when the test is over."""

    def __init__(self):
        self.all = []

    def start(self, *command, log, environment=None):
        output = open(log, "ab")
        process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            env={**os.environ, **(environment or {})}, start_new_session=True)
        output.close()
        self.all.append(process)
        return process

    def end(self):
        for process in reversed(self.all):
            if process.poll() is not None:
                continue
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.all = []


def tail(path, lines=30):
    try:
        return "\n".join(pathlib.Path(path).read_text(errors="replace").splitlines()[-lines:])
    except OSError as error:
        return str(error)


def end_by_signal(pid, number=signal.SIGTERM):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass
