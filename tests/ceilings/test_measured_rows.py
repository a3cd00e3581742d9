"""Ceilings of the people who were measured, against loops over people and samples left out."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stages.ceilings.measured_rows import ceiling_row, held_out_rows, split_half_row
from stages.ceilings.region_people import RegionPeople
from stages.core.names.vocabulary import GROUP
from stages.core.params.read import read_params
from stages.core.results.story_ceilings import OTHERS, SPLIT_HALF
from stages.core.stats.two_way_jackknife import agreement
from tests.conftest import PROJECT

SETTINGS = read_params(PROJECT / "params.yaml").ceilings_story
BLOCKS = np.arange(120) // 12


@pytest.fixture
def series(rng):
    return 0.8 * rng.standard_normal(120) + rng.standard_normal((3, 120)) * [[0.4], [0.7], [1.0]]


def people_of(series):
    return RegionPeople("A", ["x", "y", "z"][: len(series)], agreement(series, BLOCKS))


def standardised(series):
    return (series - series.mean(axis=1, keepdims=True)) / series.std(axis=1, keepdims=True)


def with_others(series, place):
    z = standardised(series)
    return np.corrcoef(z[place], np.delete(z, place, axis=0).mean(axis=0))[0, 1]


def test_each_person_is_held_against_the_mean_of_the_others(series):
    rows = held_out_rows(people_of(series))
    assert [row["subject"] for row in rows] == ["x", "y", "z", GROUP]
    expected = [with_others(series, place) for place in range(3)]
    assert_allclose([row["ceiling"] for row in rows], [*expected, np.mean(expected)])
    for row in rows:
        assert (row["region"], row["kind"], row["subjects"]) == ("A", OTHERS, 2.0)
        assert row["low"] < row["ceiling"] < row["high"]


@pytest.mark.parametrize("place", [0, 3], ids=["a person", "the mean over people"])
def test_intervals_are_over_samples(series, place):
    """About the jackknife of the naive score, with Student's quantile of nine."""

    def score(some):
        each = [with_others(some, person) for person in range(3)]
        return [*each, np.mean(each)][place]

    row = held_out_rows(people_of(series))[place]
    each = np.array([score(series[:, block != BLOCKS]) for block in range(10)])
    spread = np.sqrt(9 / 10 * ((each - each.mean()) ** 2).sum())
    assert_allclose(row["high"] - row["low"], 2 * 2.262157 * spread, rtol=0.05)
    assert_allclose((row["high"] + row["low"]) / 2, score(series), atol=0.05)


def test_halves_of_two_people_are_these(series):
    (row,) = split_half_row(people_of(series[:2]), SETTINGS)
    r = np.corrcoef(series[:2])[0, 1]
    assert_allclose(row["ceiling"], np.sqrt(2 * r / (1 + r)))
    assert (row["subject"], row["kind"], row["subjects"]) == (GROUP, SPLIT_HALF, 2.0)
    assert row["low"] < row["ceiling"] < row["high"]
    assert row["failed"] == 0


def test_people_who_disagree_have_a_ceiling_below_0(series):
    (row,) = split_half_row(people_of(np.stack([series[0], series[1] - 3 * series[0]])), SETTINGS)
    assert row["ceiling"] < 0


def test_names_of_a_ceiling():
    found = ceiling_row("A", "x", "kind", 4)
    assert found == {"region": "A", "subject": "x", "kind": "kind", "subjects": 4.0}
    assert type(found["subjects"]) is float
