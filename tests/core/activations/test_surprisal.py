"""Surprisal survives a round trip, is refused beyond its limits, and has a unit."""

import numpy as np
import pandas as pd
import pytest

from stages.core.activations.surprisal import bits_per_byte, read_surprisal, write_surprisal
from stages.core.run.errors import InputError


def _table(*nats):
    ids = [f"w{k}" for k in range(len(nats))]
    return pd.DataFrame({"id": ids, "nats": nats, "bytes": [3, 5, 4][: len(nats)]})


def test_a_model_that_predicts_no_words_has_none_whether_or_not_there_was_one(tmp_path):
    table = _table(np.nan, 0.0, 1e6)
    write_surprisal(tmp_path, table.assign(other="left out"))
    pd.testing.assert_frame_equal(read_surprisal(tmp_path, list(table["id"])), table)
    for _ in range(2):
        write_surprisal(tmp_path, None)
        assert read_surprisal(tmp_path, list(table["id"])) is None


@pytest.mark.parametrize("nats", [-1e-9, 1.001e6, np.inf])
def test_a_surprisal_beyond_its_limits_is_refused(tmp_path, nats):
    write_surprisal(tmp_path, _table(1.0, nats))
    with pytest.raises(InputError, match=r"wrong surprisal in .*surprisal\.parquet"):
        read_surprisal(tmp_path, ["w0", "w1"])


def test_one_of_two_at_each_bit_is_a_bit_and_what_was_not_predicted_has_no_bytes():
    assert bits_per_byte(_table(np.nan, 5 * np.log(2), 8 * np.log(2))) == pytest.approx(13 / 9)
    assert np.isnan(bits_per_byte(_table(np.nan)))


def test_what_else_is_missing_does_not_matter():
    table = _table(np.log(2), 3 * np.log(2)).assign(other=[np.nan, 1.0])
    assert bits_per_byte(table) == pytest.approx(4 / 8)
