"""How well each person is told by the mean of any so many others."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Masks = NDArray[np.bool_]


@dataclass(frozen=True)
class SubsetValues:
    """One value per person held out and subset of the others.

    Attributes
    ----------
    held_out : ndarray of int, shape (n_values,)
        Number of the person.
    others : ndarray of int, shape (n_values,)
        How many others the value is of.
    value : ndarray, shape (n_values,)
    """

    held_out: NDArray[np.intp]
    others: NDArray[np.intp]
    value: Array

    def of(self, person: int) -> "SubsetValues":
        """Keep the values of one person."""
        kept = self.held_out == person
        return SubsetValues(self.held_out[kept], self.others[kept], self.value[kept])


def drawn_masks(n: int, size: int, most: int, seed: int) -> Masks:
    """Choose subsets: all combinations, or, if there are more than so many, a seeded draw.

    Parameters
    ----------
    n, size : int
        Of how many, how many in each.
    most : int
    seed : int

    Returns
    -------
    ndarray of bool, shape (n_subsets, n)
        Each different from the others.
    """
    if comb(n, size) <= most:
        chosen = np.array(list(combinations(range(n), size)), dtype=np.intp)
    else:
        chosen = np.array(list(_different(n, size, most, seed)), dtype=np.intp)
    masks = np.zeros((len(chosen), n), dtype=bool)
    np.put_along_axis(masks, chosen, values=True, axis=1)
    return masks


def subset_values(correlations: Array, most: int, seed: int) -> SubsetValues:
    """Correlate each person with the mean of 1, 2, … and of all others.

    Parameters
    ----------
    correlations : ndarray, shape (n_people, n_people)
    most : int
        Subsets of each size for each person; see `drawn_masks`.
    seed : int
    """
    n = len(correlations)
    held_out, others, values = [], [], []
    for size in range(1, n):
        masks = drawn_masks(n - 1, size, most, seed)
        for person in range(n):
            chosen = np.insert(masks, person, values=False, axis=1).astype(float)
            length = np.sqrt(np.einsum("sj,sj->s", chosen @ correlations, chosen))
            values.append(chosen @ correlations[person] / length)
            held_out.append(np.full(len(masks), person, dtype=np.intp))
            others.append(np.full(len(masks), size, dtype=np.intp))
    return SubsetValues(*(np.concatenate(part) for part in (held_out, others, values)))


def _different(n: int, size: int, most: int, seed: int) -> Iterator[tuple[int, ...]]:
    rng, seen = np.random.default_rng([seed, size]), set[tuple[int, ...]]()
    while len(seen) < most:
        chosen = tuple(np.sort(rng.permutation(n)[:size]).tolist())
        if chosen not in seen:
            seen.add(chosen)
            yield chosen
