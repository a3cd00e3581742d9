"""Parts of a symmetric matrix of pairs of rows: each pair above the diagonal is in one of them."""

from dataclasses import dataclass

WIDEST = 512  # columns; of more, what is made of a tile leaves the processor's cache


@dataclass(frozen=True)
class Tile:
    """Some rows of a symmetric matrix beside some of the same or later columns.

    Attributes
    ----------
    rows, columns : slice
        Columns start where the rows do, or after the last of them.
    """

    rows: slice
    columns: slice

    @property
    def shape(self) -> tuple[int, int]:
        """Count the rows and columns."""
        return self.rows.stop - self.rows.start, self.columns.stop - self.columns.start

    @property
    def size(self) -> int:
        """Count the numbers."""
        rows, columns = self.shape
        return rows * columns

    @property
    def is_corner(self) -> bool:
        """Whether part of it lies on or below the diagonal."""
        return bool(self.rows.start == self.columns.start)


def width_of(n: int) -> int:
    """Bound the columns of a tile of a matrix of n rows."""
    return min(n, WIDEST)


def cut_tiles(n: int, height: int) -> list[Tile]:
    """Cut what is above the diagonal of a matrix of n rows into tiles.

    Parameters
    ----------
    n : int
    height : int
        Rows of a tile, at most.
    """
    width = width_of(n)
    height = min(height, width)
    return [
        Tile(slice(start, min(start + height, n)), slice(left, min(left + width, n)))
        for start in range(0, n, height)
        for left in range(start, n, width)
    ]
