#!/usr/bin/env python3
"""Are our token ids those of the peers? Opens model directories with `tokenizers` and with transformers' AutoTokenizer.

    python tokenizer_parity.py DIRECTORY...

A directory holds config.json, tokenizer.json, tokenizer_config.json and texts.jsonl, of which each line is
{"text": ..., "ids": [...], "decoded": ..., "plain": ...}: our ids of the text, our text of the ids, and our text of
the ids without special tokens. Prints a line for each difference, and one object with the counts for each
directory; exit 1 when anything differs.
"""

import json
import sys
from pathlib import Path

from tokenizers import Tokenizer
from transformers import AutoTokenizer


def compare(directory):
    differences = []

    def expect(what, ours, theirs):
        if ours != theirs:
            differences.append(f"{what}: ours {ours!r}, theirs {theirs!r}")

    raw = Tokenizer.from_file(str(directory / "tokenizer.json"))
    auto = AutoTokenizer.from_pretrained(str(directory))
    configuration = json.loads((directory / "tokenizer_config.json").read_text())
    expect("vocabulary size", raw.get_vocab_size(), len(auto))
    for name in ("eos_token", "pad_token"):
        token = configuration[name]
        expect(name, token, getattr(auto, name))
        expect(f"{name} id", raw.token_to_id(token), auto.convert_tokens_to_ids(token))

    cases = [json.loads(line) for line in (directory / "texts.jsonl").read_text().split("\n") if line]
    for case in cases:
        text, ids = case["text"], case["ids"]
        expect(f"tokenizers, ids of {text!r}", ids, raw.encode(text, add_special_tokens=False).ids)
        expect(f"transformers, ids of {text!r}", ids, auto(text, add_special_tokens=False)["input_ids"])
        expect(f"transformers, ids of {text!r} by default", ids, auto(text)["input_ids"])
        for name, peer in (("tokenizers", raw), ("transformers", auto)):
            expect(f"{name}, text of {ids}", case["decoded"], peer.decode(ids, skip_special_tokens=False))
            expect(f"{name}, plain text of {ids}", case["plain"], peer.decode(ids, skip_special_tokens=True))
    for difference in differences[:20]:
        print(difference)
    print(json.dumps({"tokenizer": type(auto).__name__, "texts": len(cases), "differences": len(differences)}))
    return bool(cases) and not differences


results = [compare(Path(directory)) for directory in sys.argv[1:]]
sys.exit(0 if results and all(results) else 1)
