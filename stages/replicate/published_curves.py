"""Reading the published curves of Shen et al. (2025): LAMBADA, ImageNet, digitised alignment."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stages.core.run.errors import InputError
from stages.core.run.files import read_json, require_file

OBTAIN = "Restore the file from where it was fetched."
ACCURACY, LOSS = "lambada_accuracy", "lambada_loss"
RAW, EMA = "raw", "ema"
IMAGES = 1_281_167  # of an epoch
_ZERO_SHOT = re.compile(r"pythia-(?P<size>[^/]+)-deduped/zero-shot/[^/]+_step(?P<step>\d+)\.json$")


def read_lambada(files: Mapping[str, Path]) -> pd.DataFrame:
    """Read what six sizes of Pythia score on LAMBADA at every step.

    Parameters
    ----------
    files : mapping of str to Path
        From `fetch`; those that are not zero-shot results are passed over.

    Returns
    -------
    DataFrame
        size, step, `lambada_accuracy` (share) and `lambada_loss` (nats per target word: the
        logarithm of the perplexity), by size and step.

    Raises
    ------
    InputError
        If there is none, or a number is missing or not finite.
    """
    rows = []
    for name, path in files.items():
        found = _ZERO_SHOT.search(name)
        if found is None:
            continue
        accuracy, perplexity = _lambada(path)
        step, size = int(found["step"]), found["size"]
        rows.append({"size": size, "step": step, ACCURACY: accuracy, LOSS: np.log(perplexity)})
    if not rows:
        raise InputError("no zero-shot results", where="the published files", do=OBTAIN)
    return pd.DataFrame(rows).sort_values(["size", "step"], ignore_index=True)


def _lambada(path: Path) -> tuple[float, float]:
    content: Any = read_json(path, OBTAIN)
    try:
        scores = content["results"]["lambada_openai"]
        accuracy, perplexity = float(scores["acc"]), float(scores["ppl"])
    except (KeyError, TypeError, ValueError) as error:
        raise InputError("LAMBADA missing", where=path, got=error, do=OBTAIN) from error
    if not (np.isfinite(accuracy) and 0 < perplexity < np.inf):
        raise InputError("number that is not finite", where=path, got=(accuracy, perplexity))
    return accuracy, perplexity


def read_digitised(path: Path) -> pd.DataFrame:
    """Read curves of alignment that were read from a figure: size, step, alignment (tab-separated).

    Raises
    ------
    InputError
        If the file is missing, unreadable or lacks a column, or a value is not a finite number, or
        a size has a step twice.
    """
    do = "Give a table with the columns size, step and alignment, separated by tabs."
    try:
        table = pd.read_csv(require_file(path, do), sep="\t", dtype={"size": str})
        table = table[["size", "step", "alignment"]].astype({"step": int, "alignment": float})
    except (KeyError, ValueError) as error:
        raise InputError("unreadable curves", where=path, got=error, do=do) from error
    if not np.isfinite(table["alignment"]).all() or (table["step"] < 0).any():
        raise InputError("value that is not a number", where=path, do=do)
    repeated = table.duplicated(["size", "step"])
    if repeated.any():
        got = table[repeated].iloc[0][["size", "step"]].tolist()
        raise InputError("step that occurs twice", where=path, got=got, do=do)
    return table.sort_values(["size", "step"], ignore_index=True)


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
        If the file is missing or unreadable, lacks a column, or holds a checkpoint twice.
    """
    try:
        table = pd.read_csv(require_file(path, OBTAIN))
        table = table[["model", "epoch", "top1", "top5", "use_ema"]]
        table = table.astype({"epoch": int, "top1": float, "top5": float, "use_ema": bool})
    except (KeyError, ValueError) as error:
        raise InputError("unreadable accuracies", where=path, got=error, do=OBTAIN) from error
    repeated = table.duplicated(["model", "epoch", "use_ema"])
    if repeated.any():
        got = table[repeated].iloc[0].tolist()
        raise InputError("checkpoint that occurs twice", where=path, got=got, do=OBTAIN)
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
