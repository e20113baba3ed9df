#!/usr/bin/env python3
"""Checks that everything which shows a run's figures shows the same: metrics.jsonl, SQLite, TensorBoard's reader, Prometheus.

    Scripts/peers/figures_agree.py --ponder .build/debug/ponder [--promtool PROGRAM]

It trains a tiny run, kills it with SIGKILL between two checkpoints, resumes it, and compares every step and measurement:
to 1e-4, no step twice and none lost. It ends with 1 and names each difference.
"""

import argparse
import json
import math
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from metrics_lines import figures, kind_of, parse, place_of  # noqa: E402
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator  # noqa: E402

STEPS, CHECKPOINT, DEADLINE = 6, 2, 240
SETTINGS = ["rollout.problems=4", "rollout.samples=4", "evaluation.problems=8", "evaluation.every=2",
            f"checkpoint.every={CHECKPOINT}", "hooks.alarm=[]"]  # fmt: skip
# A metric of Prometheus, and the figure that it is.
PROMETHEUS = {
    "ponder_train_reward": "train/reward", "ponder_train_accuracy_ratio": "train/accuracy",
    "ponder_train_format_ratio": "train/format", "ponder_train_loss": "train/loss",
    "ponder_train_thought_length_characters": "train/thought_length", "ponder_train_entropy_nats": "train/entropy",
    "ponder_train_step_tokens": "train/tokens", "ponder_train_elapsed_seconds_total": "train/elapsed",
    'ponder_heldout_accuracy_ratio{mode="sampled"}': "heldout/accuracy",
    'ponder_heldout_accuracy_ratio{mode="greedy"}': "heldout/greedy_accuracy",
    'ponder_heldout_accuracy_ratio{mode="direct"}': "heldout/direct_accuracy",
}  # fmt: skip


def lines_of(run):
    try:
        return parse((run / "metrics.jsonl").read_bytes())
    except FileNotFoundError:
        return []


def train(ponder, run, kill_at=None):
    """Trains to the end, or until a step is recorded, and then kills the run with all that it started."""
    command = [ponder, "train", "--run", str(run), "--steps", str(STEPS), "--seed", "7", "--workers", "1", "--json"]
    if not run.exists():
        command += [part for setting in SETTINGS for part in ("--set", setting)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True)
    end = time.monotonic() + DEADLINE
    if kill_at:
        while not any(kind_of(line) == "step" and line["step"] >= kill_at for line in lines_of(run)):
            if process.poll() is not None or time.monotonic() > end:
                os.killpg(process.pid, signal.SIGKILL)
                sys.exit(f"figures_agree: step {kill_at} was not recorded: {process.communicate()[1][-2000:]}")
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    else:
        errors = process.communicate(timeout=DEADLINE)[1]
        if process.returncode != 0:
            sys.exit(f"figures_agree: training ended with {process.returncode}: {errors[-2000:]}")


def is_same(one, other):
    return math.isnan(one) and math.isnan(other) or abs(one - other) <= 1e-4 * max(1, abs(one))


def compare(name, ours, theirs):
    """Differences between two {tag: {step: number}}."""
    for tag in sorted(ours.keys() | theirs.keys()):
        one, other = ours.get(tag, {}), theirs.get(tag, {})
        if one.keys() != other.keys():
            yield f"{tag}: metrics.jsonl has steps {sorted(one)}, {name} has {sorted(other)}"
        yield from (f"{tag} of step {step}: {one[step]} in metrics.jsonl, {other[step]} in {name}"
                    for step in one.keys() & other.keys() if not is_same(one[step], other[step]))  # fmt: skip


def series(lines):
    found = {}
    for line in lines:
        for tag, number in figures(line).items():
            found.setdefault(tag, {})[line["step"]] = number
    return found


def check_lines(lines):
    places = [place_of(line) for line in lines]
    wanted = sorted([(step, False) for step in range(1, STEPS + 1)] + [(step, True) for step in range(0, STEPS + 1, 2)])
    if places != wanted:
        yield f"metrics.jsonl has {places}, not {wanted}"
    if any("kind" not in line for line in lines):
        yield "a line of metrics.jsonl has no kind"


def check_sqlite(run, ours):
    with sqlite3.connect(f"file:{run / 'run.sqlite'}?mode=ro", uri=True) as database:
        steps = [json.loads(text) for (text,) in database.execute("SELECT metrics FROM steps ORDER BY step")]
        measured = database.execute("SELECT purpose, version, 1.0 * correct / problems FROM evaluations").fetchall()
    yield from compare("run.sqlite", {tag: values for tag, values in ours.items() if tag.startswith("train/")}, series(steps))
    tags = {"evaluation": "heldout/accuracy", "greedy": "heldout/greedy_accuracy", "direct": "heldout/direct_accuracy"}
    theirs = {tag: {version: share for purpose, version, share in measured if tags[purpose] == tag} for tag in tags.values()}
    yield from compare("run.sqlite", {tag: ours.get(tag, {}) for tag in theirs}, theirs)


def check_tensorboard(run, ours):
    reader = EventAccumulator(str(run / "tensorboard"), size_guidance={"scalars": 0})
    reader.Reload()
    theirs = {}
    for tag in reader.Tags()["scalars"]:
        steps = [event.step for event in reader.Scalars(tag)]
        if len(set(steps)) != len(steps):
            yield f"TensorBoard reads a step of {tag} twice: {steps}"
        theirs[tag] = {event.step: event.value for event in reader.Scalars(tag)}
    yield from compare("TensorBoard", ours, theirs)


def check_prometheus(ponder, run, ours, promtool):
    text = subprocess.run([ponder, "status", "--run", str(run), "--prometheus"], capture_output=True, text=True, check=True).stdout
    samples = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    for name, tag in PROMETHEUS.items():
        last = max(ours.get(tag, {}), default=None)
        if name not in samples and last is not None and last == STEPS:
            yield f"{name} is missing in ponder status --prometheus"
        elif name in samples and not is_same(float(samples[name]), ours[tag][last]):
            yield f"{name} is {samples[name]}, {tag} is {ours[tag][last]}"
    if samples.get("ponder_step") != str(STEPS):
        yield f"ponder_step is {samples.get('ponder_step')}, not {STEPS}"
    if promtool:
        done = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True)
        said = (done.stdout + done.stderr).strip()
        if done.returncode != 0 or said:
            yield f"promtool check metrics: {said or done.returncode}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ponder", required=True)
    parser.add_argument("--promtool", help="Prometheus' own check of the text; left out when not given")
    args = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="ponder-figures-"))
    try:
        run = folder / "run"
        train(args.ponder, run, kill_at=CHECKPOINT + 1)
        train(args.ponder, run)
        lines = lines_of(run)
        ours = series(lines)
        faults = [*check_lines(lines), *check_sqlite(run, ours), *check_tensorboard(run, ours),
                  *check_prometheus(args.ponder, run, ours, args.promtool)]  # fmt: skip
        resumed = {line["incarnation"] for line in lines if kind_of(line) == "step"}
        if len(resumed) < 2:
            faults.append(f"the run was not resumed: {resumed}")
        files = len(list((run / "tensorboard").iterdir()))
        if files < 2:
            faults.append(f"{files} TensorBoard files, so that no resume was tested")
    finally:
        shutil.rmtree(folder)
    for fault in faults:
        print(f"figures_agree: {fault}", file=sys.stderr)
    if faults:
        sys.exit(1)
    print(f"metrics.jsonl, run.sqlite, TensorBoard and Prometheus agree on {len(ours)} figures of {len(lines)} lines, "
          f"also after a resume{'' if args.promtool else '; promtool was not asked'}")  # fmt: skip


if __name__ == "__main__":
    main()
