"""Scores on recordings of words beside what else is known of models: over models, by recording."""

import logging
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from stages.core.names.lineages import lineage
from stages.core.names.models import STATIC, ModelSpec, parse_model
from stages.core.results.language_scores import EVERYWHERE
from stages.core.results.relations import WITHOUT_STATIC
from stages.core.stats.correlation import NotComputableError, correlate
from stages.relate.published_tasks import published_tasks

SOURCE = "language"
NEXT_WORD, TWIN, SIZE = "next word", "untrained twin", "log_parameters"

log = logging.getLogger("concord.relate")


def relate_language(
    scores: pd.DataFrame,
    words: pd.DataFrame,
    resamples: int,
    seed: int,
    *,
    losses: pd.DataFrame | None = None,
    tasks: pd.DataFrame | None = None,
) -> Iterator[dict[str, Any]]:
    """Correlate the scores of trained models on each recording with other quantities.

    These are: how well they predict the very words of the recording, minus the bits per byte, and
    those of other texts, where that was measured; their scores on each other recording; those of
    their untrained twins, means over draws; their size; and how well they do at published tasks,
    where these are given. Scores are those of all regions, over their ceiling where the recording
    has one. What holds for networks may not with static embeddings among them, which know no
    context: where there are some, a second row leaves them out.

    Parameters
    ----------
    scores, words : DataFrame
        Tables of `stages.core.results.language_scores`.
    resamples, seed : int
    losses : DataFrame, optional
        From `stages.core.results.text_losses`.
    tasks : DataFrame, optional
        As in `stages.relate.published_tasks.published_tasks`.

    Yields
    ------
    dict
        Rows of the table of relations, Pearson and Spearman; the metric is the recording's name.
        What cannot be computed is logged, with the reason.
    """
    of, sampling = _by_recording(scores), (resamples, seed)
    strings = words.drop_duplicates("model").set_index("model")["string"]
    everywhere = [*_on_texts(losses), *_at_tasks(scores, strings, tasks)]
    for recording, own in of.items():
        trained = own[own["trained"]].set_index("model")["value"]
        others = [*_others(own, words[words["recording"] == recording]), *everywhere]
        for benchmark, other in others:
            yield from _with_and_without((recording, benchmark), trained, other, strings, sampling)
    for one, two in combinations(of, 2):
        sides = [of[name][of[name]["trained"]].set_index("model")["value"] for name in (one, two)]
        yield from _with_and_without((one, two), sides[0], sides[1], strings, sampling)


def _by_recording(scores: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Scores of all regions, over the ceiling where all models of a recording have one."""
    rows = scores[scores["region"] == EVERYWHERE]
    found = {}
    for recording, own in rows.groupby("recording", sort=False):
        column = "normalised" if own["normalised"].notna().all() else "score"
        found[str(recording)] = own.assign(value=own[column])
    return found


def _others(own: pd.DataFrame, words: pd.DataFrame) -> Iterator[tuple[str, "pd.Series[float]"]]:
    """Yield what the scores of a recording are set beside, by trained model."""
    told = words.set_index("model")
    yield NEXT_WORD, -told["bits_per_byte"].dropna()
    yield SIZE, np.log10(told["parameters"].where(told["parameters"] > 0)).dropna()
    twins = own[~own["trained"]].groupby("architecture")["value"].mean()
    named = own[own["trained"]].set_index("model")["architecture"]
    yield TWIN, named.map(twins).dropna()


def _on_texts(losses: pd.DataFrame | None) -> Iterator[tuple[str, "pd.Series[float]"]]:
    """Yield how well models predict each text that nobody was measured on."""
    for text, own in [] if losses is None else losses.groupby("text", sort=False):
        yield f"{NEXT_WORD} of {text}", -own.set_index("model")["bits_per_byte"]


def _at_tasks(
    scores: pd.DataFrame, strings: "pd.Series[str]", tasks: pd.DataFrame | None
) -> Iterator[tuple[str, "pd.Series[float]"]]:
    """Yield how well models do at published tasks."""
    trained = scores["model"][scores["trained"]].unique()
    if tasks is not None:
        yield from published_tasks({str(name): strings[name] for name in trained}, tasks)


def _with_and_without(
    label: tuple[str, str],
    scores: "pd.Series[float]",
    other: "pd.Series[float]",
    strings: "pd.Series[str]",
    sampling: tuple[int, int],
) -> Iterator[dict[str, Any]]:
    """Correlate over the models that have both, and without static embeddings if some are."""
    both = [name for name in scores.index if name in other.index]
    specs = {name: parse_model(strings[name], {}) for name in both}
    yield from _related(label, scores[both], other[both], specs, sampling)
    rest = [name for name in both if specs[name].scheme != STATIC]
    if len(rest) < len(both):
        without = (label[0], label[1] + WITHOUT_STATIC)
        yield from _related(without, scores[rest], other[rest], specs, sampling)


def _related(
    label: tuple[str, str],
    scores: "pd.Series[float]",
    other: "pd.Series[float]",
    specs: Mapping[str, ModelSpec],
    sampling: tuple[int, int],
) -> Iterator[dict[str, Any]]:
    """Correlate scores with another quantity; `label` is a recording and a benchmark."""
    x, y = (np.asarray(side, dtype=np.float64) for side in (scores, other))
    named = np.array([lineage(specs[str(name)].name) for name in scores.index], dtype=str)
    resamples, seed = sampling
    for statistic in ("pearson", "spearman"):
        ranked = statistic == "spearman"
        try:
            found = correlate(x, y, named, ranked=ranked, resamples=resamples, seed=seed)
        except NotComputableError as why:
            log.warning("%s and %s: not correlated: %s", *label, why)
            return
        row = {"source": SOURCE, "metric": label[0], "benchmark": label[1], "modality": SOURCE}
        yield row | {"statistic": statistic} | vars(found)
