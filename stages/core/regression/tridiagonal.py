"""Ridge solutions at many regularisations without eigenvectors, by a tridiagonal matrix."""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

from stages.core.run.errors import ConcordError

Array = NDArray[np.float64]


class Tridiagonal:
    """A Gram matrix G = Q T Qᵀ with Q orthogonal and T tridiagonal.

    (G + λ)⁻¹ b is Q (T + λ)⁻¹ Qᵀ b. T takes a third of the time of eigenvectors, and a solution in
    T next to none (Golub & Van Loan 2013, Matrix Computations, 8.3.1 and 4.3.6).

    Parameters
    ----------
    gram : ndarray, shape (n, n)
        Two rows at least.
    """

    def __init__(self, gram: Array) -> None:
        size = int(lapack.dsytrd_lwork(len(gram), lower=1)[0])
        packed, self._diagonal, self._beside, self._tau, _ = lapack.dsytrd(
            gram, lower=1, lwork=size
        )
        # Reflections, below the diagonal beside it, of all coordinates but the first.
        self._reflections = np.asfortranarray(packed[1:, :-1])

    def solve(self, sides: Array, strengths: Array) -> Array:
        """Solve for every side and regularisation.

        Parameters
        ----------
        sides : ndarray, shape (n, n_sides)
        strengths : ndarray, shape (n_strengths,)
            Positive, and not as small as the rounding of the matrix.

        Returns
        -------
        ndarray, shape (n, n_strengths, n_sides)

        Raises
        ------
        ConcordError
            If a regularisation is so small that the matrix is singular.
        """
        turned = self._turn(sides, "T")
        found = np.empty((len(sides), len(strengths), sides.shape[1]))
        for place, strength in enumerate(strengths):
            *_, solved, info = lapack.dptsv(self._diagonal + strength, self._beside, turned)
            if info:
                raise ConcordError("singular matrix", where="a ridge", got=f"λ = {strength:g}")
            found[:, place] = solved
        back = self._turn(found.reshape(len(sides), -1), "N")
        return back.reshape(found.shape)

    def _turn(self, values: Array, way: str) -> Array:
        """Multiply by Q, or by its transpose."""
        rest = np.asfortranarray(values[1:])
        size = 64 * max(values.shape[1], 1)
        turned, _, _ = lapack.dormqr("L", way, self._reflections, self._tau, rest, size)
        return np.vstack([values[:1], turned])
