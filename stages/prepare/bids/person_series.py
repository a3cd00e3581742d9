"""The responses of one person: read, cleaned of what is slow and of confounds, put in order."""

import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import orth

from stages.core.params.bids_section import Bids
from stages.core.recording.types import Cleaning, Subject
from stages.core.run.errors import InputError
from stages.core.time.cleaning import clean
from stages.prepare.bids.confounds import (
    SHARE,
    confound_names,
    confound_values,
    marked_volumes,
    read_confounds,
)
from stages.prepare.bids.find_runs import Run
from stages.prepare.bids.heard import Passage
from stages.prepare.bids.run_plan import Plan
from stages.prepare.series.grayordinates import cifti_places
from stages.prepare.series.measured_places import Places
from stages.prepare.series.run_series import of_grayordinates, read_series
from stages.prepare.series.vertex_places import surface_places
from stages.prepare.series.voxel_places import volume_places
from stages.prepare.smoothing import smooth
from stages.prepare.subjects import clean_targets, drop_unusable
from stages.prepare.usable_targets import drop_targets

log = logging.getLogger("concord.prepare")

# Columns cleaned at once: bounds the memory of their copies.
COLUMNS = 4096
# Of what there was, a part so small is left by rounding.
NOTHING = 1e-6
STANDARDIZE = Cleaning(detrend=False, high_pass=0.0, standardize=True)

Array = NDArray[np.float64]
# A run of a passage, and which volumes of it are kept.
Acquisition = tuple[Passage, Run]


def acquisitions(plan: Plan, subject: str) -> list[Acquisition]:
    """List the runs of a person in the order of the passages, repeats after each other."""
    return [(one, run) for one in plan.passages for run in one.runs[subject]]


def person(
    plan: Plan,
    subject: str,
    places: Places,
    regions: pd.DataFrame,
    *,
    settings: Bids,
    cleaning: Cleaning,
    smoothing: float,
) -> tuple[Subject, list[str]]:
    """Read and clean the responses of a person.

    Places that are not finite, or constant in a run, go before the smoothing, which would spread
    them; those outside every region after it, since their neighbours use them. Runs of the same
    words are averaged after cleaning.

    Parameters
    ----------
    plan : Plan
    subject : str
    places : Places
    regions : DataFrame
        Targets, one row per place; region is empty outside.
    settings : Bids
    cleaning : Cleaning
    smoothing : float
        Full width at half maximum in mm.

    Returns
    -------
    subject : Subject
    confounds : list of str
        Names of what left the responses.
    """
    found = acquisitions(plan, subject)
    whole = [read_series(run.image, places) for _, run in found]
    lengths = [len(series) for series in whole]
    blocks = [series[_kept(plan, one)] for series, (one, _) in zip(whole, found, strict=True)]
    runs = np.repeat(np.arange(len(found)), [len(block) for block in blocks])
    series, targets = drop_unusable(np.concatenate(blocks), regions, runs, subject)
    del whole, blocks
    if smoothing and len(targets):
        shape, affine = _grid(places)
        series = smooth(
            series, targets[["i", "j", "k"]].to_numpy(np.int64), shape, affine, smoothing
        )
    outside = (targets["region"] == "").to_numpy()
    series, targets = drop_targets(series, targets, outside, subject, "outside every region")
    designs, names = _designs(plan, found, lengths, settings)
    series = without_confounds(series, designs, runs, plan.timing.tr, cleaning)
    cleaned, targets = clean_targets(
        series, targets, runs, plan.timing.tr, cleaning=STANDARDIZE, subject=subject
    )
    responses = _averaged(cleaned, runs, [one.name for one, _ in found], plan.timing.tr)
    return Subject(subject, responses, targets, places.affine, places.shape), names


def person_places(runs: Sequence[Run]) -> Places:
    """Find where a person was measured in all runs: in a volume, within the masks of all.

    Raises
    ------
    InputError
        If runs are of different grids or meshes, or some have a mask and others none.
    """
    images = [run.images for run in runs]
    if any(len(pair) == 2 for pair in images):
        return surface_places([(pair[0], pair[1]) for pair in images])
    paths = [image for (image,) in images]
    if all(of_grayordinates(path) for path in paths):
        return cifti_places(paths)
    masks = [run.mask for run in runs if run.mask is not None]
    if 0 < len(masks) < len(runs):
        without = next(run for run in runs if run.mask is None)
        raise InputError(f"no brain mask for {without.label}", expected="one, as for other runs")
    return volume_places(paths, masks)


def _kept(plan: Plan, one: Passage) -> slice:
    return slice(plan.dummies, one.n_volumes)


def _grid(places: Places) -> tuple[tuple[int, int, int], Array]:
    """Shape and affine of a volume.

    Raises
    ------
    InputError
        Of a surface, and of grayordinates.
    """
    if places.shape is None or places.affine is None or places.kind != "volume":
        raise InputError(
            "only volumes are smoothed",
            where="params.yaml: story.prepare.smoothing",
            expected=f"0 for {places.kind}",
        )
    return places.shape, places.affine


def _designs(
    plan: Plan, found: Sequence[Acquisition], lengths: Sequence[int], settings: Bids
) -> tuple[list[Array], list[str]]:
    """Confounds of every run, shape (n_volumes, n_confounds) each, and the names of all."""
    designs, named = [], dict[str, None]()
    for (one, run), n_volumes in zip(found, lengths, strict=True):
        kept = _kept(plan, one)
        if settings.confounds == "none":
            designs.append(np.empty((kept.stop - kept.start, 0)))
            continue
        if run.confounds is None:
            raise InputError(
                f"no confounds for {run.label}",
                expected="*_desc-confounds_timeseries.tsv in the derivative",
                do="Set bids.confounds: none.",
            )
        table = read_confounds(run.confounds, n_volumes)
        names = confound_names(table, run.confounds, settings.confounds)
        names += [name for name in marked_volumes(table) if name not in names]
        design = confound_values(table, run.confounds, names, kept)
        _check_few(design, run)
        designs.append(design)
        named |= dict.fromkeys(names)
    return designs, list(named)


def _check_few(design: Array, run: Run) -> None:
    """Raise `InputError` if confounds leave too little of a run."""
    n_volumes, n = design.shape
    if n > n_volumes / SHARE:
        raise InputError(
            f"too many confounds in {run.label}",
            expected=f"at most {n_volumes // SHARE}, a third of its volumes",
            got=f"{n}, marks of single volumes among them",
            do="Set bids.confounds to fewer or none, or leave the run out.",
        )


def without_confounds(
    series: NDArray[np.floating],
    designs: Sequence[Array],
    runs: NDArray[np.intp],
    tr: float,
    cleaning: Cleaning,
) -> NDArray[np.float32]:
    """Remove what is slow, and then confounds from which the same was removed, run by run.

    Filtering both alike keeps confounds from bringing back what the filter took (Lindquist et al.
    2019, Human Brain Mapping 40:2358).

    Parameters
    ----------
    series : ndarray, shape (n_samples, n_columns)
    designs : sequence of ndarray, shape (n_samples of a run, n_confounds)
        In the order of the runs.
    runs : ndarray of int, shape (n_samples,)
        Ascending from 0.
    tr : float
    cleaning : Cleaning

    Returns
    -------
    ndarray of float32, shape (n_samples, n_columns)
        Columns of which nothing is left in a run are zero there.
    """
    slow = Cleaning(cleaning.detrend, cleaning.high_pass, standardize=False)
    bases = [_basis(design, tr, slow) for design in designs]
    left = np.empty(series.shape, dtype=np.float32)
    for start in range(0, series.shape[1], COLUMNS):
        block = clean(series[:, start : start + COLUMNS], runs, tr, slow)
        for run, basis in enumerate(bases):
            rows = runs == run
            whole = block[rows]
            rest = whole - basis @ (basis.T @ whole)
            rest[:, rest.std(axis=0) <= NOTHING * whole.std(axis=0)] = 0.0
            left[rows, start : start + COLUMNS] = rest
    return left


def _basis(design: Array, tr: float, slow: Cleaning) -> Array:
    """Orthonormal basis of the confounds of a run, filtered, shape (n_samples, rank)."""
    if not design.shape[1]:
        return design
    filtered = clean(design, np.zeros(len(design), dtype=int), tr, slow)
    filtered -= filtered.mean(axis=0)
    scale = filtered.std(axis=0)
    varying = scale > NOTHING * design.std(axis=0)
    basis: Array = orth(filtered[:, varying] / scale[varying])
    return basis


def _averaged(
    cleaned: NDArray[np.float32], runs: NDArray[np.intp], names: Sequence[str], tr: float
) -> NDArray[np.float32]:
    """Average the runs of the same words, and standardise each again."""
    if len(set(names)) == len(names):
        return cleaned
    passages = list(dict.fromkeys(names))
    means = [
        np.mean([cleaned[runs == run] for run, name in enumerate(names) if name == one], axis=0)
        for one in passages
    ]
    labels = np.repeat(np.arange(len(passages)), [len(mean) for mean in means])
    return clean(np.concatenate(means), labels, tr, STANDARDIZE).astype(np.float32)
