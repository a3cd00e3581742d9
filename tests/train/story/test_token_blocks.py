import numpy as np
import pytest

from stages.core.run.errors import InputError
from stages.train.story.token_blocks import batch_rows, token_blocks


def counted(text, **_):
    """A tokenizer that numbers letters."""
    return {"input_ids": list(range(len(text)))}


def test_blocks_overlap_in_one_token():
    blocks = token_blocks(counted, "x" * 9, 4, "here")
    assert blocks.tolist() == [[0, 1, 2, 3, 4], [4, 5, 6, 7, 8]]
    assert len(token_blocks(counted, "x" * 12, 4, "here")) == 2
    assert len(token_blocks(counted, "x" * 5, 4, "here")) == 1
    with pytest.raises(InputError, match="in here: expected at least 5 tokens, got 4"):
        token_blocks(counted, "x" * 4, 4, "here")


def test_batches_go_through_all_blocks_again_and_again():
    rows = np.concatenate([batch_rows(7, 3, step, 0) for step in range(1, 8)])
    assert len(rows) == 21
    for part in np.split(rows, 3):
        assert sorted(part) == list(range(7))
    assert not np.array_equal(rows[:7], rows[7:14])
    large = np.concatenate([batch_rows(7, 21, 1, 0)])
    assert large.tolist() == rows.tolist(), "whatever the batch, the order is the same"
    assert batch_rows(7, 3, 2, 1).tolist() != rows[3:6].tolist()
