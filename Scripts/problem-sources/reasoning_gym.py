#!/usr/bin/env python3
"""Writes problems of reasoning-gym as JSON lines, for Ponder's problem source `external`.

    pip install reasoning-gym
    python3 Scripts/problem-sources/reasoning_gym.py --task chain_sum --count 1000 --seed 1
    python3 Scripts/problem-sources/reasoning_gym.py --task spell_backward --count 500 --set min_word_len=4
    python3 Scripts/problem-sources/reasoning_gym.py --list

In a run's configuration:

    problems:
      source: external
      command: [python3, Scripts/problem-sources/reasoning_gym.py, --task, chain_sum, --count, "2000"]
      verifier: number      # or exact; for tasks with many right answers, external with reasoning-gym's own scoring

A line has question, expected, id and, for reasoning-gym's own scoring, metadata. Problems whose question comes twice are
written once, and those without an answer are left out; standard error says how many.
"""

import argparse
import json
import os
import sys


def settings(pairs):
    """The task's own settings: `min_terms=3` is an integer, `symbols=ab` a text."""
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            sys.exit(f"reasoning_gym.py: --set {pair}: write NAME=VALUE")
        try:
            found[name] = json.loads(value)
        except json.JSONDecodeError:
            found[name] = value
    return found


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--task", help="a task of reasoning-gym, such as chain_sum")
    parser.add_argument("--count", type=int, default=1000, help="problems to make (default 1000)")
    parser.add_argument("--seed", type=int, default=0, help="the same seed makes the same problems (default 0)")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of the task")
    parser.add_argument("--list", action="store_true", help="name every task and end")
    arguments = parser.parse_args()

    # This file has the name of what it imports.
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [path for path in sys.path if os.path.abspath(path or ".") != here]
    try:
        import reasoning_gym
        from reasoning_gym.factory import DATASETS
    except ImportError as error:
        sys.exit(f"reasoning_gym.py: {error}; install it: pip install reasoning-gym")
    if arguments.list:
        print("\n".join(sorted(DATASETS)))
        return
    if arguments.task not in DATASETS:
        sys.exit(f"reasoning_gym.py: there is no task '{arguments.task}'; --list names all {len(DATASETS)}")
    if not 1 <= arguments.count <= 10_000_000:
        sys.exit("reasoning_gym.py: --count must be from 1 to 10000000")
    try:
        problems = reasoning_gym.create_dataset(
            arguments.task, size=arguments.count, seed=arguments.seed, **settings(arguments.set)
        )
    except (TypeError, AssertionError, ValueError) as error:
        sys.exit(f"reasoning_gym.py: {arguments.task} refuses its settings: {error}")

    seen = set()
    repeated = unanswered = 0
    for number, entry in enumerate(problems):
        question, answer = entry["question"], entry["answer"]
        if answer is None or not str(answer).strip():
            unanswered += 1
        elif question in seen:
            repeated += 1
        else:
            seen.add(question)
            line = {
                "id": f"{arguments.task}/{arguments.seed}/{number}",
                "question": question,
                "expected": str(answer),
            }
            try:
                json.dumps(entry["metadata"])
                line["metadata"] = entry["metadata"]
            except TypeError:
                pass  # Not every task keeps what it knows as JSON; its answers can still be compared.
            print(json.dumps(line, ensure_ascii=False))
    if repeated or unanswered:
        print(f"reasoning_gym.py: {repeated} repeated, {unanswered} without an answer", file=sys.stderr)


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        sys.exit(1)
