"""Tiny random models, saved as real ones are."""

from pathlib import Path
from typing import Any

import torch
from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers import (
    BertConfig,
    BertModel,
    GPT2Config,
    GPT2Model,
    PreTrainedTokenizerFast,
    T5Config,
    T5Model,
)

WORDS = ["the", "old", "witch", "flew", "over", "a", "quiet", "village", "nobody", "looking"]
SIZE = 16
BLOCKS = 2
HEADS = 2
LIMIT = 64


def save_tiny_model(kind: str, folder: Path) -> Path:
    """Save a random `bert`, `gpt2` or `t5` with its tokenizer."""
    makers = {"bert": _bert, "gpt2": _gpt2, "t5": _t5}
    tokenizer = _word_pieces() if kind == "bert" else _byte_pairs()
    with torch.random.fork_rng():
        torch.manual_seed(1)
        network = makers[kind](len(tokenizer))
    network.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _bert(vocabulary: int) -> Any:
    config = BertConfig(
        vocab_size=vocabulary,
        hidden_size=SIZE,
        num_hidden_layers=BLOCKS,
        num_attention_heads=HEADS,
        intermediate_size=2 * SIZE,
        max_position_embeddings=LIMIT,
    )
    return BertModel(config)


def _gpt2(vocabulary: int) -> Any:
    config = GPT2Config(
        vocab_size=vocabulary,
        n_embd=SIZE,
        n_layer=BLOCKS,
        n_head=HEADS,
        n_positions=LIMIT,
        bos_token_id=0,
        eos_token_id=0,
    )
    return GPT2Model(config)


def _t5(vocabulary: int) -> Any:
    config = T5Config(
        vocab_size=vocabulary,
        d_model=SIZE,
        d_kv=SIZE // HEADS,
        d_ff=2 * SIZE,
        num_layers=BLOCKS,
        num_heads=HEADS,
        pad_token_id=0,
        decoder_start_token_id=0,
    )
    return T5Model(config)


def _byte_pairs() -> Any:
    """Like GPT-2's: no padding token, no special tokens around a text."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    trainer = trainers.BpeTrainer(
        vocab_size=280,
        special_tokens=["<|endoftext|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([" ".join(WORDS)] * 3, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token="<|endoftext|>",
        model_max_length=LIMIT,
        model_input_names=["input_ids", "attention_mask"],
    )


def _word_pieces() -> Any:
    """Like BERT's: [CLS] text [SEP]; some words in two pieces; letters it knows, no others."""
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    letters = sorted(set("".join(WORDS)))
    pieces = special + letters + [f"##{letter}" for letter in letters]
    pieces += [word for word in WORDS if len(word) < 6] + ["vill", "##age", "look", "##ing"]
    tokenizer = Tokenizer(
        models.WordPiece(
            vocab={piece: k for k, piece in enumerate(dict.fromkeys(pieces))}, unk_token="[UNK]"
        )
    )
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=LIMIT,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )
