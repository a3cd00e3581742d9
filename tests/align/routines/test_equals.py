"""Equally near neighbours, against every order that ties can be put into."""

from itertools import permutations, product

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from stages.align.routines.equals import Equals, gather_equals, join_equals

# Of three rows: nobody tied at first, ties in the midst, all tied.
GROUPS = {2: [0, 1, 2, 3], 5: [0, 1, 1, 1, 2, 2], 6: [0, 0, 0]}


def listed():
    owner = np.repeat(list(GROUPS), [len(own) for own in GROUPS.values()])
    return Equals(owner, np.arange(len(owner)), np.concatenate(list(GROUPS.values())))


def by_all_orders(groups, k):
    """Share of orders in which each neighbour is among the first k."""
    sets = [[i for i, own in enumerate(groups) if own == group] for group in sorted(set(groups))]
    orders = [sum(parts, ()) for parts in product(*(permutations(one) for one in sets))]
    return [np.mean([place in order[:k] for order in orders]) for place in range(len(groups))]


@pytest.mark.parametrize("k", [1, 2, 3])
def test_shares_are_those_of_all_orders(k):
    expected = np.concatenate([by_all_orders(own, k) for own in GROUPS.values()])
    assert_allclose(listed().shares(k), expected)


def test_groups_may_be_named_by_any_ascending_numbers():
    some = Equals(np.array([0, 0, 0]), np.array([4, 5, 6]), np.array([7, 9, 9]))
    assert_allclose(some.shares(2), [1, 0.5, 0.5])


def test_neighbours_are_listed_up_to_the_last_that_is_as_near_as_the_kth():
    columns = np.array([[5, 6, 7, 8], [8, 7, 6, 5], [1, 2, 3, 4]])
    groups = np.array([[0, 1, 1, 2], [0, 0, 0, 0], [0, 1, 2, 3]])
    found = gather_equals(np.array([3, 4, 9]), columns, groups, 2)
    assert_array_equal(found.owner, [3, 3, 3, 4, 4, 4, 4, 9, 9])
    assert_array_equal(found.member, [5, 6, 7, 8, 7, 6, 5, 1, 2])
    assert_array_equal(found.group, [0, 1, 1, 0, 0, 0, 0, 0, 1])
    assert {numbers.dtype for numbers in vars(found).values()} == {np.dtype(np.int32)}


def test_parts_are_put_together():
    none = Equals(*(np.empty(0, dtype=np.int32) for _ in range(3)))
    one, two = (Equals(*(np.array([k + 10 * j]) for j in range(3))) for k in (1, 2))
    found = join_equals([None, one, none, two])
    assert [list(values) for values in vars(found).values()] == [[1, 2], [11, 12], [21, 22]]
    assert join_equals([None, none]) is None
    assert join_equals([]) is None
