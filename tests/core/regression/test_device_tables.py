"""Sums of every draw on a device, here PyTorch's CPU, against a ridge of scikit-learn for each."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stages.core.regression.device_moved import move
from stages.core.regression.device_tables import DeviceTables
from stages.core.regression.factorised import Factorised
from stages.core.regression.hats import Hats
from stages.core.regression.left_over import LeftOver
from stages.core.stats.backend import make_backend
from tests.core.regression.drawn_responses import (
    FOLD,
    ROWS,
    SPLIT,
    Drawn,
    N,
    drawn,
    predictions,
    sums,
)

DEVICE = make_backend("cpu", "float32", 2**20)
STRENGTHS = np.array([[3.0, 40, 3], [7, 7, 2], [5, 1, 9]])


@pytest.mark.parametrize("known", [False, True], ids=["plain", "beyond nuisance"])
@pytest.mark.parametrize("count", [1, 3])
def test_every_sum_is_that_of_its_own_ridge(rng, known, count):
    """A design wider than the fold, a narrow one, and one that is the same in a whole block."""
    study, flat = drawn(rng), np.zeros((N, 1))
    flat[ROWS[FOLD]], flat[ROWS[2]] = 2, 1
    designs = [rng.standard_normal((N, 40)) + 3, rng.standard_normal((N, 2)), flat][:count]
    targets = rng.standard_normal((N, 3)) + np.array([0, 2, -1])
    nuisance = study.nuisance if known else None
    factors = [Factorised(design, nuisance, [SPLIT])(SPLIT) for design in designs]
    hats = [Hats(one, study.blocks, FOLD) for one in factors]
    left_over = LeftOver(factors[0].known, study.blocks, FOLD) if known else None
    tables = DeviceTables(hats, study.blocks, FOLD, left_over)
    responses, found = tables.sums(move(targets, study.blocks, DEVICE), STRENGTHS[:count])
    assert responses.shape == (4, 3, 9)
    for target in range(3):
        own = Drawn(study.blocks, targets[:, target], study.nuisance)
        for place, design in enumerate(designs):
            strength = STRENGTHS[place, target]
            left, predicted = predictions(own, design, strength, known=known)
            assert_allclose(found[place, :, target], sums(left, predicted), rtol=1e-4, atol=1e-4)
        n, y, yy, base = responses[:, target]
        series = np.stack([own.series(draw)[SPLIT.train] for draw in range(9)])
        assert (n == len(SPLIT.test)).all()
        assert_allclose(y, left.sum(axis=1), atol=1e-5)
        assert_allclose(yy, (left**2).sum(axis=1), rtol=1e-5)
        assert_allclose(base, 0 if known else series.mean(axis=1), atol=1e-6)
