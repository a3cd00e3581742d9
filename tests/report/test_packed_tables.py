import base64
import json
import zlib

import numpy as np
import pandas as pd
import pytest

from stages.core.run.errors import ConcordError
from stages.report import packed_tables
from stages.report.packed_tables import embedded, packed
from tests.report.unpacked import array_of, table_of


@pytest.fixture
def table(rng):
    names = [f"region {place}" for place in range(300)]
    return pd.DataFrame(
        {
            "region": names,
            "same": "V1",
            "score": np.where(np.arange(300) % 7, rng.normal(size=300), np.nan),
            "parameters": rng.integers(0, 10**12, 300),
            "trained": rng.random(300) < 0.5,
        }
    )


def test_values_come_back_as_they_were(table):
    back = table_of(json.loads(json.dumps(embedded(table), allow_nan=False)))
    assert back["score"].isna().sum() == table["score"].isna().sum() > 0
    pd.testing.assert_frame_equal(back, table.astype({"parameters": float}), check_dtype=False)
    assert not embedded(table)["rounded"]


def test_a_table_may_have_no_rows(table):
    back = table_of(embedded(table.head(0)))
    assert list(back) == list(table)
    assert back.empty


@pytest.fixture
def large(monkeypatch):
    monkeypatch.setattr(packed_tables, "LARGE", 4)


def test_of_large_tables_three_decimals_come_back(table, large):
    scores = table[["score"]] / 3
    back = table_of(embedded(scores))["score"]
    known = scores["score"].notna()
    assert (back.isna() == ~known).all()
    assert (back[known].round(3) == scores["score"][known].round(3)).all()
    assert embedded(scores)["rounded"]


def test_what_is_not_zero_does_not_become_zero(large):
    given = pd.DataFrame({"q": [1e-12, -1e-12, 0.0, 1.0]})
    back = table_of(embedded(given))["q"]
    assert list(np.sign(back)) == [1, -1, 0, 1]
    assert back[0] < 1e-3


def test_large_numbers_keep_all_digits(large):
    given = pd.DataFrame({"step": [0.0, np.nan, 4097.0, 143_000.0], "near": [1.0004, 2.0, -2, 0]})
    back = table_of(embedded(given))
    pd.testing.assert_series_equal(back["step"], given["step"])
    assert list(back["near"].round(3)) == [1, 2, -2, 0]


def test_a_text_that_is_missing_is_refused():
    with pytest.raises(ConcordError, match="text that is missing in column region"):
        embedded(pd.DataFrame({"region": ["V1", None]}))


def test_arrays_keep_their_type(rng):
    values = rng.integers(0, 60_000, (5, 7)).astype(np.uint16)
    assert (array_of(packed(values), "<u2") == values.ravel()).all()


def test_tables_are_rounded_from_so_many_rows_on_and_numbers_up_to_two(large):
    few, enough = (pd.DataFrame({"x": [2.0, -2.0, 0.12345, 1.0][:n]}) for n in (3, 4))
    wide = pd.DataFrame({"x": [2.001, -2.0, 0.12345, 1.0]})
    assert (embedded(few)["rounded"], embedded(enough)["rounded"]) == (False, True)
    widths = [embedded(one)["columns"]["x"]["width"] for one in (few, enough, wide, -wide)]
    assert widths == [8, 2, 8, 8]
    assert list(table_of(embedded(enough))["x"]) == [2.0, -2.0, 0.123, 1.0]


@pytest.mark.parametrize(("levels", "width"), [(1, 1), (256, 1), (257, 2)])
def test_levels_take_the_bytes_that_they_need(levels, width):
    given = pd.DataFrame({"region": [f"r{k}" for k in range(levels)]})
    column = embedded(given)["columns"]["region"]
    assert (column["width"], len(column["levels"])) == (width, levels)
    assert list(table_of(embedded(given))["region"]) == list(given["region"])


def test_half_a_thousandth_is_next_to_nothing(large):
    given = pd.DataFrame({"q": [0.0004, 0.0005, 0.0006, -0.0004, np.nan]})
    assert list(table_of(embedded(given))["q"][:4]) == [1e-4, 1e-4, 0.001, -1e-4]
    assert packed_tables.MISSING == -32_768
    raw = array_of(embedded(given)["columns"]["q"], "<i2")
    assert raw.tolist() == [32767, 32767, 1, -32767, -32768]


def test_all_tables_by_name_and_bytes_of_one_kind_together():
    assert packed_tables.LARGE == 5_000
    found = packed_tables.embedded_all({"a": pd.DataFrame({"x": [1.0]}), "b": pd.DataFrame()})
    assert [one["rows"] for one in found.values()] == [1, 0]
    data = packed(np.array([[1, 2], [258, 3]], ">i2"))
    assert data["width"] == 2
    assert zlib.decompress(base64.b64decode(data["data"])) == bytes([1, 2, 2, 3, 0, 0, 1, 0])
