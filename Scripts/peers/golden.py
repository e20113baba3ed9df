#!/usr/bin/env python3
"""Writes the golden numbers that Ponder's forward pass, loss, gradients and optimizer are tested against.

    .deps/peers/bin/python Scripts/peers/golden.py            # rewrites Tests/Golden
    .deps/peers/bin/python Scripts/peers/golden.py --check    # exit 1 if the files differ from a fresh computation

The model is transformers' own Qwen2 and the optimizer torch's own AdamW, in fp32 on one thread; only the loss is written
here, from its formula. Nothing of Ponder takes part.

Tests/Golden/qwen2-tiny/          a Hugging Face folder: config.json, model.safetensors (fp32)
Tests/Golden/golden.safetensors   what that model computes

Shapes: B rows, T tokens a row (right padding), V words. Position t of a [B, T-1] tensor speaks of token t+1: of the
probability that token t+1 has after tokens 0...t. All such tensors are 0 where token t+1 is padding.

Inputs of batch b, b = 0 and 1
    batchb.ids              I64 [B, T]       right-padded with 0
    batchb.lengths          I64 [B]          tokens of each row, prompt and response
    batchb.prompt_lengths   I64 [B]          the response begins at this position
    batchb.mask             F32 [B, T-1]     1 where token t+1 belongs to the response
    batchb.behaviour        F32 [B, T-1]     log-probabilities under the policy that sampled
    batchb.advantages       F32 [B]
    batchb.total_tokens     F32 [1]          the loss's denominator, larger than the sum of the mask: a whole step's
                                             response tokens, also those of groups that are not in the batch
Of the untouched model on batch 0
    forward.logits          F32 [B, T, V]    0 at padding
    forward.logprobs        F32 [B, T-1]
    grpo.old                F32 [B, T-1]     log-probabilities that the loss takes for those of the policy at the start of
                                             the step; chosen so that both sides of the clip and the cap of w are met
    grpo.loss               F32 [1]
    grpo.gradient.NAME      F32              d loss / d NAME for every tensor NAME of model.safetensors

    loss = - sum over response tokens of w * min(r A, clip(r, 1 - 0.2, 1 + 0.28) A) / total_tokens
    r = exp(logprob - old),  w = min(exp(old - behaviour), 2);  old and w carry no gradient

Ten optimizer steps from the untouched model; step k (0...9) takes batch k mod 2, and `old` is the policy's own
log-probabilities at the start of the step (so r = 1)
    steps.loss              F32 [10]         before the update
    steps.gradient_norm     F32 [10]         L2 over all gradients, before clipping
    steps.rate              F32 [10]         1e-3 * min(1, (k + 1) / 3)
    steps.N.weight.NAME     F32              every weight after N updates, N = 1, 2, 5 and 10
Gradients are scaled by min(1, 1 / (norm + 1e-6)); AdamW has betas 0.9 and 0.95, epsilon 1e-8 and no decay.

On one machine the same files come out every time. Computed with two threads and torch's fused attention instead, the largest
difference of any tensor is 2.4e-6.
"""
import argparse
import filecmp
import json
import pathlib
import sys
import tempfile

import torch
from safetensors.torch import load_file, save_file
from transformers import Qwen2Config, Qwen2ForCausalLM
from transformers.utils import logging

CLIP_LOW, CLIP_HIGH, IMPORTANCE_CAP = 0.2, 0.28, 2.0
RATE, WARM_UP, BETAS, EPSILON, GRADIENT_CLIP = 1e-3, 3, (0.9, 0.95), 1e-8, 1.0
STEPS, KEPT = 10, (1, 2, 5, 10)
VOCABULARY = 40


def make_model(generator):
    model = Qwen2ForCausalLM(Qwen2Config(
        vocab_size=VOCABULARY, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=128, tie_word_embeddings=True, rms_norm_eps=1e-6,
        rope_parameters={"rope_type": "default", "rope_theta": 10000.0}, bos_token_id=None, eos_token_id=1,
        pad_token_id=0, dtype=torch.float32, attn_implementation="eager"))
    # Large enough that attention is far from uniform and every norm and bias matters.
    with torch.no_grad():
        for name, p in model.named_parameters():
            noise = torch.randn(p.shape, generator=generator)
            if "norm" in name:
                p.copy_(1 + 0.2 * noise)
            elif name.endswith("bias"):
                p.copy_(0.3 * noise)
            else:
                p.copy_(noise * (0.3 if "embed" in name else p.shape[1] ** -0.5))
    return model.eval()


def make_batch(generator, model, lengths, prompt_lengths, advantages, extra_tokens):
    lengths, prompt_lengths = torch.tensor(lengths), torch.tensor(prompt_lengths)
    rows, width = len(lengths), int(lengths.max())
    ids = torch.randint(2, VOCABULARY, (rows, width), generator=generator)
    position = torch.arange(width)
    ids[position >= lengths[:, None]] = 0
    ids[torch.arange(rows), lengths - 1] = 1
    mask = ((position >= prompt_lengths[:, None]) & (position < lengths[:, None]))[:, 1:].float()
    batch = {"ids": ids, "lengths": lengths, "prompt_lengths": prompt_lengths, "mask": mask,
             "advantages": torch.tensor(advantages), "total_tokens": mask.sum()[None] + extra_tokens}
    with torch.no_grad():
        logprobs = log_probabilities(model, batch)[1]
    batch["behaviour"] = (logprobs + 0.5 * torch.randn(mask.shape, generator=generator)).clamp(max=0) * mask
    return batch


def log_probabilities(model, batch):
    """Logits [B, T, V] and log-probabilities [B, T-1], both 0 at padding."""
    real = torch.arange(batch["ids"].shape[1]) < batch["lengths"][:, None]
    logits = model(input_ids=batch["ids"], attention_mask=real.long()).logits
    chosen = logits[:, :-1].log_softmax(-1).gather(-1, batch["ids"][:, 1:, None]).squeeze(-1)
    return logits * real[..., None], chosen * real[:, 1:]


def grpo_loss(logprobs, old, batch):
    weight = torch.exp(old - batch["behaviour"]).clamp(max=IMPORTANCE_CAP)
    ratio = torch.exp(logprobs - old)
    advantage = batch["advantages"][:, None]
    surrogate = torch.minimum(ratio * advantage, ratio.clamp(1 - CLIP_LOW, 1 + CLIP_HIGH) * advantage)
    return -(weight * surrogate * batch["mask"]).sum() / batch["total_tokens"].squeeze()


def weights(model):
    return {name: p for name, p in model.named_parameters()}


def compute():
    """The untouched weights and every golden tensor."""
    generator = torch.Generator().manual_seed(2026)
    model = make_model(generator)
    initial = {name: p.detach().clone() for name, p in weights(model).items()}
    batches = [
        make_batch(generator, model, [14, 9, 12, 7], [5, 5, 3, 3], [0.2, -0.12, 0.07, -0.15], 10.0),
        make_batch(generator, model, [8, 11, 6, 10], [4, 4, 2, 2], [0.75, -0.75, 0.5, -0.5], 0.0),
    ]
    golden = {f"batch{b}.{name}": t for b, batch in enumerate(batches) for name, t in batch.items()}

    batch = batches[0]
    logits, logprobs = log_probabilities(model, batch)
    old = (logprobs.detach() + 0.4 * torch.randn(logprobs.shape, generator=generator)).clamp(max=0) * batch["mask"]
    loss = grpo_loss(logprobs, old, batch)
    loss.backward()
    golden |= {"forward.logits": logits, "forward.logprobs": logprobs, "grpo.old": old, "grpo.loss": loss[None]}
    golden |= {f"grpo.gradient.{name}": p.grad.clone() for name, p in weights(model).items()}
    confirm_every_branch_is_met(logprobs, old, batch)

    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, betas=BETAS, eps=EPSILON, weight_decay=0.0)
    losses, norms, rates = [], [], []
    for k in range(STEPS):
        batch = batches[k % 2]
        logprobs = log_probabilities(model, batch)[1]
        loss = grpo_loss(logprobs, logprobs.detach(), batch)
        optimizer.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), GRADIENT_CLIP)
        rates.append(RATE * min(1, (k + 1) / WARM_UP))
        optimizer.param_groups[0]["lr"] = rates[-1]
        optimizer.step()
        losses.append(loss.item())
        norms.append(norm.item())
        if k + 1 in KEPT:
            golden |= {f"steps.{k + 1}.weight.{name}": p.detach().clone() for name, p in weights(model).items()}
    if not min(norms) < GRADIENT_CLIP < max(norms):
        raise SystemExit(f"golden.py: clipping must act in some steps and not in others, norms are {norms}")
    golden |= {"steps.loss": torch.tensor(losses), "steps.gradient_norm": torch.tensor(norms),
               "steps.rate": torch.tensor(rates)}
    return model, initial, golden


def confirm_every_branch_is_met(logprobs, old, batch):
    with torch.no_grad():
        response = batch["mask"] > 0
        ratio, advantage = torch.exp(logprobs - old), batch["advantages"][:, None]
        met = {
            "a ratio above the clip at a positive advantage": (ratio > 1 + CLIP_HIGH) & (advantage > 0),
            "a ratio below the clip at a negative advantage": (ratio < 1 - CLIP_LOW) & (advantage < 0),
            "a ratio above the clip at a negative advantage": (ratio > 1 + CLIP_HIGH) & (advantage < 0),
            "a ratio inside the clip": (ratio < 1 + CLIP_HIGH) & (ratio > 1 - CLIP_LOW),
            "an importance weight at its cap": torch.exp(old - batch["behaviour"]) > IMPORTANCE_CAP,
        }
        for what, where in met.items():
            if not (where & response).any():
                raise SystemExit(f"golden.py: no response token has {what}; choose another seed")


def write(folder):
    model, initial, golden = compute()
    directory = folder / "qwen2-tiny"
    directory.mkdir(parents=True, exist_ok=True)
    model.load_state_dict(initial, strict=False)
    model.save_pretrained(directory)
    (directory / "generation_config.json").unlink(missing_ok=True)
    # The library's own version is no part of a model.
    config = json.loads((directory / "config.json").read_text())
    config.pop("transformers_version", None)
    (directory / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    save_file({name: golden[name].detach().contiguous() for name in sorted(golden)}, folder / "golden.safetensors")
    for file in (folder / "golden.safetensors", directory / "model.safetensors"):
        file.chmod(0o644)


def compare(expected, found):
    """Largest absolute difference, or what is wrong with the names."""
    a, b = load_file(expected), load_file(found)
    if a.keys() != b.keys():
        return f"other tensors: {sorted(a.keys() ^ b.keys())}"
    if any(a[name].shape != b[name].shape for name in a):
        return "other shapes"
    return float(torch.stack([(a[name].double() - b[name].double()).abs().max() for name in a]).max())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--output", type=pathlib.Path, metavar="DIR",
                        default=pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Golden")
    parser.add_argument("--check", action="store_true", help="compute again and compare, write nothing")
    options = parser.parse_args()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    torch.set_num_threads(1)
    if not options.check:
        write(options.output)
        files = [f for f in sorted(options.output.rglob("*")) if f.suffix in (".json", ".safetensors")]
        print(f"golden.py: wrote {', '.join(str(f) for f in files)}: {sum(f.stat().st_size for f in files)} bytes")
        return 0
    # Another CPU adds numbers in another order, so results agree to 1e-5 there, and bit by bit on the same machine.
    wrong = 0
    with tempfile.TemporaryDirectory() as fresh:
        write(pathlib.Path(fresh))
        for name in ("golden.safetensors", "qwen2-tiny/model.safetensors"):
            difference = compare(options.output / name, pathlib.Path(fresh) / name)
            bad = isinstance(difference, str) or not difference <= 1e-5
            wrong += bad
            print(f"golden.py: {name}: largest difference {difference}{' (too large)' if bad else ''}")
        if not filecmp.cmp(options.output / "qwen2-tiny/config.json", f"{fresh}/qwen2-tiny/config.json", shallow=False):
            print("golden.py: qwen2-tiny/config.json differs")
            wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
