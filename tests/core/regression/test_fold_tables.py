"""Sums of every draw of one fold, against a ridge of scikit-learn for each."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stages.core.regression.factorised import Factorised
from stages.core.regression.fold_tables import FoldTables
from stages.core.regression.hats import Hats
from stages.core.regression.left_over import LeftOver
from tests.core.regression.drawn_responses import FOLD, ROWS, SPLIT, N, drawn, predictions, sums


def designs_of(rng):
    """Wider than the fold, two narrow ones, and one that is the same in all rows of a block."""
    flat = np.zeros(N)
    flat[ROWS[FOLD]], flat[ROWS[2]] = 2, 1
    return [
        rng.standard_normal((N, 40)) + 3,
        rng.standard_normal((N, 2)),
        rng.standard_normal((N, 3)) * 5,
        flat[:, None],
    ]


@pytest.mark.parametrize("chosen", [(0,), (1,), (3,), (1, 2), (3, 1), (0, 3, 1, 2), (2, 0)])
@pytest.mark.parametrize("known", [False, True], ids=["plain", "beyond nuisance"])
def test_every_sum_is_that_of_its_own_ridge(rng, chosen, known):
    study = drawn(rng)
    designs = [designs_of(rng)[place] for place in chosen]
    strengths = [3.0, 40.0, 1.0, 9.0][: len(chosen)]
    nuisance = study.nuisance if known else None
    factors = [Factorised(design, nuisance, [SPLIT])(SPLIT) for design in designs]
    hats = [Hats(one, study.blocks, FOLD) for one in factors]
    left = LeftOver(factors[0].known, study.blocks, FOLD)(study.moved) if known else None
    expected = [
        predictions(study, *pair, known=known) for pair in zip(designs, strengths, strict=True)
    ]
    y = expected[0][0].sum(axis=1)
    found = FoldTables(hats, study.blocks, FOLD, SPLIT).sums(study.moved, strengths, y, left)
    assert_allclose(found, [sums(*own) for own in expected], rtol=1e-4, atol=1e-4)
