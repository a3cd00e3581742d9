"""Region means and their average over subjects, by hand."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from stages.core.recording.region_means import average, given_ceiling, region_means
from stages.core.recording.types import Subject


def subject(responses, regions, ceiling=np.nan):
    n = responses.shape[1]
    targets = pd.DataFrame({"id": [f"v{i}" for i in range(n)], "region": regions})
    return Subject("s1", responses.astype(np.float32), targets.assign(i=0.0, ceiling=ceiling))


def test_means_are_standardised_and_small_or_constant_regions_skipped(rng, caplog):
    responses = np.column_stack([rng.standard_normal((30, 3)), np.ones((30, 2))])
    found = region_means(subject(responses, ["A", "B", "A", "C", "C"]), "all", 2)
    mean = responses[:, [0, 2]].mean(axis=1)
    assert list(found) == ["A"]
    assert_allclose(found["A"], (mean - mean.mean()) / mean.std(), atol=1e-5)
    assert "region B of subject s1 skipped: expected at least 2 voxels, got 1" in caplog.text
    assert "region C of subject s1 skipped: it is constant" in caplog.text


def test_the_average_is_over_those_who_have_a_region():
    tables = {
        "s1": pd.DataFrame({"A": [1.0, 3], "B": [0.0, 1]}),
        "s2": pd.DataFrame({"A": [3.0, 5]}),
    }
    pd.testing.assert_frame_equal(average(tables), pd.DataFrame({"A": [2.0, 4]}))
    assert average({}).empty


def test_a_given_ceiling_is_that_of_one_target():
    targets = pd.DataFrame({"region": ["A", "B", "B", "C"], "ceiling": [0.5, 0.1, 0.2, np.nan]})
    assert given_ceiling(targets, "A") == pytest.approx(0.5)
    assert [given_ceiling(targets, name) for name in "BCD"] == [None] * 3


def test_means_are_taken_in_double_precision(rng):
    responses = (1e4 + rng.standard_normal((30, 7))).astype(np.float32)
    mean = responses.astype(float).mean(axis=1)
    found = region_means(subject(responses, ["A"] * 7), "all", 1)
    assert_allclose(found["A"], (mean - mean.mean()) / mean.std(), rtol=1e-10)


@pytest.mark.parametrize("unit", [1e-12, 1e12])
def test_what_varies_is_kept_in_any_unit_and_a_constant_is_not(rng, unit):
    responses = np.column_stack([rng.standard_normal(30), np.full(30, 1 / 3)]) * unit
    assert list(region_means(subject(responses, ["A", "B"]), "all", 1)) == ["A"]


def test_where_no_region_is_left_samples_are():
    found = region_means(subject(np.ones((30, 1)), ["A"]), "all", 1)
    assert found.shape == (30, 0)
    assert list(found.index) == list(range(30))


def test_the_average_of_three_is_sample_by_sample(rng):
    tables = {name: pd.DataFrame(rng.normal(size=(4, 2)), columns=["A", "B"]) for name in "xyz"}
    del tables["z"]["B"]
    found = average(tables)
    expected = sum(table["A"] for table in tables.values()) / 3
    assert_allclose(found["A"], expected)
    assert_allclose(found["B"], (tables["x"]["B"] + tables["y"]["B"]) / 2)
