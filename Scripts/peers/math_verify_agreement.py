#!/usr/bin/env python3
"""Compares the verdicts of `ponder score --verifier math` with those of PyPI math-verify, pair by pair.

    math_verify_agreement.py --ponder .build/debug/ponder [--pairs Tests/Golden/math-pairs.jsonl] [--gsm8k FILE…]

A pair is a line {"expected", "answer", "correct"}; where math-verify says otherwise than "correct", "peer" holds what it
says and "reason" why we differ. Prints the agreement and every difference. Fails below 96.5 % agreement, when Ponder calls
right what a pair says is wrong, misses what a pair says is right, or differs from math-verify without a reason in the
pair. With --gsm8k every answer after `####` in those files must be right against itself.

math-verify is given the expectation as `$…$` and as `\\boxed{…}`, the answer as `$…$` and as it stands (a text that has
delimiters, a box or `answer` in it only as it stands), and is right when any of these says so.
"""
import argparse
import json
import logging
import pathlib
import subprocess
import sys
import warnings

ROOT = pathlib.Path(__file__).resolve().parents[2]
LEAST_AGREEMENT = 0.965


def ponder_verdicts(ponder, pairs):
    """True, False or None (undecided) for each (expected, answer)."""
    lines = "".join(json.dumps({"expected": e, "answer": a}) + "\n" for e, a in pairs)
    run = subprocess.run(
        [ponder, "score", "--verifier", "math"], input=lines, capture_output=True, text=True, timeout=600)
    if run.returncode != 0:
        sys.exit(f"ponder score ended with {run.returncode}: {run.stderr}")
    verdicts = [json.loads(line) for line in run.stdout.splitlines()]
    if len(verdicts) != len(pairs):
        sys.exit(f"ponder score answered {len(verdicts)} of {len(pairs)} lines")
    return [None if v["undecided"] else v["correct"] for v in verdicts]


def is_prose(answer):
    marks = ("boxed", "####", "\\(", "\\[")
    return any(m in answer for m in marks) or "$" in answer.replace("\\$", "") or "answer" in answer.lower()


def peer_verdict(expected, answer):
    from math_verify import parse, verify
    answers = [answer] if is_prose(answer) else [f"${answer}$", answer]
    for wrapped in (f"${expected}$", f"\\boxed{{{expected}}}"):
        gold = parse(wrapped)
        if any(verify(gold, parse(text)) for text in answers):
            return True
    return False


def gsm8k_golds(files):
    for file in files:
        for line in open(file, encoding="utf-8"):
            yield json.loads(line)["answer"].split("####")[-1].strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ponder", required=True, help="the ponder program")
    parser.add_argument("--pairs", default=ROOT / "Tests/Golden/math-pairs.jsonl", help="the pairs, JSON lines")
    parser.add_argument("--gsm8k", nargs="*", default=[], help="files of GSM8K, whose golds must be right")
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    logging.disable(logging.CRITICAL)

    rows = [json.loads(line) for line in open(options.pairs, encoding="utf-8")]
    pairs = [(row["expected"], row["answer"]) for row in rows]
    ours = ponder_verdicts(options.ponder, pairs)
    agreed, false_positives, missed, unexplained = 0, 0, 0, 0
    for row, verdict in zip(rows, ours):
        peer = peer_verdict(row["expected"], row["answer"])
        agreed += (verdict is True) == peer
        false_positives += verdict is True and not row["correct"]
        missed += verdict is not True and row["correct"]
        if (verdict is True) != peer:
            unexplained += "reason" not in row
            word = {True: "right", False: "wrong", None: "undecided"}
            print(f"{word[verdict]:9} here, {word[peer]:5} there: {row['answer']!r} for {row['expected']!r}"
                  f" ({row.get('reason', 'NOT EXPLAINED')})")
    agreement = agreed / len(rows)
    print(f"{len(rows)} pairs: agreement {agreement:.4f}, false positives {false_positives}, missed {missed}, "
          f"undecided {sum(v is None for v in ours)}")

    golds = list(gsm8k_golds(options.gsm8k))
    wrong = [g for g, v in zip(golds, ponder_verdicts(options.ponder, [(g, g) for g in golds])) if v is not True]
    if golds:
        print(f"{len(golds)} answers of GSM8K against themselves: {len(wrong)} not right {wrong[:5]}")
    if agreement < LEAST_AGREEMENT or false_positives or missed or unexplained or wrong:
        sys.exit(1)


if __name__ == "__main__":
    main()
