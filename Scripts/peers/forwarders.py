#!/usr/bin/env python3
"""Checks Scripts/forward-metrics with Weights & Biases and MLflow, both offline: what arrives is what metrics.jsonl has.

    Scripts/peers/forwarders.py RUN

A copy of the run is forwarded in two calls, the second one with --follow while lines are still added, and a third call that
has nothing to send.
"""

import argparse
import json
import math
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

SCRIPTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(SCRIPTS))

from metrics_lines import figures, parse  # noqa: E402

DEADLINE = 120


def forward(run, tool, environment, *more):
    command = [sys.executable, str(SCRIPTS / "forward-metrics"), str(run), "--to", tool, "--interval", "0.2", *more]
    return subprocess.Popen(command, env=os.environ | environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def end(process, sent):
    output, errors = process.communicate(timeout=DEADLINE)
    if process.returncode != 0 or f"{sent} lines sent" not in errors:
        sys.exit(f"forwarders: {' '.join(process.args)} ended with {process.returncode}: {(output + errors)[-2000:]}")


def set_phase(run, phase):
    with sqlite3.connect(run / "run.sqlite") as database:
        database.execute("UPDATE facts SET value = ? WHERE name = 'phase'", [json.dumps(phase)])
    database.close()


def send(source, folder, tool, environment):
    """Forwards a copy of the run whose lines come in two parts."""
    run = folder / tool
    shutil.copytree(source, run, ignore=shutil.ignore_patterns("checkpoints", "policy", "forwarded-*"))
    lines = (source / "metrics.jsonl").read_bytes().splitlines(keepends=True)
    half = len(lines) // 2
    target = run / "metrics.jsonl"
    # A line that is being written does not count.
    target.write_bytes(b"".join(lines[:half]) + lines[half][:20])
    end(forward(run, tool, environment), half)
    set_phase(run, "running")
    follower = forward(run, tool, environment, "--follow")
    note = run / f"forwarded-{tool}.json"
    # As a resume does: the last line is written again.
    target.write_bytes(b"".join(lines[: half - 1]))
    for line in lines[half - 1 :]:
        with open(target, "ab") as file:
            file.write(line)
    last, limit = parse(lines[-1])[0]["step"], time.monotonic() + DEADLINE
    while json.loads(note.read_text())["sent"][0] < last:
        if follower.poll() is not None or time.monotonic() > limit:
            follower.kill()
            sys.exit(f"forwarders: step {last} was not sent: {follower.communicate()[1][-2000:]}")
        time.sleep(0.1)
    set_phase(run, "done")
    end(follower, len(lines) - half)
    end(forward(run, tool, environment), 0)
    return json.loads(note.read_text())["id"]


def read_wandb(folder):
    """{tag: [(step, number), …]} of every offline file."""
    from wandb.proto import wandb_internal_pb2
    from wandb.sdk.internal.datastore import DataStore

    found = {}
    for file in sorted(folder.glob("wandb/offline-run-*/*.wandb")):
        store = DataStore()
        store.open_for_scan(str(file))
        while (data := store.scan_data()) is not None:
            record = wandb_internal_pb2.Record()
            record.ParseFromString(data)
            row = {item.key or item.nested_key[0]: json.loads(item.value_json) for item in record.history.item}
            for tag in row.keys() - {"step", "time"}:
                if not tag.startswith("_"):
                    found.setdefault(tag, []).append((row["step"], float(row[tag])))
    return found


def read_mlflow(uri, run):
    import mlflow

    client = mlflow.MlflowClient(uri)
    tags = client.get_run(run).data.metrics
    return {tag: [(metric.step, metric.value) for metric in client.get_metric_history(run, tag)] for tag in tags}


def compare(name, ours, theirs):
    for tag in sorted(ours.keys() | theirs.keys()):
        one, other = sorted(ours.get(tag, [])), sorted(theirs.get(tag, []))
        if [step for step, _ in one] != [step for step, _ in other] or any(
                not (a == b or math.isnan(a) and math.isnan(b)) for (_, a), (_, b) in zip(one, other, strict=True)):  # fmt: skip
            yield f"{name}: {tag} is {other}, not {one}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=pathlib.Path)
    source = parser.parse_args().run
    ours = {}
    for line in parse((source / "metrics.jsonl").read_bytes()):
        for tag, number in figures(line).items():
            ours.setdefault(tag, []).append((line["step"], number))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="ponder-forward-"))
    try:
        send(source, folder, "wandb", {"WANDB_MODE": "offline", "WANDB_DIR": str(folder), "WANDB_SILENT": "true"})
        uri = (folder / "mlflow-store").as_uri()
        os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
        run = send(source, folder, "mlflow", {"MLFLOW_TRACKING_URI": uri})
        faults = [*compare("W&B", ours, read_wandb(folder)), *compare("MLflow", ours, read_mlflow(uri, run))]
    finally:
        shutil.rmtree(folder)
    for fault in faults:
        print(f"forwarders: {fault}", file=sys.stderr)
    if faults:
        sys.exit(1)
    print(f"W&B and MLflow got {len(ours)} figures, no line twice")


if __name__ == "__main__":
    main()
