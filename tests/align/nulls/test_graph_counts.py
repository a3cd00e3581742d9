"""Nulls of neighbour graphs are those of all permutations, or of very many."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.sparse import csr_array
from scipy.stats import pearson3, skew

from stages.align.nulls.graph_counts import (
    CountNull,
    count_tail,
    cycle_chance,
    graph_sums,
    in_degrees,
    shared_neighbours,
)
from stages.align.representation import Dissimilarities
from stages.align.routines.arrows import Neighbours
from stages.align.routines.neighbours import find_neighbours
from stages.core.stats.backend import make_backend
from tests.align.nulls.matrices import all_orders, drawn_orders


def neighbours(rows, k):
    far = ((rows[:, None] - rows) ** 2).sum(axis=2)
    np.fill_diagonal(far, np.inf)
    return np.argsort(far, axis=1)[:, :k].astype(np.int32)


def sparse(graph):
    return Neighbours(graph, np.ones(graph.shape)).memberships(graph.shape[1])


def sums(graph, *most):
    """Take the sums of a graph without ties."""
    return graph_sums(sparse(graph), *most)


def dense(graph):
    made = np.zeros((len(graph),) * 2)
    np.put_along_axis(made, graph, 1, axis=1)
    return made


@pytest.fixture
def graphs(rng):
    """Two unrelated graphs, with hubs: rows that are near to many."""

    def make(n, k):
        return [neighbours(rng.standard_t(2, (n, 4)), k) for _ in range(2)]

    return make


@pytest.mark.parametrize(("n", "k"), [(5, 1), (7, 2), (7, 3), (6, 4)])
def test_shared_neighbours_are_those_of_all_permutations(graphs, n, k):
    one, other = graphs(n, k)
    left, right = dense(one), dense(other)
    counts = np.array([(left[np.ix_(order, order)] * right).sum() for order in all_orders(n)])
    found = shared_neighbours([sums(one)], [sums(other)])
    assert_allclose(found.mean[0, 0], counts.mean(), rtol=1e-12)
    assert_allclose(found.sd[0, 0], counts.std(), rtol=1e-10)
    assert_allclose(found.skewness[0, 0], skew(counts), rtol=1e-4, atol=1e-5)


def tied(rng, n, k):
    """A graph of rows judged on a scale of three, in shares of all orders of ties."""
    upper = np.triu(rng.integers(1, 4, (n, n)), 1)
    rated = Dissimilarities((upper + upper.T).astype(float))
    return find_neighbours(rated, k, "x", make_backend(None, "float64", 2**28)).memberships(k)


@pytest.mark.parametrize(("n", "k"), [(6, 2), (7, 2), (7, 3)])
def test_shared_ties_are_those_of_all_permutations(rng, n, k):
    one, other = tied(rng, n, k), sparse(neighbours(rng.standard_normal((n, 2)), k))
    for right in (tied(rng, n, k), other):
        left = one.toarray()
        counts = [(left[np.ix_(order, order)] * right).sum() for order in all_orders(n)]
        found = shared_neighbours([graph_sums(one)], [graph_sums(right)])
        assert_allclose(found.mean[0, 0], np.mean(counts), rtol=1e-12)
        assert_allclose(found.sd[0, 0], np.std(counts), rtol=1e-10)
        assert_allclose(found.skewness[0, 0], skew(counts), rtol=1e-4, atol=1e-5)


def test_the_tail_of_shared_ties_is_that_of_many_permutations(rng):
    one, other = tied(rng, 75, 10), tied(rng, 75, 10)
    left, right = one.toarray(), other.toarray()
    counts = np.array(
        [(left[np.ix_(order, order)] * right).sum() for order in drawn_orders(rng, 75, 20_000)]
    )
    found = shared_neighbours([graph_sums(one)], [graph_sums(other)])
    for level, tolerance in ((0.5, 0.05), (0.95, 0.1), (0.99, 0.2)):
        reached = np.quantile(counts, level)
        p = count_tail(np.array([[reached]]), found)
        assert_allclose(p[0, 0], (counts >= reached).mean(), rtol=tolerance)


@pytest.mark.parametrize(("n", "k"), [(7, 2), (6, 3)])
def test_cycles_are_those_of_all_permutations(graphs, n, k):
    one, other = graphs(n, k)
    left, right = dense(one), dense(other)
    found = [
        ((right @ left[np.ix_(order, order)]).diagonal() > 0).mean() for order in all_orders(n)
    ]
    assert_allclose(cycle_chance(one), np.mean(found), rtol=1e-12)


def test_some_rows_tell_the_skewness_of_many(graphs):
    """Of rows with hubs, from a half of them; mean and sd are of all."""
    pair = graphs(600, 10)
    whole, part = (shared_neighbours(*[[sums(one, most)] for one in pair]) for most in (600, 300))
    assert_allclose(part.sd, whole.sd, rtol=1e-12)
    assert_allclose(part.skewness, whole.skewness, atol=0.03)


def test_hubs_make_fewer_cycles(graphs):
    hubby, _ = graphs(75, 10)
    even = (np.arange(75)[:, None] + np.arange(1, 11)) % 75
    assert in_degrees(even).tolist() == [10] * 75
    assert cycle_chance(hubby) < cycle_chance(even) - 0.02


@pytest.mark.parametrize("k", [5, 10])
def test_the_tail_is_that_of_many_permutations(rng, graphs, k):
    one, other = graphs(75, k)
    right = dense(other)
    counts = np.array(
        [right[order[:, None], order[one]].sum() for order in drawn_orders(rng, 75, 20_000)]
    )
    found = shared_neighbours([sums(one)], [sums(other)])
    assert_allclose(found.skewness[0, 0], skew(counts), atol=0.04)
    for level, tolerance in ((0.5, 0.05), (0.95, 0.1), (0.99, 0.2)):
        reached = np.quantile(counts, level).round()
        p = count_tail(np.array([[reached]]), found)
        assert_allclose(p[0, 0], (counts >= reached).mean(), rtol=tolerance)


def test_all_pairs_at_once_are_each_alone(graphs):
    sides = [[sums(one) for one in graphs(20, 3)] for _ in "ab"]
    found = shared_neighbours(*sides)
    alone = shared_neighbours(sides[0][1:], sides[1][:1])
    assert_allclose(found.sd[1, 0], alone.sd[0, 0])


def test_everybody_is_a_neighbour_whatever_the_order(graphs):
    one, other = graphs(6, 5)
    found = shared_neighbours([sums(one)], [sums(other)])
    assert found.sd[0, 0] == 0
    assert count_tail(np.array([[30.0]]), found)[0, 0] == 1
    assert_allclose(cycle_chance(one), 1)


def pieces(graph):
    """U and effects of rows, each number by hand."""
    n, k = graph.shape
    made = dense(graph)
    hubs = np.array([(sum(made[:, j]) - k) * (n - 1) / (n * (n - 2)) for j in range(n)])
    u = np.array(
        [
            [0.0 if i == j else made[i, j] - (k + hubs[i]) / (n - 1) - hubs[j] for j in range(n)]
            for i in range(n)
        ]
    )
    assert_allclose(u.sum(axis=0), 0, atol=1e-12)
    assert_allclose(u.sum(axis=1), 0, atol=1e-12)
    return u, np.sqrt(n * (n - 2) / (n - 1)) * hubs


def test_sums_are_those_over_all_indices(graphs):
    graph, _ = graphs(17, 3)
    (u, a), found = pieces(graph), sums(graph)
    wanted = {
        "ab ab": ("ij,ij", u, u),
        "ab ba": ("ij,ji", u, u),
        "ab ab ab": ("ij,ij,ij", u, u, u),
        "ab ab ba": ("ij,ij,ji", u, u, u),
        "ab ac bc": ("ij,ik,jk", u, u, u),
        "ab bc ca": ("ij,jk,ki", u, u, u),
        "a a": ("i,i", a, a),
        "a a a": ("i,i,i", a, a, a),
        "ab ab a": ("ij,ij,i", u, u, a),
        "ab ab b": ("ij,ij,j", u, u, a),
        "ab ba a": ("ij,ji,i", u, u, a),
        "ab a b": ("ij,i,j", u, a, a),
    }
    assert found.sums.keys() == wanted.keys()
    for name, (path, *factors) in wanted.items():
        assert_allclose(found.sums[name], np.einsum(f"{path}->", *factors), atol=1e-5, err_msg=name)
    assert (found.n, found.k, found.whole) == (17, 3, 1)
    assert_allclose(found.hub, abs(a).max())


def test_ties_count_by_their_shares():
    """Of three rows that are tied for two places, each has two thirds: 4/9 of 3 is 4/3 of 2."""
    shares = np.full((4, 4), 2 / 3) - 2 / 3 * np.eye(4)
    found = graph_sums(csr_array(shares))
    assert_allclose(found.whole, 2 / 3)
    assert found.k == 2
    assert_allclose(found.hub, 0, atol=1e-12)


def test_steps_and_jumps_are_those_of_both_graphs(graphs):
    left, right = ([sums(one) for one in graphs(20, 3)] for _ in "ab")
    right[1] = replace(right[1], whole=0.5)
    left[0] = replace(left[0], whole=0.25)
    found = shared_neighbours(left, right)
    assert found.step.tolist() == [[0.25, 0.125], [1, 0.5]]
    for (row, column), jump in np.ndenumerate(found.jump):
        assert_allclose(jump, left[row].hub * right[column].hub / found.sd[row, column])


def test_half_a_step_is_for_continuity():
    null = CountNull(*(np.array([[one]]) for one in (9.0, 2.0, 0.8, 0.0, 0.5)))
    for count in (4.0, 9.0, 12.25):
        expected = pearson3.sf((count - 0.25 - 9) / 2, 0.8)
        assert_allclose(count_tail(np.array([[count]]), null), [[expected]])
    assert count_tail(np.array([[1e4]]), null) == 1e-12


@pytest.mark.parametrize(
    "graph",
    [
        [[1], [0], [0], [0], [0]],
        [[1, 2], [0, 2], [0, 1], [0, 1], [0, 2]],
        [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2], [0, 1, 2]],
    ],
)
def test_a_row_comes_back_unless_no_row_led_to_has_it(graph):
    """Over all ways to be led to k of the other rows; some rows are everybody's neighbour."""
    graph = np.array(graph)
    n, k = graph.shape
    shares = [
        np.mean([(graph[[*some]] == row).any() for some in combinations(others, k)])
        for row in range(n)
        for others in [[one for one in range(n) if one != row]]
    ]
    assert_allclose(cycle_chance(graph), np.mean(shares))
