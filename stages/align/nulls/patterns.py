"""Exact moments of a sum over pairs of permuted rows, by the patterns of equal indices.

Let T = Σ_ij U_ij U'_π(i)π(j) + Σ_i a_i a'_π(i), where π is a permutation of n rows drawn evenly,
U and U' are symmetric with an empty diagonal and rows that sum to 0, and a and a' sum to 0. The
mean of a product of p terms of the first kind (edges between two indices) and q of the second
(marks on one) is a sum over the ways g in which indices may be equal,

    E = Σ_g f_g(U, a) f_g(U', a') / (n)_v(g),   (n)_v = n (n - 1) ... (n - v + 1),

with v(g) the number of distinct indices and f_g the sum over these. An index that occurs once, a
leaf, is summed out: as rows sum to 0, f_g is minus the sum of f over the patterns in which the leaf
has become one of the other indices. Few patterns have no leaves, so that each moment is a bilinear
form of few sums. With a = 0 the third moment is that of Kazi-Aoual et al. (1995).

A pattern is written as its edges and marks, letters for indices: `ab ab ac bc d d` is the sum over
distinct a, b, c, d of U_ab² U_ac U_bc a_d². U and U' may also be directed, without symmetry, their
rows and columns summing to 0; then `ab` and `ba` differ.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from itertools import permutations
from math import perm

import numpy as np
from numpy.typing import NDArray

Tokens = tuple[tuple[int, ...], ...]  # an edge has two indices, a mark one
Expansion = tuple[tuple[str, int], ...]  # leafless patterns, each with its factor


@cache
def leafless(edges: int, marks: int, directed: bool = False) -> tuple[str, ...]:
    """Name the patterns without leaves, those that moments depend on."""
    found = {name for _, sums in _expansions(edges, marks, directed) for name in sums}
    return tuple(sorted(found))


def coefficients(edges: int, marks: int, n: int, directed: bool = False) -> NDArray[np.float64]:
    """Coefficients of the bilinear form that is the mean of a product.

    Parameters
    ----------
    edges, marks : int
        Number of factors of either kind.
    n : int
        Number of rows. Patterns of more indices do not occur.
    directed : bool

    Returns
    -------
    ndarray, shape (n_patterns, n_patterns)
        By `leafless(edges, marks, directed)`.
    """
    names = leafless(edges, marks, directed)
    place = {name: row for row, name in enumerate(names)}
    exact = [[Fraction(0)] * len(names) for _ in names]
    for (size, sums), count in _grouped(edges, marks, directed).items():
        if size > n:
            continue
        for one, weight in sums:
            for other, another in sums:
                share = Fraction(count * weight * another, perm(n, size))
                exact[place[one]][place[other]] += share
    return np.array([[float(value) for value in row] for row in exact]).reshape((len(names),) * 2)


@cache
def _grouped(
    edges: int, marks: int, directed: bool
) -> dict[tuple[int, tuple[tuple[str, int], ...]], int]:
    """Count the patterns by number of indices and expansion."""
    return dict(
        Counter(
            (size, tuple(sorted(sums.items())))
            for size, sums in _expansions(edges, marks, directed)
        )
    )


@cache
def _expansions(edges: int, marks: int, directed: bool) -> tuple[tuple[int, Counter[str]], ...]:
    """Write every way of equal indices as a sum of leafless patterns; with its number of indices.

    Ways that lead to nothing are left out.
    """
    found = []
    for labels in _partitions(2 * edges + marks):
        ends = labels[: 2 * edges]
        tokens = [
            *zip(ends[::2], ends[1::2], strict=True),
            *((one,) for one in labels[2 * edges :]),
        ]
        if any(len(set(token)) < len(token) for token in tokens):
            continue
        sums = _without_leaves(_relabelled(tuple(tokens), directed), directed)
        if sums:
            found.append((max(labels) + 1, sums))
    return tuple(found)


def _partitions(slots: int) -> Iterator[tuple[int, ...]]:
    """Label slots in every way, equal labels for equal indices, each way once."""
    if slots == 0:
        yield ()
        return
    for first in _partitions(slots - 1):
        for label in range(max(first, default=-1) + 2):
            yield (*first, label)


@cache
def _without_leaves(tokens: Tokens, directed: bool) -> Counter[str]:
    """Expand a pattern into leafless ones."""
    degrees = Counter(index for token in tokens for index in token)
    leaf = next((index for index, degree in degrees.items() if degree == 1), None)
    if leaf is None:
        return Counter({_named(tokens, directed): 1})
    hangs = next(token for token in tokens if leaf in token)
    rest = list(tokens)
    rest.remove(hangs)
    found: Counter[str] = Counter()
    for other in degrees:
        if other not in hangs:
            moved = tuple(other if index == leaf else index for index in hangs)
            for name, weight in _without_leaves(
                _relabelled((*rest, moved), directed), directed
            ).items():
                found[name] -= weight
    return Counter({name: weight for name, weight in found.items() if weight})


def _relabelled(tokens: Tokens, directed: bool) -> Tokens:
    """Give indices new numbers, and sort, so that most equal patterns are met once."""
    degrees = Counter(index for token in tokens for index in token)
    joined = {
        index: sorted(
            tuple(sorted(degrees[one] for one in token)) for token in tokens if index in token
        )
        for index in degrees
    }
    order = sorted(degrees, key=lambda index: (-degrees[index], joined[index]))
    return _renamed(tokens, order, directed)


def _renamed(tokens: Tokens, order: Sequence[int], directed: bool) -> Tokens:
    number = {index: place for place, index in enumerate(order)}
    named = [tuple(number[index] for index in token) for token in tokens]
    if not directed:
        named = [tuple(sorted(token)) for token in named]
    return tuple(sorted(named, key=lambda token: (-len(token), token)))


def _named(tokens: Tokens, directed: bool) -> str:
    """Write a small pattern in letters, the first in order of all ways to choose them."""
    indices = sorted({index for token in tokens for index in token})
    first = min(_renamed(tokens, order, directed) for order in permutations(indices))
    return " ".join("".join("abcdefgh"[index] for index in token) for token in first)
