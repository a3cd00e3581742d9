"""What the folder of the ladders holds: pictures and their data, by the name of the file."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from stages.core.results.ladder import read_ladder
from stages.plots.kit.picture import Files, Picture, counted
from stages.plots.ladder.claim_tables import claim_counts, region_rows
from stages.plots.ladder.ladder_maps import claim_map, region_map

_CLAIM = ["study", "claim"]
MOST = 60  # claims in one picture


def read_ladders(folder: Path) -> dict[str, pd.DataFrame]:
    """Read the ladders in a folder, by the name of the study.

    Raises
    ------
    InputError
        If a table is no ladder.
    """
    paths = sorted(folder.glob("*.parquet"), key=lambda path: ("_" in path.stem, path.stem))
    return {path.stem: read_ladder(path, "Run `dvc repro`.") for path in paths}


def ladder_files(ladders: Mapping[str, pd.DataFrame], folder: str) -> Files:
    """Draw the ladders of all studies together, and of each what its first model predicts.

    Parameters
    ----------
    ladders : mapping of str to DataFrame
        By study.
    folder : str
        Name of the folder of the files.
    """
    files: Files = {}
    counts = claim_counts(ladders)
    files[f"{folder}/claims.csv"] = counts
    asked = counts.groupby(_CLAIM)["asked"].transform("sum") > 0
    asked &= counts.groupby(_CLAIM, sort=False).ngroup() < MOST
    if asked.any():
        figure = claim_map(counts[asked], "What was held against every claim")
        drawn, left = (
            counted(len(some.drop_duplicates(_CLAIM)), "claim")
            for some in (counts[asked], counts[~asked])
        )
        caption = (
            f"{drawn}, and in how many of the regions that were asked each rung holds; grey was "
            f"not asked, and the ladder says why. {left} of which nothing could be asked, or "
            f"beyond the first {MOST}: in the table alone."
        )
        files[f"{folder}/claims.png"] = Picture(figure, caption, f"{folder}/claims.csv")
    for study, ladder in ladders.items():
        rows = region_rows(ladder)
        if rows.empty:
            continue
        name, model, dataset = f"{folder}/{study}", rows["model"].iloc[0], rows["dataset"].iloc[0]
        files[f"{name}.csv"] = rows
        caption = (
            f"What speaks for and against {model} in {counted(rows['region'].nunique(), 'region')} "
            "of the recording: the score, the score beyond nuisance variables, its difference from "
            "the untrained twin, the score at a common width, the share of the ceiling, and the "
            "share of people in whom a region is probably predicted."
        )
        figure = region_map(rows, f"{dataset}: {model}, region by region")
        files[f"{name}.png"] = Picture(figure, caption, f"{name}.csv")
    return files
