"""The published scores of Schrimpf et al. (2021) in the tables that our own language study has."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from stages.core.results.language_scores import EVERYWHERE, LAYERS, SCORES, WORDS
from stages.core.results.language_tasks import MEDIAN, NEXT_WORD, PERPLEXITY, SUMMARIES, TASKS
from stages.core.results.typed_tables import Columns, empty_table
from stages.replicate.at_hand import at_hand
from stages.replicate.schrimpf_scores import (
    FUTRELL,
    GLUE,
    NAME,
    NEURAL,
    TWIN,
    WIKITEXT,
    of_paper,
    read_scores_of_layers,
)

SOURCE = "schrimpf2021"
RECORDINGS = {
    NEURAL["pereira"]: "pereira2018",
    NEURAL["fedorenko"]: "fedorenko2016",
    NEURAL["blank"]: "blank2014",
    FUTRELL: "futrell2018",
}
# Published ceilings. Of Pereira and Futrell the score is divided by it; of the others it is the
# median of the electrodes' or regions' own, by each of which its score is divided.
CEILINGS = {
    "pereira2018": 0.318567,
    "fedorenko2016": 0.168649,
    "blank2014": 0.200405,
    "futrell2018": 0.76,
}
KIND = "one person, from infinitely many others, as published"
KINDS: Mapping[str, Columns] = {
    "scores": SCORES,
    "words": WORDS,
    "layers": LAYERS,
    "tasks": TASKS,
}


def published_tables(raw: Path) -> dict[str, pd.DataFrame]:
    """Make the tables from the public file; without rows where it cannot be had.

    Parameters
    ----------
    raw : Path
        Folder with a folder per source, and `sources.json` in each.
    """
    files, _ = at_hand(raw / SOURCE)
    return zoo_tables(read_scores_of_layers(files[NAME]) if files else None)


def zoo_tables(table: pd.DataFrame | None) -> dict[str, pd.DataFrame]:
    """Turn the scores into the tables `scores`, `words`, `layers` and `tasks`.

    Scores are normalised and of the best layer, chosen on the scores shown, as published: `score`,
    the plain correlation, is missing, and the scores of layers are normalised. The interval is one
    published error to either side. The recordings of `SUMMARIES` are means over recordings.

    Parameters
    ----------
    table : DataFrame or None
        From `read_scores_of_layers`; without it the tables have no rows.
    """
    if table is None:
        return {name: empty_table(columns) for name, columns in KINDS.items()}
    layers = _layers(_named(table))
    best = _best(layers)
    made = {
        "scores": pd.concat([best, *(_mean(best, name) for name in SUMMARIES)]),
        "words": _words(layers),
        "layers": layers.rename(columns={"normalised": "score"}),
        "tasks": _tasks(_named(table)),
    }
    return {name: _declared(made[name], columns) for name, columns in KINDS.items()}


def _named(table: pd.DataFrame) -> pd.DataFrame:
    """Keep the models of the paper, and say of each whose twin it is."""
    own = of_paper(table)
    return own.assign(
        architecture=own["model"].str.removesuffix(TWIN),
        trained=~own["model"].str.endswith(TWIN),
    )


def _layers(named: pd.DataFrame) -> pd.DataFrame:
    """Take the rows of recordings, and the place of each layer in its model, from 0 to 1."""
    rows = named[named["benchmark"].isin(RECORDINGS)]
    by = rows.groupby(["benchmark", "model"])["score"]
    last = by.transform("size") - 1
    depth = (by.cumcount() / last.where(last > 0)).fillna(0.5)
    return rows.assign(
        recording=rows["benchmark"].map(RECORDINGS),
        region=EVERYWHERE,
        layer=rows["layer"].fillna(""),
        depth=depth,
        normalised=rows["score"],
    ).drop(columns="score")


def _best(layers: pd.DataFrame) -> pd.DataFrame:
    """Keep the layer of every model that is best on a recording."""
    known = layers.dropna(subset=["normalised"])
    best = known.loc[known.groupby(["recording", "model"], sort=False)["normalised"].idxmax()]
    return best.assign(
        subject=MEDIAN,
        ceiling=best["recording"].map(CEILINGS),
        ceiling_kind=KIND,
        normalised_low=best["normalised"] - best["error"],
        normalised_high=best["normalised"] + best["error"],
    )


def _mean(best: pd.DataFrame, name: str) -> pd.DataFrame:
    """Average a model's scores over recordings, each cut at 1; missing where one is."""
    wide = best.pivot_table("normalised", "model", "recording").reindex(columns=SUMMARIES[name])
    means = wide.clip(upper=1).mean(axis=1, skipna=False)
    models = best.drop_duplicates("model")[["model", "architecture", "trained", "region"]]
    return models.assign(
        recording=name, normalised=models["model"].map(means), subject=MEDIAN, ceiling_kind=KIND
    )


def _words(layers: pd.DataFrame) -> pd.DataFrame:
    """Call the roll of the models, on every recording."""
    by = ["recording", "model", "architecture", "trained"]
    sizes = layers.groupby(by, sort=False).size().rename("layers").reset_index()
    return sizes.assign(modality="language")


def _tasks(named: pd.DataFrame) -> pd.DataFrame:
    """Take the rows of tasks, and the mean of GLUE where all its tasks are known."""
    rows = named.rename(columns={"benchmark": "task", "score": "value"})
    glue = rows[rows["task"].str.startswith(GLUE)].assign(measure="as GLUE has it")
    wide = glue.pivot_table("value", ["model", "architecture", "trained"], "task")
    means = wide.mean(axis=1, skipna=False).rename("value").reset_index()
    words = rows[rows["task"].eq(WIKITEXT)]
    words = words.assign(task=NEXT_WORD, measure=PERPLEXITY, value=np.exp(words["value"]))
    return pd.concat([words, means.assign(task="glue", measure="mean of eight tasks"), glue])


def _declared(table: pd.DataFrame, columns: Columns) -> pd.DataFrame:
    """Arrange the declared columns: absent texts are empty, absent numbers missing."""
    made = table.reset_index(drop=True).reindex(columns=list(columns))
    for name, kind in columns.items():
        if kind == "text":
            made[name] = made[name].astype(object).where(made[name].notna(), "").astype(str)
        else:
            made[name] = made[name].astype(float if kind == "number" else bool)
    return made
