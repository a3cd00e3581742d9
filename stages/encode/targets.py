"""What is predicted: regions or voxels of every subject, and of the subject average."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.names.vocabulary import GROUP
from stages.core.params.schema import Encode
from stages.core.recording.region_means import average, given_ceiling, region_means
from stages.core.recording.regions import Columns, check_regions, select_regions
from stages.core.recording.types import Recording, Subject
from stages.core.run.errors import ConcordError
from stages.core.stats.reliability import bound_of_a_weighted_mean

Array = NDArray[np.float64]
OTHERS = "correlation with the mean of {} others"
RELIABILITY = "inter-subject reliability"
GIVEN = "given with the recording"
OTHER = 1e-4  # share of an average's variance up to which it is one of the subjects
TARGET_COLUMNS = ["subject", "region", "target", "ceiling", "ceiling_kind"]


@dataclass(frozen=True)
class Responses:
    """Responses of all subjects side by side.

    Attributes
    ----------
    series : ndarray, shape (n_samples, n_targets)
        Of float32 for voxels.
    targets : DataFrame
        Columns subject, region, target (empty for regions), ceiling, ceiling_kind.
    """

    series: NDArray[np.floating]
    targets: pd.DataFrame

    def by_people(self, least: int) -> Iterator["Responses"]:
        """Cut between subjects, into parts of at least so many targets, but for the last."""
        names = self.targets["subject"].to_numpy()
        start = 0
        for stop in [*(np.flatnonzero(names[1:] != names[:-1]) + 1), len(names)]:
            if stop - start >= least or stop == len(names):
                targets = self.targets.iloc[start:stop].reset_index(drop=True)
                yield Responses(self.series[:, start:stop], targets)
                start = stop


def gather(recording: Recording, settings: Encode) -> Responses:
    """Collect the targets that the parameters ask for, with their ceilings.

    Raises
    ------
    InputError
        If a region asked for is in no subject.
    ConcordError
        If no target is left.
    """
    check_regions(recording, settings.regions, "encode.regions")
    if settings.targets == "voxel":
        parts = [_voxels(subject, settings) for subject in recording.subjects]
    else:
        asked = settings.regions, settings.min_voxels
        means = {subject.name: region_means(subject, *asked) for subject in recording.subjects}
        parts = _with_ceilings(means, {s.name: s.targets for s in recording.subjects})
    targets = pd.concat([part.targets for part in parts], ignore_index=True)
    if len(targets) == 0:
        raise ConcordError("no target left", where=recording.dataset, do="See the messages above.")
    return Responses(np.concatenate([part.series for part in parts], axis=1), targets)


def _columns(subject: Subject, settings: Encode) -> dict[str, Columns]:
    return select_regions(subject, settings.regions, settings.min_voxels)


def _with_ceilings(
    means: dict[str, pd.DataFrame], targets: dict[str, pd.DataFrame]
) -> list[Responses]:
    """Add the subject average, unless the recording brings it, and every region's ceiling."""
    people = {name: table for name, table in means.items() if name != GROUP}
    parts = {GROUP: average(people)} | means
    found = []
    for name in [*people, GROUP]:
        rows = [
            {"subject": name, "region": region, "target": ""}
            | (_given(targets.get(name), region) or _estimated(name, region, people, parts[GROUP]))
            for region in map(str, parts[name])
        ]
        found.append(Responses(parts[name].to_numpy(), pd.DataFrame(rows, columns=TARGET_COLUMNS)))
    return found


def _given(targets: pd.DataFrame | None, region: str) -> dict[str, object]:
    """Ceiling that the recording gives a region of one target, if it does."""
    if targets is None:
        return {}
    ceiling = given_ceiling(targets, region)
    return {} if ceiling is None else {"ceiling": ceiling, "ceiling_kind": GIVEN}


def _estimated(
    name: str, region: str, people: dict[str, pd.DataFrame], mean: pd.DataFrame
) -> dict[str, object]:
    """Ceiling of a region from the subjects: the others for one of them, all for their average."""
    series = {who: table[region].to_numpy() for who, table in people.items() if region in table}
    if len(series) < 2:
        return {}
    if name == GROUP:
        several = np.array(list(series.values()))
        ceiling, kind = group_ceiling(several, mean[region].to_numpy()), RELIABILITY
    else:
        others = np.mean([values for who, values in series.items() if who != name], axis=0)
        ceiling, kind = (
            float(np.corrcoef(series[name], others)[0, 1]),
            OTHERS.format(len(series) - 1),
        )
    return {"ceiling": ceiling, "ceiling_kind": kind}


def _voxels(subject: Subject, settings: Encode) -> Responses:
    """Every voxel of the selected regions."""
    columns = [column for found in _columns(subject, settings).values() for column in found]
    targets = subject.targets.iloc[columns].rename(columns={"id": "target"})
    targets = targets.assign(
        subject=subject.name, ceiling_kind=np.where(targets["ceiling"].notna(), GIVEN, "")
    )
    return Responses(subject.responses[:, columns], targets[TARGET_COLUMNS])


def group_ceiling(series: Array, mean: Array) -> float:
    """Correlation of an average of subjects with what they have in common.

    Subjects who vary more weigh more in an average of per cent signal change: the weights are
    found by regression of the average on them. What is no average of them is taken for one of
    equal weights. 0 where subjects do not correlate on average.

    Parameters
    ----------
    series : ndarray, shape (n_subjects, n_samples)
        Standardised.
    mean : ndarray, shape (n_samples,)
    """
    weights = np.asarray(np.linalg.lstsq(series.T, mean, rcond=None)[0], dtype=np.float64)
    left = mean - weights @ series
    if left @ left >= OTHER * (mean @ mean) or (weights <= 0).any():
        weights = np.ones(len(series))
    return bound_of_a_weighted_mean(series, weights)
