"""The mean response of every region, and its average over subjects."""

import logging

import numpy as np
import pandas as pd

from stages.core.recording.regions import select_regions
from stages.core.recording.types import Subject

log = logging.getLogger("concord.regions")


def region_means(subject: Subject, regions: str | list[str], min_voxels: int) -> pd.DataFrame:
    """Average the voxels of each selected region, and standardise the average.

    Parameters
    ----------
    subject : Subject
    regions, min_voxels
        As those of `select_regions`.

    Returns
    -------
    DataFrame, shape (n_samples, n_regions)
        A region whose average is constant is skipped, by name.
    """
    means = {}
    for region, columns in select_regions(subject, regions, min_voxels).items():
        mean = subject.responses[:, columns].mean(axis=1, dtype=float)
        if mean.std() <= 1e-10 * np.abs(mean).max():
            log.warning("region %s of subject %s skipped: it is constant", region, subject.name)
        else:
            means[region] = (mean - mean.mean()) / mean.std()
    return pd.DataFrame(means, index=range(len(subject.responses)))


def average(people: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Average each region over the subjects that have it, where there are two or more."""
    regions: dict[str, list[pd.Series]] = {}
    for table in people.values():
        for region in table:
            regions.setdefault(str(region), []).append(table[region])
    means = {name: np.mean(found, axis=0) for name, found in regions.items() if len(found) > 1}
    index = next(iter(people.values())).index if people else None
    return pd.DataFrame(means, index=index)


def given_ceiling(targets: pd.DataFrame, region: str) -> float | None:
    """Ceiling that the recording gives a region of one target, if it does."""
    ceilings = targets.loc[targets["region"] == region, "ceiling"]
    return None if len(ceilings) != 1 or ceilings.isna().any() else float(ceilings.iloc[0])
