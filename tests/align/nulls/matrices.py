"""Matrices of pairs of rows, whole, and what their permuted products are, one after the other."""

import itertools
from dataclasses import dataclass

import numpy as np

from stages.align.nulls.closed import sums_nulls
from stages.align.nulls.matrix_sums import matrix_sums
from stages.core.names.metrics import parse_metric


def closed_null(left, right, name, score, backend):
    """The null of one pair."""
    metrics = [parse_metric(name)]
    sums = [[matrix_sums(one, metrics, "x", backend)] for one in (left, right)]
    return sums_nulls(*sums, metrics, {name: np.array([[score]])}, backend)[name]


@dataclass(frozen=True)
class Whole:
    """A matrix in memory, in the parts that closed nulls ask for."""

    values: np.ndarray

    @property
    def n(self):
        return len(self.values)

    def rows(self, block):
        return self.values[block]

    def sub(self, rows):
        return self.values[np.ix_(rows, rows)]  # a copy


def u_centred(matrix):
    """Székely & Rizzo (2014), equation 3.1, the diagonal 0."""
    n = len(matrix)
    off = matrix * (1 - np.eye(n))
    sums = off.sum(axis=1)
    off = off - sums[:, None] / (n - 2) - sums / (n - 2) + sums.sum() / ((n - 1) * (n - 2))
    return off * (1 - np.eye(n))


def linear(rng, n, spectrum=(3, 1, 1)):
    """Linear kernel of skewed rows, the spectrum of which is given."""
    rows = rng.standard_normal((n, len(spectrum))) * spectrum
    rows = rows + 0.3 * np.exp(rng.standard_normal((n, 1)))
    return rows @ rows.T


def normal(rng, n, spectrum):
    """Linear kernel of normal rows."""
    rows = rng.standard_normal((n, len(spectrum))) * spectrum
    return rows @ rows.T


def distances(rng, n):
    """Euclidean distances between such rows."""
    return np.sqrt(squares(linear(rng, n)))


def squares(kernel):
    """Squared distances of a linear kernel."""
    power = np.diag(kernel)
    return np.maximum(power[:, None] + power - 2 * kernel, 0)


def compared(matrix, form):
    """What a score compares: textbook centring of a whole matrix, scaled to length 1."""
    n = len(matrix)
    off = matrix * (1 - np.eye(n))
    if form == "double-centred":
        centring = np.eye(n) - 1 / n
        off = centring @ matrix @ centring
    elif form == "off-diagonal":
        sums = off.sum(axis=1)
        off = off - sums[:, None] / (n - 2) - sums / (n - 2) + sums.sum() / ((n - 1) * (n - 2))
        off = off * (1 - np.eye(n))
    return off / np.linalg.norm(off)


def all_orders(n):
    """Every permutation, shape (n!, n)."""
    return np.array(list(itertools.permutations(range(n))))


def drawn_orders(rng, n, draws):
    return rng.permuted(np.tile(np.arange(n), (draws, 1)), axis=1)


def products(one, other, orders):
    """Sum of products with one matrix reordered, for every order."""
    return np.array([(one[order[:, None], order] * other).sum() for order in orders])
