"""Contract 4: the tables that the survey of the zoo is made of."""

from dataclasses import dataclass, fields
from pathlib import Path

import pandas as pd

from stages.core.results.results import COLUMNS
from stages.core.run.tables import read_table

_PLACE = ("subject", "region", "network", "metric")


_SCORES = (*COLUMNS, "modality", "network", "depth")


TABLE_COLUMNS: dict[str, tuple[str, ...]] = {
    "models": (
        *("model", "string", "modality", "family", "seed", "trained"),
        *("parameters", "layers", "width", "error"),
    ),
    "regions": ("subject", "region", "network", "voxels", "x", "y", "z", "reliability"),
    "scores": _SCORES,
    "best": (*_SCORES, "chosen_on", "chosen_score"),
    "depth": ("model", "modality", *_PLACE, "bin", "score", "layers"),
    "gradient": (
        *("model", "modality", "metric", "quantity"),
        *("subject", "regions", "spearman", "p"),
    ),
    "networks": (
        *("model", "modality", "subject", "network", "metric"),
        *("score", "depth", "regions"),
    ),
    "bandwidth": (
        *("model", "modality", "subject", "region", "network", "kernel"),
        *("bandwidth", "score", "biased", "normalized"),
    ),
    "consistency": (
        *("model", "modality", "metric", "first", "second"),
        *("r", "rho", "regions"),
    ),
    "contrast": (
        *_PLACE,
        *("language", "vision", "language_model", "vision_model", "difference"),
    ),
    "control": (
        *("model", "modality", "layer", "units", "subject", "region", "metric", "split"),
        *("score", "noise", "projected", "null_mean", "null_sd", "chance", "z_width", "flagged"),
    ),
    "umap": ("model", "modality", "trained", "x", "y"),
}


@dataclass(frozen=True)
class Survey:
    """The tables of the survey, each as the stage survey wrote it; any may be without rows."""

    models: pd.DataFrame
    regions: pd.DataFrame
    scores: pd.DataFrame
    best: pd.DataFrame
    depth: pd.DataFrame
    gradient: pd.DataFrame
    networks: pd.DataFrame
    bandwidth: pd.DataFrame
    consistency: pd.DataFrame
    contrast: pd.DataFrame
    control: pd.DataFrame
    umap: pd.DataFrame


def read_survey(folder: Path) -> Survey:
    """Read all tables of a survey.

    Raises
    ------
    InputError
        If a table is missing or unreadable, or lacks a column.
    """
    do = "Run `dvc repro survey`."
    names = [field.name for field in fields(Survey)]
    paths = {name: folder / f"{name}.parquet" for name in names}
    return Survey(**{name: read_table(paths[name], TABLE_COLUMNS[name], do) for name in names})
