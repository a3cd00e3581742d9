"""A byte-pair tokenizer made from a text, as GPT-NeoX has it."""

from typing import Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

END, PADDING = "<|endoftext|>", "<|padding|>"


def make_tokenizer(text: str, vocabulary: int, longest: int) -> Any:
    """Merge the most frequent pairs of bytes of a text (Sennrich et al. 2016) into a vocabulary.

    Parameters
    ----------
    text : str
    vocabulary : int
        Entries at most: the 256 bytes, two special ones, and what was merged.
    longest : int
        Tokens that the model will take at once.

    Returns
    -------
    PreTrainedTokenizerFast
        Any text has its tokens, and every token its characters; nothing is added around a text.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=True)
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[END, PADDING],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(text.splitlines(keepends=True), trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=END,
        eos_token=END,
        pad_token=PADDING,
        model_max_length=longest,
        model_input_names=["input_ids", "attention_mask"],
    )
