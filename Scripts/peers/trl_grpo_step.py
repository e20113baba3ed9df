#!/usr/bin/env python3
"""Times GRPO steps of TRL on a small random Qwen2 policy or on a model: the peer of `ponder benchmark step`, with the same options.

    .deps/peers/bin/python Scripts/peers/trl_grpo_step.py --threads 2 --json
    .deps/peers/bin/python Scripts/peers/trl_grpo_step.py --model .deps/models/SmolLM2-135M-Instruct --problems 8 --max-new 64 --json

The same work as a step of Ponder: --problems x --samples responses of at most --max-new tokens at temperature 1, no KL
term, one optimizer step over the whole batch, fp32 on the CPU, gradient checkpointing off. The reward gives every group
variance, so every trace is learned from. A response's tokens count up to and including its end token. Both figures are
medians: of the seconds from one reward call to the next (rollout and update; the first step is left out) and of three runs
of `generate` alone. peak_memory_bytes is the process's largest resident set after the steps. Figures of two machines, or of one machine at two times, do not compare; Scripts/benchmark alternates.
"""
import argparse
import contextlib
import json
import os
import resource
import statistics
import sys
import tempfile
import time
import warnings

END = 1


def read_options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", help="a Hugging Face folder, instead of random weights of the sizes below")
    parser.add_argument("--hidden", type=int, default=128)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--ffn", type=int, default=512)
    parser.add_argument("--vocabulary", type=int, default=97, help="at least 97: printable ASCII, padding and end")
    parser.add_argument("--problems", type=int, default=32)
    parser.add_argument("--samples", type=int, default=8)
    parser.add_argument("--max-new", type=int, default=96)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--steps", type=int, default=6, help="at least 3; the first warms up")
    parser.add_argument("--generations", type=int, default=3, help="runs of generation alone")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.vocabulary < 97 or options.steps < 3 or options.generations < 1:
        parser.error("--vocabulary is at least 97, --steps at least 3, --generations at least 1")
    return options


options = read_options()
# Before torch is loaded: its thread pools look here once.
os.environ["OMP_NUM_THREADS"] = str(options.threads)
os.environ["TOKENIZERS_PARALLELISM"] = "false"
warnings.simplefilter("ignore", FutureWarning)

import torch  # noqa: E402
from datasets import Dataset  # noqa: E402
from tokenizers import Tokenizer, decoders, models  # noqa: E402
from transformers import (  # noqa: E402
    AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM)
from transformers.utils import logging as transformers_logging  # noqa: E402
from trl import GRPOConfig, GRPOTrainer  # noqa: E402

torch.set_num_threads(options.threads)
torch.manual_seed(0)
transformers_logging.set_verbosity_error()


def make_tokenizer():
    """The model's tokenizer, or one token a character, so that prompts have the same length as in Ponder."""
    if options.model:
        return AutoTokenizer.from_pretrained(options.model)
    vocabulary = {"<pad>": 0, "<eos>": END} | {chr(code): code - 30 for code in range(32, 127)}
    vocabulary |= {f"<{n}>": n for n in range(len(vocabulary), options.vocabulary)}
    inner = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    inner.decoder = decoders.Fuse()
    return PreTrainedTokenizerFast(tokenizer_object=inner, pad_token="<pad>", eos_token="<eos>")


def make_policy():
    if options.model:
        return AutoModelForCausalLM.from_pretrained(options.model, dtype=torch.float32)
    return Qwen2ForCausalLM(Qwen2Config(
        vocab_size=options.vocabulary, hidden_size=options.hidden, intermediate_size=options.ffn,
        num_hidden_layers=options.layers, num_attention_heads=options.heads, num_key_value_heads=options.heads,
        max_position_embeddings=512, tie_word_embeddings=True, bos_token_id=None, eos_token_id=END, pad_token_id=0))


class Stopwatch:
    """A reward function that notes when it is called and how many tokens it is given."""

    __name__ = "stopwatch"

    def __init__(self, end):
        self.calls, self.tokens, self.end = [], [], end

    def __call__(self, completions, completion_ids, **_):
        self.calls.append(time.perf_counter())
        self.tokens.append(sum(self.length(list(ids)) for ids in completion_ids))
        # No two responses of a group are likely to earn the same.
        return [float("7" in text) + 0.01 * len(set(text)) for text in completions]

    def length(self, ids):
        return ids.index(self.end) + 1 if self.end in ids else len(ids)


def time_steps(policy, tokenizer, output):
    watch = Stopwatch(tokenizer.eos_token_id)
    batch = options.problems * options.samples
    questions = [{"prompt": f"{n % 97}+{n % 89}+{n % 83}=?"} for n in range(max(4000, options.problems))]
    trainer = GRPOTrainer(
        model=policy, reward_funcs=watch, train_dataset=Dataset.from_list(questions), processing_class=tokenizer,
        args=GRPOConfig(
            output_dir=output, per_device_train_batch_size=batch, num_generations=options.samples,
            max_completion_length=options.max_new, max_steps=options.steps, temperature=1.0, beta=0.0,
            learning_rate=1e-4, bf16=False, gradient_checkpointing=False, use_cpu=True, save_strategy="no",
            logging_strategy="no", report_to=[], disable_tqdm=True))
    # The trainer prints its own figures; standard output is for ours.
    with contextlib.redirect_stdout(sys.stderr):
        trainer.train()
    if getattr(policy, "is_activation_checkpointing", None) or getattr(policy, "is_gradient_checkpointing", False):
        raise SystemExit("trl_grpo_step.py: gradient checkpointing is on, the comparison would not be fair")
    seconds = [b - a for a, b in zip(watch.calls, watch.calls[1:])]
    return statistics.median(seconds), statistics.median(watch.tokens[1:]), seconds


def time_generation(policy, tokenizer):
    """Tokens a second when every row runs to the limit."""
    batch = options.problems * options.samples
    prompt = tokenizer(["17+25+38=?"] * batch, return_tensors="pt")
    rates = []
    with torch.no_grad():
        for _ in range(options.generations):
            start = time.perf_counter()
            policy.generate(
                input_ids=prompt["input_ids"], attention_mask=prompt["attention_mask"], do_sample=True, temperature=1.0,
                top_k=0, max_new_tokens=options.max_new, min_new_tokens=options.max_new)
            rates.append(batch * options.max_new / (time.perf_counter() - start))
    return statistics.median(rates)


def main():
    policy, tokenizer = make_policy(), make_tokenizer()
    parameters = sum(p.numel() for p in policy.parameters())
    with tempfile.TemporaryDirectory() as output:
        step, tokens, seconds = time_steps(policy, tokenizer, output)
    # Linux counts it in KiB.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    figures = {
        "parameters": parameters, "threads": options.threads, "step_s": step, "tokens": tokens,
        "tokens_per_s_end_to_end": tokens / step, "tokens_per_s_generation": time_generation(policy, tokenizer),
        "steps_s": seconds, "peak_memory_bytes": peak,
    }
    print(json.dumps(figures) if options.json else "\n".join(f"{key}: {value}" for key, value in figures.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
