"""Contract 4: the tables that the survey of the zoo is made of."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from stages.core.results import pairs
from stages.core.results.results import COLUMNS, NUMBERS
from stages.core.results.typed_tables import Columns, flag, number, read_typed, text
from stages.core.run.origins import together
from stages.core.run.tables import write_table

RERUN = "Run `dvc repro survey_scene`."
Kept = Mapping[str, Collection[str]]

_SCORES: Columns = {
    **{name: "number" if name in NUMBERS else "text" for name in COLUMNS},
    **text("modality", "network"),
    **number("depth"),
}

TABLES: dict[str, Columns] = {
    "models": text("model", "string", "modality", "architecture")
    | number("seed")
    | flag("trained")
    | number("parameters", "layers", "width")
    | text("error"),
    "regions": text("subject", "region", "network")
    | number("purity", "voxels", "x", "y", "z", "aside", "reliability"),
    "scores": _SCORES,
    "best": {**_SCORES, **text("chosen_on"), **number("chosen_score")},
    "means": text("model", "modality", "metric", "region", "best_layer", "null_kind")
    | number("score", "null", "ceiling", "q"),
    "depth": text("model", "modality", "subject", "region", "network", "metric")
    | number("bin", "score", "layers"),
    "centres": text("model", "modality", "subject", "region", "metric", "network")
    | number("depth_centre"),
    "gradient": text("model", "modality", "metric", "quantity", "subject")
    | number("regions", "spearman", "p", "smoothness"),
    "networks": text("model", "modality", "subject", "network", "metric")
    | number("score", "depth", "regions", "mixed", "purity"),
    "bandwidth": text("model", "modality", "subject", "region", "network", "kernel")
    | number("bandwidth", "score")
    | flag("biased")
    | number("normalized"),
    "consistency": text("model", "modality", "metric", "first", "second")
    | number("r", "rho", "regions"),
    "agreement": text("first", "second") | number("rho", "low", "high", "regions", "models"),
    "contrast": text("subject", "region", "network", "metric")
    | number("language", "vision")
    | text("language_model", "vision_model")
    | number("difference"),
    "control": text("model", "modality", "layer")
    | number("units")
    | text("subject", "region", "metric", "split")
    | number("score", "noise", "projected", "null_mean", "null_sd", "chance", "z_width")
    | flag("flagged"),
    "umap": text("model", "modality") | flag("trained") | number("x", "y"),
    "pairs": pairs.COLUMNS,
    "intervals": pairs.INTERVALS,
}


@dataclass(frozen=True)
class Survey:
    """The tables of the survey, with the columns of `TABLES`; any may be without rows.

    Attributes
    ----------
    models : DataFrame
        The zoo, in its order, with the error of each model that could not be run.
    regions : DataFrame
        Where the regions of every subject are, how large and how reliable.
    scores : DataFrame
        The results of align for all models, with q over all of them.
    best : DataFrame
        The scores of the layers that were chosen on other data.
    means : DataFrame
        Means of these over subjects.
    depth : DataFrame
        Mean scores of the layers in each part of a model's depth.
    centres : DataFrame
        Mean depth of a model's layers, weighted by their scores.
    gradient : DataFrame
        Correlation of depth with place, from the back of the brain to the front.
    networks : DataFrame
        Mean best scores and depths by network of the brain.
    bandwidth : DataFrame
        Best scores by the bandwidth of the kernel.
    consistency : DataFrame
        Correlation of best scores over regions between subjects.
    agreement : DataFrame
        Correlation of best scores over models between metrics.
    contrast : DataFrame
        Best language model minus best vision model, by region.
    control : DataFrame
        Scores of layers beside those of noise as wide, and of the layers at a common width.
    umap : DataFrame
        The map of models by their best scores.
    pairs : DataFrame
        Models compared two by two, by the metrics of `align.compared`.
    intervals : DataFrame
        Intervals of the chosen layers' scores, by the same metrics.
    """

    models: pd.DataFrame
    regions: pd.DataFrame
    scores: pd.DataFrame
    best: pd.DataFrame
    means: pd.DataFrame
    depth: pd.DataFrame
    centres: pd.DataFrame
    gradient: pd.DataFrame
    networks: pd.DataFrame
    bandwidth: pd.DataFrame
    consistency: pd.DataFrame
    agreement: pd.DataFrame
    contrast: pd.DataFrame
    control: pd.DataFrame
    umap: pd.DataFrame
    pairs: pd.DataFrame
    intervals: pd.DataFrame


def write_survey(folder: Path, survey: Survey, made_from: Mapping[str, str] | None = None) -> None:
    """Write all tables as they are, each as NAME.parquet, and what they were made from."""
    for name in TABLES:
        write_table(folder / f"{name}.parquet", getattr(survey, name), made_from)


def read_survey(folder: Path, kept: Kept | None = None) -> Survey:
    """Read all tables of a survey; parameters and errors are those of `read_tables`."""
    return Survey(**read_tables(folder, TABLES, kept))


def read_tables(
    folder: Path, names: Iterable[str], kept: Kept | None = None
) -> dict[str, pd.DataFrame]:
    """Read some tables of a survey.

    Parameters
    ----------
    folder : Path
    names : iterable of str
        Of `TABLES`.
    kept : mapping of str to collection of str, optional
        By column, the values whose rows are read, of the tables that have the column. `scores` and
        `control` of many models are too large to be read whole.

    Returns
    -------
    dict of str to DataFrame
        By name.

    Raises
    ------
    InputError
        If a file is missing or unreadable or was edited, or a column is absent or of another kind;
        or if they are of different recordings or activations.
    """
    paths = {name: folder / f"{name}.parquet" for name in names}
    together(*paths.values(), do=RERUN)
    return {name: read_typed(path, TABLES[name], RERUN, kept) for name, path in paths.items()}
