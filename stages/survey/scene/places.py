"""The regions of every subject: where they are, how large, and how reliable."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.names.areas import networks_in, purity_of
from stages.core.recording.recorded_captions import read_captions_digest
from stages.core.recording.recording_files import read_description, read_targets
from stages.core.results.survey import TABLES
from stages.core.results.typed_tables import empty_table


@dataclass(frozen=True)
class Place:
    """What of a recording the survey needs; its responses are not among it.

    Attributes
    ----------
    dataset : str
    digest : str
        Of the stimuli.
    regions : DataFrame
        Made by `region_table`.
    captions : str
        Digest of the captions.
    """

    dataset: str
    digest: str
    regions: pd.DataFrame
    captions: str = ""


def read_place(folder: Path) -> Place:
    """Read where the regions of a recording are.

    Raises
    ------
    InputError
        If a file is missing, or is not the one that was written.
    """
    about, targets = read_description(folder), read_targets(folder)
    subjects: dict[str, dict[str, Any]] = about["subjects"]
    affines = {
        name: None if one["affine"] is None else np.array(one["affine"], float)
        for name, one in subjects.items()
    }
    table = region_table(about["dataset"], targets, affines)
    digest, captions = about["stimuli_digest"], read_captions_digest(folder)
    return Place(about["dataset"], digest, table, captions)


def region_table(
    dataset: str,
    targets: Mapping[str, pd.DataFrame],
    affines: Mapping[str, NDArray[np.float64] | None],
) -> pd.DataFrame:
    """Describe the regions of every subject.

    Parameters
    ----------
    dataset : str
        Whose regions they are.
    targets : mapping of str to DataFrame
        By subject, as in a recording.
    affines : mapping of str to ndarray, shape (4, 4), or None
        From voxel indices to millimetres.

    Returns
    -------
    DataFrame
        Columns subject, region, network (empty where it is in none, or not of HCP-MMP1) and purity
        (missing likewise), voxels, the centroid
        x, y, z of both hemispheres in mm and the mean distance from the midline, aside (missing
        without voxels), and reliability (the median of the voxels' ceilings, missing without any).
    """
    if not targets:
        return empty_table(TABLES["regions"])
    tables = [_regions_of(name, targets[name], affines[name]) for name in targets]
    table = pd.concat(tables, ignore_index=True)
    networks = table["region"].map(networks_in(dataset, table["region"].unique())).astype(str)
    purity = table["region"].map(purity_of).astype(float).where(networks != "")
    return table.assign(network=networks, purity=purity)[list(TABLES["regions"])]


def _regions_of(
    subject: str, targets: pd.DataFrame, affine: NDArray[np.float64] | None
) -> pd.DataFrame:
    voxels = targets[["i", "j", "k"]].astype(float).to_numpy()
    there = affine if affine is not None else np.full((4, 4), np.nan)
    x, y, z = (voxels @ there[:3, :3].T + there[:3, 3]).T
    frame = pd.DataFrame(
        {
            "region": targets["region"].astype(str),
            "voxel": targets["i"].notna(),
            **{"x": x, "y": y, "z": z, "aside": np.abs(x)},
            "ceiling": targets["ceiling"].astype(float),
        }
    )
    groups = frame.groupby("region", sort=False)
    table = groups[["x", "y", "z", "aside"]].mean()
    table = table.assign(voxels=groups["voxel"].sum(), reliability=groups["ceiling"].median())
    return table.reset_index().assign(subject=subject)
