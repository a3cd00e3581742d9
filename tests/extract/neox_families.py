"""Families of tiny GPT-NeoX checkpoints in folders, healthy unless something is planted."""

import json
import shutil

import torch
from transformers import GPTNeoXConfig, GPTNeoXForCausalLM

from stages.core.names.families import expand

STEPS = (0, 2, 4, 8, 16)
BYTES = 300


def make_network(seed, width=32):
    config = GPTNeoXConfig(
        vocab_size=BYTES,
        hidden_size=width,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=2 * width,
        max_position_embeddings=64,
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return GPTNeoXForCausalLM(config)


def save(network, folder, tokenizer, loss):
    shutil.rmtree(folder, ignore_errors=True)
    network.save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(tokenizer / name, folder)
    (folder / "evaluation.json").write_text(json.dumps({"heldout_loss": loss}))


def train_family(out, tokenizer, seed=0):
    """Train on sequences that count upwards; the checkpoints are out/step0 and so on."""
    network = make_network(seed)
    optimiser = torch.optim.Adam(network.parameters(), 0.003)
    generator = torch.Generator().manual_seed(seed)
    for step in range(STEPS[-1] + 1):
        if step in STEPS:
            save(network, out / f"step{step}", tokenizer, 6 - step / 10)
        ids = (torch.randint(BYTES, (8, 1), generator=generator) + torch.arange(12)) % BYTES
        optimiser.zero_grad()
        network(input_ids=ids, labels=ids).loss.backward()
        optimiser.step()


def members_of(folder, steps=STEPS, seeds=(), weights=()):
    place = "{seed}/" if seeds else ""
    part = "/{weights}" if weights else ""
    return expand(
        "toy", f"file:{folder}/{place}step{{step}}{part}", sizes=[], seeds=list(seeds),
        weights=list(weights), steps=list(steps), seen_per_step=1024.0, unit="tokens",
    )  # fmt: skip
