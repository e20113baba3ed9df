#!/usr/bin/env python3
"""An external verifier for Ponder that calls a Python function of yours for each answer.

    function.py FILE.py:NAME [--range LOW HIGH]

As a further reward of a run, or as its verifier:

    rewards:
      - {name: brief, weight: 0.1, command: [python3, Scripts/verifiers/function.py, my.py:brief]}

    problems: {verifier: external}
    verifier: {command: [python3, Scripts/verifiers/function.py, my.py:reward]}

The function takes what it names of `answer`, `expected`, `question` and `metadata` (a dict), or, as for TRL, `completions` with
`prompts` and the columns, each a list of one: `expected`, `answer`, `solution` and `ground_truth` hold what is expected, the
metadata's keys are columns too. It gets the answer, never the thought.

It returns a number, True or False, or None when it cannot tell; for `completions` a list of one. The number is from 0 to 1;
with --range LOW HIGH it is from LOW to HIGH and is scaled. What it prints goes to standard error. When it raises, or returns
anything else, the answer is undecided and the reason is told.
"""

import argparse
import asyncio
import importlib.util
import inspect
import json
import math
import os
import sys
import traceback

# Verdicts keep the standard output; everything else that writes there, C code and child processes too, goes to standard error.
verdicts = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
sys.stdout = sys.stderr


def load(place):
    path, _, name = place.rpartition(":")
    if not path.endswith(".py"):
        sys.exit(f"function.py: '{place}' names no function; write FILE.py:NAME, as my.py:reward")
    if not os.path.isfile(path):
        sys.exit(f"function.py: there is no file {os.path.abspath(path)}")
    # The file may import its neighbours.
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    spec = importlib.util.spec_from_file_location(os.path.splitext(os.path.basename(path))[0], path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    function = getattr(module, name, None)
    if not callable(function):
        known = [key for key, value in vars(module).items() if inspect.isfunction(value)]
        sys.exit(f"function.py: {path} has no function '{name}'; it has {', '.join(known) or 'none'}")
    return function


def caller(function):
    """The call of the function with one item, with the arguments that it names."""
    parameters = inspect.signature(function).parameters.values()
    takes_all = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)
    names = {parameter.name for parameter in parameters if parameter.kind is not parameter.VAR_KEYWORD}

    def choose(values):
        return values if takes_all else {key: value for key, value in values.items() if key in names}

    def single(item):
        return function(**choose({key: item[key] for key in ("answer", "expected", "question", "metadata")}))

    def batch(item):
        columns = dict.fromkeys(("expected", "answer", "solution", "ground_truth"), item["expected"])
        columns.update(item["metadata"], completions=item["answer"], prompts=item["question"])
        results = function(**choose({key: [value] for key, value in columns.items()}))
        return results if inspect.isawaitable(results) else one(results)

    def one(results):
        if not hasattr(results, "__len__") or len(results) != 1:
            raise ValueError(f"it returned {results!r} for 1 completion; it must return a list of 1")
        return results[0]

    async def wait(results):
        return await results

    is_batch = "completions" in names
    if not is_batch and "answer" not in names and not takes_all:
        sys.exit(f"function.py: '{function.__name__}' takes {sorted(names)}; it must take 'answer' or 'completions'")

    def call(item):
        results = (batch if is_batch else single)(item)
        if inspect.isawaitable(results):
            results = asyncio.run(wait(results))
            return one(results) if is_batch else results
        return results

    return call


def verdict(result, low, high):
    if result is None:
        return {"undecided": True}
    if isinstance(result, str):
        raise ValueError(f"it returned the text {result!r}; it must return a number, True, False or None")
    value = float(result)
    if not (math.isfinite(value) and low <= value <= high):
        raise ValueError(f"it returned {value}, which is not from {low} to {high}; give --range LOW HIGH")
    return {"reward": (value - low) / (high - low)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("function", metavar="FILE.py:NAME")
    parser.add_argument("--range", nargs=2, type=float, default=[0.0, 1.0], metavar=("LOW", "HIGH"))
    options = parser.parse_args()
    low, high = options.range
    if not low < high:
        parser.error("--range needs LOW below HIGH")
    call = caller(load(options.function))
    for line in sys.stdin:
        item = json.loads(line)
        try:
            said = verdict(call(item), low, high)
        except Exception:  # A fault of the function is nobody's wrong answer.
            print(f"{options.function}: {item['answer'][:80]!r}: {traceback.format_exc(limit=-1)}", file=sys.stderr, flush=True)
            said = {"undecided": True}
        print(json.dumps({"id": item["id"], **said}), file=verdicts, flush=True)


if __name__ == "__main__":
    main()
