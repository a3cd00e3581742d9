"""Schrimpf et al. (2021, PNAS): what its table of scores of 43 language models gives again."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from stages.core.results.replications import RECOMPUTED
from stages.replicate.published_targets import Found, Target
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

R, PER_CENT, DERIVED = 0.03, 5.0, 0.001  # tolerances
CIRCULAR = "the layer chosen on the other two benchmarks"
CLIPPED = "Futrell cut at 1"
ASSEMBLY = "the assembly {}.nc of the authors' store"
TASKS = {
    "cola": ".119",
    "mnli": ".031",
    "mrpc": ".067",
    "qnli": ".135",
    "qqp": ".122",
    "rte": ".018",
    "sst-2": "-.029",
    "sts-b": ".080",
}
# By benchmark: neural ~ next-word, ~ behaviour, trained ~ untrained; means trained and untrained.
EACH = {
    "pereira": (".554", ".584", ".697", ".614", ".341"),
    "fedorenko": (".194", ".424", ".367", ".318", ".273"),
    "blank": (".488", ".449", ".624", ".152", ".137"),
}


def _derived(quantity: str, value: str, note: str = "") -> Target:
    return Target(quantity, value, DERIVED, RECOMPUTED, note)


def _targets() -> Iterator[Target]:
    yield Target("neural ~ next-word", ".44", R)
    yield Target("neural ~ behaviour", ".65", R)
    yield Target("neural ~ behaviour, clipped", ".65", R, note=CLIPPED)
    yield Target("next-word ~ behaviour", ".67", R)
    yield Target("next-word ~ behaviour, clipped", ".67", R, note=CLIPPED)
    for name, best, gain in (("pereira", "100", "85"), ("fedorenko", "95", "17")):
        yield Target(f"best model, {name}, % of ceiling", best, PER_CENT)
        yield Target(f"gain by training, {name}, %", gain, PER_CENT)
    yield Target("best model, blank, % of ceiling", "32", PER_CENT)
    yield Target("gain by training, blank, %", "11", PER_CENT)
    yield _derived("neural ~ next-word, to a thousandth", ".457")
    yield _derived("neural ~ next-word, Spearman", ".417")
    yield _derived("neural ~ minus the loss", ".618", "instead of the perplexity")
    yield _derived("neural ~ next-word without static embeddings", ".219", ", ".join(STATIC))
    yield _derived("neural ~ behaviour, to a thousandth", ".596")
    yield _derived("neural ~ behaviour, clipped, to a thousandth", ".651", CLIPPED)
    yield _derived("next-word ~ behaviour, to a thousandth", ".367")
    yield _derived("neural ~ GLUE, all eight tasks", ".086", "published: not significant")
    yield _derived("neural ~ GLUE, tasks at hand", ".074", "lm_1b without sts-b")
    for task, value in TASKS.items():
        yield _derived(f"neural ~ glue-{task}", value)
    for name, (word, behaviour, twin, mean, untrained) in EACH.items():
        yield _derived(f"{name} ~ next-word", word)
        yield _derived(f"{name} ~ behaviour", behaviour)
        yield _derived(f"{name}, trained ~ untrained", twin)
        yield _derived(f"{name}, mean of trained models", mean)
        yield _derived(f"{name}, mean of untrained models", untrained)
    yield _derived("pereira ~ fedorenko", ".500")
    yield _derived("pereira ~ blank", ".589")
    yield _derived("fedorenko ~ blank", ".285")
    yield _derived("neural, trained ~ untrained", ".735")
    yield _derived("futrell, trained ~ untrained", ".963")
    yield _derived("next-word, trained ~ untrained", ".02", "of perplexities")
    yield _derived("futrell, mean of trained models", ".747")
    yield _derived("futrell, mean of untrained models", ".741")
    yield _derived("futrell, best model", "1.203", "above its ceiling: words are in fit and test")
    yield _derived("gpt2-xl, mean of four benchmarks", ".753")
    yield _derived("gpt2-xl untrained, mean of four benchmarks", ".606")
    for name in NEURAL:
        yield Target(f"{name}, loss by an unseen layer", "", note=CIRCULAR)
    yield Target("neural ~ next-word, unseen layers", "", note=CIRCULAR)
    for name, assembly, ceiling in (
        ("pereira", "Pereira2018", ".318567"),
        ("fedorenko", "Fedorenko2016v3", ".168649"),
        ("blank", "Blank2014fROI", ".200405"),
        ("futrell", "Futrell2018", ".76"),
    ):
        yield Target(f"{name}, ceiling", ceiling, 0.005, needs=ASSEMBLY.format(assembly))


TARGETS = tuple(_targets())


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
