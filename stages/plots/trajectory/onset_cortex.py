"""When regions make half of their rise, painted on the standard cortical surface."""

import re

import pandas as pd

from stages.core.names.areas import NETWORKS
from stages.core.names.vocabulary import EVERYWHERE
from stages.core.pictures.surfaces import Surface
from stages.plots.kit.picture import Files, Picture, counted
from stages.plots.kit.surface import standard_meshes, surface_map
from stages.plots.trajectory.course_tables import HALF, by_line, choices, leaks, run_counts
from stages.plots.trajectory.courses import standing
from stages.plots.trajectory.trajectory_captions import CORTEX

SCALE = "octaves after the mean of regions"
LEAST = 2  # regions with a time


def relative_halves(regions: pd.DataFrame, surface: Surface) -> dict[str, pd.DataFrame]:
    """Set each region's time to half against the mean of those on the surface.

    Parameters
    ----------
    regions : DataFrame
        From `regions_table`.
    surface : Surface
        The standard one.

    Returns
    -------
    dict of str to DataFrame
        By line: region, value (octaves). Regions without a time are absent, and so are lines with
        fewer than two that have one.
    """
    single = ~regions["region"].isin([EVERYWHERE, *NETWORKS])
    placed = regions["region"].isin(surface.labels["region"])
    half = regions[single & placed & regions["share"].eq(HALF) & regions["octave"].notna()]
    values = {}
    for name, rows in by_line(half):
        if len(rows) >= LEAST:
            late = rows["octave"] - rows["octave"].mean()
            values[name] = rows[["region"]].assign(value=late).reset_index(drop=True)
    return values


def onset_cortices(
    regions: pd.DataFrame, surface: Surface, curves: pd.DataFrame, folder: str
) -> Files:
    """Paint every line's regions by when they make half of their rise.

    Parameters
    ----------
    regions, surface
        See `relative_halves`.
    curves : DataFrame
        Of which the times are, for their order, runs and choice of layers.
    folder : str
        Name of the folder that the files are in.
    """
    files: Files = {}
    painted, runs = relative_halves(regions, surface), run_counts(curves)
    for name in (one for one in runs if one in painted):
        values = painted[name]
        title = f"When alignment rises: {name}, {standing(runs[name])}{leaks(curves)}"
        meshes = surface.meshes or standard_meshes()
        figure = surface_map(surface.labels, values, SCALE, title, meshes, diverging=True)
        place = f"{folder}/cortex/{re.sub(r'[^A-Za-z0-9_.-]+', '-', name)}.png"
        on = counted(runs[name], "run") + leaks(curves)
        caption = CORTEX.format(line=name, on=on, choice=choices(curves))
        files[place] = Picture(figure, caption, f"{folder}/regions.csv")
    return files
