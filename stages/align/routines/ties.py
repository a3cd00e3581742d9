"""The order of equally near rows: by chance, but a chance of the representation's own."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from stages.align.representation import Dissimilarities, Features, Representation

Bits = NDArray[np.uint64]
Ints = NDArray[np.integer]
ROUNDING = 16  # units of it, of the largest distance, that pass for a tie
BYTES = 8
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

    The mean over all orders of ties, the alternative, has no chance in it, but then a
    representation does not align with itself, and subsequences have no such mean that is cheap.

    Attributes
    ----------
    representation : Representation
    names : sequence of str or None
        Of the rows.
    slack : float
        Distances that differ by no more are equal.
    """

    representation: Representation
    names: Sequence[str] | None
    slack: float

    @cached_property
    def rows(self) -> Bits:
        """Digest of each row and of the whole, shape (n,)."""
        own = _row_digests(self.representation)
        whole = _digest(sorted(own))
        if self.names is None:
            each = [row + count.to_bytes(BYTES, "little") for row, count in _counted(own)]
        else:
            each = [name.encode() for name in self.names]
        numbers = [int.from_bytes(_digest((whole, one)), "little") for one in each]
        return np.array(numbers, dtype=np.uint64)

    def keys(self, rows: Ints, columns: Ints) -> Bits:
        """Give pairs of rows their numbers; shapes broadcast."""
        return _mixed(self.rows[rows] ^ _mixed(self.rows[columns]))

    def sort(self, rows: Ints, columns: Ints, values: Features) -> None:
        """Put equals among sorted distances into their order, in place.

        Parameters
        ----------
        rows : ndarray of int, shape (n_rows,)
            That the distances are of.
        columns : ndarray of int, shape (n_rows, n_near)
            Rows that they lead to.
        values : ndarray, shape (n_rows, n_near)
            Ascending; infinite where there is none.
        """
        equal = (values[:, 1:] <= values[:, :-1] + self.slack) & (values[:, 1:] < np.inf)
        some = np.flatnonzero(equal.any(axis=1))
        if not len(some):
            return
        groups = np.zeros((len(some), values.shape[1]), dtype=np.intp)
        np.cumsum(~equal[some], axis=1, out=groups[:, 1:])
        order = np.lexsort((self.keys(rows[some, None], columns[some]), groups), axis=1)
        for numbers in (columns, values):
            numbers[some] = np.take_along_axis(numbers[some], order, axis=1)


def _row_digests(representation: Representation) -> list[bytes]:
    """Digest the numbers of each row; of dissimilarities, whatever the order of the others."""
    if not isinstance(representation, Dissimilarities):
        return [_digest([_bits(row).tobytes()]) for row in representation]
    # Sums know no order; the second ones tell rows apart that have the same numbers, by whose.
    with_all = np.array([_mixed(_bits(row)).sum() for row in representation.values])
    sums = [_mixed(_bits(row) ^ _mixed(with_all)).sum() for row in representation.values]
    return [int(one).to_bytes(BYTES, "little") for one in sums]


def _bits(row: Features) -> Bits:
    """Take the bits of numbers: of one precision, whatever they are kept in, and of one zero."""
    bits: Bits = (np.asarray(row, dtype="<f8") + 0.0).view("<u8")
    return bits


def _digest(parts: Iterable[bytes]) -> bytes:
    return blake2b(b"".join(parts), digest_size=BYTES).digest()


def _counted(digests: Sequence[bytes]) -> list[tuple[bytes, int]]:
    """Say of each how often it was there before."""
    seen: Counter[bytes] = Counter()
    found = []
    for one in digests:
        found.append((one, seen[one]))
        seen[one] += 1
    return found


def _mixed(bits: Bits) -> Bits:
    for shift, factor in zip(SHIFTS, FACTORS, strict=False):
        bits = (bits ^ (bits >> shift)) * factor
    return bits ^ (bits >> SHIFTS[-1])
