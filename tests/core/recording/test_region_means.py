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
