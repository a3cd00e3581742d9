"""The order of equally near rows: by chance, but a chance of the representation's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from stages.align.representation import Dissimilarities, Features, Held

Bits = NDArray[np.uint64]
Ints = NDArray[np.integer]
ROUNDING = 4  # units of it, of the largest distance, that pass for a tie
AT_ONCE = 64  # rows that are digested, which stay in the processor's cache
HALF = np.uint64(32)  # bits; the lower ones are 0 where numbers were of single precision
# The finaliser of SplitMix64 (Steele, Lea & Flood 2014).
FACTORS = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
SHIFTS = (np.uint64(30), np.uint64(27), np.uint64(31))


@dataclass(frozen=True)
class Ties:
    """What puts equally near rows of one representation into an order.

    Were the first row to come first in all representations, ties on both sides would fall alike:
    coarse ratings that have nothing in common then share neighbours, z of 5 from nothing. Here
    each pair of rows has a pseudo-random number, a digest of the representation and of both rows.
    So the order

    - differs between representations: under the null, ties are shared no more often than chance;
    - is the same for the same representation: it aligns with itself as well as can be;
    - goes with the rows, wherever they stand: where names tell them apart, or their numbers do,
      no score depends on the order of the rows. Equal rows without names are counted;
    - prefers no row to another, which would make hubs of some;
    - is the same on every machine, for the same bytes.

    Metrics that only count shared neighbours take the mean over all orders instead
    (`stages.align.routines.equals`); paths, masked kernels and subsequences have none that is
    cheap, and depend on this one.

    Attributes
    ----------
    representation : Held
    names : ndarray of uint64, shape (n,), or None
        Made of the rows' names by `name_numbers`.
    slack : float
        Distances that differ by no more are equal.
    """

    representation: Held
    names: Bits | None
    slack: float

    @cached_property
    def rows(self) -> Bits:
        """Number each row by its name, or by what is in it, and by the whole; shape (n,)."""
        own = _row_sums(self.representation)
        each = own if self.names is None else self.names
        each = each + _mixed(_earlier(each))
        return _mixed(_mixed(_mixed(own).sum(keepdims=True)) ^ _mixed(each))

    def keys(self, rows: Ints, columns: Ints) -> Bits:
        """Give pairs of rows their numbers; shapes broadcast."""
        return _mixed(self.rows[rows] ^ _mixed(self.rows[columns]))

    def sort(self, rows: Ints, columns: Ints, values: Features) -> tuple[Ints, Ints]:
        """Put equals among sorted distances into their order, in place.

        Parameters
        ----------
        rows : ndarray of int, shape (n_rows,)
            That the distances are of.
        columns : ndarray of int, shape (n_rows, n_near)
            Rows that they lead to.
        values : ndarray, shape (n_rows, n_near)
            Ascending; infinite where there is none.

        Returns
        -------
        places : ndarray of int, shape (n_tied,)
            Where in `rows` those are that have equals.
        groups : ndarray of int, shape (n_tied, n_near)
            Ascending numbers, the same for equals.
        """
        equal = (values[:, 1:] <= values[:, :-1] + self.slack) & (values[:, 1:] < np.inf)
        some = np.flatnonzero(equal.any(axis=1))
        groups = _groups(values[some], self.slack)
        if not len(some):
            return some, groups
        order = np.lexsort((self.keys(rows[some, None], columns[some]), groups), axis=1)
        for numbers in (columns, values):
            numbers[some] = np.take_along_axis(numbers[some], order, axis=1)
        return some, groups


def _groups(values: Features, slack: float) -> Ints:
    """Group ascending numbers that are no farther than the slack from the first of their group.

    Not from the one before: where all rows are nearly alike, a chain would tie them all.
    """
    first, groups = values[:, 0], np.zeros(values.shape, dtype=np.intp)
    for place in range(1, values.shape[1]):
        begins = values[:, place] > first + slack
        first = np.where(begins, values[:, place], first)
        groups[:, place] = groups[:, place - 1] + begins
    return groups


def name_numbers(names: Sequence[str]) -> Bits:
    """Digest the names of rows, shape (n,)."""
    digests = (blake2b(name.encode(), digest_size=8).digest() for name in names)
    return np.array([int.from_bytes(one, "little") for one in digests], dtype=np.uint64)


def _row_sums(representation: Held) -> Bits:
    """Digest the numbers of each row; of dissimilarities, whatever the order of the others."""
    if not isinstance(representation, Dissimilarities):
        factors = _mixed(np.arange(1, representation.shape[1] + 1, dtype=np.uint64))
        starts = range(0, len(representation), AT_ONCE)
        blocks = (_bits(representation[start : start + AT_ONCE]) for start in starts)
        return np.concatenate([((bits ^ (bits >> HALF)) * factors).sum(axis=1) for bits in blocks])
    # Sums know no order; the second ones tell rows apart that have the same numbers, by whose.
    with_all = np.array([_mixed(_bits(row)).sum() for row in representation.values])
    return np.array([_mixed(_bits(row) ^ _mixed(with_all)).sum() for row in representation.values])


def _bits(numbers: Features) -> Bits:
    """Take the bits of numbers: of one precision, whatever they are kept in, and of one zero."""
    bits: Bits = (np.asarray(numbers, dtype=np.float64) + 0.0).view(np.uint64)
    return bits


def _earlier(rows: Bits) -> Bits:
    """Count how often each number was there before."""
    order = np.argsort(rows, kind="stable")
    starts = np.append(True, np.diff(rows[order]) != 0)
    place = np.arange(len(rows))
    found = np.empty(len(rows), dtype=np.uint64)
    found[order] = place - place[starts][np.cumsum(starts) - 1]
    return found


def _mixed(bits: Bits) -> Bits:
    for shift, factor in zip(SHIFTS, FACTORS, strict=False):
        bits = (bits ^ (bits >> shift)) * factor
    return bits ^ (bits >> SHIFTS[-1])
