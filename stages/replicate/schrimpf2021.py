"""Schrimpf et al. (2021, PNAS): what its table of scores of 43 language models gives again."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from stages.replicate.published_targets import Found
from stages.replicate.relation_intervals import over_families
from stages.replicate.schrimpf_scores import (
    NAME,
    NEURAL,
    STATIC,
    at_others_layer,
    best_layers,
    families,
    read_scores_of_layers,
)


def derive_schrimpf(files: Mapping[str, Path]) -> dict[str, Found]:
    """Derive every number that the table of scores allows.

    Parameters
    ----------
    files : mapping of str to Path
        From `at_hand`.
    """
    table = read_scores_of_layers(files[NAME])
    trained, twins = best_layers(table, trained=True), best_layers(table, trained=False)
    family = pd.Series(families(trained.index), trained.index)
    return (
        _relations(trained, family)
        | _twins(trained, twins, family)
        | _summaries(trained, twins)
        | _unseen(table, trained, family)
        | _counts(table, trained)
    )


def _relations(trained: pd.DataFrame, family: "pd.Series[str]") -> dict[str, Found]:
    def r(x: str, y: str, rows: pd.DataFrame = trained, *, ranked: bool = False) -> Found:
        return over_families(rows[x], rows[y], family, ranked=ranked)

    tasks = [name for name in trained if str(name).startswith("glue-")]
    some = trained.assign(known=trained[tasks].mean(axis=1), minus=-trained["loss"])
    found = {
        "neural ~ next-word": r("neural", "next_word"),
        "neural ~ behaviour": r("neural", "futrell"),
        "neural ~ behaviour, clipped": r("neural", "futrell_clipped"),
        "next-word ~ behaviour": r("next_word", "futrell"),
        "next-word ~ behaviour, clipped": r("next_word", "futrell_clipped"),
        "neural ~ next-word, Spearman": r("neural", "next_word", ranked=True),
        "neural ~ minus the loss": r("neural", "minus", some),
        "neural ~ GLUE, all eight tasks": r("neural", "glue"),
        "neural ~ GLUE, tasks at hand": r("neural", "known", some),
        "pereira ~ fedorenko": r("pereira", "fedorenko"),
        "pereira ~ blank": r("pereira", "blank"),
        "fedorenko ~ blank": r("fedorenko", "blank"),
    }
    contextual = trained.drop(index=list(STATIC))
    found["neural ~ next-word without static embeddings"] = r("neural", "next_word", contextual)
    for quantity in (
        "neural ~ next-word",
        "neural ~ behaviour",
        "neural ~ behaviour, clipped",
        "next-word ~ behaviour",
    ):
        found[f"{quantity}, to a thousandth"] = found[quantity]
    found |= {f"neural ~ {task}": r("neural", str(task)) for task in tasks}
    for name in NEURAL:
        found[f"{name} ~ next-word"] = r(name, "next_word")
        found[f"{name} ~ behaviour"] = r(name, "futrell")
    return found


def _twins(
    trained: pd.DataFrame, twins: pd.DataFrame, family: "pd.Series[str]"
) -> dict[str, Found]:
    return {
        f"{name.replace('_', '-')}, trained ~ untrained": over_families(
            trained[name], twins[name].reindex(trained.index), family
        )
        for name in (*NEURAL, "neural", "futrell", "next_word")
    }


def _summaries(trained: pd.DataFrame, twins: pd.DataFrame) -> dict[str, Found]:
    found = {}
    for name in (*NEURAL, "futrell"):
        ours, theirs = float(trained[name].mean()), float(twins[name].mean())
        best = float(trained[name].max())
        told = f"{trained[name].idxmax()}"
        found[f"{name}, mean of trained models"] = Found(ours, n=len(trained))
        found[f"{name}, mean of untrained models"] = Found(theirs, n=len(twins))
        if name == "futrell":
            found["futrell, best model"] = Found(best, n=len(trained), note=told)
        else:
            percent = Found(100 * best, n=len(trained), note=told)
            found[f"best model, {name}, % of ceiling"] = percent
            gain = 100 * (ours / theirs - 1)
            found[f"gain by training, {name}, %"] = Found(gain, n=len(trained))
    for label, table in (("gpt2-xl", trained), ("gpt2-xl untrained", twins)):
        four = table.loc["gpt2-xl", [*NEURAL, "futrell"]].clip(upper=1).to_numpy(np.float64)
        found[f"{label}, mean of four benchmarks"] = Found(float(four.mean()), n=4)
    return found


def _counts(table: pd.DataFrame, trained: pd.DataFrame) -> dict[str, Found]:
    return {
        "rows of the table": Found(len(table)),
        "models and twins of the table": Found(table["model"].nunique()),
        "scores that are missing": Found(int(table["score"].isna().sum())),
        "models with GLUE": Found(int(trained["glue-cola"].notna().sum())),
        "models with all eight tasks": Found(int(trained["glue"].notna().sum())),
    }


def _unseen(
    table: pd.DataFrame, trained: pd.DataFrame, family: "pd.Series[str]"
) -> dict[str, Found]:
    """Tell what is lost where no score is that of a layer which it chose itself."""
    others = pd.DataFrame({name: at_others_layer(table, name) for name in NEURAL})
    losses = trained[list(NEURAL)] - others
    found = {
        f"{name}, loss by an unseen layer": Found(float(losses[name].mean()), n=len(losses))
        for name in NEURAL
    }
    neural = others.clip(upper=1).mean(axis=1, skipna=False)
    r = over_families(neural, trained["next_word"], family)
    return found | {"neural ~ next-word, unseen layers": r}
