#!/usr/bin/env python3
"""Compares the verdicts of `ponder score --verifier math` with what Math-Verify's own tests demand.

    math_verify_tests.py --ponder .build/debug/ponder --checkout DIR

DIR is a checkout of https://github.com/huggingface/Math-Verify (Apache 2.0); nothing of it is kept here. Its parametrized
tests are collected without running them: each is a gold answer, a prediction and 1 or 0. Prints every difference with the
reason that REASONS gives for it. Fails when fewer than 255 are judged alike, or when a difference has no reason.
"""
import argparse
import hashlib
import importlib.util
import pathlib
import sys
import types

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from math_verify_agreement import ponder_verdicts

LEAST_ALIKE = 255

# The first eight hexadecimal digits of the SHA-256 of "gold\nprediction", and why Ponder says otherwise.
REASONS = {
    "3880eb1f": "two numbers with a comma between them are a list where they are expected",
    "4d25b8a4": "a formula may be broken over lines",
    "31a38c43": "the formula ends in the middle, at an escaped dollar sign",
    "4e840b0d": "the gold is a text of several attempts that contradict each other",
    "89634302": "the gold says 1 = 0",
    "08667aa7": "0.33 is not 1/3; the test rounds to two places",
    "808b2731": "2.6667 is not 8/3; the test rounds to two places",
    "098181cc": "an inequality and the interval that it describes are the same set; the test demands both verdicts",
    "e3fc1058": "plus signs between boxes separate nothing",
    "2a8ac2e0": "pairs of named values are not read as points",
    "e6c11199": "the gold's box is never closed, and or is not and",
    "876219ce": "f(y) is not f(x); the test demands both verdicts",
    "9cd68235": "sums are not computed",
    "7c642f63": "1 + 1/e is not 1 - 1/e; the test is wrong",
}


def key(gold, prediction):
    return hashlib.sha256(f"{gold}\n{prediction}".encode()).hexdigest()[:8]


class Anything:
    """Stands for the modules that the test files import: a test is collected, never run."""

    def __init__(self, *_, **__):
        pass

    def __call__(self, *_, **__):
        return Anything()

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything()


def collect(checkout):
    """Every (gold, prediction, right) of the tests that have these three."""
    cases = []

    def parametrize(names, rows, **_):
        names = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
        result = next((name for name in ("expected", "result") if name in names), None)

        def decorate(test):
            if {"gold", "pred"} <= set(names) and result:
                for row in rows:
                    row = dict(zip(names, row))
                    cases.append((row["gold"], row["pred"], bool(row[result])))
            return test
        return decorate

    pytest = types.ModuleType("pytest")
    pytest.mark = types.SimpleNamespace(parametrize=parametrize)
    pytest.fixture = pytest.raises = Anything()
    for name in ("math_verify", "math_verify.grader", "math_verify.errors", "math_verify.parser", "math_verify.utils",
                 "latex2sympy2_extended", "latex2sympy2_extended.latex2sympy2", "sympy", "tests", "tests.test_all"):
        module = types.ModuleType(name)
        module.__getattr__ = lambda name: Anything()
        module.__path__ = []
        sys.modules[name] = module
    sys.modules["pytest"] = pytest
    for file in sorted((checkout / "tests").glob("test_*.py")):
        spec = importlib.util.spec_from_file_location(file.stem, file)
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
    return cases


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ponder", required=True, help="the ponder program")
    parser.add_argument("--checkout", required=True, type=pathlib.Path, help="the folder of Math-Verify")
    options = parser.parse_args()
    if not (options.checkout / "tests").is_dir():
        sys.exit(f"{options.checkout}: there is no folder 'tests' in it; give the folder of a Math-Verify checkout")

    cases = collect(options.checkout)
    verdicts = ponder_verdicts(options.ponder, [(gold, prediction) for gold, prediction, _ in cases])
    alike, unexplained = 0, 0
    for (gold, prediction, right), verdict in zip(cases, verdicts):
        if (verdict is True) == right:
            alike += 1
            continue
        reason = REASONS.get(key(gold, prediction))
        unexplained += reason is None
        word = {True: "right", False: "wrong", None: "undecided"}
        print(f"{key(gold, prediction)}  {word[verdict]} here, {word[right]} there: {prediction!r} for {gold!r}\n"
              f"          {reason or 'NO REASON'}")
    print(f"{alike} of {len(cases)} are judged alike, {unexplained} of the others have no reason")
    sys.exit(0 if alike >= LEAST_ALIKE and unexplained == 0 else 1)


if __name__ == "__main__":
    main()
