"""Tables that grow on disk, as pyarrow reads them."""

import logging

import pandas as pd
import pyarrow.parquet as pq
import pytest

from stages.core.results.survey import TABLES
from stages.core.results.typed_tables import empty_table
from stages.survey.growing import groups_of, growing, said_once

ONE = pd.DataFrame({"a": [1.5, 2.0], "b": ["x", "y"]}, index=[7, 3])
TWO = pd.DataFrame({"a": [3], "b": ["z"]})


def test_rows_of_a_model_are_a_group_and_keep_the_first_types(tmp_path):
    with growing({"models": tmp_path, "best": tmp_path / "deep"}) as tables:
        tables["models"].append(ONE)
        tables["models"].append(ONE.iloc[:0])
        tables["models"].append(TWO)
        assert not (tmp_path / "models.parquet").exists()
    with pq.ParquetFile(tmp_path / "models.parquet") as file:
        assert file.num_row_groups == 2
        assert file.schema_arrow.names == ["a", "b"]
    first, second = groups_of(tmp_path / "models.parquet")
    assert first.to_dict("list") == {"a": [1.5, 2.0], "b": ["x", "y"]}
    assert second.to_dict("list") == {"a": [3.0], "b": ["z"]}
    (only, _) = groups_of(tmp_path / "models.parquet", ["b"])
    assert only.to_dict("list") == {"b": ["x", "y"]}
    empty = pd.read_parquet(tmp_path / "deep/best.parquet")
    pd.testing.assert_frame_equal(empty, empty_table(TABLES["best"]))


def test_many_rows_are_one_group(tmp_path):
    """More than pyarrow puts into a group by itself."""
    many = pd.DataFrame({"a": range(1_100_000)})
    with growing({"models": tmp_path}) as tables:
        tables["models"].append(many)
    with pq.ParquetFile(tmp_path / "models.parquet") as file:
        assert file.num_row_groups == 1


def test_nothing_is_there_unless_all_succeeded(tmp_path):
    def broken():
        with growing({"models": tmp_path}) as tables:
            tables["models"].append(ONE)
            raise RuntimeError("broke")

    with pytest.raises(RuntimeError, match="broke"):
        broken()
    assert not list(tmp_path.glob("*.parquet"))


def test_equal_messages_are_let_through_once(caplog):
    log = logging.getLogger("concord.test_growing")
    with caplog.at_level(logging.INFO, log.name):
        with said_once(log):
            for text in ("a", "b", "a", "a"):
                log.info("%s", text)
        log.info("a")
    assert caplog.messages == ["a", "b", "a"]
    assert not log.filters
