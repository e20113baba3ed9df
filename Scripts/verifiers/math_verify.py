#!/usr/bin/env python3
"""An external verifier for Ponder: mathematics, as the package math-verify compares it (pip install math-verify).

In a run's configuration:

    problems: {verifier: external}
    verifier: {command: [python3, Scripts/verifiers/math_verify.py]}

Reads lines {"id", "question", "answer", "expected", "metadata"} and writes {"id", "correct"}, or {"id", "undecided"} for an
expected answer that math-verify cannot read.
"""

import json
import os
import sys

# This file has the package's name, and its folder is searched first.
sys.path = [path for path in sys.path if os.path.abspath(path or ".") != os.path.dirname(os.path.abspath(__file__))]

# The package's own output must not mix with the verdicts.
verdicts, sys.stdout = sys.stdout, sys.stderr


def readings(text):
    """Readings of a text: the whole as LaTeX, which math-verify reads only between dollars, or the expressions found in it."""
    from math_verify import parse

    return [found for found in (parse(f"${text}$"), parse(text)) if found]


def judge(item):
    from math_verify import verify

    gold = readings(item["expected"])
    if not gold:
        return {"undecided": True}
    return {"correct": any(verify(gold[0], answer) for answer in readings(item["answer"]))}


def main():
    if len(sys.argv) > 1:
        print(__doc__)
        return
    for line in sys.stdin:
        item = json.loads(line)
        try:
            verdict = judge(item)
        except Exception as error:  # The package's own failure is nobody's wrong answer.
            print(f"math-verify: {item['answer'][:80]!r}: {error!r}", flush=True)
            verdict = {"undecided": True}
        print(json.dumps({"id": item["id"], **verdict}), file=verdicts, flush=True)


if __name__ == "__main__":
    # Missing packages are found at the start, once, and not answer by answer.
    if len(sys.argv) == 1:
        import math_verify  # noqa: F401
    main()
