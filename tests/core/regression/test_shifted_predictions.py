"""Sums of several designs in all folds, each the way that is cheaper, against scikit-learn."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stages.core.regression import factorised
from stages.core.regression.factorised import Factorised
from stages.core.regression.factors import RowFactors, SummedFactors
from stages.core.regression.folds import Split
from stages.core.regression.left_over import LeftOver
from stages.core.regression.shifted_predictions import ShiftedPredictions
from tests.core.regression.drawn_responses import ROWS, SPLIT, N, drawn, predictions, sums

SPLITS = [Split(train=np.r_[14:27, 29:38], test=ROWS[0]), SPLIT]
WIDTHS = {"rows": [30, 26], "sums": [2, 3], "both": [2, 30, 3, 26], "first by rows": [30, 2]}


@pytest.mark.parametrize("widths", WIDTHS.values(), ids=WIDTHS)
@pytest.mark.parametrize("known", [False, True], ids=["plain", "beyond nuisance"])
def test_every_sum_is_that_of_its_own_ridge(rng, monkeypatch, widths, known):
    monkeypatch.setattr(factorised, "PRODUCTS", 0)
    monkeypatch.setattr(factorised, "TALL", 1)
    study = drawn(rng)
    designs = [rng.standard_normal((N, width)) + 1 for width in widths]
    nuisance = study.nuisance if known else None
    factors = []
    for design in designs:
        made = Factorised(design, nuisance, SPLITS)
        factors.append([made(split) for split in SPLITS])
    kinds = [SummedFactors if width < 4 else RowFactors for width in widths]
    assert [type(own[0]) for own in factors] == kinds
    lambdas = [rng.uniform(1, 20, (2, 3)) for _ in designs]
    lefts = [
        LeftOver(own.known, study.blocks, fold)(study.moved) if known else None
        for fold, own in enumerate(factors[0])
    ]
    expected = np.empty((len(widths), 3, 2, 9))
    y = np.empty((2, 9))
    for fold, split in enumerate(SPLITS):
        for place, design in enumerate(designs):
            strength = lambdas[place][fold, 1]
            left, predicted = predictions(study, design, strength, known=known, split=split)
            expected[place, :, fold] = sums(left, predicted)
            y[fold] = left.sum(axis=1)
    found = ShiftedPredictions(factors, lambdas, study.blocks)(1, study.moved, y, lefts)
    assert_allclose(found, expected, rtol=3e-4, atol=3e-4)


def test_a_design_of_which_one_fold_is_by_rows_is_by_rows_whole(rng, monkeypatch):
    study, design = drawn(rng), rng.standard_normal((N, 2))
    by_rows = [Factorised(design, None, SPLITS)(split) for split in SPLITS]
    monkeypatch.setattr(factorised, "PRODUCTS", 0)
    monkeypatch.setattr(factorised, "TALL", 1)
    by_sums = [Factorised(design, None, SPLITS)(split) for split in SPLITS]
    lambdas, y = [np.full((2, 1), 5.0)], np.zeros((2, 9))
    found = [
        ShiftedPredictions([own], lambdas, study.blocks)(0, study.moved, y, [None, None])
        for own in (by_rows, [by_sums[0], by_rows[1]])
    ]
    assert_allclose(found[1], found[0], rtol=1e-4, atol=1e-4)
