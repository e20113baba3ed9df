#!/usr/bin/env python3
"""Compares Ponder's token ids with those of Hugging Face's `tokenizers`.

    .deps/peers/bin/python Scripts/peers/tokenizer_parity.py --ponder .build/release/ponder [--texts PATH] [--model DIR]...

Trains small vocabularies with the pipelines of Qwen2, Llama 3, GPT-2 and SmolLM2, and one whose added tokens have every flag, and
compares them and those of the model folders given: ids, and the text of ids with and without special tokens, of texts in many
scripts, of every character, of 10,000 seeded random strings, and of random ids; ids with --special of the texts in many scripts.
--texts names a file of JSON lines, or a folder of such files; every text in them is compared and the vocabularies are trained on
them. Without it, generated word problems stand in. A folder whose tokenizer has no merges is compared on the texts that it knows.
All of GSM8K takes a minute a tokenizer with a release build; a debug build is some twenty times slower, hence --quick.

    .deps/peers/bin/python Scripts/peers/tokenizer_parity.py DIRECTORY...

Compares what Ponder's tests wrote: a directory holds config.json, tokenizer.json, tokenizer_config.json and texts.jsonl, of which
each line is {"text": ..., "ids": [...], "decoded": ..., "plain": ...}. These are opened with transformers' AutoTokenizer, too.

Prints the first differences, and one object with the counts for each tokenizer; exit 1 when anything differs.
"""
import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

import tokenizer_texts

CASELESS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|%s| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"


class Differences:
    def __init__(self, name):
        self.name, self.count, self.texts = name, 0, 0

    def expect(self, what, ours, theirs):
        if ours == theirs:
            return
        self.count += 1
        if self.count <= 10:
            at = next((i for i, (a, b) in enumerate(zip(ours, theirs)) if a != b), min(len(ours), len(theirs)))
            print(f"{self.name}: {ascii(what)[:300]}: differ at {at}: ours {ours[at:at + 12]!a}, theirs {theirs[at:at + 12]!a}")

    def report(self):
        print(json.dumps({"tokenizer": self.name, "texts": self.texts, "differences": self.count}))
        return self.texts > 0 and self.count == 0


def ask(ponder, folder, lines, *options):
    command = [str(ponder), "tokenize", "--model", str(folder), *options]
    given = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    done = subprocess.run(command, input=given.encode(), capture_output=True, timeout=600)
    answers = [json.loads(line) for line in done.stdout.decode().split("\n") if line]
    if done.returncode != 0 or len(answers) != len(lines):
        sys.exit(f"{' '.join(command)} ended with {done.returncode} after {len(answers)} of {len(lines)} lines: "
                 + done.stderr.decode()[-500:])
    return answers


def compare(name, ponder, folder, texts, seed=11):
    differences = Differences(name)
    peer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    model = json.loads((folder / "tokenizer.json").read_text())["model"]
    if not model["merges"]:
        known = set(model["vocab"])
        printable = {"\n": "Ċ", " ": "Ġ"}
        texts = [text for text in texts if all(printable.get(character, character) in known for character in text)]
    differences.texts = len(texts)
    known = [text for text in tokenizer_texts.SAMPLE if text in set(texts)]
    for options, special, some in ([], False, texts), (["--special"], True, known):
        answers = ask(ponder, folder, [{"text": text} for text in some], *options)
        found = [encoding.ids for encoding in peer.encode_batch(some, add_special_tokens=special)]
        for text, ours, ids in zip(some, answers, found):
            differences.expect(("ids of", options, text), ours["ids"], ids)
    theirs = [encoding.ids for encoding in peer.encode_batch(texts[::20], add_special_tokens=True)]
    source = random.Random(seed)
    size = peer.get_vocab_size()
    ids = theirs + [[source.randrange(size) for _ in range(source.randrange(1, 20))] for _ in range(1000)]
    ids = [list(filter(lambda id: peer.id_to_token(id) is not None, line)) for line in ids]
    for options, skip in ([], False), (["--no-special"], True):
        decoded = peer.decode_batch(ids, skip_special_tokens=skip)
        for line, ours, text in zip(ids, ask(ponder, folder, [{"ids": line} for line in ids], "--decode", *options), decoded):
            differences.expect(("text of", options, line), ours["text"], text)
    return differences.report()


def pipelines():
    """Name, normaliser, pre-tokeniser, special tokens, template, ignore_merges, other added tokens."""
    byte_level = pre_tokenizers.ByteLevel

    def split(digits):
        return pre_tokenizers.Sequence([
            pre_tokenizers.Split(Regex(CASELESS % digits), "isolated"), byte_level(add_prefix_space=False, use_regex=False)])

    tags = [AddedToken("<think>", special=False, normalized=False), AddedToken("</think>", special=False, normalized=False)]
    flagged = [
        AddedToken("<keep>", special=True, lstrip=True, rstrip=True), AddedToken("<left>", special=False, lstrip=True),
        AddedToken("<right>", special=True, rstrip=True, normalized=False), AddedToken("and", special=False, single_word=True),
        AddedToken("<e\u0301>", special=False, normalized=True), AddedToken("  two", special=False, normalized=False),
        AddedToken("<<", special=False), AddedToken("<<<", special=False, normalized=True), AddedToken("생각", single_word=True, lstrip=True)]
    gpt2 = byte_level(add_prefix_space=False, use_regex=True)
    digits = pre_tokenizers.Digits(individual_digits=True)
    yield "qwen2", normalizers.NFC(), split(r"\p{N}"), ["<|endoftext|>", "<|im_start|>", "<|im_end|>"], None, False, tags
    yield "llama3", None, split(r"\p{N}{1,3}"), ["<|begin_of_text|>", "<|end_of_text|>"], "<|begin_of_text|> $A", True, tags
    yield "gpt2", None, gpt2, ["<|endoftext|>"], "$A <|endoftext|>", False, []
    yield "prefixed", None, byte_level(add_prefix_space=True, use_regex=True), ["<s>", "</s>"], "<s> $A </s>", False, tags
    yield "smollm2", None, pre_tokenizers.Sequence([digits, gpt2]), ["<|endoftext|>", "<|im_start|>"], None, False, tags
    yield ("flags", normalizers.Sequence([normalizers.NFC()]), pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=False), byte_level(add_prefix_space=True, use_regex=False)]),
        ["<|endoftext|>"], None, False, flagged)


def train(folder, corpus, normalizer, pre_tokenizer, special, template, ignore_merges, added):
    tokenizer = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(corpus, trainers.BpeTrainer(
        vocab_size=4000, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), show_progress=False))
    tokenizer.add_special_tokens(special)
    tokenizer.add_tokens(added)
    steps = [processors.ByteLevel(trim_offsets=False)]
    if template:
        steps.append(processors.TemplateProcessing(single=template, special_tokens=[
            (token, tokenizer.token_to_id(token)) for token in special]))
    tokenizer.post_processor = processors.Sequence(steps)
    folder.mkdir()
    tokenizer.save(str(folder / "tokenizer.json"))


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for inner in value.values() for text in strings(inner))
    elif isinstance(value, list):
        yield from (text for inner in value for text in strings(inner))


def with_ponder(options):
    given = []
    if options.texts:
        files = sorted(options.texts.glob("*.jsonl")) if options.texts.is_dir() else [options.texts]
        if not files:
            sys.exit(f"{options.texts}: no *.jsonl in it; name a file or a folder of JSON lines with --texts")
        given = [text for file in files for line in file.read_text().split("\n") if line for text in strings(json.loads(line))]
        print(f"{len(given)} texts of {options.texts}")
    else:
        print("no --texts: generated word problems stand in for a corpus")
    problems = list(tokenizer_texts.corpus())
    share = 20 if options.quick else 1
    texts = (given or problems)[::share] + tokenizer_texts.SAMPLE
    texts += [*tokenizer_texts.random_texts(10_000 // share), *list(tokenizer_texts.every_character())[::share]]
    good = True
    with tempfile.TemporaryDirectory() as scratch:
        for name, *pipeline in pipelines():
            folder = Path(scratch) / name
            train(folder, given + problems, *pipeline)
            good &= compare(name, options.ponder, folder, texts)
    for folder in options.model:
        good &= compare(str(folder), options.ponder, folder, texts)
    return good


def with_transformers(directory):
    from transformers import AutoTokenizer

    differences = Differences(directory.name)
    raw = Tokenizer.from_file(str(directory / "tokenizer.json"))
    auto = AutoTokenizer.from_pretrained(str(directory))
    configuration = json.loads((directory / "tokenizer_config.json").read_text())
    differences.expect("vocabulary size", [raw.get_vocab_size()], [len(auto)])
    for name in ("eos_token", "pad_token"):
        token = configuration[name]
        differences.expect(name, token, getattr(auto, name))
        differences.expect(f"{name} id", [raw.token_to_id(token)], [auto.convert_tokens_to_ids(token)])
    cases = [json.loads(line) for line in (directory / "texts.jsonl").read_text().split("\n") if line]
    differences.texts = len(cases)
    for case in cases:
        text, ids = case["text"], case["ids"]
        differences.expect(f"tokenizers, ids of {text!r}", ids, raw.encode(text, add_special_tokens=False).ids)
        differences.expect(f"transformers, ids of {text!r}", ids, auto(text, add_special_tokens=False)["input_ids"])
        differences.expect(f"transformers, ids of {text!r} by default", ids, auto(text)["input_ids"])
        for name, peer in (("tokenizers", raw), ("transformers", auto)):
            differences.expect(f"{name}, text of {ids}", case["decoded"], peer.decode(ids, skip_special_tokens=False))
            differences.expect(f"{name}, plain text of {ids}", case["plain"], peer.decode(ids, skip_special_tokens=True))
    return differences.report()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ponder", type=Path, help="the binary to compare")
    parser.add_argument("--texts", type=Path, metavar="PATH", help="a file or a folder of *.jsonl, such as GSM8K's")
    parser.add_argument("--model", type=Path, metavar="DIR", action="append", default=[], help="a model folder to compare, too")
    parser.add_argument("--quick", action="store_true", help="a twentieth of the texts")
    parser.add_argument("directories", type=Path, nargs="*", metavar="DIRECTORY", help="what Ponder's tests wrote")
    options = parser.parse_args()
    if bool(options.ponder) == bool(options.directories):
        parser.error("give either --ponder or directories")
    good = [with_ponder(options)] if options.ponder else [with_transformers(directory) for directory in options.directories]
    sys.exit(0 if all(good) else 1)


main()
