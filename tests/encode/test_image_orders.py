"""Orders of images: groups as wholes, and chance as wide as it is."""

import numpy as np
from scipy.stats import binom

from stages.core.stats.chance import significance
from stages.encode.image_orders import image_orders


def test_groups_take_the_places_of_others_that_are_as_large(rng):
    groups = np.array([5, 3, 3, 9, 5, 7, 8, 1, 1, 1])
    orders = image_orders(groups, 200, rng)
    assert {tuple(np.sort(order)) for order in orders} == {tuple(range(10))}
    pairs = [(0, 4), (1, 2)]
    for order in orders:
        assert {frozenset(groups[order[list(pair)]]) for pair in pairs} == {
            frozenset([5]),
            frozenset([3]),
        }
        assert set(order[[3, 5, 6]]) == {3, 5, 6}
        assert set(order[[7, 8, 9]]) == {7, 8, 9}
    assert len({tuple(order) for order in orders}) > 100


def test_images_of_which_none_are_alike_take_any_place():
    orders = image_orders(np.arange(8) + 3, 20, np.random.default_rng(1))
    rng = np.random.default_rng(1)
    np.testing.assert_array_equal(orders, [rng.permutation(8) for _ in range(20)])


def test_what_alike_images_share_is_no_finding(rng):
    """Of unrelated numbers that come thrice, .05 are found; in orders of single images, many."""
    groups, tests = np.repeat(np.arange(20), 3), 300
    found = {"groups": 0, "single": 0}
    for _ in range(tests):
        one, other = (rng.standard_normal(20)[groups] for _ in range(2))
        for name, kinds in (("groups", groups), ("single", np.arange(60))):
            orders = image_orders(kinds, 99, rng)
            score, null = np.corrcoef(one, other)[0, 1], np.corrcoef(one, other[orders])[0, 1:]
            p = significance(np.array([score]), null[None]).p
            found[name] += int(p[0] <= 0.05)
    assert found["groups"] <= binom.ppf(0.999, tests, 0.05)
    assert found["single"] > 0.12 * tests
