#!/usr/bin/env python3
"""Are our token ids those of the peers? Opens a model directory with `tokenizers` and with transformers' AutoTokenizer.

    python tokenizer_parity.py DIRECTORY < texts.jsonl

DIRECTORY holds config.json, tokenizer.json and tokenizer_config.json. Each line of standard input is
{"text": ..., "ids": [...], "decoded": ..., "plain": ...}: our ids of the text, our text of the ids, and our text of the ids without special
tokens. Prints one line for each difference and a last line with the count; exit 1 when anything differs.
"""

import json
import sys
from pathlib import Path

from tokenizers import Tokenizer
from transformers import AutoTokenizer

directory = Path(sys.argv[1])
raw = Tokenizer.from_file(str(directory / "tokenizer.json"))
auto = AutoTokenizer.from_pretrained(str(directory))
configuration = json.loads((directory / "tokenizer_config.json").read_text())
differences = 0


def expect(what, ours, theirs):
    global differences
    if ours != theirs:
        differences += 1
        print(f"{what}: ours {ours!r}, theirs {theirs!r}")


expect("vocabulary size", raw.get_vocab_size(), len(auto))
for name in ("eos_token", "pad_token"):
    expect(name, configuration[name], getattr(auto, name))
    expect(f"{name} id", raw.token_to_id(configuration[name]), auto.convert_tokens_to_ids(configuration[name]))

count = 0
for line in sys.stdin:
    case = json.loads(line)
    text, ids = case["text"], case["ids"]
    count += 1
    expect(f"tokenizers, ids of {text!r}", ids, raw.encode(text, add_special_tokens=False).ids)
    expect(f"transformers, ids of {text!r}", ids, auto(text, add_special_tokens=False)["input_ids"])
    expect(f"transformers, ids of {text!r} by default", ids, auto(text)["input_ids"])
    for name, peer in (("tokenizers", raw), ("transformers", auto)):
        expect(f"{name}, text of {ids}", case["decoded"], peer.decode(ids, skip_special_tokens=False))
        expect(f"{name}, plain text of {ids}", case["plain"], peer.decode(ids, skip_special_tokens=True))

print(json.dumps({"tokenizer": type(auto).__name__, "texts": count, "differences": differences}))
sys.exit(1 if differences or not count else 0)
