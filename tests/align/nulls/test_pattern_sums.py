"""Sums over distinct rows, against loops over all of them."""

from itertools import permutations

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from stages.align.nulls.pattern_sums import count_tokens, pattern_sums, rescaled, scaled_up

N = 6


def by_loops(u, effects, name):
    """Sum the product of a pattern over all choices of distinct rows."""
    letters = sorted(set(name) - {" "})
    total = 0.0
    for rows in permutations(range(len(u)), len(letters)):
        at = dict(zip(letters, rows, strict=True))
        product = 1.0
        for token in name.split():
            product *= effects[at[token]] if len(token) == 1 else u[at[token[0]], at[token[1]]]
        total += product
    return total


@pytest.fixture
def matrix(rng):
    u = rng.standard_normal((N, N)) + 0.3
    u = u + u.T
    np.fill_diagonal(u, 0)
    return u, rng.standard_normal(N) - 0.2


@pytest.mark.parametrize("made", [np.asarray, torch.as_tensor], ids=["numpy", "torch"])
@pytest.mark.parametrize("size", [1.0, 2.5])
def test_every_sum_is_that_of_a_loop(matrix, made, size):
    u, effects = matrix
    found = pattern_sums(made(u), effects, size)
    assert len(found) == 22
    for name, value in found.items():
        expected = by_loops(u / size, effects / size, name)
        assert_allclose(value, expected, rtol=1e-9, atol=1e-9, err_msg=name)


def test_of_all_rows_nothing_is_estimated(matrix):
    u, effects = matrix
    sums = pattern_sums(u, effects, 1.0)
    square = (u**2).sum()
    for found in (rescaled(sums, N, N, square, effects), scaled_up(sums, N, N, square, effects)):
        assert found.keys() == sums.keys()
        for name, value in found.items():
            assert_allclose(value, sums[name], rtol=1e-9, atol=1e-9, err_msg=name)


def falling(n, v):
    """n (n - 1) … of v factors."""
    return np.prod([n - k for k in range(v)], dtype=float)


KNOWN = ("ab ab", "ab ab cd cd", "ab ab c c", "a a", "a a a", "a a a a", "a a b b")


def test_of_some_rows_sums_are_scaled_by_choices_and_sizes(matrix, rng):
    u, effects = matrix
    n, square = 10, 200.0
    every = np.append(effects, rng.standard_normal(n - N))
    sums = pattern_sums(u, effects, 1.0)
    found, up = rescaled(sums, N, n, square, every), scaled_up(sums, N, n, square, every)
    of_u = np.sqrt(square * 30 / 90 / (u**2).sum())
    of_effects = np.sqrt((every**2).sum() * N / n / (effects**2).sum())
    for name, value in sums.items():
        tokens = name.split()
        edges = sum(len(token) == 2 for token in tokens)
        v = len(set("".join(tokens)))
        expected = value * of_u**edges * of_effects ** (len(tokens) - edges)
        expected *= falling(n, v) / falling(N, v)
        assert_allclose(found[name], expected, err_msg=name)
        assert count_tokens(name) == (edges, len(tokens) - edges)
        if name not in KNOWN:
            assert up[name] == found[name]
    none = np.zeros((n, n))
    for name in ("a a", "a a a", "a a a a", "a a b b"):
        assert_allclose(up[name], by_loops(none, every, name))
    assert up["ab ab"] == square
    # All choices of two edges are those that share no row, one, or both.
    share = found["ab ab ab ab"], found["ab ab ac ac"]
    assert_allclose(up["ab ab cd cd"] + 4 * share[1] + 2 * share[0], square**2)
    assert_allclose(up["ab ab c c"] + 2 * found["ab ab a a"], square * (every**2).sum())


@pytest.mark.parametrize("part", ["rows", "effects"])
def test_what_does_not_vary_in_some_rows_is_estimated_as_nothing(matrix, part):
    u, effects = matrix
    u, effects = (u * 0, effects) if part == "rows" else (u, effects * 0)
    found = rescaled(pattern_sums(u, effects, 1.0), N, 9, 5.0, np.ones(9))
    of_u = [found["ab ab"], found["ab ac bc"]]
    of_effects = [found["a a"], found["a a a"]]
    zero, other = (of_u, of_effects) if part == "rows" else (of_effects, of_u)
    assert zero == [0, 0]
    assert 0 not in other
