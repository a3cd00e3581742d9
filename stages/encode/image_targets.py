"""Whose voxels are predicted from images: those of regions, where repeats are reliable."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.params.schema import EncodeScene
from stages.core.recording.regions import select_regions
from stages.core.recording.types import Recording, Subject
from stages.core.regression.folds import Fold
from stages.core.run.errors import InputError
from stages.core.stats.averaged_noise import ncsnr_of_averages, noise_ceiling

Array = NDArray[np.float64]
CEILING = "ncsnr"
EVERY = "all"
# Standard error of the share of a trial that is signal, above which voxels are not told apart.
LARGEST_ERROR = 0.2

log = logging.getLogger("concord.encode")


@dataclass(frozen=True)
class Voxels:
    """The voxels of a person that are predicted.

    Attributes
    ----------
    series : ndarray, shape (n_images, n_voxels)
        Mean responses.
    ids : list of str
        Of the voxels.
    regions : dict of str to slice
        Where the voxels of each region are.
    ceilings : ndarray, shape (n_voxels,)
        Highest r that a model can expect on the images that are tested; NaN where repeats do not
        tell.
    """

    series: NDArray[np.floating]
    ids: list[str]
    regions: dict[str, slice]
    ceilings: Array


def check_images(recording: Recording) -> None:
    """Raise `InputError` unless there are responses to images."""
    if recording.kind == "events":
        return
    got = {
        "rdm": "dissimilarities of pairs of images, of which no voxel can be predicted",
        "timeseries": "a story",
    }
    raise InputError(
        "no responses to images",
        where=recording.dataset,
        expected="a recording of responses to single images",
        got=got[recording.kind],
        do="Set scene.dataset to another one; `dvc repro align` compares dissimilarities.",
    )


def shown_rows(recording: Recording, subject: Subject) -> NDArray[np.intp]:
    """Rows of the samples, and so of the stimuli, that a subject's responses are."""
    if subject.samples is None:
        return np.arange(len(recording.samples))
    rows: NDArray[np.intp] = pd.Index(recording.samples["id"]).get_indexer(subject.samples["id"])
    return rows


def gather_voxels(subject: Subject, folds: Sequence[Fold], settings: EncodeScene) -> Voxels | None:
    """Collect the voxels of every region that is large enough; None where no region is left.

    Left out are voxels whose single trials have less signal than `settings.least_ncsnr`, as the
    training images of any fold tell: where images are kept apart, these tell nothing. Where too few
    of them were repeated to tell, none is left out. A recording that does not say how reliable
    voxels are keeps all, and has no ceilings.
    """
    repeats = None if subject.samples is None else subject.samples["repeats"].to_numpy()
    known = repeats is not None and "ncsnr" in subject.targets
    if repeats is not None and known:
        error = max(share_error(repeats[fold.outer.train]) for fold in folds)
        if error > LARGEST_ERROR:
            log.warning(
                "all voxels of subject %s kept: too few repeats of the training images to tell "
                "which are reliable",
                subject.name,
            )
            settings = settings.model_copy(update={"least_ncsnr": 0.0})
    kept, regions, start = [], {}, 0
    for region, columns in select_regions(subject, EVERY, settings.min_voxels).items():
        found = columns
        if repeats is not None and known:
            clear = _reliable(subject, columns, repeats, folds, settings.least_ncsnr)
            found = columns[clear]
        whole = subject.targets["i"].iloc[columns].notna().any()
        if len(found) < (settings.min_voxels if whole else 1):
            log.info(
                "region %s of subject %s left out: %d of %d voxels are reliable",
                *(region, subject.name, len(found), len(columns)),
            )
            continue
        kept.append(found)
        regions[region] = slice(start, start + len(found))
        start += len(found)
    if not kept:
        return None
    columns = np.concatenate(kept)
    ceilings = np.full(len(columns), np.nan)
    if repeats is not None and known:
        tested = np.concatenate([fold.outer.test for fold in folds])
        ceilings = noise_ceiling(subject.targets["ncsnr"].to_numpy(float)[columns], repeats[tested])
    ids = subject.targets["id"].iloc[columns].tolist()
    return Voxels(subject.responses[:, columns], ids, regions, ceilings)


def share_error(repeats: NDArray[np.integer]) -> float:
    """Find the standard error of the share of signal that averages of mere noise tell.

    Noise leaves m, the mean of 1/n, of its variance in averages of n trials, of which so many
    averages tell m to a part sqrt(2 / (n_stimuli - 1)); the share is (variance - m) / (1 - m).
    """
    left = float(np.mean(1 / repeats))
    return np.inf if left == 1 else left * np.sqrt(2 / (len(repeats) - 1)) / (1 - left)


def _reliable(
    subject: Subject,
    columns: NDArray[np.intp],
    repeats: NDArray[np.integer],
    folds: Sequence[Fold],
    least: float,
) -> NDArray[np.bool_]:
    """Whether voxels vary over the training images of every fold as signal would make them."""
    clear = np.ones(len(columns), dtype=bool)
    for fold in folds:
        rows = fold.outer.train
        values = np.asarray(subject.responses[np.ix_(rows, columns)], dtype=float)
        ratio = ncsnr_of_averages(values.var(axis=0, ddof=1), repeats[rows])
        clear &= ~(ratio < least)
    return clear
