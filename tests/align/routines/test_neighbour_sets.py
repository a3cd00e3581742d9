"""Sets of neighbours as bits, against sets of Python."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from stages.align.routines import neighbour_sets
from stages.align.routines.arrows import Neighbours
from stages.align.routines.needs import COMPARING
from stages.align.routines.neighbour_sets import (
    KINDS,
    count_common,
    cycle_found,
    cycle_knn,
    mutual_knn,
    pack,
    turned_round,
)
from stages.core.stats.backend import make_backend


def neighbours(rng, n, k, count):
    """Any k other rows of each row, for so many representations."""
    made = []
    for _ in range(count):
        rows = [rng.permutation(np.delete(np.arange(n), row))[:k] for row in range(n)]
        made.append(Neighbours(np.array(rows, dtype=np.int32), np.ones((n, k))))
    return made


def mutual(one, other, k):
    pairs = zip(one.rows[:, :k], other.rows[:, :k], strict=True)
    return np.mean([len(set(a) & set(b)) / k for a, b in pairs])


def cycle(one, other, k):
    here, there = one.rows[:, :k], other.rows[:, :k]
    return np.mean([any(i in here[j] for j in there[i]) for i in range(len(here))])


BY_SETS = {"mutual_knn": mutual, "cycle_knn": cycle}


@pytest.mark.parametrize("n", [63, 64, 65, 130])
@pytest.mark.parametrize("at_once", [7, 64, 1000])
@pytest.mark.parametrize("sort", [True, False])
def test_members_are_the_bits_of_their_numbers(rng, monkeypatch, n, at_once, sort):
    monkeypatch.setattr(neighbour_sets, "AT_ONCE", at_once)
    there = rng.random((n, n)) < 0.1
    there[[0, n - 1, 5], [n - 1, 0, 5]] = True
    there[3] = False
    owner, member = (ends.astype(np.int32) for ends in np.nonzero(there))
    if not sort:
        order = rng.permutation(len(owner))
        owner, member = owner[order], member[order]
    found = pack(owner, member, n)
    assert found.shape == (-(-n // 64), n)
    for row in range(n):
        whole = sum(int(word) << (64 * place) for place, word in enumerate(found[:, row]))
        assert whole == sum(1 << int(j) for j in np.flatnonzero(there[row]))


@pytest.mark.parametrize(("n", "k"), [(20, 3), (70, 60), (130, 2)])
@pytest.mark.parametrize("kind", KINDS)
def test_each_routine_is_that_of_sets(rng, n, k, kind):
    (one,), others = neighbours(rng, n, k, 1), neighbours(rng, n, k, 3)
    bits = np.stack(
        [pack(np.repeat(np.arange(n), k), other.rows.ravel(), n) for other in others], axis=1
    )
    expected = [BY_SETS[kind](one, other, k) for other in others]
    assert_allclose(
        {"mutual_knn": mutual_knn, "cycle_knn": cycle_knn}[kind](one.arrows(k), bits, k), expected
    )
    if kind == "cycle_knn":
        ways = turned_round([other.rows for other in others], n)
        assert (ways.count, ways.n) == (3, n)
        assert_allclose(cycle_found(one.arrows(k), ways, k), expected)


def test_more_shared_neighbours_than_a_byte_counts(rng):
    n, k = 301, 300
    one, other = neighbours(rng, n, k, 2)
    bits = pack(np.repeat(np.arange(n), k), other.rows.ravel(), n)[:, None]
    assert mutual_knn(one.arrows(k), bits, k) == 1


@pytest.mark.parametrize("found", [2, 4])
@pytest.mark.parametrize("at_once", [1, 2, 5])
def test_every_pair_in_every_order(rng, found, at_once):
    """Of the neighbours found, two are asked for; some of the right side fit into memory."""
    n, k = 30, 2
    left, right = neighbours(rng, n, found, 2), neighbours(rng, n, found, 5)
    orders = np.stack([np.arange(n), rng.permutation(n), rng.permutation(n)])
    wide = make_backend(None, "float64", 2**20)
    needs = [COMPARING[kind](n, k, 2, 5, wide) for kind in KINDS]
    memory = next(m for m in range(0, 2**20, 256) if all(_fits(need, m, at_once) for need in needs))
    backend = make_backend(None, "float64", memory)
    scores = count_common(left, right, list(KINDS), k, orders=orders, backend=backend)
    for kind, by_sets in BY_SETS.items():
        for i, one in enumerate(left):
            for j, other in enumerate(right):
                for place, order in enumerate(orders):
                    expected = by_sets(one.reorder(order), other, k)
                    assert_allclose(scores[kind][i, j, place], expected)


def _fits(need, memory, count):
    return memory - need.fixed >= count * need.each


def test_one_kind_alone_is_asked_for(rng):
    left = neighbours(rng, 12, 3, 2)
    backend = make_backend(None, "float64", 2**20)
    found = count_common(left, left, ["mutual_knn"], 3, orders=np.arange(12)[None], backend=backend)
    assert list(found) == ["mutual_knn"]
    assert_array_equal(np.diag(found["mutual_knn"][:, :, 0]), [1, 1])
