"""Fast regularised ensembles of models (FReM) for many targets at once.

Hoyos-Idrobo et al. (2018, NeuroImage 180:160): for each split of the training rows, voxels are
agglomerated to parcels, parcels screened by a univariate F, a ridge is fitted for every
regularisation, the best is kept, and the models of all splits are averaged. What does not depend
on the target (parcels, factorisations, bases) is made once; what does is a few matrix products,
of all regions together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stages.core.params.schema import Decode
from stages.core.regression.block_orders import block_orders
from stages.core.regression.folds import Fold
from stages.core.stats.scores import Moments
from stages.decode.ensemble import (
    FEWEST_TO_SCREEN,
    Basis,
    Region,
    make_basis,
    region_models,
    screen,
    screening_percent,
)
from stages.decode.fold_models import FoldModels
from stages.decode.target_columns import PlainColumns, ShiftedColumns

Array = NDArray[np.float64]
Floats = NDArray[np.floating]
COLUMNS = 8000  # targets × shifts handled at once


@dataclass(frozen=True)
class Decoded:
    """What one region says of every target.

    Attributes
    ----------
    observed : Moments
        Shape (n_folds, n_targets).
    predictions : ndarray, shape (n_samples, n_targets)
        Held out; NaN in rows that no fold tests.
    weights : ndarray, shape (n_voxels, n_targets)
        Weights of the voxels as recorded, averaged over splits and folds.
    lambdas : ndarray, shape (n_folds, n_splits, n_targets)
        Regularisation chosen.
    inner_r2 : ndarray, shape (n_targets,)
        Mean over folds and splits of R² over the rows that chose it, at the chosen one.
    """

    observed: Moments
    predictions: Array
    weights: Array
    lambdas: Array
    inner_r2: Array


class Decoder:
    """FReM in several regions with the same samples, for any targets.

    Parameters
    ----------
    regions : sequence of Region
    folds : tuple of Fold
        With at least one inner split each.
    lambdas : ndarray, shape (n_lambdas,)
    settings : Decode
    """

    def __init__(
        self, regions: Sequence[Region], folds: tuple[Fold, ...], lambdas: Array, settings: Decode
    ) -> None:
        self._folds, self._lambdas, self._settings = folds, lambdas, settings
        self._percents = [screening_percent(region, settings) for region in regions]
        self._models = [
            [region_models(region, fold, settings.parcels) for region in regions] for fold in folds
        ]
        self._shared: list[FoldModels] = []

    @property
    def _screened(self) -> bool:
        """Whether the models of different targets see different parcels."""
        return any(
            percent is not None and len(parcels.sizes) > FEWEST_TO_SCREEN
            for models in self._models
            for percent, model in zip(self._percents, models, strict=True)
            for parcels in model.parcels
        )

    def fit(self, targets: Array) -> list[Decoded]:
        """Predict every target in every region from held-out rows.

        Parameters
        ----------
        targets : ndarray, shape (n_samples, n_targets)

        Returns
        -------
        list of Decoded
            One per region.
        """
        means = targets.mean(axis=0)
        series = targets - means
        groups = [[t] for t in range(targets.shape[1])] if self._screened else [slice(None)]
        parts = [self._fit(series[:, group]) for group in groups]
        return [_join([part[g] for part in parts], means) for g in range(len(self._percents))]

    def _fit(self, series: Array) -> list[Decoded]:
        """Fit targets that share their models."""
        regions, columns = range(len(self._percents)), PlainColumns(series)
        predictions = [np.full_like(series, np.nan) for _ in regions]
        weights = [np.zeros((len(m.scale), series.shape[1])) for m in self._models[0]]
        moments, chosen, inner = [], [], []
        for f, (fold, bases) in enumerate(zip(self._folds, self._bases(series), strict=True)):
            models = FoldModels(fold, bases, np.float64)
            found, best = models.fit(columns, self._lambdas, self._settings.choice)
            moments.append(models.moments(columns, found))
            chosen.append(self._lambdas[best])
            inner.append(models.inner_r2(columns, self._lambdas, self._settings.choice))
            for g in regions:
                test = fold.outer.test
                predictions[g][test] = models.tests[g] @ found[g] + models.intercept(columns)
                weights[g] += self._voxel_weights(f, g, bases[g], found[g]) / len(self._folds)
        return [
            Decoded(
                _stack([fold[g] for fold in moments]),
                predictions[g],
                weights[g],
                np.stack([fold[:, g] for fold in chosen]),
                np.mean([fold[g] for fold in inner], axis=0),
            )
            for g in regions
        ]

    def _voxel_weights(self, f: int, g: int, bases: list[Basis], weights: Floats) -> Array:
        model, copied = self._models[f][g], self._settings.parcel_weights == "copied"
        ends = np.cumsum([len(basis.power) for basis in bases])[:-1]
        parts = zip(model.parcels, bases, np.split(weights, ends), strict=True)
        total = sum(p.spread(basis.axes @ part, copied) for p, basis, part in parts)
        spread: Array = total / model.scale[:, None]
        return spread

    def shifted(
        self, targets: Array, orders: NDArray[np.intp]
    ) -> Iterator[tuple[slice, list[Moments]]]:
        """Do the same for targets shifted against the responses, some targets at a time.

        Regularisation is chosen anew for every shift. Where parcels are screened, those chosen for
        the target as it is are kept.

        Parameters
        ----------
        targets : ndarray, shape (n_samples, n_targets)
        orders : ndarray of int, shape (n_shifts, n_samples)

        Yields
        ------
        slice
            The targets.
        list of Moments
            One per region, of shape (n_folds, n_targets of the slice, n_shifts).
        """
        series = (targets - targets.mean(axis=0)).astype(np.float32)
        blocks = block_orders(self._folds, orders)
        step = 1 if self._screened else max(COLUMNS // len(orders), 1)
        for start in range(0, targets.shape[1], step):
            chunk = slice(start, min(start + step, targets.shape[1]))
            shape = (chunk.stop - start, len(orders))
            shifted = ShiftedColumns(series[:, chunk], blocks)
            folds = []
            for models in self._single(targets[:, chunk]):
                weights, _ = models.fit(shifted, self._lambdas, self._settings.choice)
                folds.append(models.moments(shifted, weights))
            yield (
                chunk,
                [_stack([fold[g] for fold in folds], shape) for g in range(len(self._percents))],
            )

    def _single(self, series: Array) -> list[FoldModels]:
        """Models in single precision, made once where all targets share them."""
        if not self._screened and self._shared:
            return self._shared
        models = [
            FoldModels(fold, bases, np.float32)
            for fold, bases in zip(self._folds, self._bases(series), strict=True)
        ]
        if not self._screened:
            self._shared = models
        return models

    def _bases(self, series: Array) -> Iterator[list[list[Basis]]]:
        """Factorise, fold by fold, every split of every region, screened for the only target."""
        copied = self._settings.parcel_weights == "copied"
        for fold, models in zip(self._folds, self._models, strict=True):
            bases = []
            for percent, model in zip(self._percents, models, strict=True):
                row = []
                for split, parcels in zip(fold.inner, model.parcels, strict=True):
                    keep = np.ones(len(parcels.sizes), dtype=bool)
                    if self._screened:
                        train = parcels.averages[split.train]
                        keep = screen(train, series[split.train, 0], percent)
                    row.append(make_basis(parcels, split, fold.outer.test, copied, keep))
                bases.append(row)
            yield bases


def _stack(folds: Sequence[Moments], shape: tuple[int, ...] = (-1,)) -> Moments:
    """Put the sums of the folds together, shape (n_folds, *shape)."""
    return Moments(
        *(np.stack([vars(m)[name].reshape(shape) for m in folds]) for name in vars(folds[0]))
    )


def _join(parts: Sequence[Decoded], means: Array) -> Decoded:
    """Put targets together that were fitted apart, and give them their means back."""
    sums = [vars(part.observed) for part in parts]
    return Decoded(
        Moments(*(np.concatenate([part[name] for part in sums], axis=1) for name in sums[0])),
        np.concatenate([part.predictions for part in parts], axis=1) + means,
        np.concatenate([part.weights for part in parts], axis=1),
        np.concatenate([part.lambdas for part in parts], axis=2),
        np.concatenate([part.inner_r2 for part in parts]),
    )
