#!/usr/bin/env python3
"""Opens a model folder that Ponder wrote with transformers, and compares the results of both.

    .deps/peers/bin/python Scripts/peers/transformers_parity.py --model DIR [--ponder .build/release/ponder]

  - AutoModelForCausalLM opens the folder, with no weight missing or left over
  - log-probabilities of given tokens: `ponder logprobs` and transformers in fp32 differ by at most --tolerance
  - AutoTokenizer opens the folder, has an end and a padding token, gives the ids that `ponder tokenize` gives, and
    `ponder tokenize --decode` brings the text back as AutoTokenizer does
  - with --greedy N: N tokens chosen greedily by log-probabilities are the same

Exit code 1 and the figures when something differs.
"""
import argparse
import json
import os
import pathlib
import random
import subprocess
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging

# Besides questions: the tags, other alphabets, spaces, newlines, and what a vocabulary may lack.
TEXTS = [
    "Q:17+25+38=?\nA:", "Q:17*3+58+12*5=?\nA:<think>17*3=51,12*5=60,51+58=109,109+60=169</think>169",
    "<think>hmm let me see 38 well</think>80", "1", "12*7+35+9*4=?", "=?\n\n=?", "1,2, 3 .4: 5;6", "<think></think>",
    "A:-7",
]
TEXTS_OF_REAL_MODELS = [
    "Hello, world! How's it going?", "  two  spaces\tand a tab\n\n\nand lines", "Aufgabe: 3 × 4 ÷ 2 − 1 = 5", "<생각>셋 더하기 넷</생각> 7",
    "naïve café e\u0301 \u212b \ufb01", "don't we'll I'm they've", "x = [1, 2.5e-3, 0xFF];  // 𝛑 ≈ 3.14159", "👩‍👩‍👧‍👦🎉 12345678901234567890",
]


class Report:
    def __init__(self):
        self.failures = 0

    def line(self, what, figures, good):
        self.failures += not good
        print(f"{'ok  ' if good else 'FAIL'}  {what}: {figures}")


def ask(ponder, arguments, lines):
    """Gives a ponder command JSON lines and returns the JSON lines it answers, one for one."""
    command = [str(ponder), *arguments]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=300, encoding="utf-8")
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.strip()}")
    answers = [json.loads(line) for line in done.stdout.splitlines() if line.strip()]
    if len(answers) != len(lines):
        raise SystemExit(f"{' '.join(command)} gave {len(answers)} lines for {len(lines)}: {done.stderr.strip()}")
    return answers


def open_model(folder, report):
    model, loading = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    # A tied output head is no weight of its own.
    tied = {"lm_head.weight"} if model.config.tie_word_embeddings else set()
    wrong = {kind: sorted(set(map(str, names)) - tied) for kind, names in loading.items()
             if kind in ("missing_keys", "unexpected_keys", "mismatched_keys")}
    parameters = sum(p.numel() for p in model.parameters())
    bad = {kind: names for kind, names in wrong.items() if names}
    report.line("model opens", bad or f"{type(model).__name__}, {parameters} parameters", not bad)
    return model.eval()


def log_probabilities(model, ids):
    with torch.no_grad():
        logits = model(torch.tensor([ids])).logits[0, :-1]
    return logits.log_softmax(-1).gather(-1, torch.tensor(ids[1:])[:, None]).squeeze(-1)


def compare_log_probabilities(model, tokenizer, options, report):
    generator = random.Random(options.seed)
    words = model.config.vocab_size
    longest = min(128, model.config.max_position_embeddings)
    rows = [[generator.randrange(words) for _ in range(n)] for n in (2, 3, 17, 64, longest)]
    rows += [ids for ids in (tokenizer(text, add_special_tokens=False)["input_ids"] for text in TEXTS[:3]) if len(ids) > 1]
    answers = ask(options.ponder, ["logprobs", "--model", options.model], [{"ids": ids} for ids in rows])
    differences = []
    for ids, answer in zip(rows, answers):
        ours = torch.tensor(answer["logprobs"], dtype=torch.float64)
        if len(ours) != len(ids) - 1:
            report.line("log-probabilities", f"{len(ours)} numbers for {len(ids)} ids", False)
            return
        differences.append((ours - log_probabilities(model, ids).double()).abs())
    # Torch's maximum of a NaN is NaN, which is within no tolerance.
    worst = float(torch.cat(differences).max())
    good = worst <= options.tolerance
    report.line("log-probabilities", f"largest difference {worst:.2e} over {sum(map(len, rows))} tokens", good)


def compare_tokenizers(model, tokenizer, options, report):
    special = {"eos": tokenizer.eos_token_id, "pad": tokenizer.pad_token_id}
    report.line("end and padding tokens", special, None not in special.values())
    texts = TEXTS + (TEXTS_OF_REAL_MODELS if model.config.vocab_size > 1000 else [])
    theirs = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in texts]
    ours = [answer["ids"] for answer in ask(options.ponder, ["tokenize", "--model", options.model],
                                            [{"text": text} for text in texts])]
    different = [(text, a, b) for text, a, b in zip(texts, theirs, ours) if a != b]
    for text, a, b in different[:3]:
        print(f"      {text!r}: transformers {a}, ponder {b}")
    report.line("token ids", f"{len(different)} of {len(texts)} texts differ", not different)

    expected = [tokenizer.decode(ids, skip_special_tokens=False, clean_up_tokenization_spaces=False) for ids in theirs]
    decoded = [answer["text"] for answer in ask(options.ponder, ["tokenize", "--model", options.model, "--decode"],
                                                [{"ids": ids} for ids in theirs])]
    different = [(a, b) for a, b in zip(expected, decoded) if a != b]
    for a, b in different[:3]:
        print(f"      transformers {a!r}, ponder {b!r}")
    report.line("decoding", f"{len(different)} of {len(texts)} texts differ", not different)
    if model.config.vocab_size <= 1000:
        lost = [(text, b) for text, b in zip(texts, decoded) if text != b]
        report.line("round trip", f"{len(lost)} of {len(texts)} texts do not come back{lost[:1] or ''}", not lost)


def compare_greedy(model, tokenizer, options, report):
    """Follows transformers' greedy choice and asks Ponder for the same choice, by log-probability of every word."""
    prompt = tokenizer(TEXTS[0], add_special_tokens=False)["input_ids"]
    ids = list(prompt)
    words = range(model.config.vocab_size)
    for n in range(options.greedy):
        with torch.no_grad():
            choice = int(model(torch.tensor([ids])).logits[0, -1].argmax())
        answers = ask(options.ponder, ["logprobs", "--model", options.model], [{"ids": ids + [w]} for w in words])
        ours = max(words, key=lambda w: answers[w]["logprobs"][-1])
        if ours != choice:
            report.line("greedy generation", f"token {n}: transformers {choice}, ponder {ours}", False)
            return
        ids.append(choice)
    report.line("greedy generation", f"{options.greedy} tokens equal", True)


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", required=True, metavar="DIR")
    parser.add_argument("--ponder", default=os.environ.get("PONDER", root / ".build/release/ponder"), metavar="FILE")
    parser.add_argument("--tolerance", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--greedy", type=int, default=0, metavar="N", help="for small vocabularies")
    options = parser.parse_args()
    if not pathlib.Path(options.model, "config.json").is_file():
        parser.error(f"{options.model} has no config.json; give the folder of a model")
    if not os.access(options.ponder, os.X_OK):
        parser.error(f"{options.ponder} is not a program; build it with `swift build -c release` or give --ponder FILE")
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    torch.set_num_threads(1)

    report = Report()
    model = open_model(options.model, report)
    tokenizer = AutoTokenizer.from_pretrained(options.model)
    compare_tokenizers(model, tokenizer, options, report)
    compare_log_probabilities(model, tokenizer, options, report)
    if options.greedy:
        compare_greedy(model, tokenizer, options, report)
    print(f"transformers_parity: {report.failures} checks failed" if report.failures else "transformers_parity: all equal")
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
