"""What metrics are for unrelated representations, where numbers of rows and neighbours tell it."""

from collections.abc import Iterator
from functools import cache
from math import comb, factorial

# Partitions of as many are summed over; 28,629 up to 30.
MOST_COMMON = 30


def zero(n: int, k: int) -> float:
    """Chance of what is centred on it."""
    return 0.0


def shared(n: int, k: int) -> float:
    """Chance of mutual kNN: exact, whatever the graphs."""
    return k / (n - 1)


def returned(n: int, k: int) -> float:
    """Chance of cycle kNN where rows draw their neighbours at random.

    Graphs of representations have hubs, rows that are the neighbours of many, which make fewer
    cycles: .72 rather than .77 for one of 75 rows with 10 neighbours each. What is exact for a
    graph, from its in-degrees, stands beside the scores as the mean of their null.
    """
    return 1 - (1 - k / (n - 1)) ** k


def common(n: int, k: int) -> float | None:
    """Chance of LCS kNN: exact, whatever the graphs; None for more than MOST_COMMON neighbours.

    Two lists of k of n - 1 rows share m of them with a hypergeometric chance, whose order in one
    is, seen from the other, a random permutation: the longest common subsequence is its longest
    increasing one.
    """
    if k > MOST_COMMON:
        return None
    lists = comb(n - 1, k)
    return sum(comb(k, m) * comb(n - 1 - k, k - m) / lists * rising(m) for m in range(1, k + 1)) / k


@cache
def rising(m: int) -> float:
    """Mean length of the longest increasing subsequence of a random permutation of m.

    The first row of a Young diagram drawn with probability f² / m!, where f, the number of its
    standard tableaux, is m! over the product of hook lengths (Schensted 1961; Frame et al. 1954).
    """
    total = sum(rows[0] * (factorial(m) // _hooks(rows)) ** 2 for rows in _partitions(m, m))
    return total / factorial(m)


def _partitions(m: int, most: int) -> Iterator[tuple[int, ...]]:
    """Cut m into parts no larger than `most`, the largest first."""
    if m == 0:
        yield ()
        return
    for part in range(min(m, most), 0, -1):
        for rest in _partitions(m - part, part):
            yield (part, *rest)


def _hooks(rows: tuple[int, ...]) -> int:
    """Multiply the hook lengths of a Young diagram."""
    heights = [sum(length > column for length in rows) for column in range(rows[0])]
    product = 1
    for row, length in enumerate(rows):
        for column in range(length):
            product *= length - column + heights[column] - row - 1
    return product
