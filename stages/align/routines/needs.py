"""How much memory each routine takes, told before any work."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from stages.align.representation import Deferred, Dissimilarities, Representation
from stages.align.routines.ranks import table_size
from stages.align.routines.squared import AT_ONCE, MOST_FOR_MEDIAN, is_kept
from stages.align.routines.tiles import Tile, cut_tiles, width_of
from stages.core.names.metrics import Metric
from stages.core.stats.backend import Backend

SINGLE, DOUBLE = 4, 8  # bytes
SEARCHED = 128  # rows per neighbour
DIRECTIONS = 10  # of `svcca`, as in the released code of Huh et al. (2024)


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

    @property
    def least(self) -> int:
        """Bytes without which nothing can be done."""
        return self.fixed + self.each

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

    def tiles(self, n: int, backend: Backend) -> list[Tile]:
        """Cut pairs of n rows into tiles that fit into memory.

        Raises
        ------
        InputError
            If not even one row fits.
        """
        return cut_tiles(n, self.blocks(n, backend)[0].stop)


def size_of(representation: Representation) -> tuple[int, int | None]:
    """Count rows, and columns of features; None of dissimilarities."""
    if isinstance(representation, Dissimilarities):
        return len(representation.values), None
    return representation.shape[0], representation.shape[1]


def size_beside(representation: Representation) -> int:
    """Bytes that a representation takes whether it is at hand or not."""
    if isinstance(representation, Deferred):
        return representation.beside
    if isinstance(representation, Dissimilarities):
        return representation.values.nbytes
    return representation.nbytes


def size_at_hand(representation: Representation) -> int:
    """Bytes that it takes while it is at hand, but for those."""
    n, width = size_of(representation)
    return n * (width or 0) * SINGLE if isinstance(representation, Deferred) else 0


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
            passing += size_at_hand(one)
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
    each = width_of(n) * item * (kernels * sides + 4)
    return Need("a row of every kernel", each, fixed)


def rsa_need(
    left: Sequence[Representation],
    right: Sequence[Representation],
    metric: Metric,
    orders: int,
    backend: Backend,
) -> Need:
    """Bytes of `stages.align.routines.rsa.rsa`, a row of all matrices at a time."""
    n, item = size_of(left[0])[0], backend.itemsize
    sides, widths = len(left) + len(right), [size_of(one)[1] or 0 for one in (*left, *right)]
    fixed = prepared(left, right, orders, item) + n * max(widths) * item
    fixed += orders * len(left) * len(right) * DOUBLE
    each = width_of(n) * (item * (sides + 3) + DOUBLE)
    if metric.comparison == "spearman":
        fixed += table_size(n * (n - 1) // 2) * (item * sides + 4 * DOUBLE)
        each += width_of(n) * 2 * DOUBLE
    return Need("a row of all dissimilarities", each, fixed)


def most_needed(
    left: Sequence[Representation],
    right: Sequence[Representation],
    metrics: Sequence[Metric],
    orders: int,
    backend: Backend,
) -> Need:
    """Bytes of several metrics of RSA, of which ranks take the place of what is ranked."""
    needs = (rsa_need(left, right, metric, orders, backend) for metric in metrics)
    return max(needs, key=lambda need: need.least)


def check_memory(
    left: Sequence[Representation],
    right: Sequence[Representation],
    metrics: Sequence[Metric],
    orders: int,
    backend: Backend,
    *,
    held: int = 0,
    rows: int = 1,
) -> None:
    """Refuse, before any work, what does not fit into memory.

    Parameters
    ----------
    left, right : sequence of Representation
    metrics : sequence of Metric
    orders : int
        In how many orders the rows of the left side are taken.
    backend : Backend
    held : int
        Bytes that are taken besides.
    rows : int
        How many of a block there shall be room for, at least.

    Raises
    ------
    InputError
        Naming what takes most, and how much would do.
    """
    needs = _needs(left, right, metrics, orders, backend, rows=rows)
    most = max(needs, key=lambda need: need.least)
    Need(most.what, most.each, most.fixed + held).chunk(backend)


def _needs(
    left: Sequence[Representation],
    right: Sequence[Representation],
    metrics: Sequence[Metric],
    orders: int,
    backend: Backend,
    *,
    rows: int,
) -> Iterator[Need]:
    """Bytes of each routine; of those that work by rows, with so many at once."""
    n = size_of(left[0])[0]

    def of_rows(need: Need) -> Need:
        return replace(need, each=need.each * min(rows, n))

    families: dict[str, list[Metric]] = {}
    for metric in metrics:
        families.setdefault(metric.kind.routine, []).append(metric)
    if "kernel" in families:
        yield of_rows(kernel_need(left, right, families["kernel"], orders, backend))
    for metric in families.get("dissimilarity", []):
        yield of_rows(rsa_need(left, right, metric, orders, backend))
    if "subspace" in families:
        yield leading_need(left, right, backend)
    near = families.get("graph", []) + families.get("sequence", [])
    if not near:
        return
    k = max(metric.k for metric in near)
    kept = lists(n, k, len(left) + len(right), backend.itemsize)
    for one in (*left, *right):
        need = of_rows(finding_need(one, k, backend))
        yield Need(need.what, need.each, need.fixed + kept)
    for metric in near:
        need_of = COMPARING[metric.name.rsplit("_", 1)[0]]
        need = need_of(n, metric.k, len(left), len(right), backend)
        yield Need(need.what, need.each, need.fixed + kept)


def finding_need(representation: Representation, k: int, backend: Backend) -> Need:
    """Bytes of `stages.align.routines.neighbours.find_neighbours`, some rows at a time."""
    (n, width), item = size_of(representation), backend.itemsize
    rows = n * n * item if width is None else n * (width + 1) * item
    passing = 0 if width is None else 2 * DOUBLE * min(n, AT_ONCE) * width
    passing += size_at_hand(representation)
    each = n * (2 * item + 1) + min(n, 8 * k) * (item + 5 * DOUBLE)
    return Need("a row of distances", each, rows + passing + lists(n, k, 1, item))


def lists(n: int, k: int, count: int, item: int) -> int:
    """Bytes of the neighbours of several representations."""
    return count * n * k * (4 + item)


def sets_need(n: int, k: int, n_left: int, n_right: int, backend: Backend) -> Need:
    """Bytes of `stages.align.routines.neighbour_sets.count_common`, by representation."""
    words = -(-n // 64) * DOUBLE
    packing = n * words + min(n, AT_ONCE) * words * DOUBLE + n * k * 4 * DOUBLE
    each = 2 * n * words + n * (2 * DOUBLE + 5)
    return Need("the sets of neighbours of one representation", each, packing)


def is_searched(n: int, k: int) -> bool:
    """Whether it is quicker to look for arrows that come back than to compare whole sets."""
    return n > SEARCHED * k


def cycle_need(n: int, k: int, n_left: int, n_right: int, backend: Backend) -> Need:
    """Bytes of `cycle_knn` in `stages.align.routines.neighbour_sets.count_common`."""
    if not is_searched(n, k):
        return sets_need(n, k, n_left, n_right, backend)
    arrows = n * k * DOUBLE
    return Need("the neighbours of one representation", 9 * arrows + n, 8 * arrows)


def tied_need(kept: int, most: int) -> Need:
    """Bytes of `stages.align.routines.tied_sets.share_ties`, from numbers of memberships.

    Parameters
    ----------
    kept : int
        Of all representations of the left side.
    most : int
        Of any one.
    """
    entry = DOUBLE + 4
    return Need("the neighbours that are equally near", 8 * entry * most, entry * kept)


def local_need(n: int, k: int, n_left: int, n_right: int, backend: Backend) -> Need:
    """Bytes of `stages.align.routines.local_kernels.cknna`, by representation."""
    kept = 2 * lists(n, k, n_left + n_right, backend.itemsize + DOUBLE)
    each = n * k * 10 * DOUBLE + n * 3 * DOUBLE
    return Need("the local kernel of one representation", each, kept)


def sequence_need(n: int, k: int, n_left: int, n_right: int, backend: Backend) -> Need:
    """Bytes of `stages.align.routines.sequences.compare_sequences`, by representation."""
    return Need("the neighbours of one representation", n * (2 * k + 8) * DOUBLE, 0)


COMPARING: dict[str, Callable[[int, int, int, int, Backend], Need]] = {
    "mutual_knn": sets_need,
    "cycle_knn": cycle_need,
    "cknna": local_need,
    "lcs_knn": sequence_need,
    "edit_knn": sequence_need,
}


def leading_need(
    left: Sequence[Representation], right: Sequence[Representation], backend: Backend
) -> Need:
    """Bytes of `stages.align.routines.subspaces.svcca`."""
    n = size_of(left[0])[0]
    widths = [size_of(one)[1] or 0 for one in (*left, *right)]
    making = max(2 * n * width + 3 * min(n, width) * n for width in widths)
    kept = n * DIRECTIONS * (2 * len(left) + len(right))
    reading = max(size_at_hand(one) for one in (*left, *right))
    return Need("the leading directions", DOUBLE * (making + kept) + reading, 0)
