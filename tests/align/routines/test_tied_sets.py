"""Tied neighbours are shared as often as on average over all orders of ties."""

from itertools import permutations, product

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from stages.align.engine import align, measure
from stages.align.representation import Dissimilarities
from stages.align.routines import tied_sets
from stages.align.routines.neighbours import find_neighbours
from stages.align.routines.tied_sets import share_ties
from stages.core.run.errors import InputError
from stages.core.stats.backend import make_backend

N, K = 30, 5
ORDER = np.arange(N)[None]
NAME = f"mutual_knn_{K}"


def rated(rng, n=N, levels=4):
    """Pairs of images judged on a scale of a few steps."""
    upper = np.triu(rng.integers(1, levels, (n, n)), 1)
    return Dissimilarities((upper + upper.T).astype(float))


def scaled(rng):
    """Images judged on three scales of three steps."""
    return rng.integers(1, 4, (N, 3)).astype(float)


def apart(one):
    """Distances of rows from each other, as far as neighbours go; equal ones are equal."""
    if isinstance(one, Dissimilarities):
        return one.values
    unit = one / np.linalg.norm(one, axis=1, keepdims=True)
    return (1 - unit @ unit.T).round(9)


def broken(rng, far, k):
    """Mark the k nearest of each row, ties broken by chance."""
    far = far + np.diag(np.full(len(far), np.inf))
    order = np.lexsort((rng.random(far.shape), far), axis=1)[:, :k]
    made = np.zeros(far.shape, dtype=bool)
    np.put_along_axis(made, order, True, axis=1)
    return made


@pytest.mark.parametrize("make", [rated, scaled])
def test_the_score_is_the_mean_of_many_broken_ties(rng, exact, make):
    one, other = make(rng), rated(rng)
    found = measure([one], [other], [NAME], ORDER, exact)[NAME].item()
    far = apart(one), apart(other)
    drawn = np.array(
        [(broken(rng, far[0], K) & broken(rng, far[1], K)).mean() for _ in range(10_000)]
    ) * (N / K)
    assert drawn.std() > 0.01
    assert_allclose(found, drawn.mean(), atol=4 * drawn.std() / 100)


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_the_score_is_that_of_all_orders_of_few_rows(rng, exact, k):
    """Rows are put into an order apart from each other: so the mean is a sum over rows."""
    n = 5
    one, other = rated(rng, n, 3), rated(rng, n, 3)
    shared = []
    for row in range(n):
        others = [column for column in range(n) if column != row]
        first, second = (
            [set(sorted(order, key=side.values[row].__getitem__)[:k]) for order in orders]
            for side, orders in zip((one, other), [[*permutations(others)]] * 2, strict=True)
        )
        shared.append(np.mean([len(a & b) for a, b in product(first, second)]))
    name = f"mutual_knn_{k}"
    found = measure([one], [other], [name], np.arange(n)[None], exact)[name].item()
    assert_allclose(found, np.mean(shared) / k, rtol=1e-12)


def test_no_order_of_units_or_rows_matters(rng, exact):
    """Digests put ties into an order; that of units is part of them."""
    one, other, order = scaled(rng), rated(rng), rng.permutation(N)
    found = measure([one, one[:, ::-1].copy()], [other], [NAME], ORDER, exact)[NAME].ravel()
    turned = Dissimilarities(other.values[np.ix_(order, order)])
    moved = measure([one[order]], [turned], [NAME], ORDER, exact)[NAME].item()
    assert_allclose([*found, moved], found[0], rtol=1e-12)


def test_permuted_rows_are_those_of_a_permuted_representation(rng, exact):
    one, other, order = rated(rng), scaled(rng), rng.permutation(N)
    orders = np.stack([np.arange(N), order])
    found = measure([one], [other], [NAME], orders, exact)[NAME][0, 0]
    turned = Dissimilarities(one.values[np.ix_(order, order)])
    assert_allclose(found[1], measure([turned], [other], [NAME], ORDER, exact)[NAME].item())
    assert found[0] != found[1]


@pytest.mark.parametrize("device", [None, "cpu"])
def test_shares_do_not_depend_on_how_many_neighbours_were_found(rng, device):
    one, backend = rated(rng), make_backend(device, "float64", 2**28)
    many, few = (find_neighbours(one, k, "x", backend).memberships(K) for k in (12, K))
    assert_array_equal(many.toarray(), few.toarray())
    assert_allclose(few.sum(axis=1), K)
    assert ((few.data > 0) & (few.data < 1)).any()


def test_scores_without_ties_are_left_alone(rng, exact):
    near = [find_neighbours(rng.standard_normal((N, 6)), K, "x", exact)]
    assert near[0].equals is None
    scores = np.full((1, 1, 1), 7.0)
    share_ties(scores, near, near, K, orders=ORDER, backend=exact)
    assert scores.item() == 7
    tied = [find_neighbours(rated(rng), K, "x", exact)]
    share_ties(scores, near, tied, K, orders=ORDER, backend=exact)
    in_one_order, mean = near[0].in_one_order(K), tied[0].memberships(K)
    counted = in_one_order.multiply(tied[0].in_one_order(K)).sum()
    assert scores.item() - 7 == pytest.approx(
        (in_one_order.multiply(mean).sum() - counted) / (N * K)
    )
    assert scores.item() != 7


def test_more_ties_than_memory_are_refused(rng, exact):
    near, small = [find_neighbours(rated(rng), K, "x", exact)], make_backend(None, "float64", 999)
    with pytest.raises(InputError, match="too little memory for the neighbours that are equally"):
        share_ties(np.ones((1, 1, 1)), near, near, K, orders=ORDER, backend=small)


def test_metrics_that_take_one_order_of_ties_are_named(rng, caplog, monkeypatch):
    one, other, fine = rated(rng), scaled(rng), rng.standard_normal((N, 6))
    for permute, block in (("rows", 1), ("blocks", 3)):
        caplog.clear()
        names = [NAME, f"cycle_knn_{K}"]
        align([one], [other, fine], names, draws=3, seed=0, permute=permute, block=block)
        (said,) = caplog.messages
        assert "2 of 3 representations" in said
        assert f": cycle_knn_{K} take one order" in said
    caplog.clear()
    monkeypatch.setattr(tied_sets, "FEW", 1.0)
    align([one], [other], [f"cycle_knn_{K}"], draws=3, seed=0)
    monkeypatch.undo()
    align([one], [other], [NAME], draws=3, seed=0)
    align([fine], [fine], [f"cycle_knn_{K}"], draws=3, seed=0)
    assert not caplog.messages
