#!/usr/bin/env python3
"""Checks the adapters of Scripts/verifiers through `ponder score`: verdicts of math-verify, partial credit of reasoning-gym.

    Scripts/peers/verifier_adapters.py --ponder .build/debug/ponder
"""

import argparse
import json
import pathlib
import subprocess
import sys

from reasoning_gym.factory import create_dataset

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Answer, expected, whether it is right; None where the expectation cannot be read.
MATH = [
    ("1/2", "0.5", True), (r"\frac{3}{4}", "0.5", False), (r"\boxed{2\sqrt{2}}", r"\sqrt{8}", True),
    (r"The answer is $\frac{1}{2}$.", "1/2", True), ("1,234", "1234", True), ("x = 5", "5", True), ("(1, 2)", "(1,2)", True),
    (r"\{1, 2\}", r"\{2, 1\}", True), ("no idea", "7", False), ("7", "", None),
]  # fmt: skip


def score(ponder, adapter, lines):
    """What `ponder score` says of lines, with an adapter as its verifier."""
    command = [ponder, "score", "--verifier", "external", "--command", sys.executable, str(ROOT / "Scripts/verifiers" / adapter)]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        sys.exit(f"{adapter}: exit {done.returncode}: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def check_math(ponder):
    verdicts = score(ponder, "math_verify.py", [{"answer": answer, "expected": expected} for answer, expected, _ in MATH])
    for (answer, expected, right), verdict in zip(MATH, verdicts, strict=True):
        said = None if verdict["undecided"] else verdict["correct"]
        if said is not right:
            yield f"math-verify: {answer!r} for {expected!r} should be {right}, is {verdict}"


def check_reasoning_gym(ponder):
    lines, rewards = [], []
    for name in ["chain_sum", "basic_arithmetic", "letter_counting", "spell_backward"]:
        dataset = create_dataset(name, size=5, seed=7)
        for entry in dataset:
            for answer in [entry["answer"], "0", f"I think {entry['answer']}", ""]:
                lines.append(
                    {"question": entry["question"], "answer": answer, "expected": entry["answer"], "metadata": entry["metadata"]}
                )
                rewards.append(dataset.score_answer(answer.strip(), entry))
    for line, reward, verdict in zip(lines, rewards, score(ponder, "reasoning_gym.py", lines), strict=True):
        if abs(verdict["credit"] - reward) > 1e-12:
            yield f"reasoning-gym: {line['answer']!r} for {line['expected']!r} should have {reward}, has {verdict}"
    if not any(0 < reward < 1 for reward in rewards):
        yield "reasoning-gym: no partial credit was tried"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ponder", required=True, help="the program to check with")
    ponder = parser.parse_args().ponder
    faults = [*check_math(ponder), *check_reasoning_gym(ponder)]
    print("\n".join(faults) or "verifier adapters: as math-verify and reasoning-gym themselves")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
