"""Conwell et al. (2024): trained and random vision models on the Natural Scenes Dataset."""

from collections.abc import Mapping
from pathlib import Path

from stages.core.results.replications import RECOMPUTED
from stages.core.run.errors import InputError
from stages.replicate.plain_tables import read_plain
from stages.replicate.published_targets import Found, Target

NAME = "conwell2024/results_summary.csv"
RANDOM = "random"
MEANS = {"crsa": (".302", ".052"), "srpr": (".341", ".116"), "wrsa": (".602", ".110")}
NOTE = "occipito-temporal cortex"
TARGETS = (
    *(
        Target(f"{metric}, {kind} models", value, 0.001, RECOMPUTED, NOTE)
        for metric, pair in MEANS.items()
        for kind, value in zip(("trained", RANDOM), pair, strict=True)
    ),
    Target("models of each metric", "224", 0.0, RECOMPUTED),
)


def derive_conwell(files: Mapping[str, Path]) -> dict[str, Found]:
    """Average over trained and over randomly initialised models, metric by metric.

    Raises
    ------
    InputError
        If the table is unreadable, lacks a metric, or holds other models for one than for another.
    """
    table = read_plain(files[NAME], ("model_string", "train_task", "metric"), ("score",))
    sets = {metric: frozenset(own["model_string"]) for metric, own in table.groupby("metric")}
    if set(sets) != set(MEANS) or len(set(sets.values())) != 1:
        raise InputError("metrics or models differ", where=files[NAME], expected=list(MEANS))
    found = {}
    for metric in MEANS:
        own = table[table["metric"].eq(metric)]
        drawn = own["train_task"].eq(RANDOM)
        for kind, scores in (("trained", own[~drawn]["score"]), (RANDOM, own[drawn]["score"])):
            found[f"{metric}, {kind} models"] = Found(float(scores.mean()), n=len(scores))
    models = len(next(iter(sets.values())))
    return found | {"models of each metric": Found(models, n=models)}
