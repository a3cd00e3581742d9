"""Few axes of the test rows that span all predictions of a narrow design."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def turn(test: Array, cost: float) -> tuple[Array, Array]:
    """Axes of the test rows that span all predictions, and the test rows on them.

    To turn a column of responses takes a product per axis and row, and spares `cost` products per
    row in excess of the axes. There are no axes, and the rows stay, where that does not pay.

    Parameters
    ----------
    test : ndarray, shape (n_test, n_components)
    cost : float
        Products that one row of predictions takes, for each column of responses.

    Returns
    -------
    axes : ndarray, shape (n_axes, n_test)
    turned : ndarray, shape (n_axes or n_test, n_components)
    """
    n_test, n_components = test.shape
    if n_components == 0 or n_components * n_test >= (n_test - n_components) * cost:
        return np.empty((0, n_test)), test
    axes, turned = np.linalg.qr(test)
    return axes.T, turned
