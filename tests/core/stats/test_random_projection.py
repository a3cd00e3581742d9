"""Random projections keep distances on average, and nothing else of the features."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stages.core.run.errors import InputError
from stages.core.stats.random_projection import project


def test_squared_distances_are_kept_on_average(rng):
    features = rng.standard_normal((6, 30))
    found = [project(features, 4, rng) for _ in range(1500)]
    kept = np.mean([((one[:3] - one[3:]) ** 2).sum(axis=1) for one in found], axis=0)
    assert_allclose(kept, ((features[:3] - features[3:]) ** 2).sum(axis=1), rtol=0.1)


@pytest.mark.parametrize("width", [1, 5])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_width_and_precision(rng, width, kind):
    features = rng.standard_normal((3, 5)).astype(kind)
    found = project(features, width, np.random.default_rng(0))
    assert found.shape == (3, width)
    assert found.dtype == kind
    rows = [project(row[None], width, np.random.default_rng(0))[0] for row in features]
    assert_allclose(found, rows, rtol=1e-5)


@pytest.mark.parametrize("width", [0, 6])
def test_a_width_that_there_is_not(rng, width):
    with pytest.raises(InputError, match=f"width to project to.*expected 1 to 5.*got {width}"):
        project(np.ones((3, 5)), width, rng)
