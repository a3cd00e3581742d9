"""What is predicted: regions or voxels of every subject, and of the subject average."""

import logging
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.errors import ConcordError, InputError, did_you_mean
from stages.core.params import Encode
from stages.core.recording import Recording, Subject

Array = NDArray[np.float64]
Columns = NDArray[np.intp]
GROUP = "group"
LEAVE_ONE_OUT = "leave-one-subject-out"
RELIABILITY = "inter-subject reliability"
GIVEN = "given with the recording"
TARGET_COLUMNS = ["subject", "region", "target", "ceiling", "ceiling_kind"]

log = logging.getLogger("concord.encode")


@dataclass(frozen=True)
class Responses:
    """Responses of all subjects side by side.

    Attributes
    ----------
    series : ndarray, shape (n_samples, n_targets)
    targets : DataFrame
        Columns subject, region, target (empty for regions), ceiling, ceiling_kind.
    """

    series: Array
    targets: pd.DataFrame


def gather(recording: Recording, params: Encode) -> Responses:
    """Collect the targets that the parameters ask for, with their ceilings.

    Raises
    ------
    InputError
        If a region asked for is in no subject.
    ConcordError
        If no target is left.
    """
    _check_regions(recording, params)
    if params.targets == "voxel":
        parts = [_voxels(subject, params) for subject in recording.subjects]
    else:
        means = {subject.name: region_means(subject, params) for subject in recording.subjects}
        parts = [_regions(subject, means) for subject in recording.subjects]
        parts.append(_group(means))
    targets = pd.concat([part.targets for part in parts], ignore_index=True)
    if len(targets) == 0:
        raise ConcordError("no target left", where=recording.dataset, do="See the messages above.")
    return Responses(np.concatenate([part.series for part in parts], axis=1), targets)


def _check_regions(recording: Recording, params: Encode) -> None:
    if params.regions == "all":
        return
    known = {region for subject in recording.subjects for region in subject.targets["region"]}
    for region in params.regions:
        if region not in known:
            where = f"params.yaml: encode.regions, dataset {recording.dataset}"
            hint = did_you_mean(region, known)
            raise InputError("unknown region", where=where, got=region, do=hint)


def _selected(subject: Subject, params: Encode) -> list[tuple[str, Columns]]:
    """Regions of a subject that are asked for and large enough, with their columns."""
    regions = subject.targets["region"]
    selected = []
    for region in regions.unique() if params.regions == "all" else params.regions:
        columns = np.flatnonzero(regions == region)
        voxels = subject.targets["i"].iloc[columns].notna().any()
        if len(columns) == 0 or (voxels and len(columns) < params.min_voxels):
            log.warning(
                "region %s of subject %s skipped: expected at least %d voxels, got %d",
                *(region, subject.name, params.min_voxels, len(columns)),
            )
        else:
            selected.append((str(region), columns))
    return selected


def region_means(subject: Subject, params: Encode) -> pd.DataFrame:
    """Average the voxels of each selected region, and standardise the average.

    Returns
    -------
    DataFrame, shape (n_samples, n_regions)
        A region whose average is constant is skipped, by name.
    """
    means = {}
    for region, columns in _selected(subject, params):
        mean = subject.responses[:, columns].mean(axis=1, dtype=float)
        if mean.std() <= 1e-10 * np.abs(mean).max():
            log.warning("region %s of subject %s skipped: it is constant", region, subject.name)
        else:
            means[region] = (mean - mean.mean()) / mean.std()
    return pd.DataFrame(means, index=range(len(subject.responses)))


def _regions(subject: Subject, means: dict[str, pd.DataFrame]) -> Responses:
    """Regions of one subject; the ceiling is the recording's own or that of the other subjects."""
    own = means[subject.name]
    single = subject.targets.drop_duplicates("region", keep=False)
    given = dict(zip(single["region"], single["ceiling"], strict=True))
    others = [table for name, table in means.items() if name != subject.name]
    rows = []
    for region in map(str, own):
        row: dict[str, object] = {"subject": subject.name, "region": region, "target": ""}
        series = [table[region] for table in others if region in table]
        if np.isfinite(given.get(region, np.nan)):
            row |= {"ceiling": given[region], "ceiling_kind": GIVEN}
        elif series:
            ceiling = np.corrcoef(own[region], np.mean(series, axis=0))[0, 1]
            row |= {"ceiling": ceiling, "ceiling_kind": LEAVE_ONE_OUT}
        rows.append(row)
    return Responses(own.to_numpy(), pd.DataFrame(rows, columns=TARGET_COLUMNS))


def _group(means: dict[str, pd.DataFrame]) -> Responses:
    """Average each region over the subjects that have it, where there are two or more."""
    series, rows = [], []
    for region in dict.fromkeys(region for table in means.values() for region in table):
        present = np.array([table[region] for table in means.values() if region in table])
        if len(present) > 1:
            series.append(present.mean(axis=0))
            row = {"subject": GROUP, "region": region, "target": "", "ceiling_kind": RELIABILITY}
            rows.append(row | {"ceiling": group_ceiling(present)})
    n_samples = len(next(iter(means.values())))
    return Responses(
        np.array(series).reshape(-1, n_samples).T, pd.DataFrame(rows, columns=TARGET_COLUMNS)
    )


def _voxels(subject: Subject, params: Encode) -> Responses:
    """Every voxel of the selected regions."""
    columns = [column for _, found in _selected(subject, params) for column in found]
    targets = subject.targets.iloc[columns].rename(columns={"id": "target"})
    targets = targets.assign(
        subject=subject.name, ceiling_kind=np.where(targets["ceiling"].notna(), GIVEN, "")
    )
    return Responses(subject.responses[:, columns].astype(float), targets[TARGET_COLUMNS])


def group_ceiling(series: Array) -> float:
    """Bound the correlation of any model with the average of subjects.

    The square root of the average's reliability, which the Spearman-Brown formula gives from
    the mean correlation between two subjects; 0 where that mean is negative.

    Parameters
    ----------
    series : ndarray, shape (n_subjects, n_samples)
    """
    n_subjects = len(series)
    correlations = np.atleast_2d(np.corrcoef(series))
    between = max(float(correlations[np.triu_indices(n_subjects, 1)].mean()), 0.0)
    return float(np.sqrt(n_subjects * between / (1 + (n_subjects - 1) * between)))
