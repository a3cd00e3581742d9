"""What is known without a design, taken out of design and responses inside every split."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stages.core.regression.folds import Split

Array = NDArray[np.float64]


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
    fit : ndarray, shape (n_variables + 1, n_train)
        From values of the training rows to weights of the variables.
    train, test : ndarray, shape (n_rows, n_variables + 1)
        The variables.
    """

    split: Split
    fit: Array
    train: Array
    test: Array

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
    split : Split
    """
    scale = np.abs(nuisance).max(axis=0)
    variables = np.column_stack([np.ones(len(nuisance)), nuisance / np.where(scale > 0, scale, 1)])
    train = variables[split.train]
    return Known(split, np.linalg.pinv(train), train, variables[split.test])
