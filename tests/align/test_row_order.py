"""Order and repeats are found where they are planted, and nothing where there is none."""

import logging

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.spatial.distance import pdist, squareform

from stages.align.representation import Dissimilarities
from stages.align.row_order import RowOrder, row_order, warn_of_order


def walk(rng, n, p, r):
    rows = rng.standard_normal((n, p))
    for row in range(1, n):
        rows[row] = r * rows[row - 1] + np.sqrt(1 - r**2) * rows[row]
    return rows


@pytest.fixture
def unordered(rng):
    return [row_order(rng.standard_normal((n, p)) + 5) for n in (60, 300) for p in (12, 40, 500)]


@pytest.mark.parametrize("n", [60, 600])
def test_the_autocorrelation_is_that_of_the_definition(rng, n):
    rows = walk(rng, n, 30, 0.4) + 7
    centred = rows - rows.mean(axis=0)
    products = centred @ centred.T
    found = row_order(rows)
    lag = np.diag(products, 1).mean() / np.diag(products).mean()
    assert_allclose(found.lag, lag)
    assert_allclose(found.lag, 0.4, atol=0.1)
    same = row_order(Dissimilarities(squareform(pdist(rows, "sqeuclidean"))))
    assert_allclose([same.lag, same.z, same.repeats], [found.lag, found.z, found.repeats])
    orders = [rng.permutation(n) for _ in range(2000)]
    null = [products[order[1:], order[:-1]].mean() / np.diag(products).mean() for order in orders]
    assert_allclose(found.z, (lag - np.mean(null)) / np.std(null), rtol=0.12)


def test_rows_in_no_order_have_none(unordered, caplog):
    assert max(abs(one.z) for one in unordered) < 4
    assert not any(one.repeats for one in unordered)
    warn_of_order(unordered, unordered, "subj01, train", "rows")
    assert not caplog.text


def test_an_order_that_one_side_sees_is_none_of_the_null(rng, unordered, caplog):
    ordered = [*unordered, row_order(walk(rng, 200, 20, 0.8))]
    assert ordered[-1].z > 20
    warn_of_order(ordered, unordered, "subj01, train", "rows")
    assert not caplog.text
    warn_of_order(ordered, ordered, "subj01, train", "shifts")
    assert not caplog.text
    caplog.set_level(logging.WARNING)
    warn_of_order(ordered, ordered, "subj01, train", "rows")
    assert "subj01, train: rows follow an order" in caplog.text
    assert "set align.permute to shifts" in caplog.text


def test_near_duplicates_are_counted(rng, unordered, caplog):
    rows = rng.standard_normal((200, 50))
    rows[10:40] = rows[60:90] + 0.01 * rng.standard_normal((30, 50))
    found = row_order(rows)
    assert_allclose(found.repeats, 0.3)
    assert abs(found.z) < 4
    warn_of_order([found], unordered, "subj01, train", "rows")
    assert "30 % of rows have a near-duplicate in layers, 0 % in regions" in caplog.text
    caplog.clear()
    warn_of_order([found], unordered, "subj01, train", "blocks")
    assert not caplog.text


def test_many_rows_are_sampled(rng):
    rows = rng.standard_normal((1000, 20))
    rows[500:] = rows[:500] + 1e-3
    assert row_order(rows).repeats == 1


def told(z=0.0, lag=0.0, repeats=0.0):
    return RowOrder(lag, z, repeats)


@pytest.mark.parametrize(
    ("layers", "regions", "permute", "warns"),
    [
        ([5.1], [5.1], "rows", True),
        ([5.0], [5.1], "rows", False),
        ([5.1], [5.0], "rows", False),
        ([1, 6], [0, 7, 2], "blocks", True),
        ([6], [7], "shifts", False),
    ],
)
def test_both_sides_must_follow_the_order(caplog, layers, regions, permute, warns):
    sides = [[told(z, z / 10) for z in side] for side in (layers, regions)]
    warn_of_order(*sides, "subj01", permute)
    assert bool(caplog.records) == warns
    if warns:
        most = [max(side) / 10 for side in (layers, regions)]
        assert f"up to {most[0]:.2f} and {most[1]:.2f}" in caplog.text


@pytest.mark.parametrize(
    ("layers", "regions", "permute", "said"),
    [
        ([0.05], [0.05], "rows", ""),
        ([0.06], [0.0], "rows", "6 % of rows have a near-duplicate in layers, 0 % in regions"),
        ([0.0], [0.2], "rows", "0 % of rows have a near-duplicate in layers, 20 % in regions"),
        ([0.0, 0.04, 0.9], [0.0], "rows", ""),
        ([0.3], [0.3], "blocks", ""),
        ([0.3], [0.3], "shifts", ""),
    ],
)
def test_repeats_are_told_by_the_median(caplog, layers, regions, permute, said):
    sides = [[told(repeats=share) for share in side] for side in (layers, regions)]
    warn_of_order(*sides, "subj01", permute)
    assert (said in caplog.text) if said else not caplog.records


@pytest.mark.parametrize(("share", "near"), [(0.97, 2), (1.03, 0)])
def test_rows_are_near_up_to_a_hundredth_of_the_mean_distance(rng, share, near):
    rows = rng.standard_normal((200, 50))
    step = rng.standard_normal(50)
    mean = pdist(rows, "sqeuclidean").mean()
    rows[7] = rows[120] + step / np.linalg.norm(step) * np.sqrt(share * mean / 100)
    assert_allclose(row_order(rows).repeats, near / 200)
