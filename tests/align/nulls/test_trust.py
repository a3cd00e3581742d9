"""Each condition of the rule by itself, on both sides of its limit, for either matrix."""

from types import SimpleNamespace

import numpy as np
import pytest

from stages.align.nulls.moments import Moments
from stages.align.nulls.trust import is_count_trusted, is_trusted

FINE = {"n": 30, "pair": 0.0, "row": 0.0, "busy": 0.0}


def trusted(here, there, skewness=0.0, excess=0.0):
    """Whether two matrices are, that differ from fine ones in what is given."""
    sides = [[SimpleNamespace(**(FINE | one))] for one in (here, there)]
    moments = Moments(*(np.array([[value]]) for value in (0.3, 0.1, skewness, excess)))
    return bool(is_trusted(*sides, moments)[0, 0])


@pytest.mark.parametrize(
    ("name", "inside", "outside"), [("pair", 0.15, 0.151), ("row", 0.25, 0.251)]
)
def test_one_pair_or_row_may_take_so_much_of_either_matrix(name, inside, outside):
    assert trusted({name: inside}, {name: inside})
    assert not trusted({name: outside}, {})
    assert not trusted({}, {name: outside})


@pytest.mark.parametrize(
    ("skewness", "most"),
    [
        (2.0, 8.0),  # 1.5 · 4 of a gamma variable, and half of 4 more
        (-2.0, 8.0),
        (0.5, 0.875),  # 1.5 / 4, and half of 1 more
        (0.05, 0.3),  # a gamma part of two sd: 3 · 2 · skewness
        (-0.05, 0.3),
        (0.01, 0.1),  # what is below changes no tail
    ],
)
def test_excess_is_trusted_up_to_a_limit_that_goes_with_the_skewness(skewness, most):
    assert trusted({}, {}, skewness, most - 1e-9)
    assert not trusted({}, {}, skewness, most + 1e-9)
    assert trusted({}, {}, skewness, -most)


def test_an_excess_at_its_limit_is_trusted():
    """Where all numbers are exact."""
    assert trusted({}, {}, 2.0, 8.0)
    assert trusted({}, {}, 0.5, 0.875)


def test_two_busy_rows_add_to_the_excess_together():
    """12 · 30 · (0.1 · 0.16)² is 0.092, and 12 · 30 · (0.1 · 0.17)² is 0.104."""
    assert trusted({"busy": 0.1}, {"busy": 0.16})
    assert not trusted({"busy": 0.1}, {"busy": 0.17})
    assert not trusted({"busy": 0.17}, {"busy": 0.1})
    assert trusted({"busy": 1.0}, {"busy": 0.0})


def test_twenty_rows_are_enough():
    assert trusted({"n": 20}, {"n": 20})
    assert not trusted({"n": 19}, {"n": 19})


def test_every_pair_is_judged_by_itself():
    here = [SimpleNamespace(**(FINE | {"pair": pair})) for pair in (0.0, 0.2)]
    there = [SimpleNamespace(**(FINE | {"row": row})) for row in (0.3, 0.1, 0.2)]
    zero = np.zeros((2, 3))
    excess = np.array([[0.0, 0, 9], [0, 0, 0]])
    found = is_trusted(here, there, Moments(zero, zero + 1, zero, excess))
    assert found.tolist() == [[False, True, False], [False, False, False]]


def test_counts_are_trusted_up_to_a_jump_of_one_sd():
    null = SimpleNamespace(jump=np.array([[0.0, 1.0, 1.001]]))
    assert is_count_trusted(null, 20).tolist() == [[True, True, False]]
    assert not is_count_trusted(null, 19).any()
