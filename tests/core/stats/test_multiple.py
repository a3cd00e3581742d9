"""q of named families, against the step-up procedure by a loop."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from stages.core.stats.multiple import adjust, adjust_together, family_name


def step_up(p):
    """Benjamini & Hochberg (1995), by a loop from the largest p."""
    order, q, least = np.argsort(p), np.empty(len(p)), 1.0
    for rank in range(len(p), 0, -1):
        place = order[rank - 1]
        least = min(least, p[place] * len(p) / rank)
        q[place] = least
    return q


@pytest.fixture
def table(rng):
    p = rng.uniform(0, 0.2, 12)
    p[[3, 7]] = np.nan
    named = {"metric": ["r", "r2", "r"] * 4, "region": ["b"] * 6 + ["a"] * 6, "p": p}
    return pd.DataFrame(named | {"score": np.arange(12.0)}, index=np.arange(12)[::-1] + 40)


def test_families_are_adjusted_apart(table):
    before = table.copy()
    found = adjust(table, ["metric", "region"], "layers")
    pd.testing.assert_frame_equal(table, before)
    assert list(found.index) == list(table.index)
    for metric in ("r", "r2"):
        for region in ("a", "b"):
            own = (table["metric"] == metric) & (table["region"] == region) & table["p"].notna()
            assert_allclose(found.loc[own, "q"], step_up(table.loc[own, "p"].to_numpy()))
            name = f"layers; metric={metric}, region={region}"
            assert set(found.loc[own, "q_family"]) == {name}
    assert found.loc[table["p"].isna(), ["q", "q_family"]].isna().all(axis=None)


def test_rows_without_p_keep_what_they_had(table):
    found = adjust(table.assign(q=7.0, q_family="old"), ["metric"], "all")
    without = table["p"].isna()
    assert (found.loc[without, "q"] == 7).all()
    assert (found.loc[without, "q_family"] == "old").all()
    assert (found.loc[~without, "q"] <= 1).all()


PARTS = [slice(0, 2), slice(2, 2), slice(2, 7), slice(7, None)]


@pytest.mark.parametrize("kind", [str, "category"])
def test_tables_make_their_families_together(table, kind):
    whole = table.dropna().astype({"metric": kind})
    parts = [whole[own].reset_index(drop=True) for own in PARTS]
    found = list(adjust_together(parts, ["metric"], "layers"))
    expected = adjust(whole.astype({"metric": str}), ["metric"], "layers")
    for part, own, place in zip(parts, found, PARTS, strict=True):
        pd.testing.assert_frame_equal(own[list(part)], part)
        assert_allclose(own["q"], expected[place]["q"])
        assert list(own["q_family"]) == list(expected[place]["q_family"])


def test_a_family_says_what_it_ranges_over():
    assert family_name("voxels", ("a", "b"), (1, "x")) == "voxels; a=1, b=x"
