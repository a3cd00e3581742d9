"""Published benchmark scores, read from the tables that hold them."""

import logging
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import ipc

from stages.core.run.delimited import read_delimited
from stages.core.run.errors import InputError
from stages.core.run.files import read_json, require_file
from stages.core.run.tables import check_unique

logger = logging.getLogger("concord.benchmarks")
COLUMNS = ("modality", "benchmark", "key", "value", "parameters")
LEADERBOARD = ("IFEval", "BBH", "MATH Lvl 5", "GPQA", "MUSR", "MMLU-PRO", "Average ⬆️")
SIZE = "#Params (B)"
OBTAIN = "Restore the file from where it was fetched."


def key(name: str) -> str:
    """Normalise the name of a model, its scheme dropped already.

    `org/name` becomes `org--name`, the prefix `timm/` goes, and so does the case:
    `timm/ResNet50.a1_in1k` is `resnet50.a1_in1k`.
    """
    return name.strip().lower().removeprefix("timm/").replace("/", "--")


def read_benchmarks(files: Mapping[str, Path]) -> pd.DataFrame:
    """Read every table of benchmarks among some files, by their names.

    Returns
    -------
    DataFrame
        One row per model and benchmark: modality, benchmark, key (see `key`), value, and
        the number of parameters as the table has it (missing where it has none).

    Raises
    ------
    InputError
        If a table is unreadable, lacks a column, or holds a model twice.
    """
    parts = [pd.DataFrame(columns=list(COLUMNS))]
    for name, path in files.items():
        if Path(name).name.startswith("results-") and name.endswith(".csv"):
            parts.append(read_imagenet(path, Path(name).stem.removeprefix("results-")))
        elif name.endswith(".arrow"):
            parts.append(read_leaderboard(path))
        elif name.endswith("elo_results.json"):
            parts.append(read_elo(path))
    full = [part for part in parts if len(part)]
    return pd.concat(full, ignore_index=True) if full else parts[0]


def read_imagenet(path: Path, benchmark: str) -> pd.DataFrame:
    """Read timm's results on ImageNet or one of its variants: top-1 accuracy in per cent."""
    table = read_delimited(path, OBTAIN, thousands=",")
    _require(table, ("model", "top1", "param_count"), path)
    check_unique(table["model"], path)
    label = ("vision", benchmark)
    return _tidy(path, label, table["model"], table["top1"], table["param_count"])


def read_leaderboard(path: Path) -> pd.DataFrame:
    """Read the Open LLM Leaderboard: scores normalised by chance, in per cent.

    A model that was submitted several times gets the mean of its scores; those flagged by the
    leaderboard are left out.
    """
    require_file(path, OBTAIN)
    try:
        with pa.memory_map(str(path)) as source:
            table = ipc.open_stream(source).read_all().to_pandas()
    except pa.ArrowInvalid as error:
        raise InputError("unreadable Arrow", where=path, got=error, do=OBTAIN) from error
    _require(table, ("fullname", "Flagged", SIZE, *LEADERBOARD), path)
    names = table["fullname"].map(key)
    flagged = table["Flagged"].astype(bool)
    repeated = names[~flagged & names.duplicated(keep=False)].nunique()
    logger.info(
        "%s: flagged and left out: %s; submitted several times and averaged: %d models",
        path.name,
        ", ".join(table.loc[flagged, "fullname"]) or "none",
        repeated,
    )
    mean = table[~flagged].groupby(names)[[SIZE, *LEADERBOARD]].mean()
    size = (mean[SIZE] * 1e3).where(mean[SIZE] > 0)  # in millions, as the vision tables
    models = mean.index.to_series()
    return pd.concat(
        [_tidy(path, ("language", name), models, mean[name], size) for name in LEADERBOARD],
        ignore_index=True,
    )


def read_elo(path: Path) -> pd.DataFrame:
    """Read Elo scores by `owner_name`."""
    scores = read_json(path, OBTAIN)
    names = pd.Series([name.replace("_", "/", 1) for name in scores], dtype=object)
    sizes = pd.Series(np.nan, index=names.index)
    return _tidy(path, ("language", "elo"), names, pd.Series(list(scores.values())), sizes)


def _require(table: pd.DataFrame, columns: tuple[str, ...], path: Path) -> None:
    absent = [name for name in columns if name not in table.columns]
    if absent:
        raise InputError("column missing", where=path, expected=absent, got=list(table.columns)[:9])


def _tidy(
    path: Path,
    label: tuple[str, str],
    names: "pd.Series[str]",
    scores: "pd.Series[float]",
    sizes: "pd.Series[float]",
) -> pd.DataFrame:
    modality, benchmark = label
    values = pd.to_numeric(scores, errors="coerce").to_numpy(float)
    if not np.isfinite(values).all():
        wrong = names[~np.isfinite(values)].iloc[0]
        raise InputError(
            f"{benchmark} that is not a number", where=path, got=f"that of {wrong}", do=OBTAIN
        )
    return pd.DataFrame(
        {
            "modality": modality,
            "benchmark": benchmark,
            "key": names.map(key).to_numpy(),
            "value": values,
            "parameters": sizes.to_numpy(float),
        }
    )
