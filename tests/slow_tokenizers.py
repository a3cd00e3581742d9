"""Models whose tokenizers do not tell the characters of their tokens."""

import json
from pathlib import Path
from typing import Any

import torch
from transformers import CTRLConfig, CTRLLMHeadModel, CTRLTokenizer

from tests.tiny_models import LIMIT, WORDS

MERGES = ["w i", "t c", "t h", "th e</w>", "o l", "v i"]


class Slow:
    """A fast tokenizer that keeps its offsets to itself."""

    is_fast = False

    def __init__(self, fast: Any) -> None:
        self.fast = fast
        self.model_input_names = fast.model_input_names

    def __call__(self, text: str, **settings: Any) -> Any:
        assert "return_offsets_mapping" not in settings
        assert "return_special_tokens_mask" not in settings
        return self.fast(text, **settings)


def save_ctrl(folder: Path) -> Path:
    """Save a tiny random CTRL: its tokenizer has no fast version."""
    folder.mkdir()
    letters = sorted(set("".join(WORDS)) | set(".,'"))
    pieces = [*letters, *(f"{letter}</w>" for letter in letters)]
    pieces += [merge.replace(" ", "") for merge in MERGES]
    names = [f"{piece}@@" if "</w>" not in piece else piece[:-4] for piece in pieces]
    vocabulary = {name: k for k, name in enumerate(dict.fromkeys(["<unk>", *names]))}
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *MERGES, ""]))
    CTRLTokenizer(
        str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=LIMIT
    ).save_pretrained(folder)
    with torch.random.fork_rng():
        torch.manual_seed(5)
        config = CTRLConfig(
            vocab_size=len(vocabulary), n_positions=LIMIT, n_embd=16, dff=32, n_layer=2, n_head=2
        )
        network = CTRLLMHeadModel(config)
    network.save_pretrained(folder)
    return folder
