"""The published scores of Schrimpf et al. (2021), read and reduced to best layers."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.names.lineages import lineage
from stages.core.run.delimited import read_delimited
from stages.core.run.errors import InputError

NAME = "schrimpf2021/precomputed-scores.csv"
OBTAIN = "Restore the file from where it was fetched."
COLUMNS = ("layer", "benchmark", "model", "score")
NEURAL = {
    "pereira": "Pereira2018-encoding",
    "fedorenko": "Fedorenko2016v3-encoding",
    "blank": "Blank2014fROI-encoding",
}
FUTRELL, WIKITEXT, GLUE = "Futrell2018-encoding", "wikitext-2", "glue-"
TWIN = "-untrained"
LEFT_OUT = "transformer"  # of the table, not of the paper's 43 models
STATIC = ("glove", "word2vec", "ETM")


def read_scores_of_layers(path: Path) -> pd.DataFrame:
    """Read the scores: layer, benchmark, model, score, error; one row per layer if it has layers.

    The error, of those that have one, is 1.4826 times the median absolute deviation over people.

    Raises
    ------
    InputError
        If the file is missing or unreadable, a column or a benchmark is missing, a score is no
        number, or a layer of a model has a benchmark twice.
    """
    try:
        table = read_delimited(path, OBTAIN, encoding="utf-8-sig")
        errors = table.get("error", np.nan)
        table = table[list(COLUMNS)].assign(error=errors).astype({"score": float, "error": float})
    except (KeyError, ValueError) as error:
        raise InputError("unreadable scores", where=path, got=error, do=OBTAIN) from error
    twice = table.duplicated(["layer", "benchmark", "model"])
    if twice.any():
        got = table[twice].iloc[0]["model"]
        raise InputError("layer that occurs twice", where=path, got=got, do=OBTAIN)
    absent = {*NEURAL.values(), FUTRELL, WIKITEXT} - set(table["benchmark"])
    if absent:
        raise InputError("benchmark missing", where=path, expected=min(absent), do=OBTAIN)
    return table


def best_layers(table: pd.DataFrame, *, trained: bool) -> pd.DataFrame:
    """Score every model at its best layer, as published: chosen on the scores shown.

    Parameters
    ----------
    table : DataFrame
        From `read_scores_of_layers`.
    trained : bool
        Or else their untrained twins, under the names of the trained ones.

    Returns
    -------
    DataFrame
        By model: `pereira`, `fedorenko`, `blank`; `neural`, their mean, each cut at 1; `futrell`
        and `futrell_clipped`, cut at 1; `loss` (nats per token), `next_word`, minus the
        perplexity; the tasks of GLUE and `glue`, their mean where all are known.
    """
    own = _of(table, trained=trained)
    wide = own.pivot_table(index="model", columns="benchmark", values="score", aggfunc="max")
    made = pd.DataFrame({short: wide[name] for short, name in NEURAL.items()})
    made["neural"] = made[list(NEURAL)].clip(upper=1).mean(axis=1, skipna=False)
    made["futrell"] = wide[FUTRELL]
    made["futrell_clipped"] = wide[FUTRELL].clip(upper=1)
    made["loss"] = wide[WIKITEXT]
    made["next_word"] = -np.exp(wide[WIKITEXT])
    tasks = wide[[name for name in wide if str(name).startswith(GLUE)]]
    made["glue"] = tasks.mean(axis=1, skipna=False)
    return made.join(tasks)


def at_others_layer(table: pd.DataFrame, benchmark: str) -> "pd.Series[float]":
    """Score trained models at the layer that is best on the mean of the other two benchmarks.

    So that no score is that of the layer which it chose itself.
    """
    own = _of(table, trained=True)
    wide = own.pivot_table(index=["model", "layer"], columns="benchmark", values="score")
    others = [name for short, name in NEURAL.items() if short != benchmark]
    known = wide.dropna(subset=list(NEURAL.values()))
    chosen = known[others].mean(axis=1).groupby("model").idxmax()
    scores: pd.Series[float] = known.loc[chosen, NEURAL[benchmark]].droplevel("layer")
    return scores


def families(models: "pd.Index[str]") -> NDArray[np.str_]:
    """Name the family of every model: those that share an architecture's name, else itself."""
    return np.array([lineage(str(model)) for model in models])


def _of(table: pd.DataFrame, *, trained: bool) -> pd.DataFrame:
    twin = table["model"].str.endswith(TWIN)
    own = table[~twin] if trained else table[twin]
    return of_paper(own).assign(model=own["model"].str.removesuffix(TWIN))


def of_paper(table: pd.DataFrame) -> pd.DataFrame:
    """Leave out the model that the table has and the paper has not, with its twin."""
    return table[table["model"].str.removesuffix(TWIN).ne(LEFT_OUT)]
