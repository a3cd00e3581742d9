"""Every verdict occurs where it should, and nothing is passed over."""

import numpy as np
import pytest

from stages.core.results.replications import REPLICATION_COLUMNS, read_replications
from stages.core.run.errors import ConcordError, InputError
from stages.core.run.tables import write_table
from stages.replicate.published_targets import (
    Found,
    Target,
    judge,
    judge_all,
    replication_table,
    verdict_of,
)


@pytest.mark.parametrize(
    ("value", "published", "tolerance", "expected"),
    [
        (0.4449, ".44", 0.03, "matches"),
        (0.445, ".44", 0.03, "matches"),
        (0.4451, ".44", 0.03, "within"),
        (0.47, ".44", 0.03, "within"),
        (0.4701, ".44", 0.03, "does not recompute"),
        (-0.44, ".44", 0.03, "does not recompute"),
        (10256, "10256", 0.0, "matches"),
        (10257, "10256", 0.0, "does not recompute"),
        (10257, "10256", 1.0, "within"),
        (0.0, "0", 1e-6, "matches"),
        (1e-9, "0", 1e-6, "within"),
        (1e-5, "0", 1e-6, "does not recompute"),
        (0.5, "", 0.0, "nothing published"),
    ],
)
def test_verdict(value, published, tolerance, expected):
    assert verdict_of(value, Target("r", published, tolerance)) == expected


def test_a_row_tells_all():
    target = Target("r", ".44", 0.03, note="of models")
    row = judge("paper", target, Found(0.45, 0.1, 0.8, 42, "14 families"))
    table = replication_table([row])
    assert list(table) == list(REPLICATION_COLUMNS)
    assert table.iloc[0].drop("needs").to_dict() == {
        "source": "paper",
        "quantity": "r",
        "basis": "printed",
        "published": 0.44,
        "ours": 0.45,
        "low": 0.1,
        "high": 0.8,
        "n": 42.0,
        "tolerance": 0.03,
        "verdict": "within",
        "note": "of models; 14 families",
        "shown": True,
    }


@pytest.mark.parametrize(
    ("target", "found"),
    [(Target("r", ".44", needs="big.parquet"), None), (Target("r", ".44"), "big.parquet")],
)
def test_what_is_not_at_hand_is_named(target, found):
    row = replication_table([judge("paper", target, found)]).iloc[0]
    assert (row["verdict"], row["needs"], row["published"]) == ("needs", "big.parquet", 0.44)
    assert np.isnan(row["ours"])


@pytest.mark.parametrize("found", [None, Found(float("nan")), Found(float("inf"))])
def test_a_number_that_is_none_is_no_row(found):
    with pytest.raises(ConcordError, match="not derived in r"):
        judge("paper", Target("r", ".44"), found)


def test_numbers_and_targets_are_the_same():
    targets = (Target("a", "1"), Target("b", "2"))
    with pytest.raises(ConcordError, match="without a target in paper: got c"):
        list(judge_all("paper", targets, {"a": Found(1), "b": Found(2), "c": Found(3)}))
    with pytest.raises(ConcordError, match="not derived in b"):
        list(judge_all("paper", targets, {"a": Found(1)}))
    rows = list(judge_all("paper", targets, {"b": Found(2), "a": Found(1)}))
    assert [row["quantity"] for row in rows] == ["a", "b"]
    with pytest.raises(ConcordError, match="occurs twice in paper: got a"):
        replication_table([*rows, rows[0]])


def test_the_table_is_read_as_it_was_written(tmp_path):
    path = tmp_path / "replicate.parquet"
    table = replication_table([judge("paper", Target("r", ".44"), Found(0.44))])
    write_table(path, table)
    assert read_replications(path).equals(table)
    write_table(path, table.drop(columns="verdict"))
    with pytest.raises(InputError, match="column missing.*metrics/dvc.yaml"):
        read_replications(path)
