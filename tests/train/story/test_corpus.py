from collections import Counter

import pytest

from stages.core.run.errors import InputError
from stages.train.story.byte_pairs import make_tokenizer
from stages.train.story.corpus import read_text, shuffle_words, split_text
from stages.train.story.token_blocks import batch_rows, token_blocks
from tests.train.tiny_runs import tell


def test_a_folder_is_read_in_the_order_of_names(tmp_path):
    for name in ("b", "a"):
        (tmp_path / f"{name}.txt").write_text(f"text {name}")
    assert read_text(tmp_path) == "text a\ntext b"


def test_the_last_lines_are_held_out(rng):
    text = tell(rng, 200)
    corpus = split_text(text, 0.1, "text")
    assert corpus.training + corpus.held_out == text
    assert corpus.training.endswith("\n")
    assert 0.07 < len(corpus.held_out) / len(text) <= 0.1


def test_lines_that_just_fit_are_held_out():
    assert split_text("a b\n" * 8, 0.25, "here").held_out == "a b\n" * 2
    assert split_text("a b\n" * 8, 0.3, "here").held_out == "a b\n" * 2


@pytest.mark.parametrize("text", ["one line", "\n\n \n", "one\n \n"])
def test_a_text_of_one_part_is_refused(text):
    with pytest.raises(InputError, match="text too short in here"):
        split_text(text, 0.1, "here")


def test_what_is_no_text_is_refused(tmp_path):
    with pytest.raises(InputError, match="no text"):
        read_text(tmp_path)
    with pytest.raises(InputError, match="file not found"):
        read_text(tmp_path / "none.txt")
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9")
    with pytest.raises(InputError, match="not text of UTF-8"):
        read_text(tmp_path / "latin.txt")


def test_shuffling_keeps_the_words_and_the_lengths_of_lines(rng):
    text = tell(rng, 50)
    shuffled = shuffle_words(text, 1)
    assert Counter(shuffled.split()) == Counter(text.split())
    assert [len(line.split()) for line in shuffled.splitlines()] == [6] * 50
    assert shuffled != text
    assert shuffle_words(text, 1) == shuffled != shuffle_words(text, 2)


def test_every_text_has_tokens_and_every_token_its_characters(rng):
    tokenizer = make_tokenizer(tell(rng, 100), 300, 16)
    for text in ("the witch", " naïve “café” – 漢字\n"):
        encoded = tokenizer(text, verbose=False)
        assert tokenizer.decode(encoded["input_ids"]) == text
    assert tokenizer.is_fast
    assert 258 < len(tokenizer) <= 300
    assert (tokenizer.eos_token_id, tokenizer.pad_token_id) == (0, 1)


def test_blocks_overlap_in_the_token_that_is_predicted_across(rng):
    tokenizer = make_tokenizer(tell(rng, 100), 300, 16)
    text = tell(rng, 20)
    tokens = tokenizer(text)["input_ids"]
    blocks = token_blocks(tokenizer, text, 16, "text")
    targets = blocks[:, 1:].ravel().tolist()
    assert targets == tokens[1 : 1 + len(targets)]
    assert len(tokens) - 1 - len(targets) < 16
    assert (blocks[1:, 0] == blocks[:-1, -1]).all()


def test_a_text_shorter_than_a_block_is_refused(rng):
    tokenizer = make_tokenizer(tell(rng, 100), 300, 16)
    with pytest.raises(InputError, match=r"shorter than one block in here: expected at least 17"):
        token_blocks(tokenizer, "the witch", 16, "here")


def test_every_round_shows_every_block_once():
    rows = [row for step in range(1, 11) for row in batch_rows(8, 4, step, seed=0)]
    rounds = [rows[k : k + 8] for k in range(0, 40, 8)]
    assert all(sorted(one) == list(range(8)) for one in rounds)
    assert rounds[0] != rounds[1]
    uneven = [row for step in range(1, 6) for row in batch_rows(5, 3, step, seed=0)]
    assert Counter(uneven) == dict.fromkeys(range(5), 3)
