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
    CLIPConfig,
    CLIPImageProcessor,
    CLIPModel,
    ConvNextConfig,
    ConvNextImageProcessor,
    ConvNextModel,
    GPT2Config,
    GPT2Model,
    LlamaConfig,
    LlamaModel,
    PreTrainedTokenizerFast,
    T5Config,
    T5Model,
    ViTConfig,
    ViTImageProcessor,
    ViTModel,
)

WORDS = ["the", "old", "witch", "flew", "over", "a", "quiet", "village", "nobody", "looking"]
SIZE = 16
BLOCKS = 2
HEADS = 2
LIMIT = 64
PIXELS = 32
# Words in front of what the user says, and behind it.
CHAT = "{% for turn in messages %}old witch: {{ turn['content'] }}<|endoftext|>nobody{% endfor %}"


def save_tiny_model(kind: str, folder: Path) -> Path:
    """Save a random model with its tokenizer, its image processor, or both.

    The kinds are `bert`, `gpt2`, `llama` and `t5`; `chat`, a llama with a chat template; `vit` and
    `convnext`; `clip`.
    """
    makers = {"bert": _bert, "gpt2": _gpt2, "t5": _t5, "llama": _llama, "chat": _llama}
    makers |= {"vit": _vit, "convnext": _convnext, "clip": _clip}
    tokenizer = _word_pieces() if kind == "bert" else _byte_pairs()
    if kind == "chat":
        tokenizer.chat_template = CHAT
    with torch.random.fork_rng():
        torch.manual_seed(1)
        network = makers[kind](len(tokenizer))
    network.save_pretrained(folder)
    if kind not in ("vit", "convnext"):
        tokenizer.save_pretrained(folder)
    processors = {"vit": _vit_pixels, "convnext": _convnext_pixels, "clip": _clip_pixels}
    if kind in processors:
        processors[kind]().save_pretrained(folder)
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


def _llama(vocabulary: int) -> Any:
    config = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=SIZE,
        intermediate_size=2 * SIZE,
        num_hidden_layers=BLOCKS,
        num_attention_heads=HEADS,
        max_position_embeddings=LIMIT,
        bos_token_id=0,
        eos_token_id=0,
    )
    return LlamaModel(config)


def _vit(vocabulary: int) -> Any:
    config = ViTConfig(
        hidden_size=SIZE,
        num_hidden_layers=BLOCKS,
        num_attention_heads=HEADS,
        intermediate_size=2 * SIZE,
        image_size=PIXELS,
        patch_size=8,
    )
    return ViTModel(config)


def _convnext(vocabulary: int) -> Any:
    return ConvNextModel(ConvNextConfig(hidden_sizes=[4, 8, 8, 16], depths=[1, 1, 1, 1]))


def _clip(vocabulary: int) -> Any:
    tower = {
        "hidden_size": SIZE,
        "num_hidden_layers": BLOCKS,
        "num_attention_heads": HEADS,
        "intermediate_size": 2 * SIZE,
    }
    text = {
        "vocab_size": vocabulary,
        "max_position_embeddings": LIMIT,
        "bos_token_id": 0,
        "eos_token_id": 0,
        "pad_token_id": 0,
    }
    vision = {"image_size": PIXELS, "patch_size": 8, "hidden_size": 2 * SIZE}
    return CLIPModel(CLIPConfig(text_config=tower | text, vision_config=tower | vision))


def _vit_pixels() -> Any:
    return ViTImageProcessor(size={"height": PIXELS, "width": PIXELS})


def _convnext_pixels() -> Any:
    return ConvNextImageProcessor(size={"shortest_edge": PIXELS}, crop_pct=0.875)


def _clip_pixels() -> Any:
    size = {"height": PIXELS, "width": PIXELS}
    return CLIPImageProcessor(size={"shortest_edge": PIXELS}, crop_size=size)


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
