"""Matrices that predict a fold: against the closed form, and where they are on axes or on rows."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from stages.core.regression.block_orders import Block
from stages.core.regression.factorised import Factorised
from stages.core.regression.factors import RowFactors
from stages.core.regression.folds import Split
from stages.core.regression.hats import Hats
from tests.core.regression.drawn_responses import FOLD, SPLIT, N, drawn


def made(test, n_train=6, known=None):
    """Factors with these test rows, and blocks of one order each, the last of them tested."""
    n_test = len(test)
    split = Split(np.arange(n_train), np.arange(n_train, n_train + n_test))
    train = np.linspace(-1, 2, n_train * test.shape[1]).reshape(n_train, test.shape[1])
    factors = RowFactors(split, known, np.arange(1.0, test.shape[1] + 1), train, test)
    blocks = [Block(rows, rows[None], np.zeros(3, dtype=int)) for rows in (split.train, split.test)]
    return factors, blocks


@pytest.mark.parametrize(("width", "n_axes"), [(3, 3), (60, 0)])
def test_matrices_are_those_of_the_closed_form(rng, width, n_axes):
    study, design = drawn(rng), rng.standard_normal((N, width)) + 4
    factors = Factorised(design, None, [SPLIT])(SPLIT)
    hats = Hats(factors, study.blocks, FOLD)
    n_test = len(SPLIT.test)
    assert hats.axes.shape == (n_test, n_axes)
    assert hats.width == (n_axes or n_test)
    assert hats.axes.dtype == np.float32
    for strength in (7.0, 0.5, 7.0):
        train, test = (
            design[rows] - design[SPLIT.train].mean(axis=0) for rows in vars(SPLIT).values()
        )
        scale = train.std(axis=0)
        train, test = train / scale, test / scale
        whole = np.zeros((N, n_test))
        gram = train.T @ train + strength * np.eye(width)
        whole[SPLIT.train] = np.linalg.solve(gram, train.T).T @ test.T
        found = hats(strength)
        assert [part.dtype for part in found] == [np.float32] * 4
        for block, part in zip(study.blocks, found, strict=True):
            own = whole[block.rows]
            assert_allclose(part[:, -1], own.sum(axis=1), atol=1e-5)
            varying = own - own.mean(axis=1, keepdims=True)
            on_rows = part[:, :-1] @ hats.axes.T if n_axes else part[:, :-1]
            assert_allclose(on_rows, varying, atol=1e-5)
    assert hats(0.5) is hats(0.5)


def test_rows_stay_where_something_is_known(rng):
    study, design = drawn(rng), rng.standard_normal((N, 3))
    hats = Hats(Factorised(design, study.nuisance, [SPLIT])(SPLIT), study.blocks, FOLD)
    assert hats.axes.shape == (len(SPLIT.test), 0)
    assert hats.width == len(SPLIT.test)


BESIDE = np.array([[1.0, 0.0]])


@pytest.mark.parametrize(
    ("test", "flat"),
    [
        (np.zeros((5, 2)), True),
        (np.empty((5, 0)), True),
        (np.repeat([[0.3, 0.1]], 5, axis=0), True),
        (np.repeat([[300.0, 0.0]], 5, axis=0), True),
        (BESIDE + np.array([[1, 0], [-1, 0]] * 3) * 0.5e-12, True),
        (BESIDE + np.array([[1, 0], [-1, 0]] * 3) * 1.5e-12, False),
        (1e-14 * np.array([[1.0, 2], [3, 1], [-2, 1]]), False),
        (np.array([[3.0, 3], [3, 3], [3, 3 + 1e-9]]), False),
    ],
)
def test_rows_that_hardly_differ_are_told_by_their_sum_alone(test, flat):
    hats = Hats(*made(test), 1)
    assert (hats.width == 0) == flat
    assert hats.axes.shape[0] == len(test)
    assert_array_equal(hats.axes.shape[1] == 0, flat or hats.width == len(test))
    assert_allclose(hats.columns[:, -1], test.sum(axis=0))


@pytest.mark.parametrize(
    ("n_others", "n_own", "on_axes"), [(1, 1, True), (1, 2, False), (2, 1, True)]
)
def test_axes_are_taken_where_orders_of_other_blocks_pay_for_them(rng, n_others, n_own, on_axes):
    """Two components of five rows pay from 10 / 3 places in other orders per order that is tested.

    Of these there are four for each of the others.
    """
    factors, _ = made(rng.standard_normal((5, 2)), n_train=2)
    orders = [np.tile(np.arange(2), (n_others, 1)), np.tile(np.arange(2, 7), (n_own, 1))]
    blocks = [Block(rows[0], rows, np.zeros(4, dtype=int)) for rows in orders]
    hats = Hats(factors, [*blocks, blocks[0]], 1)
    assert hats.axes.shape[1] == (2 if on_axes else 0)


def test_a_fold_without_orders_has_its_matrices(rng):
    factors, blocks = made(rng.standard_normal((5, 2)))
    none = [Block(one.rows, one.orders[:0], np.empty(0, dtype=int)) for one in blocks]
    assert Hats(factors, none, 1).width == 5
