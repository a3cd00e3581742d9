"""Scores without pieces: against a naive loop with scikit-learn, and folds that lie in a piece."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from stages.core.regression import factorised
from stages.core.regression.factors import RowFactors, SummedFactors
from stages.core.regression.folds import Fold, Split
from stages.core.regression.piece_scores import held_out_folds, scores_without
from stages.core.regression.ridge import cross_validate
from stages.core.stats.scores import pearson

N, UNITS, TARGETS, LAMBDA = 60, 5, 4, 10.0


@pytest.fixture
def data(rng):
    design = rng.standard_normal((N, UNITS))
    targets = design @ rng.standard_normal((UNITS, TARGETS)) + 2 * rng.standard_normal((N, TARGETS))
    return design, targets + 50


def parts(n):
    """Test parts of the rows in succession; inner folds are halves of what is left."""
    folds = []
    for test in np.array_split(np.arange(N), n):
        train = np.setdiff1d(np.arange(N), test)
        halves = train[::2], train[1::2]
        folds.append(Fold(Split(train, test), (Split(*halves), Split(*halves[::-1]))))
    return tuple(folds)


def apart():
    """One fold, whose rows are a third of all."""
    return (Fold(Split(np.arange(20, N), np.arange(20)), parts(2)[0].inner),)


def naive(design, targets, folds, kept):
    """Fit every fold anew, and correlate all predictions of the rows that are kept."""
    guess = np.full(targets.shape, np.nan)
    for fold in folds:
        scaler = StandardScaler().fit(design[fold.outer.train])
        train, test = (scaler.transform(design[rows]) for rows in vars(fold.outer).values())
        model = Ridge(alpha=LAMBDA).fit(train, targets[fold.outer.train])
        guess[fold.outer.test] = model.predict(test)
    tested = ~np.isnan(guess[:, 0]) & kept
    return [np.corrcoef(guess[tested, k], targets[tested, k])[0, 1] for k in range(TARGETS)]


def fitted(data, folds):
    return cross_validate(*data, folds, np.array([LAMBDA]))


# Of as many pieces as two, some folds lie in one whole.
@pytest.mark.parametrize(("folds", "n"), [(parts(3), 6), (parts(6), 2), (apart(), 4)])
@pytest.mark.parametrize("mixed", [True, False])
def test_each_score_is_that_of_a_naive_loop(data, rng, folds, n, mixed):
    pieces = np.arange(N) * n // N
    if len(folds) == 1:
        pieces = np.arange(N) % n
    pieces = rng.permutation(pieces) if mixed else pieces
    found = scores_without(fitted(data, folds), data[1], pieces, n)
    expected = [naive(*data, folds, pieces != piece) for piece in range(n)]
    assert_allclose(found, expected, atol=1e-9)


def test_rows_that_are_not_tested_are_in_no_piece(data):
    pieces = np.where(np.arange(N) < 20, np.arange(N) % 4, -1)
    whole = np.where(np.arange(N) < 20, np.arange(N) % 4, 3)
    fit = fitted(data, apart())
    assert_allclose(scores_without(fit, data[1], pieces, 4), scores_without(fit, data[1], whole, 4))


def test_single_rows_of_a_fold_do_not_count_as_predictions_that_do_not_vary(data):
    """Of 60 rows in 10 folds and 60 pieces, each cell has one row or none."""
    found = scores_without(fitted(data, parts(10)), data[1], np.arange(N), N)
    expected = [naive(*data, parts(10), np.arange(N) != piece) for piece in range(N)]
    assert_allclose(found, expected, atol=1e-9)


def test_a_piece_without_a_row_leaves_the_score(data):
    fit = fitted(data, parts(3))
    found = scores_without(fit, data[1], np.zeros(N, dtype=int) + np.arange(N) % 2, 3)
    assert_allclose(found[2], pearson(fit.observed), atol=1e-9)


def test_factors_made_of_sums_predict_alike(data, monkeypatch):
    rows = fitted(data, parts(3))
    monkeypatch.setattr(factorised, "PRODUCTS", 1)
    monkeypatch.setattr(factorised, "TALL", 2)
    sums = fitted(data, parts(3))
    kinds = {type(fit.factors[0]) for fit in (rows, sums)}
    assert kinds == {RowFactors, SummedFactors}
    both = (list(held_out_folds(fit, data[1])) for fit in (rows, sums))
    for one, other in zip(*both, strict=True):
        assert_allclose(one, other, atol=1e-9)
