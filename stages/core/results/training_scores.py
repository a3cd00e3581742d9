"""What public checkpoints score, as published: Pythia zero-shot, MixNets on ImageNet by epoch."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stages.core.names.run_name import EMA, RAW
from stages.core.run.delimited import read_delimited
from stages.core.run.errors import InputError
from stages.core.run.files import read_json

OBTAIN = "Restore the file from where it was fetched."
ACCURACY, LOSS = "lambada_accuracy", "lambada_loss"
LAMBADA = "lambada_openai"
# The tasks of Biderman et al. (2023, arXiv 2304.01373) that are scored by accuracy.
TASKS = (
    LAMBADA,
    *("piqa", "winogrande", "wsc", "arc_easy", "arc_challenge", "sciq", "logiqa"),
)
IMAGES = 1_281_167  # of an epoch
MIXNETS = "brainalign/data/intermediate_results/results.csv"
_ZERO_SHOT = re.compile(r"pythia-(?P<size>[^/]+)-deduped/zero-shot/[^/]+_step(?P<step>\d+)\.json$")


def read_zero_shot(files: Mapping[str, Path]) -> pd.DataFrame:
    """Read what the sizes of Pythia (deduplicated) score at every step.

    Parameters
    ----------
    files : mapping of str to Path
        From `fetch`; those that are not zero-shot results are passed over.

    Returns
    -------
    DataFrame
        size, step, `lambada_accuracy` (share), `lambada_loss` (nats per target word: the logarithm
        of the perplexity), and `<task>_accuracy` of the `TASKS` that all files have, by size and
        step.

    Raises
    ------
    InputError
        If there is none, LAMBADA is missing, an accuracy is no share, or a perplexity none.
    """
    rows = []
    for name, path in files.items():
        found = _ZERO_SHOT.search(name)
        if found is not None:
            place = {"size": found["size"], "step": int(found["step"])}
            rows.append(place | _scores(path))
    if not rows:
        raise InputError("no zero-shot results", where="the published files", do=OBTAIN)
    table = pd.DataFrame(rows).dropna(axis=1)
    return table.sort_values(["size", "step"], ignore_index=True)


def _scores(path: Path) -> dict[str, float]:
    content: Any = read_json(path, OBTAIN)
    try:
        tasks = content["results"]
        perplexity = float(tasks[LAMBADA]["ppl"])
        accuracies = {name: float(tasks[name]["acc"]) for name in TASKS if name in tasks}
    except (KeyError, TypeError, ValueError) as error:
        raise InputError("LAMBADA missing", where=path, got=error, do=OBTAIN) from error
    wrong = {name: value for name, value in accuracies.items() if not 0 <= value <= 1}
    if wrong:
        expected = "shares from 0 to 1"
        raise InputError("wrong accuracy", where=path, expected=expected, got=wrong, do=OBTAIN)
    if not 0 < perplexity < np.inf:
        raise InputError("number that is not finite", where=path, got=perplexity, do=OBTAIN)
    lambada = {ACCURACY: accuracies.pop(LAMBADA), LOSS: float(np.log(perplexity))}
    return lambada | {f"{name}_accuracy": value for name, value in accuracies.items()}


def read_mixnet(path: Path) -> pd.DataFrame:
    """Read the accuracies of MixNets by epoch, raw and averaged weights apart.

    Returns
    -------
    DataFrame
        size (`s` to `xl`), weights (`raw` or `ema`), epoch, seen (images: the checkpoint of epoch 0
        follows one epoch), top1, top5 (shares).

    Raises
    ------
    InputError
        If the file is missing or unreadable, lacks a column, holds a checkpoint twice, or an
        accuracy is none.
    """
    try:
        table = read_delimited(path, OBTAIN)
        table = table[["model", "epoch", "top1", "top5", "use_ema"]]
        table = table.astype({"epoch": "Int64", "top1": float, "top5": float, "use_ema": bool})
        table = table.astype({"epoch": int})
    except (KeyError, TypeError, ValueError) as error:
        raise InputError("unreadable accuracies", where=path, got=error, do=OBTAIN) from error
    repeated = table.duplicated(["model", "epoch", "use_ema"])
    if repeated.any():
        got = _named(table[repeated])
        raise InputError("checkpoint that occurs twice", where=path, got=got, do=OBTAIN)
    wrong = ~table[["top1", "top5"]].apply(lambda one: one.between(0, 100)).all(axis=1)
    if wrong.any():
        expected, got = "per cent from 0 to 100", _named(table[wrong])
        raise InputError("wrong accuracy", where=path, expected=expected, got=got, do=OBTAIN)
    return pd.DataFrame(
        {
            "size": table["model"].str.removeprefix("mixnet_"),
            "weights": np.where(table["use_ema"], EMA, RAW),
            "epoch": table["epoch"],
            "seen": (table["epoch"] + 1.0) * IMAGES,
            "top1": table["top1"] / 100,
            "top5": table["top5"] / 100,
        }
    ).sort_values(["size", "weights", "epoch"], ignore_index=True)


def _named(table: pd.DataFrame) -> str:
    """Name the first row."""
    return ", ".join(f"{name} {value}" for name, value in table.iloc[0].items())
