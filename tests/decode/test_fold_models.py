"""Models of a fold, from components of rows, against ridges of scikit-learn on the rows."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import Ridge, RidgeCV
from sklearn.metrics import r2_score

from stages.core.regression.folds import Fold, Split
from stages.decode import fold_models
from stages.decode.ensemble import Basis
from stages.decode.fold_models import FoldModels, Stack
from stages.decode.target_columns import PlainColumns

N = 46
INNER = (Split(np.arange(12, 34), np.arange(12)), Split(np.r_[0:20, 30:34], np.arange(22, 29)))
FOLD = Fold(Split(np.arange(34), np.arange(36, 46)), INNER)
LAMBDAS = np.array([200.0, 20.0, 2.0])
CHOICES = ["held_out", "left_out"]


def basis_of(rows, split):
    """Components of the training rows, by NumPy's singular values."""
    mean = rows[split.train].mean(axis=0)
    _, sizes, axes = np.linalg.svd(rows[split.train] - mean, full_matrices=False)
    keep = sizes > 1e-9
    parts = (split.train, split.test, FOLD.outer.test)
    axes = axes[keep].T
    return Basis(axes, sizes[keep] ** 2, *((rows[part] - mean) @ axes for part in parts))


@pytest.fixture
def study(rng):
    """Rows of two regions of unlike width, and targets that follow them more and less."""
    regions = [rng.standard_normal((N, width)) * 2 + 7 for width in (4, 30)]
    y = regions[0] @ rng.standard_normal((4, 5)) * [0, 0.3, 1, 2, 9] / 4 + 3
    y[:, :2] += regions[1][:, :2]
    return regions, y + rng.standard_normal((N, 5))


def models(regions):
    return FoldModels(
        FOLD, [[basis_of(rows, one) for one in INNER] for rows in regions], np.float64
    )


def naive(rows, y, split, choice):
    """Best regularisation of each column, R² there, and predictions of the test rows."""
    train, own = rows[split.train], y[split.train]
    if choice == "held_out":
        fits = [Ridge(strength).fit(train, own) for strength in LAMBDAS]
        errors = np.array(
            [((y[split.test] - fit.predict(rows[split.test])) ** 2).sum(0) for fit in fits]
        )
        total = ((y[split.test] - own.mean(axis=0)) ** 2).sum(axis=0)
    else:
        fit = RidgeCV(LAMBDAS, store_cv_results=True, alpha_per_target=True).fit(train, own)
        errors = fit.cv_results_.sum(axis=0).T
        total = ((own - own.mean(axis=0)) ** 2).sum(axis=0)
    best = errors.argmin(axis=0)
    fits = [Ridge(LAMBDAS[k]).fit(train, own[:, place]) for place, k in enumerate(best)]
    guess = np.stack([fit.predict(rows[FOLD.outer.test]) for fit in fits], axis=1)
    return best, 1 - errors.min(axis=0) / total, guess


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("at_once", [2, 5, 512])
def test_choices_and_r2_are_those_of_scikit_learn(study, monkeypatch, choice, at_once):
    monkeypatch.setattr(fold_models, "AT_ONCE", at_once)
    regions, y = study
    for split in INNER:
        stack = Stack([basis_of(rows, split) for rows in regions], split, np.float64)
        _, chosen = stack.fit(PlainColumns(y), LAMBDAS, choice)
        r2 = stack.inner_r2(PlainColumns(y), LAMBDAS, choice)
        for place, rows in enumerate(regions):
            expected = naive(rows, y, split, choice)
            assert_array_equal(chosen[place], expected[0])
            assert_allclose(r2[place], expected[1], rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("choice", CHOICES)
def test_ensembles_are_means_over_splits(study, choice):
    regions, y = study
    made, targets = models(regions), PlainColumns(y)
    weights, chosen = made.fit(targets, LAMBDAS, choice)
    assert chosen.shape == (2, 2, 5)
    assert len(np.unique(chosen)) > 1
    outer = FOLD.outer
    base, held = y[outer.train].mean(axis=0), y[outer.test]
    for place, (rows, found) in enumerate(
        zip(regions, made.moments(targets, weights), strict=True)
    ):
        parts = [naive(rows, y, split, choice) for split in INNER]
        assert_array_equal(chosen[:, place], [best for best, _, _ in parts])
        d = np.mean([guess for _, _, guess in parts], axis=0) - base
        expected = {
            "n": np.full(5, 10.0),
            "y": held.sum(axis=0),
            "yy": (held**2).sum(axis=0),
            "d": d.sum(axis=0),
            "dd": (d**2).sum(axis=0),
            "yd": (held * d).sum(axis=0),
            "base": base,
        }
        for name, values in expected.items():
            assert_allclose(getattr(found, name), values, rtol=1e-7, atol=1e-8, err_msg=name)
        r2 = made.inner_r2(targets, LAMBDAS, choice)[place]
        assert_allclose(r2, np.mean([one for _, one, _ in parts], axis=0), rtol=1e-7, atol=1e-9)
    means = [y[split.train].mean(axis=0) for split in INNER]
    assert_allclose(made.intercept(targets), np.mean(means, axis=0))


@pytest.mark.parametrize("choice", CHOICES)
def test_a_column_that_is_constant_explains_nothing(study, choice):
    regions, y = study
    y = np.column_stack([np.full(N, 4.0), y[:, 1:], 1e-3 * y[:, 1:2]])
    stack = Stack([basis_of(rows, INNER[0]) for rows in regions], INNER[0], np.float64)
    found = stack.inner_r2(PlainColumns(y), LAMBDAS, choice)
    assert_array_equal(found[:, 0], [0, 0])
    assert_allclose(found[:, -1], found[:, 1], rtol=1e-7)
    assert (found[:, 1:] != 0).all()


def test_r2_on_held_out_rows_is_beside_the_mean_of_the_training_rows(study):
    """As scikit-learn's, but that the mean is that of other rows."""
    regions, y = study
    split = INNER[0]
    stack = Stack([basis_of(regions[0], split)], split, np.float64)
    found = stack.inner_r2(PlainColumns(y), LAMBDAS[-1:], "held_out")
    guess = (
        Ridge(LAMBDAS[-1])
        .fit(regions[0][split.train], y[split.train])
        .predict(regions[0][split.test])
    )
    plain = r2_score(y[split.test], guess, multioutput="raw_values")
    away = (y[split.test].mean(axis=0) - y[split.train].mean(axis=0)) ** 2
    spread = y[split.test].var(axis=0)
    assert_allclose(1 - found[0], (1 - plain) * spread / (spread + away))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_precision_is_that_asked_for(study, dtype):
    regions, y = study
    made = FoldModels(FOLD, [[basis_of(rows, one) for one in INNER] for rows in regions], dtype)
    targets = PlainColumns(y.astype(dtype))
    weights, _ = made.fit(targets, LAMBDAS, "held_out")
    assert {one.dtype for one in (*weights, *made.tests, *made.grams)} == {np.dtype(dtype)}
    stack = made.stacks[0]
    assert {one.dtype for one in (stack.power, stack.train, stack.held_out, *stack.grams)} == {
        np.dtype(dtype)
    }
    exact, _ = models(regions).fit(PlainColumns(y), LAMBDAS, "held_out")
    for one, other in zip(weights, exact, strict=True):
        assert_allclose(one, other, rtol=1e-3, atol=1e-4)
