#!/usr/bin/env python3
"""Converts a Llama model in a GGUF file into a Hugging Face folder: Scripts/get-smollm2 uses it for the file that it fetches.

    .deps/peers/bin/python Scripts/peers/gguf_to_folder.py FILE.gguf FOLDER

transformers' GGUF loader multiplies the quantised weights out. They are stored in bf16, the type that the model was first
published in: the rounding to 8 bits is far below that of the quantisation, and the folder is half the size. The folder
appears at once and whole, or not at all.
"""
import argparse
import os
import pathlib
import shutil
import sys

os.environ.setdefault("TQDM_DISABLE", "1")

import gguf  # noqa: E402
import torch  # noqa: E402
from tokenizers import pre_tokenizers  # noqa: E402
from transformers import (  # noqa: E402
    AutoModelForCausalLM, AutoTokenizer, GenerationConfig, LlamaConfig, LlamaForCausalLM)
from transformers.utils import logging  # noqa: E402


def restore_digits(tokenizer, source):
    """Puts back the step that takes digits one by one: GGUF keeps its name only, and transformers does not read that."""
    field = gguf.GGUFReader(source).get_field("tokenizer.ggml.pre")
    name = field.contents() if field else None
    if name != "smollm":
        raise SystemExit(f"{source}: its tokenizer is of the kind {name}; only smollm is known here")
    tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)])


def convert(source, folder):
    where = {"pretrained_model_name_or_path": source.parent, "gguf_file": source.name}
    read = AutoModelForCausalLM.from_pretrained(**where, dtype=torch.float32)
    if read.config.model_type != "llama":
        raise SystemExit(f"{source}: it holds a {read.config.model_type} model, not a Llama")
    entries = read.config.to_dict()
    # What the loader noted about the file says nothing about the model that is written.
    for name in ("quantization_config", "_name_or_path"):
        entries.pop(name, None)
    tokenizer = AutoTokenizer.from_pretrained(**where)
    restore_digits(tokenizer, source)
    entries.update(eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id or tokenizer.eos_token_id)
    model = LlamaForCausalLM(LlamaConfig(**entries)).to(torch.bfloat16)
    model.load_state_dict(read.state_dict())
    model.generation_config = GenerationConfig(
        bos_token_id=model.config.bos_token_id, eos_token_id=model.config.eos_token_id,
        pad_token_id=model.config.pad_token_id)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    print(f"gguf_to_folder: {sum(p.numel() for p in model.parameters())} parameters in bf16, "
          f"{len(tokenizer)} tokens", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    options = parser.parse_args()
    if not options.file.is_file():
        parser.error(f"{options.file} is not a file")
    if options.folder.exists():
        parser.error(f"{options.folder} is already there; nothing is overwritten")
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    options.folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = options.folder.with_name(f".{options.folder.name}.{os.getpid()}")
    try:
        convert(options.file, fresh)
        fresh.rename(options.folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


if __name__ == "__main__":
    main()
