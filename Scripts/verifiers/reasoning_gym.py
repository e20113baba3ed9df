#!/usr/bin/env python3
"""An external verifier for Ponder: partial credit by the rules of reasoning-gym (pip install reasoning-gym).

In a run's configuration:

    problems: {verifier: external}
    verifier: {command: [python3, Scripts/verifiers/reasoning_gym.py]}

A problem's metadata is that of its reasoning-gym entry and names the data set: {"source_dataset": "chain_sum", ...}.
Reads lines {"id", "question", "answer", "expected", "metadata"} and writes {"id", "reward"}, from 0 to 1.
"""

import functools
import json
import os
import sys

# This file has the package's name, and its folder is searched first.
sys.path = [path for path in sys.path if os.path.abspath(path or ".") != os.path.dirname(os.path.abspath(__file__))]

# The package's own output must not mix with the verdicts.
verdicts, sys.stdout = sys.stdout, sys.stderr


@functools.lru_cache(maxsize=None)
def scorer(dataset):
    from reasoning_gym.factory import get_score_answer_fn

    return get_score_answer_fn(dataset)


def judge(item):
    metadata = item["metadata"]
    if "source_dataset" not in metadata:
        raise ValueError("the problem's metadata has no source_dataset")
    entry = {"question": item["question"], "answer": item["expected"], "metadata": metadata}
    reward = scorer(metadata["source_dataset"])(item["answer"].strip(), entry)
    return {"reward": min(1.0, max(0.0, float(reward)))}


def main():
    if len(sys.argv) > 1:
        print(__doc__)
        return
    for line in sys.stdin:
        item = json.loads(line)
        try:
            verdict = judge(item)
        except Exception as error:  # The package's own failure is nobody's wrong answer.
            print(f"reasoning-gym: {item['answer'][:80]!r}: {error!r}", flush=True)
            verdict = {"undecided": True}
        print(json.dumps({"id": item["id"], **verdict}), file=verdicts, flush=True)


if __name__ == "__main__":
    # Missing packages are found at the start, once, and not answer by answer.
    if len(sys.argv) == 1:
        import reasoning_gym  # noqa: F401
    main()
