"""Nulls of neighbour graphs are those of all permutations, or of very many."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import skew

from stages.align.nulls.graph_counts import (
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
