"""What is known without a design, taken out of design and responses inside every split."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stages.core.regression.folds import Split
from stages.core.run.errors import InputError

Array = NDArray[np.float64]
# Share of the largest up to which a variable, a combination of them or what is left is nothing.
NOTHING = 1e-7


@dataclass(frozen=True)
class Known:
    """Nuisance variables and a constant, fitted by least squares on the training rows of a split.

    A ridge on what is left of the training rows, whose predictions are held against what is left
    of the test rows, is that of design and nuisance variables together with the latter unpenalised
    (Frisch & Waugh 1933; Lovell 1963). Fitted over all rows instead, they would tell the test rows
    what the training rows are.

    Attributes
    ----------
    split : Split
    fit : ndarray, shape (n_axes, n_train)
        From values of the training rows to weights of the axes.
    train, test : ndarray, shape (n_rows, n_axes)
        A constant and the variables, on axes that are orthonormal over the training rows.
    weights : ndarray, shape (n_variables, n_axes - 1)
        From the variables, less their means over the training rows, to the axes after the first.
    """

    split: Split
    fit: Array
    train: Array
    test: Array
    weights: Array

    def leave_train(self, values: Array) -> Array:
        """Leave of the training rows what is not known; values are of all samples."""
        rows = values[self.split.train]
        left: Array = rows - self.train @ (self.fit @ rows)
        return left

    def leave_test(self, values: Array) -> Array:
        """Leave of the test rows what is not known; values are of all samples."""
        left: Array = values[self.split.test] - self.test @ (self.fit @ values[self.split.train])
        return left


def fit_known(nuisance: Array, split: Split) -> Known:
    """Prepare to take nuisance variables out of a split.

    Parameters
    ----------
    nuisance : ndarray, shape (n_samples, n_variables)
        Those that are constant over the training rows, or combinations of others there, add
        nothing.
    split : Split

    Raises
    ------
    InputError
        If they are as many as the training rows.
    """
    rows = nuisance[split.train]
    mean, spread = rows.mean(axis=0), rows.std(axis=0)
    varies = spread > NOTHING * np.abs(rows).max(axis=0)
    scaled = (nuisance - mean)[:, varies] / spread[varies]
    axes, size, turn = np.linalg.svd(scaled[split.train], full_matrices=False)
    real = size > NOTHING * size.max(initial=0)
    if real.sum() + 1 >= len(rows):
        raise InputError(
            "as many nuisance variables as training samples",
            where="nuisance.parquet",
            expected=f"fewer than {len(rows) - 1}",
            got=int(real.sum()),
            do="Each counts once per delay or word before: ask for fewer in encode.nuisance_delays "
            "or encode.spillover.",
        )
    one = len(rows) ** -0.5
    train = np.column_stack([np.full(len(rows), one), axes[:, real]])
    turn = turn[real].T / size[real]
    test = np.column_stack([np.full(len(split.test), one), scaled[split.test] @ turn])
    weights = np.zeros((nuisance.shape[1], turn.shape[1]))
    weights[varies] = turn / spread[varies, None]
    return Known(split, train.T, train, test, weights)
