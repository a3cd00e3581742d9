"""What was planted in a family, and how late it is measured.

Held-out r of few data does not grow in proportion to what a layer holds: a layer that is half
learnt predicts less than half as well. So the time to half of alignment lies later than that of
what is learnt, and every lead of alignment is too small by as much. Where the course of layers is
known, the difference is measured.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import BaseModel, FiniteFloat, TypeAdapter

from stages.core.names.vocabulary import ALIGNMENT, CHOSEN, EVERYWHERE, GROUP, MEAN
from stages.core.run.errors import InputError
from stages.core.run.files import read_json
from stages.core.run.shapes import check_shape
from stages.core.stats.run_intervals import Mean, over_runs
from stages.trajectory.onsets.onset_tables import HALF

DO = "It is made where the family is planted."


class _Told(BaseModel):
    """What `truth.json` has to say."""

    halves: list[dict[str, FiniteFloat]]
    regions: list[str] = []
    lead: float = np.nan


@dataclass(frozen=True)
class FamilyTruth:
    """What was planted in a family.

    Attributes
    ----------
    halves : DataFrame, shape (n_seeds, n_layers)
        Octave at which each layer is half there.
    regions : list of str
        Regions in the order in which they come to be predicted; empty where it is not known.
    lead : float
        By how many octaves the middle layer is half there before performance is; missing where
        that is not told.
    """

    halves: pd.DataFrame
    regions: list[str]
    lead: float

    def order(self, axis: str) -> list[str]:
        """Places from first to last.

        Parameters
        ----------
        axis : {'layer', 'region', 'network'}
            Of networks no order is known.
        """
        if axis == "region":
            return self.regions
        means = self.halves.mean().sort_values(kind="stable")
        return [str(name) for name in means.index] if axis == "layer" else []


def read_truth(path: Path | None) -> dict[str, FamilyTruth]:
    """Read what was planted in a family.

    Parameters
    ----------
    path : Path, optional
        `<family>/truth.json`. `halves` holds, for every seed, the octave at which each layer is
        half there; `regions` and `lead`, where they are known, see `FamilyTruth`.

    Returns
    -------
    dict
        By family; empty where no file is given.

    Raises
    ------
    InputError
        If it is of another form.
    """
    if path is None:
        return {}
    told = check_shape(
        read_json(path, DO), TypeAdapter(_Told), path, "wrong truth", DO, strict=True
    )
    halves = pd.DataFrame(told.halves)
    if halves.empty or halves.isna().any(axis=None):
        expected = "octaves of the same layers, for every seed"
        raise InputError("wrong truth", where=path, expected=expected, got=told.halves, do=DO)
    return {path.parent.name: FamilyTruth(halves, told.regions, told.lead)}


def onset_delay(onsets: pd.DataFrame, truth: FamilyTruth) -> Mean:
    """By how many octaves layers are measured to be half there after they are.

    Parameters
    ----------
    onsets : DataFrame
        Of one family, from `run_onsets`; the share 0.5 must be among them.
    truth : FamilyTruth

    Returns
    -------
    Mean
        Over runs, of the mean over the layers that have a time; over all regions together.
    """
    half = onsets[onsets["share"].eq(HALF) & onsets["side"].eq(ALIGNMENT)]
    half = half[half["layer"].ne(CHOSEN) & half["region"].eq(EVERYWHERE)]
    half = half[half["subject"].isin([GROUP, MEAN]) & half["layer"].isin(truth.halves.columns)]
    planted = truth.halves.rename_axis("seed").melt(
        ignore_index=False, var_name="layer", value_name="planted"
    )
    both = half.merge(planted.reset_index(), on=["seed", "layer"])
    delays = (both["octave"] - both["planted"]).groupby(both["seed"]).mean()
    return over_runs(delays.to_numpy(float), np.full(len(delays), ""))


def told_of(truth: FamilyTruth, onsets: pd.DataFrame) -> dict[str, float]:
    """Numbers of a planted family for its summary.

    Parameters
    ----------
    truth : FamilyTruth
    onsets : DataFrame
        See `onset_delay`.
    """
    late = onset_delay(onsets, truth)
    ends = {"onset_delay_low": late.low, "onset_delay_high": late.high}
    return {"planted_lead": truth.lead, "onset_delay": late.value} | ends
