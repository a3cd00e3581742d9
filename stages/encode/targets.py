"""What is predicted: regions or voxels of every subject, and of the subject average."""

from collections.abc import Iterator, Sequence
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
    """Responses of one or more subjects, side by side when they are asked for.

    Attributes
    ----------
    parts : tuple of (ndarray, columns)
        Of each subject, values of shape (n_samples, n_values), which may lie in a mapped file, and
        those of them that are targets.
    targets : DataFrame
        Columns subject, region, target (empty for regions), ceiling, ceiling_kind.
    """

    parts: tuple[tuple[NDArray[np.floating], Columns | slice], ...]
    targets: pd.DataFrame

    @property
    def series(self) -> NDArray[np.floating]:
        """Array of shape (n_samples, n_targets), of float32 for voxels."""
        return np.concatenate([values[:, columns] for values, columns in self.parts], axis=1)


def gather(recording: Recording, settings: Encode, least: int) -> tuple[Responses, ...]:
    """Collect the targets that the parameters ask for, with their ceilings.

    Parameters
    ----------
    recording : Recording
    settings : Encode
    least : int
        Targets that subjects have together, at least, but for the last of them.

    Raises
    ------
    InputError
        If a region asked for is in no subject.
    ConcordError
        If no target is left.
    """
    check_regions(recording, settings.regions, "encode.regions")
    if settings.targets == "voxel":
        people = [_voxels(subject, settings) for subject in recording.subjects]
    else:
        asked = settings.regions, settings.min_voxels
        means = {subject.name: region_means(subject, *asked) for subject in recording.subjects}
        people = _with_ceilings(means, {s.name: s.targets for s in recording.subjects})
    found = tuple(_together([one for one in people if len(one.targets)], least))
    if not found:
        raise ConcordError("no target left", where=recording.dataset, do="See the messages above.")
    return found


def _together(people: Sequence[Responses], least: int) -> Iterator[Responses]:
    """Put subjects together until they have so many targets."""
    waiting: list[Responses] = []
    for one in people:
        waiting.append(one)
        if sum(len(each.targets) for each in waiting) >= least or one is people[-1]:
            parts = tuple(part for each in waiting for part in each.parts)
            targets = pd.concat([each.targets for each in waiting], ignore_index=True)
            yield Responses(parts, targets)
            waiting = []


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
        series = parts[name].to_numpy(), slice(None)
        found.append(Responses((series,), pd.DataFrame(rows, columns=TARGET_COLUMNS)))
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
    columns = np.concatenate([np.empty(0, dtype=np.intp), *_columns(subject, settings).values()])
    targets = subject.targets.iloc[columns].rename(columns={"id": "target"})
    targets = targets.assign(
        subject=subject.name, ceiling_kind=np.where(targets["ceiling"].notna(), GIVEN, "")
    )
    return Responses(((subject.responses, columns),), targets[TARGET_COLUMNS])


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
