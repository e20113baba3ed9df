"""Shared by the scripts that read `metrics.jsonl`: its lines, their kinds, and the names of their figures in other tools."""
import json

# What is about the line, not about the run.
ABOUT_THE_LINE = {"schema", "kind", "step", "incarnation", "epoch", "time"}


def kind_of(line):
    """`step` or `evaluation`; lines of older runs do not say it."""
    return line.get("kind") or ("evaluation" if "heldout_accuracy" in line else "step")


def place_of(line):
    """Where a line belongs, to compare with other lines: a step, then the evaluation of the policy after it."""
    return line["step"], kind_of(line) != "step"


def parse(data):
    """The whole lines of `data`; a last line without its end is still being written."""
    return [json.loads(line) for line in data.split(b"\n")[:-1]]


def figures(line):
    """{tag: number}, as in Ponder's files for TensorBoard: `train/reward`, `heldout/accuracy`, `heldout/greedy_accuracy`."""
    found = {}
    for key, value in line.items():
        if key in ABOUT_THE_LINE or value is None:
            continue
        if kind_of(line) == "step":
            tag = f"train/{key}"
        elif key == "heldout_greedy":
            tag = "heldout/greedy_accuracy"
        else:
            tag = "heldout/" + key.removeprefix("heldout_")
        if isinstance(value, dict):
            found |= {f"{tag}/{part}": float(number) for part, number in value.items()}
        else:
            # Numbers that JSON lacks are the texts nan, inf and -inf.
            found[tag] = float(value)
    return found
