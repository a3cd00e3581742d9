"""Sums of every draw from products of few units, against a ridge of scikit-learn for each."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stages.core.regression import factorised
from stages.core.regression.factorised import Factorised
from stages.core.regression.factors import SummedFactors
from stages.core.regression.folds import Split
from stages.core.regression.left_over import LeftOver
from stages.core.regression.shifted_products import ShiftedProducts
from tests.core.regression.drawn_responses import FOLD, ROWS, SPLIT, N, drawn, predictions, sums

OTHER = Split(train=np.r_[14:27, 29:38], test=ROWS[0])


@pytest.fixture(autouse=True)
def by_sums(monkeypatch):
    monkeypatch.setattr(factorised, "PRODUCTS", 0)
    monkeypatch.setattr(factorised, "TALL", 1)


@pytest.mark.parametrize("known", [False, True], ids=["plain", "beyond nuisance"])
def test_every_sum_is_that_of_its_own_ridge(rng, known):
    """Of units and variables of unlike scales and far from 0, one of which is a constant."""
    study = drawn(rng)
    study.nuisance[:] = study.nuisance * [3, 0.1] + [20, -1]
    design = rng.standard_normal((N, 4)) * [1, 20, 0.3, 5] + [0, 100, 2, -9]
    design += study.nuisance @ rng.standard_normal((2, 4))
    design = np.column_stack([design, np.full(N, 7.0)])
    made = Factorised(design, study.nuisance if known else None, [OTHER, SPLIT])
    factors = [made(split) for split in (OTHER, SPLIT)]
    assert all(isinstance(one, SummedFactors) for one in factors)
    products = ShiftedProducts(factors, study.blocks)
    tables = products.tables(study.moved)
    for fold, split in enumerate((OTHER, SPLIT)):
        left = LeftOver(factors[fold].known, study.blocks, fold)(study.moved) if known else None
        own = predictions(study, design, 5.0, known=known, split=split)
        found = products.sums(fold, tables, study.moved, 5.0, left)
        assert_allclose(found, sums(*own), rtol=2e-4, atol=2e-4)
    assert FOLD == 1


def test_single_precision_is_enough_far_from_zero(rng):
    """The design is centred before products are made: at 10,000 deviations nothing is lost."""
    study = drawn(rng)
    design = rng.standard_normal((N, 3)) * 0.01 + 100
    factors = [Factorised(design, None, [OTHER])(OTHER)]
    products = ShiftedProducts(factors, study.blocks)
    found = products.sums(0, products.tables(study.moved), study.moved, 1.0, None)
    expected = sums(*predictions(study, design, 1.0, known=False, split=OTHER))
    assert_allclose(found, expected, rtol=2e-4, atol=2e-4)
