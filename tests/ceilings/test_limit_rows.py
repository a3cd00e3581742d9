import numpy as np
import pytest

from stages.ceilings.limit_rows import Limit, group_limit, limit_rows, person_limit
from stages.ceilings.measured_rows import held_out_rows, split_half_row
from stages.ceilings.region_people import RegionPeople
from stages.core.params.read import read_params
from stages.core.stats.subject_subsets import SubsetValues, subset_values
from stages.core.stats.two_way_jackknife import Agreement, agreement
from tests.conftest import PROJECT

SETTINGS = read_params(PROJECT / "params.yaml").ceilings_story.model_copy(
    update={"extrapolation": "agreement", "draws": 10, "subsets": 100}
)
NAMES = ["w", "x", "y", "z"]
NONE = SubsetValues(*(np.empty(0),) * 3)


@pytest.fixture
def series(rng):
    """Four people with one factor in common."""
    return 0.8 * rng.normal(size=300) + 0.6 * rng.normal(size=(4, 300))


def people_of(series):
    return RegionPeople("A", NAMES[: len(series)], agreement(series, np.arange(300) // 30))


def agreeing(series):
    """Mean correlation of two people, by a loop."""
    r, n = np.corrcoef(series), len(series)
    return np.mean([r[i, j] for i in range(n) for j in range(n) if i != j])


def test_the_limit_of_the_group_is_the_root_of_how_people_agree(series):
    found = group_limit(people_of(series), NONE, SETTINGS)
    common = agreeing(series)
    assert (found.ceiling, found.shape) == pytest.approx((common**0.5, common))
    row = found.row
    assert row["low"] < row["ceiling"] < row["high"]
    assert (row["failed"], row["curve"], found.curve) == (0, "agreement", "one_factor")
    assert list(found.replicates) == NAMES
    for at, name in enumerate(NAMES):
        left = agreeing(np.delete(series, at, axis=0))
        assert found.replicates[name] == pytest.approx((left**0.5, left))
    # The first number of others of whom one more adds less than .0005.
    end, heights = row["endpoint"], []
    for n in (end - 1, end, end + 1):
        heights.append(common**0.5 * (n * common / (1 + (n - 1) * common)) ** 0.5)
    assert heights[1] - heights[0] >= 0.0005 > heights[2] - heights[1]


def test_people_who_disagree_have_a_limit_below_0_and_no_curve(rng):
    one = rng.normal(size=300)
    apart = np.stack([one, -one, rng.normal(size=300)])
    found = group_limit(people_of(apart), NONE, SETTINGS)
    common = agreeing(apart)
    assert common < 0
    assert (found.ceiling, found.shape) == pytest.approx((-((-common) ** 0.5), common))
    assert np.isnan(found.row["endpoint"])
    assert all(ceiling > 0 for ceiling, _ in found.replicates.values())


def test_the_limit_of_a_person_is_by_the_formula(series):
    for at in range(4):
        found = person_limit(people_of(series), at, NONE, SETTINGS)
        others = np.delete(series, at, axis=0)
        own = np.mean([np.corrcoef(series[at], one)[0, 1] for one in others])
        common = agreeing(others)
        assert (found.ceiling, found.shape) == pytest.approx((own / common**0.5, common))
        assert found.row["low"] < found.ceiling < found.row["high"]
        assert found.replicates == {}


def test_a_curve_may_be_fitted_instead(series):
    people = people_of(series)
    values = subset_values(people.agreement.whole, 100, 0)
    fitted = SETTINGS.model_copy(update={"extrapolation": "exponential"})
    found = group_limit(people, values, fitted)
    assert (found.curve, found.row["curve"]) == ("exponential", "exponential")
    assert found.row["ceiling"] == found.ceiling
    assert 0 < len(found.replicates) <= 10
    own = person_limit(people, 2, values, fitted)
    assert own.row["ceiling"] != found.row["ceiling"]


def test_rows_name_people_and_how_many_others_there_are(series):
    people = people_of(series)
    limits = [Limit({"ceiling": float(at)}, "", 0.0, 0.0) for at in range(5)]
    rows = limit_rows(people, limits[4], limits[:4])
    assert [(row["subject"], row["ceiling"]) for row in rows] == [
        *zip(NAMES, [0, 1, 2, 3], strict=True), ("group", 4),
    ]  # fmt: skip
    assert {(row["region"], row["subjects"]) for row in rows} == {("A", 3)}


def test_people_are_held_against_the_mean_of_the_others(series):
    standard = (series - series.mean(axis=1, keepdims=True)) / series.std(axis=1, keepdims=True)
    each = [
        np.corrcoef(standard[at], np.delete(standard, at, axis=0).mean(axis=0))[0, 1]
        for at in range(4)
    ]
    rows = held_out_rows(people_of(series))
    assert [row["subject"] for row in rows] == [*NAMES, "group"]
    assert [row["ceiling"] for row in rows] == pytest.approx([*each, np.mean(each)])
    assert all(row["low"] < row["ceiling"] < row["high"] for row in rows)
    assert {row["subjects"] for row in rows} == {3}


def test_halves_tell_the_reliability_of_the_mean_of_all(series):
    standard = (series - series.mean(axis=1, keepdims=True)) / series.std(axis=1, keepdims=True)
    halves = [((0, at), tuple(set(range(4)) - {0, at})) for at in (1, 2, 3)]
    r = np.mean(
        [np.corrcoef(*(standard[list(one)].mean(axis=0) for one in two))[0, 1] for two in halves]
    )
    (row,) = split_half_row(people_of(series), SETTINGS)
    assert row["ceiling"] == pytest.approx((2 * r / (1 + r)) ** 0.5)
    assert row["low"] < row["ceiling"] < row["high"]
    assert (row["subjects"], row["subject"], row["failed"]) == (4, "group", 0)


def agreeing_as(correlations):
    """People of whom the same is told without each of two blocks."""
    return RegionPeople(
        "A", NAMES[: len(correlations)], Agreement(correlations, np.stack([correlations] * 2))
    )


def test_people_who_do_not_correlate_at_all_have_no_curve():
    found = group_limit(agreeing_as(np.eye(3)), NONE, SETTINGS)
    assert (found.ceiling, found.shape, found.replicates) == (0, 0, {})
    assert np.isnan(found.row["endpoint"])


def test_a_person_who_correlates_with_nobody_has_no_curve_among_people_who_agree():
    correlations = np.array([[1.0, 0, 0, 0], [0, 1, 0.5, 0.5], [0, 0.5, 1, 0.5], [0, 0.5, 0.5, 1]])
    found = person_limit(agreeing_as(correlations), 0, NONE, SETTINGS)
    assert (found.ceiling, found.shape) == (0, pytest.approx(0.5))
    assert np.isnan(found.row["endpoint"])


def test_a_hundred_curves_are_kept_by_number(series):
    people = people_of(series)
    values = subset_values(people.agreement.whole, 100, 0)
    fitted = SETTINGS.model_copy(update={"extrapolation": "one_factor", "draws": 103})
    assert list(group_limit(people, values, fitted).replicates) == [str(at) for at in range(100)]
