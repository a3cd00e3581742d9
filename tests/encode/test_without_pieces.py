"""Scores without pieces: those of the rows that are left, and what their spread tells."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.metrics import r2_score

from stages.core.params.schema import Folds, Lambdas
from stages.core.regression.folds import partition
from stages.core.regression.ridge import cross_validate, lambda_grid
from stages.core.stats.jackknife import over_stimuli, pseudo_values
from stages.core.stats.scores import pearson
from stages.encode.without_pieces import parts_without, pieces_of, scores_without, without_table
from tests.encode.beyond_nuisance import alone_and_both

RUNS = np.repeat(["1", "2", "3"], [50, 61, 49])
CUT = partition(RUNS, Folds(scheme="runs", blocks=2, gap=3))
LAMBDAS = lambda_grid(Lambdas(low=1.0, high=1e4, count=5))
PIECES = 4  # of each fold


def fits(rng, signal=1.0, n_targets=3):
    designs = rng.standard_normal((2, len(RUNS), 6))
    targets = signal * designs[0] @ rng.standard_normal((6, n_targets))
    targets = targets + rng.standard_normal(targets.shape)
    found = [cross_validate(one, targets, CUT.folds, LAMBDAS, pieces=PIECES) for one in designs]
    return found, designs, targets


def predictions(design, target, strengths):
    """Held-out predictions of one target, by the formula of ridge."""
    found = np.empty(len(target))
    for fold, strength in zip(CUT.folds, strengths, strict=True):
        train, test = fold.outer.train, fold.outer.test
        mean, sd = design[train].mean(axis=0), design[train].std(axis=0)
        X, Z = (design[train] - mean) / sd, (design[test] - mean) / sd
        weights = np.linalg.solve(X.T @ X + strength * np.eye(6), X.T @ target[train])
        found[test] = Z @ weights + target[train].mean()
    return found


def test_each_score_is_that_of_the_rows_that_are_left(rng):
    found, designs, targets = fits(rng)
    chosen = np.array([[0, 1, 0], [0, 0, 1], [1, 0, 0]])
    scores = scores_without(pieces_of([fit.pieces for fit in found], chosen))
    pieces = [piece for fold in CUT.folds for piece in np.array_split(fold.outer.test, PIECES)]
    assert scores.shape == (len(pieces), 3)
    for column in range(3):
        target = targets[:, column] - targets[:, column].mean()
        both = [
            predictions(d, target, f.lambdas[:, column])
            for d, f in zip(designs, found, strict=True)
        ]
        predicted = np.empty(len(target))
        for fold, which in zip(CUT.folds, chosen[:, column], strict=True):
            predicted[fold.outer.test] = both[which][fold.outer.test]
        for piece, score in zip(pieces, scores[:, column], strict=True):
            left = np.setdiff1d(np.arange(len(RUNS)), piece)
            assert_allclose(score, np.corrcoef(target[left], predicted[left])[0, 1], atol=1e-10)


def test_each_part_is_that_of_the_rows_that_are_left(rng):
    """R² of nuisance, of the layer, and of both, by scikit-learn, over the rows that are left."""
    nuisance, design = rng.standard_normal((160, 2)), rng.standard_normal((160, 6))
    design[:, 0] += nuisance[:, 0]
    targets = design @ rng.standard_normal((6, 3)) + nuisance.sum(axis=1)[:, None]
    targets += 2 * rng.standard_normal(targets.shape)
    plain, beyond = (
        cross_validate(design, targets, CUT.folds, LAMBDAS, known, pieces=PIECES)
        for known in (None, nuisance)
    )
    found = parts_without(beyond.pieces, plain.pieces)
    pieces = [piece for fold in CUT.folds for piece in np.array_split(fold.outer.test, PIECES)]
    for column, target in enumerate(targets.T):
        strengths = beyond.lambdas[:, column]
        alone, added = alone_and_both(nuisance, design, target, CUT.folds, strengths)
        layer = predictions(design, target, plain.lambdas[:, column])
        for place, piece in enumerate(pieces):
            left = np.setdiff1d(np.arange(160), piece)
            of_nuisance, of_both, of_layer = (
                r2_score(target[left], one[left]) for one in (alone, added, layer)
            )
            unique = of_both - of_nuisance
            assert_allclose(found["r2_unique"][place, column], unique, atol=1e-10)
            assert_allclose(found["r2_shared"][place, column], of_layer - unique, atol=1e-10)


def test_pieces_add_up_to_their_folds(rng):
    fit = fits(rng)[0][0]
    for name in ("n", "y", "yy", "d", "dd", "yd"):
        parts = getattr(fit.pieces, name).reshape(len(CUT.folds), PIECES, -1)
        assert_allclose(parts.sum(axis=1), getattr(fit.observed, name))


def test_no_more_pieces_than_the_shortest_fold_has_rows(rng):
    design, targets = rng.standard_normal((len(RUNS), 3)), rng.standard_normal((len(RUNS), 2))
    fit = cross_validate(design, targets, CUT.folds, LAMBDAS, pieces=1000)
    assert len(fit.pieces.n) == 3 * 49
    assert fit.pieces.n.min() == 1


def test_the_spread_over_pieces_is_that_over_stories(rng):
    """The standard error of r of a story against how r varies over stories, weights given."""
    observed, told = [], []
    for _ in range(150):
        y = rng.standard_normal(160)
        predicted = 0.5 * y + rng.standard_normal(160)
        pieces = np.array_split(np.arange(160), 12)
        score = np.corrcoef(y, predicted)[0, 1]
        without = [np.corrcoef(*(np.delete(v, p) for v in (y, predicted)))[0, 1] for p in pieces]
        observed.append(score)
        told.append(over_stimuli(pseudo_values(score, without)[None]).sd)
    assert np.mean(told) == pytest.approx(np.std(observed), rel=0.15)


def test_models_of_noise_seldom_differ():
    """What is fitted to noise varies with the training rows too, which pieces alone do not see."""
    rng = np.random.default_rng(8)
    fitted = sum(len(fold.outer.test) / len(fold.outer.train) for fold in CUT.folds)
    p, naive = [], []
    for _ in range(2):
        targets = rng.standard_normal((len(RUNS), 150))
        every = []
        for _ in range(2):
            design = rng.standard_normal((len(RUNS), 40))
            fit = cross_validate(design, targets, CUT.folds, LAMBDAS, pieces=PIECES)
            without = scores_without(fit.pieces)
            every.append((pearson(fit.observed), without.T))
        score, without = (one - other for one, other in zip(*every, strict=True))
        p.append(over_stimuli(pseudo_values(score, without, fitted)[:, None]).p)
        naive.append(over_stimuli(pseudo_values(score, without)[:, None]).p)
    assert np.mean(np.concatenate(p) < 0.05) < 0.075
    assert np.mean(np.concatenate(naive) < 0.05) > 0.09


def test_rows_of_the_table_name_their_targets_and_pieces():
    names = pd.DataFrame({"subject": ["a", "b"], "region": "R"})
    table = without_table(names, np.arange(6.0).reshape(3, 2), layer=["x", "y"], metric="r")
    assert list(table["piece"]) == [0, 0, 1, 1, 2, 2]
    assert list(table["score"]) == [0, 1, 2, 3, 4, 5]
    assert list(table["layer"]) == ["x", "y"] * 3


def test_pearson_of_all_pieces_is_that_of_all_folds(rng):
    fit = fits(rng)[0][0]
    assert_allclose(pearson(fit.pieces), pearson(fit.observed))
