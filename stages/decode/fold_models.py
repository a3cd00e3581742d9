"""The models of one fold: many targets, several regions, a few matrix products."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stages.core.regression.folds import Fold, Split
from stages.core.stats.scores import Moments
from stages.decode.ensemble import Basis
from stages.decode.target_columns import Columns

Array = NDArray[np.float64]
Floats = NDArray[np.floating]
AT_ONCE = 512  # columns whose errors are found together, as many as a cache holds


class Stack:
    """Bases of several regions in one split, side by side."""

    def __init__(self, bases: Sequence[Basis], split: Split, dtype: type[np.floating]) -> None:
        ends = np.cumsum([len(basis.power) for basis in bases])
        self.split = split
        self.blocks = [slice(end - len(b.power), end) for end, b in zip(ends, bases, strict=True)]
        self.power = np.concatenate([basis.power for basis in bases]).astype(dtype)
        self.train = np.hstack([basis.train for basis in bases]).astype(dtype)
        self.held_out = np.hstack([basis.held_out for basis in bases]).astype(dtype)
        self.grams = [(basis.held_out.T @ basis.held_out).astype(dtype) for basis in bases]

    def fit(self, targets: Columns, lambdas: Array, choice: str) -> tuple[Floats, NDArray[np.intp]]:
        """Fit every column in every region at the best regularisation of each.

        Returns
        -------
        weights : ndarray, shape (n_components of all regions, n_columns)
        chosen : ndarray of int, shape (n_regions, n_columns)
        """
        product = targets.product(self.train, self.split.train)
        chosen = self._errors(targets, product, lambdas, choice).argmin(axis=1)
        for block, best in zip(self.blocks, chosen, strict=True):
            strengths = lambdas[best].astype(product.dtype)
            product[block] /= self.power[block, None] + strengths
        return product, chosen

    def inner_r2(self, targets: Columns, lambdas: Array, choice: str) -> Array:
        """R² at the best regularisation, over the rows that choose it.

        Returns
        -------
        ndarray, shape (n_regions, n_columns)
            0 for a column that is constant on those rows.
        """
        product = targets.product(self.train, self.split.train)
        least = self._errors(targets, product, lambdas, choice).min(axis=1)
        left = targets.rows(self.split.test if choice == "held_out" else self.split.train)
        total = ((left - targets.mean(self.split.train)) ** 2).sum(axis=0)
        explained = -least if choice == "held_out" else total - least
        r2: Array = np.where(total > 0, explained / np.where(total > 0, total, 1), 0)
        return r2

    def _errors(self, targets: Columns, product: Floats, lambdas: Array, choice: str) -> Floats:
        """Squared errors, shape (n_regions, n_lambdas, n_columns)."""
        if choice == "held_out":
            return self._held_out_errors(targets, product, lambdas)
        return self._left_out_errors(targets.rows(self.split.train), product, lambdas)

    def _held_out_errors(self, targets: Columns, product: Floats, lambdas: Array) -> Floats:
        """Squared errors on the held-out rows, less those of predicting the training mean.

        With p the products, D a regularisation's shrinkage, G the Gram matrix of the held-out rows
        and c their products with what is left of the targets, p'DGDp - 2 p'Dc.
        """
        cross = targets.product(self.held_out, self.split.test)
        mean = targets.mean(self.split.train).astype(cross.dtype)
        cross -= self.held_out.sum(axis=0)[:, None] * mean
        n_columns = product.shape[1]
        errors = np.empty((len(self.blocks), len(lambdas), n_columns), product.dtype)
        for block, gram, found in zip(self.blocks, self.grams, errors, strict=True):
            shrinkage = (1 / (self.power[block] + lambdas[:, None])).astype(product.dtype)
            bends = (shrinkage[:, :, None] * gram * shrinkage[:, None]).reshape(-1, len(gram))
            for start in range(0, n_columns, AT_ONCE):
                few = slice(start, start + AT_ONCE)
                own = product[block, few]
                bent = (bends @ own).reshape(len(lambdas), *own.shape)
                found[:, few] = np.einsum("lkc,kc->lc", bent, own)
                found[:, few] -= shrinkage @ (2 * own * cross[block, few])
        return errors

    def _left_out_errors(self, train: Floats, product: Floats, lambdas: Array) -> Floats:
        """Squared errors of training rows left out one by one, as scikit-learn's RidgeCV."""
        centred = train - train.mean(axis=0)
        errors = np.empty((len(self.blocks), len(lambdas), train.shape[1]), product.dtype)
        for region, block in enumerate(self.blocks):
            basis = self.train[:, block]
            for row, strength in enumerate(lambdas.astype(product.dtype)):
                shrunk = basis / (self.power[block] + strength)
                leverage = 1 / len(train) + np.einsum("nk,nk->n", basis, shrunk)
                left = (centred - shrunk @ product[block]) / (1 - leverage)[:, None]
                errors[region, row] = np.einsum("nc,nc->c", left, left)
        return errors


class FoldModels:
    """The models of one fold in several regions, ready for any column of targets."""

    def __init__(
        self, fold: Fold, bases: Sequence[Sequence[Basis]], dtype: type[np.floating]
    ) -> None:
        """Stack `bases[region][split]`."""
        self.outer = fold.outer
        self.stacks = [
            Stack([region[s] for region in bases], split, dtype)
            for s, split in enumerate(fold.inner)
        ]
        self.tests = [np.hstack([b.test for b in region]).astype(dtype) for region in bases]
        self.grams = [test.T @ test for test in self.tests]

    def fit(
        self, targets: Columns, lambdas: Array, choice: str
    ) -> tuple[list[Floats], NDArray[np.intp]]:
        """Weights of every region's ensemble, and the index of each model's regularisation.

        Returns
        -------
        weights : list of ndarray, shape (n_components of all splits, n_columns)
        chosen : ndarray of int, shape (n_splits, n_regions, n_columns)
        """
        fits = [stack.fit(targets, lambdas, choice) for stack in self.stacks]
        weights: list[Floats] = []
        for g in range(len(self.tests)):
            parts = zip(self.stacks, fits, strict=True)
            joined = np.concatenate([found[stack.blocks[g]] for stack, (found, _) in parts])
            weights.append(joined / len(fits))
        return weights, np.stack([chosen for _, chosen in fits])

    def inner_r2(self, targets: Columns, lambdas: Array, choice: str) -> Array:
        """Mean R² over the splits, shape (n_regions, n_columns)."""
        splits = [stack.inner_r2(targets, lambdas, choice) for stack in self.stacks]
        mean: Array = np.mean(splits, axis=0)
        return mean

    def intercept(self, targets: Columns) -> Array:
        """Mean over the splits of the mean of their training rows, for every column."""
        means: Array = np.mean([targets.mean(s.split.train) for s in self.stacks], axis=0)
        return means

    def moments(self, targets: Columns, weights: Sequence[Floats]) -> list[Moments]:
        """Sum over the test rows; one per region, with arrays of shape (n_columns,)."""
        rows, base = self.outer.test, targets.mean(self.outer.train)
        offset, n = self.intercept(targets) - base, float(len(rows))
        y, yy = targets.sums(rows)
        products = targets.product(np.hstack(self.tests), rows)
        ends = np.cumsum([test.shape[1] for test in self.tests])[:-1]
        parts = zip(self.tests, self.grams, weights, np.split(products, ends), strict=True)
        found = []
        for test, gram, weight, product in parts:
            p = test.sum(axis=0) @ weight
            pp = np.einsum("kc,kc->c", weight, gram @ weight)
            yp = np.einsum("kc,kc->c", weight, product)
            d, dd = p + n * offset, pp + 2 * offset * p + n * offset**2
            found.append(Moments(np.full(len(y), n), y, yy, d, dd, yp + offset * y, base))
        return found
