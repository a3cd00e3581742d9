import numpy as np
import pandas as pd
import pytest

from stages.core.run.errors import ConcordError, InputError
from stages.share.column_meanings import MEANINGS, OF_KIND, TOPICS, column_meaning
from stages.share.tsv_tables import filled, meanings, read_tsv, write_tsv
from tests.columns_page import known_tables

TEXTS = ["plain", 'a lone "', "two words", "NA", "null", "nan", "None", "<b>", " blank ", "3", "é"]


def test_every_number_and_text_comes_back(tmp_path, rng):
    values = rng.standard_normal(len(TEXTS)) * 10.0 ** rng.integers(-300, 300, len(TEXTS))
    values[[1, 4]] = np.nan, 1295.0
    table = pd.DataFrame(
        {
            "text": TEXTS,
            "number": values,
            "count": pd.array([1, None, *range(len(TEXTS) - 2)], dtype="Int64"),
            "small": rng.standard_normal(len(TEXTS)).astype(np.float32),
            "flag": [True, False] * 5 + [True],
        }
    )
    write_tsv(tmp_path / "a.tsv", table)
    found = read_tsv(tmp_path / "a.tsv")
    assert list(found["text"]) == TEXTS
    np.testing.assert_array_equal(found["number"], values)
    np.testing.assert_array_equal(found["count"], table["count"].to_numpy(float, na_value=np.nan))
    np.testing.assert_array_equal(found["small"].astype(np.float32), table["small"])
    assert list(found["flag"]) == list(table["flag"])
    text = (tmp_path / "a.tsv").read_text()
    assert "\tn/a\t" in text
    assert "\t1295\t" in text
    assert "nan\n" not in text


def test_what_is_empty_is_not_there(tmp_path):
    table = pd.DataFrame({"a": ["x", ""], "b": [np.nan, np.nan], "c": ["", ""], "d": [None, "y"]})
    write_tsv(tmp_path / "a.tsv", table)
    assert (tmp_path / "a.tsv").read_text().splitlines()[1] == "x\tn/a\tn/a\tn/a"
    assert list(filled(table)) == ["a", "d"]


@pytest.mark.parametrize("wrong", ["two\nlines", "two\rlines", "zero\0", "tab\there"])
def test_a_text_that_breaks_the_row_is_refused(tmp_path, wrong):
    with pytest.raises(InputError, match="breaks the row in a.tsv, column region"):
        write_tsv(tmp_path / "a.tsv", pd.DataFrame({"region": ["x", wrong]}))
    with pytest.raises(InputError, match="infinite number"):
        write_tsv(tmp_path / "a.tsv", pd.DataFrame({"score": [1.0, -np.inf]}))
    assert not list(tmp_path.iterdir())


def test_all_columns_of_all_contracts_mean_something():
    tables = known_tables()
    for kind, (_, _, columns) in tables.items():
        for column in columns:
            assert column_meaning(kind, column).endswith("."), (kind, column)
    assert "voxels" in column_meaning("regions", "z")
    assert "null" in column_meaning("results", "z")
    assert all(set(own) <= set(tables[kind][2]) for kind, own in OF_KIND.items())
    assert len(MEANINGS) == sum(map(len, TOPICS.values()))
    with pytest.raises(ConcordError, match="without a meaning in table results: got zz"):
        column_meaning("results", "zz")


def test_the_sidecar_says_what_kind_of_values(rng):
    table = pd.DataFrame({"region": ["a"], "score": [0.5], "n": [3], "trained": [True]})
    about = meanings(table, "results")
    assert [about[name]["Format"] for name in table] == ["string", "number", "integer", "boolean"]
