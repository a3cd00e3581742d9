"""Closed nulls of features, graphs and subspaces; and those of measured dissimilarities."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.io import loadmat

from stages.align.engine import align, measure
from stages.align.nulls.closed import shared_null, subspace_null
from stages.align.nulls.graph_counts import graph_sums
from stages.align.nulls.invariants import invariants
from stages.align.nulls.moments import permutation_moments
from stages.align.nulls.subspace_table import random_subspaces
from stages.align.nulls.tail import upper_tail
from stages.align.nulls.trust import is_trusted
from stages.align.representation import Dissimilarities
from stages.align.routines.arrows import Neighbours
from stages.align.routines.neighbours import find_neighbours
from stages.align.routines.subspaces import leading
from tests.align.nulls.matrices import Whole, closed_null, compared, drawn_orders, products


@pytest.mark.parametrize(("width", "rank", "expected"), [(40, 40, 10), (40, 4, 4), (3, 3, 3)])
def test_directions_are_counted(rng, width, rank, expected):
    features = rng.standard_normal((30, rank)) @ rng.standard_normal((rank, width)) + 50
    for kind in (np.float32, np.float64):  # what rounding makes is no direction
        assert leading(features.astype(kind), "left[0]").any(axis=0).sum() == expected


def test_subspaces_of_each_number_of_directions_have_their_own_table(rng):
    left, right = [rng.standard_normal((30, p)) for p in (4, 50)], [rng.standard_normal((30, 60))]
    score = np.array([[0.9], [random_subspaces(30, 10, 10, 5)[2500]]])
    found = subspace_null(left, right, score, 5)
    assert_allclose(found.mean[0], random_subspaces(30, 4, 10, 5).mean())
    assert_allclose(found.mean[1], random_subspaces(30, 10, 10, 5).mean())
    assert_allclose(found.p[1], 0.75, atol=2e-4)
    assert found.p[0, 0] < 0.01
    assert found.trusted.all()


def test_a_row_far_out_is_no_random_subspace(rng):
    lone = (np.arange(40) == 3).astype(float)[:, None]
    found = subspace_null([lone], [lone, rng.standard_normal((40, 6))], np.ones((1, 2)), 5)
    assert not found.trusted.any()


def test_few_rows_share_too_few_neighbours_for_a_tail(rng):
    def graphs(n):
        near = np.array([rng.choice(n, 3, False) for _ in range(n)])
        return [graph_sums(Neighbours(near, np.ones(near.shape)).memberships(3))]

    for n, trusted in ((12, False), (40, True)):
        found = shared_null(graphs(n), graphs(n), np.array([[0.2]]))
        assert_allclose(found.mean, 3 / (n - 1))
        assert found.trusted.all() == trusted


def with_hub(rng, n, share):
    """Dissimilarities of chance, but for row 7, which is near to a share of all rows."""
    upper = np.triu(rng.random((n, n)) + 0.5, 1)
    far = upper + upper.T
    near = far[7] * np.where(rng.random(n) < share, 0.1, 1)
    far[7], far[:, 7] = near, near
    return Dissimilarities(far)


def test_hubs_on_both_sides_are_drawn(rng, exact):
    """Whether the two hubs meet makes lumps of the count, which Pearson's type III smooths away."""
    n, k, name = 60, 5, "mutual_knn_5"
    sides = [[with_hub(rng, n, share) for share in (0.6, 0.8)], [with_hub(rng, n, 0.8)]]
    found = align(*sides, [name], draws=20_000, seed=1, dtype="float64")[name]
    assert found.drawn.all()
    near = [[find_neighbours(one, k, "x", exact) for one in side] for side in sides]
    graphs = [[graph_sums(one.memberships(k)) for one in side] for side in near]
    member = near[1][0].memberships(k).toarray() > 0
    orders = drawn_orders(rng, n, 100_000)
    for row, left in enumerate(graphs[0]):
        counts = member[orders[:, :, None], orders[:, near[0][row].rows]].sum(axis=(1, 2))
        true = (counts >= round(found.score[row, 0] * n * k)).mean()
        assert_allclose(found.p[row, 0], true, rtol=0.5)
        levels = np.quantile(counts, [0.95, 0.98, 0.99, 0.995, 0.999])
        true = (counts >= levels[:, None]).mean(axis=1)
        closed = [shared_null([left], graphs[1], np.array([[c / (n * k)]])).p[0, 0] for c in levels]
        assert np.abs(np.log(closed / true)).max() > np.log(1.8)


def test_a_hub_on_one_side_alone_is_told_by_moments(rng, exact):
    hubby, even = with_hub(rng, 60, 0.7), with_hub(rng, 60, 0)
    found = align([hubby], [even], ["mutual_knn_5"], draws=10, seed=1)["mutual_knn_5"]
    assert not found.drawn.any()


@pytest.mark.parametrize("name", ["rsa_spearman", "cka_linear_biased", "cka_rbf_0.5"])
def test_nulls_of_92_images_are_those_of_drawn_orders(mirror, exact, name):
    """Two of the four people of Kriegeskorte et al. 2008; 20,000 permutations of their images."""
    sessions = loadmat(mirror / "kriegeskorte2008" / "92_brainRDMs.mat")["RDMs"]["RDM"][0]
    people = [Dissimilarities(np.mean([*row], axis=0)) for row in sessions[:2]]
    n, rng = len(people[0].values), np.random.default_rng(0)
    orders = np.concatenate([np.arange(n)[None], drawn_orders(rng, n, 500)])
    values = measure([people[0]], [people[1]], [name], orders, exact)[name][0, 0]
    found = closed_null(*people, name, values[0], exact)
    assert found.trusted.all()
    assert_allclose(found.mean[0, 0], values[1:].mean(), atol=0.15 * values[1:].std())
    assert_allclose(found.sd[0, 0], values[1:].std(), rtol=0.1)
    assert found.p[0, 0] < 1e-4


def test_the_tail_of_dissimilarities_of_92_images(mirror, exact):
    """Against 20,000 permutations: 1.01 at .05, 1.04 at .01, within 30 % at .001."""
    sessions = loadmat(mirror / "kriegeskorte2008" / "92_brainRDMs.mat")["RDMs"]["RDM"][0]
    people = [np.mean([*row], axis=0) for row in sessions[:2]]
    centred = []
    for one in people:
        off = one[~np.eye(len(one), dtype=bool)]
        centred.append(compared(one - off.mean(), "pairs").astype(np.float32))
    orders = drawn_orders(np.random.default_rng(1), len(people[0]), 20_000)
    drawn = products(*centred, orders)
    reached = np.quantile(drawn, [0.95, 0.99, 0.999])
    sides = [Dissimilarities(one) for one in people]
    for level, score in zip((0.05, 0.01, 0.001), reached, strict=True):
        null = closed_null(*sides, "rsa_pearson", score, exact)
        assert_allclose(null.p, level, rtol=0.1 if level > 0.005 else 0.3)


def test_p_at_the_mean_is_that_of_the_skewness(rng, exact):
    sides = [rng.standard_normal((60, 3)) for _ in range(2)]
    found = closed_null(*sides, "cka_linear", 0.0, exact)
    assert found.p[0, 0] < upper_tail(*np.zeros((3, 1)))[0]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rows_that_are_all_equally_far_agree_with_nothing(rng, dtype):
    """What rounding leaves of them has a score, but no null that varies."""
    metrics = ["cka_linear_biased", "cka_rbf_1_biased"]
    left, right = [np.eye(24), 3 * np.eye(24) + 7], [rng.standard_normal((24, 5))]
    for scores in align(left, right, metrics, draws=19, seed=0, dtype=dtype).values():
        assert (scores.z == 0).all()
        assert (scores.p == 1).all()


def test_what_is_estimated_bounds_nothing(rng):
    """A pair of near-duplicates that no estimate saw makes far larger scores than four moments."""
    rows = [rng.standard_normal((300, 20)) for _ in range(2)]
    for one in rows:
        one[1] *= 8
    sides = [[invariants(Whole(one @ one.T), "off-diagonal", most_rows=100)] for one in rows]
    assert not sides[0][0].exact
    assert sides[0][0].busy > 0.1
    assert not is_trusted(*sides, permutation_moments(*sides)).any()
    usual = [[invariants(Whole(one[2:] @ one[2:].T), "off-diagonal", 100)] for one in rows]
    assert is_trusted(*usual, permutation_moments(*usual)).all()
