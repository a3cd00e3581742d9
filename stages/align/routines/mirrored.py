"""Distances of all rows, of which one half is made and the other mirrors it."""

from typing import Any

import numpy as np

from stages.align.representation import Features
from stages.align.routines.squared import AT_ONCE

WIDE = 512  # units of a row, from which a product takes longer than a mirror


def mirrored(source: Features) -> Features:
    """Take 1 less the likeness of all rows, less half the square of each row's own length.

    Parameters
    ----------
    source : ndarray, shape (n, width + 1)
        Rows, and after them half the square of their lengths.

    Returns
    -------
    ndarray, shape (n, n)
        As those of `far_from_all`, but for rounding below the diagonal.
    """
    n, own = len(source), source[:, -1]
    made = np.empty((n, n), dtype=source.dtype)
    for start in range(0, n, AT_ONCE):
        here, later = slice(start, start + AT_ONCE), slice(start + AT_ONCE, n)
        part = far_from_all(source[here], source[start:])
        made[here, start:] = part
        np.add(part[:, AT_ONCE:].T, own[here], out=made[later, here])
        made[later, here] -= own[later, None]
    return made


def far_from_all(some: Any, source: Any) -> Any:
    """Half the squared distances of some rows from others, less half the square of their own."""
    here = -some
    here[:, -1] = 1
    return here @ source.T
