"""How much memory each routine takes, told before any work."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stages.align.backend import Backend
from stages.align.representation import Dissimilarities, Representation
from stages.align.routines.ranks import table_size
from stages.align.routines.squared import AT_ONCE, MOST_FOR_MEDIAN, is_kept
from stages.core.names.metrics import Metric

DOUBLE = 8  # bytes


@dataclass(frozen=True)
class Need:
    """Bytes that a routine takes.

    Attributes
    ----------
    what : str
        That takes most, for messages.
    each : int
        Of one row, or one representation, where those taken at once can be fewer.
    fixed : int
        Whatever their number.
    """

    what: str
    each: int
    fixed: int

    def chunk(self, backend: Backend) -> int:
        """Count how many can be taken at once.

        Raises
        ------
        InputError
            If not even one fits into memory.
        """
        return backend.chunk(self.each, self.what, self.fixed)

    def blocks(self, n: int, backend: Backend) -> list[slice]:
        """Cut n rows into blocks that fit into memory.

        Raises
        ------
        InputError
            If not even one row fits.
        """
        return backend.blocks(n, self.each, self.what, self.fixed)


def size_of(representation: Representation) -> tuple[int, int | None]:
    """Count rows, and columns of features; None of dissimilarities."""
    if isinstance(representation, Dissimilarities):
        return len(representation.values), None
    return representation.shape[0], representation.shape[1]


def prepared(
    left: Iterable[Representation], right: Iterable[Representation], orders: int, item: int
) -> int:
    """Bytes of the `Squared` of both sides, and of the making of one of them."""
    kept, making = 0, 0
    for side, count in ((left, orders), (right, 1)):
        for one in side:
            n, width = size_of(one)
            features = n * (width or 0) * item
            square = n * n * item if is_kept(n, width, count) else 0
            passing = DOUBLE * n * n if width is None else 2 * DOUBLE * min(n, AT_ONCE) * width
            kept += square or features
            making = max(making, passing + (features if square else 0))
    return kept + making


def kernel_need(
    left: Sequence[Representation],
    right: Sequence[Representation],
    metrics: Sequence[Metric],
    orders: int,
    backend: Backend,
) -> Need:
    """Bytes of `stages.align.routines.kernels.cka`, a row of all kernels at a time."""
    n, item = size_of(left[0])[0], backend.itemsize
    kernels = len({(metric.bandwidth, metric.sigma) for metric in metrics})
    sides = len(left) + len(right)
    fixed = prepared(left, right, orders, item)
    fixed += kernels * sides * n * (item + DOUBLE)
    fixed += kernels * orders * len(left) * len(right) * DOUBLE
    fixed += min(n, MOST_FOR_MEDIAN) ** 2 * item
    return Need("a row of every kernel", n * item * (kernels * sides + 4), fixed)


def rsa_need(
    left: Sequence[Representation],
    right: Sequence[Representation],
    metric: Metric,
    orders: int,
    backend: Backend,
) -> Need:
    """Bytes of `stages.align.routines.dissimilarity.rsa`, a row of all matrices at a time."""
    n, item = size_of(left[0])[0], backend.itemsize
    sides, widths = len(left) + len(right), [size_of(one)[1] or 0 for one in (*left, *right)]
    fixed = prepared(left, right, orders, item) + n * max(widths) * item
    fixed += orders * len(left) * len(right) * DOUBLE
    each = n * (item * (sides + 3) + DOUBLE)
    if metric.comparison == "spearman":
        fixed += table_size(n * (n - 1) // 2) * (item * sides + 4 * DOUBLE)
        each += n * 2 * DOUBLE
    return Need("a row of all dissimilarities", each, fixed)


def finding_need(representation: Representation, k: int, backend: Backend) -> Need:
    """Bytes of `stages.align.routines.neighbours.find_neighbours`, some rows at a time."""
    (n, width), item = size_of(representation), backend.itemsize
    rows = n * n * item if width is None else n * width * item
    passing = 0 if width is None else 2 * DOUBLE * min(n, AT_ONCE) * width
    each = n * (2 * item + 1) + min(n, 8 * k) * (item + 5 * DOUBLE)
    return Need("a row of distances", each, rows + passing + lists(n, k, 1, item))


def lists(n: int, k: int, count: int, item: int) -> int:
    """Bytes of the neighbours of several representations."""
    return count * n * k * (4 + item)


def sets_need(n: int, k: int, n_left: int, n_right: int, backend: Backend) -> Need:
    """Bytes of `stages.align.routines.neighbour_sets.count_common`, by representation."""
    words = -(-n // 64) * DOUBLE
    kept = lists(n, k, n_left + n_right, backend.itemsize)
    packing = n * words + min(n, AT_ONCE) * words * DOUBLE + n * k * 4 * DOUBLE
    each = 2 * n * words + n * (2 * DOUBLE + 5)
    return Need("the sets of neighbours of one representation", each, kept + packing)


def local_need(n: int, k: int, n_left: int, n_right: int, backend: Backend) -> Need:
    """Bytes of `stages.align.routines.local_kernels.cknna`, by representation."""
    kept = lists(n, k, n_left + n_right, backend.itemsize) + n_left * n * k * DOUBLE
    each = n * k * 12 * DOUBLE + n * 3 * DOUBLE
    return Need("the local kernel of one representation", each, kept)
