#!/usr/bin/env python3
"""Writes random small models of every family with transformers and compares Ponder's results with those of transformers.

    .deps/peers/bin/python Scripts/peers/family_parity.py --ponder .build/debug/ponder [--smollm2 DIR] [--texts FILE.jsonl]

For each family (Llama with llama3 rotary scaling and grouped queries, untied Llama, Qwen2 with biases and tied, Qwen3 with head
norms and heads wider than hidden / heads, shards in fp16, a config.json as transformers 4 writes it):
  - `ponder logprobs` and transformers in fp32 differ by at most --tolerance
  - `ponder generate --temperature 0` chooses the same tokens, and ends where generation_config.json says
  - a step of `ponder train` moves every tensor and writes a checkpoint that transformers opens with nothing missing or left
    over, of the same configuration, end tokens and tokenizer, and on which both agree again
With --smollm2 the same of a real model: 20 texts (--texts: questions as JSON lines, else built-in ones) within
--real-tolerance, and 64 greedy tokens.

Exit code 1 and the figures when something differs.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

os.environ.setdefault("TQDM_DISABLE", "1")

import torch  # noqa: E402
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers  # noqa: E402
from transformers import (  # noqa: E402
    AutoConfig, AutoModelForCausalLM, AutoTokenizer, GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast,
    Qwen2Config, Qwen2ForCausalLM, Qwen3Config, Qwen3ForCausalLM)
from transformers.utils import logging  # noqa: E402

from transformers_parity import Report, ask, log_probabilities, open_model  # noqa: E402

LLAMA3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
          "original_max_position_embeddings": 64}
SIZES = {"hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 3, "num_attention_heads": 4,
         "max_position_embeddings": 512, "initializer_range": 0.2}
CONFIGURATION = ("model_type", "hidden_size", "head_dim", "num_key_value_heads", "rope_parameters", "tie_word_embeddings",
                 "rms_norm_eps", "pad_token_id", "bos_token_id", "max_position_embeddings")
TEXTS = [f"{name} has {a} {things} and buys {b} boxes with {c} in each. How many {things} does {name} have now?"
         for name, a, things, b, c in [
             ("Mina", 12, "pencils", 3, 8), ("Tom", 7, "eggs", 2, 12), ("Ada", 40, "stamps", 5, 6), ("Lee", 9, "apples", 4, 10)]
         for name in (name, name + " Park", "Uncle " + name, name + "'s sister", "Dr. " + name)]


def variants():
    """Name, class, configuration, how it is saved, and whether config.json is written as transformers 4 did."""
    yield ("llama, llama3 rotary scaling, grouped queries", LlamaForCausalLM, LlamaConfig(
        **SIZES, num_key_value_heads=2, rope_parameters={**LLAMA3, "rope_theta": 10000.0}), {}, False)
    yield ("llama, untied, heads of their own width", LlamaForCausalLM, LlamaConfig(
        **SIZES, num_key_value_heads=4, head_dim=24, rms_norm_eps=1e-5), {}, False)
    yield ("qwen2, biases, tied", Qwen2ForCausalLM, Qwen2Config(
        **SIZES, num_key_value_heads=1, tie_word_embeddings=True, rope_parameters={"rope_type": "default", "rope_theta": 1e6}),
        {}, False)
    yield ("qwen3, head norms, wide heads, bf16", Qwen3ForCausalLM, Qwen3Config(
        **SIZES, num_key_value_heads=2, head_dim=32, tie_word_embeddings=True), {"dtype": torch.bfloat16}, False)
    yield ("llama, shards, fp16", LlamaForCausalLM, LlamaConfig(
        **SIZES, num_key_value_heads=2, tie_word_embeddings=True), {"dtype": torch.float16, "max_shard_size": "100KB"}, False)
    yield ("qwen3, untied, shards", Qwen3ForCausalLM, Qwen3Config(
        **SIZES, num_key_value_heads=4, head_dim=16), {"max_shard_size": "100KB"}, False)
    yield ("llama, config.json of transformers 4", LlamaForCausalLM, LlamaConfig(
        **SIZES, num_key_value_heads=2, rope_parameters={**LLAMA3, "rope_theta": 10000.0}), {}, True)


def make_tokenizer(folder):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(TEXTS, trainers.BpeTrainer(
        vocab_size=320, special_tokens=["<pad>", "<|endoftext|>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False))
    whole = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|endoftext|>", pad_token="<pad>")
    whole.save_pretrained(folder)
    return len(whole)


def randomise(model, generator):
    """Sets norms and biases to values that matter: transformers starts them at 1 and 0."""
    for name, parameter in model.named_parameters():
        if parameter.dim() == 1:
            noise = torch.randn(parameter.shape, generator=generator) * 0.3
            parameter.data = noise + (0 if name.endswith("bias") else 1)


def greedy(model, prompt, count, ends):
    with torch.no_grad():
        ids = model.generate(
            torch.tensor([prompt]), attention_mask=torch.ones(1, len(prompt), dtype=torch.long), do_sample=False,
            max_new_tokens=count, eos_token_id=ends, pad_token_id=0)
    return ids[0, len(prompt):].tolist()


def write_model(folder, kind, config, saving, as_version_4, seed):
    """A random model whose greedy responses end, some with one end token and some with the other."""
    config.vocab_size = make_tokenizer(folder)
    config.pad_token_id, config.bos_token_id = 0, None
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    model = kind(config).eval()
    randomise(model, generator)
    dtype = saving.get("dtype", torch.float32)
    model = model.to(dtype)
    prompts = [torch.randint(2, config.vocab_size, (n,), generator=generator).tolist() for n in (1, 3, 17, 60)]
    free = model.to(torch.float32)
    # Each is a token that some response has: it is to end there.
    ends = sorted({greedy(free, prompts[0], 24, None)[12], greedy(free, prompts[1], 24, None)[5], 1})
    model.config.eos_token_id = ends[0]
    model.generation_config = GenerationConfig(eos_token_id=ends, pad_token_id=0)
    model.to(dtype).save_pretrained(folder, **{k: v for k, v in saving.items() if k != "dtype"})
    if as_version_4:
        path = pathlib.Path(folder, "config.json")
        entries = json.loads(path.read_text())
        rope = entries.pop("rope_parameters")
        entries["rope_theta"] = rope.pop("rope_theta")
        entries["rope_scaling"] = rope
        entries["torch_dtype"] = entries.pop("dtype")
        entries["transformers_version"] = "4.45.0"
        path.write_text(json.dumps(entries))
    return prompts, ends


def compare_log_probabilities(model, rows, folder, options, tolerance, report):
    answers = ask(options.ponder, ["logprobs", "--model", str(folder)], [{"ids": ids} for ids in rows])
    differences = [(torch.tensor(answer["logprobs"], dtype=torch.float64) - log_probabilities(model, ids).double()).abs()
                   for ids, answer in zip(rows, answers)]
    # Torch's maximum of a NaN is NaN, which is within no tolerance.
    worst = float(torch.cat(differences).max())
    report.line("log-probabilities", f"largest difference {worst:.2e} over {sum(map(len, rows))} tokens", worst <= tolerance)


def compare_greedy(model, prompts, count, ends, folder, options, report):
    answers = ask(options.ponder, ["generate", "--model", str(folder), "--temperature", "0", "--max-new", str(count)],
                  [{"ids": ids} for ids in prompts])
    different, ended = 0, 0
    for ids, answer in zip(prompts, answers):
        theirs = greedy(model, ids, count, ends)
        ended += answer["finish"] == "end"
        if answer["ids"] != theirs or (answer["finish"] == "end") != (theirs[-1] in ends):
            different += 1
            print(f"      transformers {theirs}, ponder {answer['ids']} ({answer['finish']})")
    report.line("greedy generation", f"{different} of {len(prompts)} responses differ, {ended} ended", not different)
    return ended


def train_a_step(folder, work, options):
    """The folder of the checkpoint that a step of `ponder train` leaves."""
    configuration, run = work / "run.yaml", work / "run"
    # Any "e" closes a thought and any "a" ends a response, so that random text keeps the form now and then.
    configuration.write_text(json.dumps({
        "policy": {"model": str(folder)}, "problems": {"source": "sums", "heldOut": 2}, "evaluation": {"problems": 2},
        "prompt": {"prefill": "<think>", "close": "e", "stop": ["a"]},
        "rollout": {"problems": 8, "samples": 16, "maxNewTokens": 32, "assignmentProblems": 4},
        "learning": {"rate": 0.01, "warmup": 0}, "threads": {"learner": 1}}))
    command = [str(options.ponder), "train", str(configuration), "--run", str(run), "--steps", "1", "--workers", "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.strip()}")
    return run / "policy"


def compare_checkpoint(original, folder, rows, options, report):
    with tempfile.TemporaryDirectory() as work:
        written = train_a_step(folder, pathlib.Path(work), options)
        model = open_model(written, report)
        moved = sum(not torch.equal(a, b) for a, b in zip(original.parameters(), model.parameters()))
        count = sum(1 for _ in model.parameters())
        report.line("tensors that the step has moved", f"{moved} of {count}", moved == count)
        before, after = AutoConfig.from_pretrained(folder), AutoConfig.from_pretrained(written)
        changed = [key for key in CONFIGURATION if getattr(before, key, None) != getattr(after, key, None)]
        ends = [set(GenerationConfig.from_pretrained(path).eos_token_id) for path in (folder, written)]
        text = AutoTokenizer.from_pretrained(written)("How many?")["input_ids"]
        good = not changed and ends[0] == ends[1] and text == AutoTokenizer.from_pretrained(folder)("How many?")["input_ids"]
        report.line("checkpoint's configuration, end tokens and tokenizer", changed or "as they were", good)
        compare_log_probabilities(model, rows, written, options, options.tolerance, report)


def compare_family(name, kind, config, saving, as_version_4, options, report):
    print(name)
    with tempfile.TemporaryDirectory() as folder:
        prompts, ends = write_model(folder, kind, config, saving, as_version_4, options.seed)
        model = open_model(folder, report)
        generator = torch.Generator().manual_seed(options.seed + 1)
        rows = [torch.randint(0, config.vocab_size, (n,), generator=generator).tolist() for n in (2, 3, 33, 200)]
        compare_log_probabilities(model, rows, folder, options, options.tolerance, report)
        ended = compare_greedy(model, prompts, 48, ends, folder, options, report)
        report.line("end tokens", f"{ended} responses ended, of {ends}", ended > 0)
        compare_checkpoint(model, folder, rows, options, report)


def compare_real(options, report):
    print(options.smollm2)
    texts = TEXTS
    if options.texts:
        with open(options.texts, encoding="utf-8") as lines:
            texts = [row["question"] + "\n" + row["answer"] for row in map(json.loads, lines)][:20]
    tokenizer = AutoTokenizer.from_pretrained(options.smollm2)
    rows = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in texts]
    model = open_model(options.smollm2, report)
    compare_log_probabilities(model, rows, options.smollm2, options, options.real_tolerance, report)
    ends = GenerationConfig.from_pretrained(options.smollm2).eos_token_id
    ends = ends if isinstance(ends, list) else [ends]
    compare_greedy(model, [ids[:24] for ids in rows[:3]], 64, ends, options.smollm2, options, report)


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--ponder", default=os.environ.get("PONDER", root / ".build/release/ponder"), metavar="FILE")
    parser.add_argument("--smollm2", metavar="DIR", help="what Scripts/get-smollm2 made")
    parser.add_argument("--texts", metavar="FILE", help='JSON lines with "question" and "answer", such as GSM8K\'s')
    parser.add_argument("--tolerance", type=float, default=1e-4)
    parser.add_argument("--real-tolerance", type=float, default=2e-3)
    parser.add_argument("--only", metavar="WORD", help="the families whose name has it")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if not os.access(options.ponder, os.X_OK):
        parser.error(f"{options.ponder} is not a program; build it with `swift build -c release` or give --ponder FILE")
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    torch.set_num_threads(1)

    report = Report()
    for name, *variant in variants():
        if not options.only or options.only in name:
            compare_family(name, *variant, options, report)
    if options.smollm2:
        compare_real(options, report)
    print(f"family_parity: {report.failures} checks failed" if report.failures else "family_parity: all equal")
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
