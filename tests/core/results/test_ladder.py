"""A table of claims has every column, whatever the rungs found."""

import pandas as pd
from numpy.testing import assert_array_equal

from stages.core.results.ladder import COLUMNS, HOLDS, NOT_ASKED, RUNGS, UNASKED, ladder_table

CLAIMS = pd.DataFrame(
    {"claim": "predicts", "model": ["a", "b"], "other": "", "region": "R", "dataset": "d"}
).assign(modality="language", metric="r")


def test_rungs_that_found_nothing_leave_no_column_out():
    table = ladder_table(CLAIMS, {"chance": "too few people"})
    assert list(table.columns) == list(COLUMNS)
    assert table["rung"].tolist() == [rung for rung in RUNGS for _ in range(2)]
    assert_array_equal(table["place"], [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7])
    assert set(table["state"]) == {NOT_ASKED}
    told = table["why"].tolist()
    assert told == ["too few people"] * 2 + [UNASKED[rung] for rung in RUNGS[1:] for _ in range(2)]
    assert all(told)
    assert table[["value", "low", "high", "q"]].isna().all(axis=None)


def test_a_claim_that_a_rung_does_not_name_was_not_asked():
    found = CLAIMS.iloc[1:].assign(state=HOLDS, value=-0.25, other_column=1)
    table = ladder_table(CLAIMS, {"ceiling": found})
    assert list(table.columns) == list(COLUMNS)
    held = table[table["state"] == HOLDS]
    assert held[["model", "rung", "place", "value"]].to_numpy().tolist() == [
        ["b", "ceiling", 4, -0.25]
    ]
    assert len(table) == 2 * len(RUNGS)
    assert held["why"].tolist() == [""]
    assert set(table.loc[table["rung"] == "ceiling", "why"]) == {"", UNASKED["ceiling"]}
