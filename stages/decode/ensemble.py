"""What FReM needs of a region before it knows any target: parcels and bases of every split."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from stages.core.params.schema import Decode
from stages.core.regression.folds import Fold, Rows, Split
from stages.decode.parcels import parcellate

Array = NDArray[np.float64]
Ints = NDArray[np.intp]
BRAIN = 1882989.0  # mm³ of the MNI152 template (nilearn)
FEWEST_TO_SCREEN = 100  # parcels; fewer are all kept (nilearn)


@dataclass(frozen=True)
class Region:
    """Voxels of one region of one subject.

    Attributes
    ----------
    rows : ndarray, shape (n_samples, n_voxels)
    voxels : ndarray of int, shape (n_voxels, 3)
        Indices in the volume.
    volume : float
        Of one voxel, in mm³.
    """

    rows: Array
    voxels: Ints
    volume: float


@dataclass(frozen=True)
class Parcels:
    """The parcels of one split.

    Attributes
    ----------
    labels : ndarray of int, shape (n_voxels,)
    sizes : ndarray of int, shape (n_parcels,)
    averages : ndarray, shape (n_samples, n_parcels)
    """

    labels: Ints
    sizes: Ints
    averages: Array

    def spread(self, weights: Array, copied: bool) -> Array:
        """Give the weights of parcels to their voxels, shape (n_voxels, n_targets)."""
        shares = weights if copied else weights / self.sizes[:, None]
        return shares[self.labels]


@dataclass(frozen=True)
class RegionModels:
    """One region in one fold.

    Attributes
    ----------
    scale : ndarray, shape (n_voxels,)
        Standard deviation of each voxel over the training rows; infinite where there is none.
    parcels : list of Parcels
        One per inner split.
    """

    scale: Array
    parcels: list[Parcels]


@dataclass(frozen=True)
class Basis:
    """Parcels of one split in the axes of their principal components over its training rows.

    Attributes
    ----------
    axes : ndarray, shape (n_parcels, n_components)
    power : ndarray, shape (n_components,)
        Squared singular values.
    train, held_out, test : ndarray, shape (n_rows, n_components)
        The split's training and held-out rows, and the fold's test rows.
    """

    axes: Array
    power: Array
    train: Array
    held_out: Array
    test: Array


def region_models(region: Region, fold: Fold, percent: float) -> RegionModels:
    """Standardise a region on the training rows of a fold, and parcellate it in every split.

    Parameters
    ----------
    region : Region
    fold : Fold
    percent : float
        Parcels per hundred voxels.
    """
    train = region.rows[fold.outer.train]
    scale = train.std(axis=0, ddof=1)
    scale[scale <= 1e-10 * np.abs(train).max(axis=0)] = np.inf
    standard = (region.rows - train.mean(axis=0)) / scale
    parcels = []
    for split in fold.inner:
        labels = parcellate(standard[split.train], region.voxels, percent)
        parcels.append(_average(standard, labels))
    return RegionModels(scale, parcels)


def _average(standard: Array, labels: Ints) -> Parcels:
    sizes = np.bincount(labels)
    weights = csr_array((1 / sizes[labels], (labels, np.arange(len(labels)))))
    return Parcels(labels, sizes, (weights @ standard.T).T)


def screening_percent(region: Region, settings: Decode) -> int | None:
    """Per cent of the parcels to keep, or None where all are kept.

    As in nilearn: `decode.screening` is a percentage of a whole brain's volume, so that small
    regions keep everything.
    """
    volume = len(region.voxels) * region.volume
    percent = int(min(settings.screening * BRAIN / volume, 100))
    return None if percent >= 100 else percent


def screen(averages: Array, target: Array, percent: int | None) -> NDArray[np.bool_]:
    """Keep the parcels with the highest univariate F on a target.

    F of a regression on one variable grows with its squared correlation.

    Parameters
    ----------
    averages : ndarray, shape (n_rows, n_parcels)
    target : ndarray, shape (n_rows,)
    percent : int or None

    Returns
    -------
    ndarray of bool, shape (n_parcels,)
    """
    everything = np.ones(averages.shape[1], dtype=bool)
    if percent is None or averages.shape[1] <= FEWEST_TO_SCREEN or np.ptp(target) == 0:
        return everything
    centred = averages - averages.mean(axis=0)
    power = (centred**2).sum(axis=0)
    strength = ((target - target.mean()) @ centred) ** 2 / np.where(power > 0, power, np.inf)
    best: NDArray[np.bool_] = strength > np.percentile(strength, 100 - percent)
    return best


def make_basis(
    parcels: Parcels, split: Split, test: Rows, copied: bool, keep: NDArray[np.bool_]
) -> Basis:
    """Factorise the kept parcels of a split."""
    averages = parcels.averages[:, keep]
    gain = parcels.sizes[keep] if copied else 1
    mean = averages[split.train].mean(axis=0)
    centred = averages[split.train] - mean
    power, vectors = np.linalg.eigh(centred.T @ centred)
    real = power > power[-1] * max(centred.shape) * np.finfo(float).eps
    power, vectors = power[real], vectors[:, real]
    axes = np.zeros((len(keep), len(power)))
    axes[keep] = vectors
    return Basis(
        axes,
        power,
        centred @ vectors,
        (averages[split.test] - mean) @ vectors,
        (averages[test] * gain - mean) @ vectors,
    )
