"""A tokenizer of byte pairs, merged by hand."""

import pytest

from stages.train.story.byte_pairs import make_tokenizer

TEXT = "low lower lowest\n" * 6 + "new newer\n" * 3


@pytest.fixture(scope="module")
def tokenizer():
    return make_tokenizer(TEXT, 256 + 2 + 3, 16)


def test_the_most_frequent_pairs_are_merged_within_words(tokenizer):
    """`l o` and `lo w` come 18 times, ` low` 12 times; `e r` and `n e` less often."""
    vocabulary = tokenizer.get_vocab()
    assert len(vocabulary) == 261
    merged = sorted(token for token in vocabulary if len(token) > 1 and "<" not in token)
    assert len(merged) == 3
    assert {"lo", "low"} <= set(merged)
    assert tokenizer.tokenize("low") == ["low"]


def test_any_text_has_its_tokens_and_nothing_is_added(tokenizer):
    for text in (" naïve\n\tx", "low", "", "  two", "a b"):
        found = tokenizer(text)
        assert tokenizer.decode(found["input_ids"]) == text
        assert list(found) == ["input_ids", "attention_mask"]
    assert tokenizer("low")["input_ids"] == [tokenizer.get_vocab()["low"]]
    assert tokenizer.tokenize("é") == ["Ã", "©"]


def test_special_tokens_come_first_and_the_length_is_told(tokenizer):
    assert (tokenizer.eos_token, tokenizer.bos_token) == ("<|endoftext|>",) * 2
    assert tokenizer.pad_token == "<|padding|>"
    assert (tokenizer.eos_token_id, tokenizer.pad_token_id) == (0, 1)
    assert tokenizer.model_max_length == 16


def test_offsets_leave_out_the_blank_before_a_word(tokenizer):
    found = tokenizer(" low low", return_offsets_mapping=True)
    assert found["offset_mapping"][-1] == (5, 8)


def test_ends_of_lines_are_merged_as_the_text_has_them():
    assert "ĠĊ" in make_tokenizer("x \n" * 9, 259, 16).get_vocab()
