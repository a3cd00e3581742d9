"""Intervals of scores: those of a t-test over pieces, wider over people."""

import numpy as np
import pytest
from scipy import stats

from stages.core.results.pairs import INTERVALS
from stages.survey.piece_shares import piece_shares
from stages.survey.score_intervals import interval_table
from tests.survey.test_model_pairs import LEVEL, tables


def test_one_person_has_the_interval_of_a_t_test(rng):
    shares = piece_shares(*tables(rng, {"big": 0.3}, subjects=("s1",)))
    table = interval_table(shares).set_index("region")
    cells = shares["big", ""].loc[("r", "A", "s1")]
    oracle = stats.ttest_1samp(cells, 0).confidence_interval()
    assert table.loc["A", ["low", "high"]].to_list() == pytest.approx(list(oracle))
    assert table["people_low"].isna().all()


def test_pieces_that_score_exactly_nothing_count(rng):
    """As where a prediction varies in no fold."""
    shares = piece_shares(*tables(rng, {"big": 0.3}, subjects=("s1",)))
    shares["big", ""].iloc[:, 0] = 0.0
    table = interval_table(shares).set_index("region")
    oracle = stats.ttest_1samp(shares["big", ""].loc[("r", "A", "s1")], 0).confidence_interval()
    assert table.loc["A", ["low", "high"]].to_list() == pytest.approx(list(oracle))


def test_people_and_their_average_have_their_own(rng):
    chosen = tables(rng, LEVEL, subjects=("s1", "s2", "s3", "group"))
    table = interval_table(piece_shares(*chosen))
    assert list(table.columns) == list(INTERVALS)
    assert set(table["subject"]) == {"mean", "group"}
    assert len(table) == 3 * 2 * 2
    several = table[table["subject"] == "mean"]
    assert (several["people_high"] - several["people_low"] > 0).all()


def test_intervals_hold_what_was_planted():
    rng = np.random.default_rng(3)
    made = [interval_table(piece_shares(*tables(rng, {"big": 0.3}))) for _ in range(100)]
    held = np.concatenate([(one["low"] < 0.3) & (one["high"] > 0.3) for one in made])
    assert 0.9 <= held.mean() <= 0.99
