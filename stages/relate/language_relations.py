"""Scores on recordings of words beside what else is known of models: over models, by recording."""

import logging
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from stages.core.names.lineages import lineage
from stages.core.names.models import parse_model
from stages.core.results.language_scores import EVERYWHERE
from stages.core.stats.correlation import NotComputableError, correlate

SOURCE = "language"
NEXT_WORD, TWIN, SIZE = "next word", "untrained twin", "log_parameters"

log = logging.getLogger("concord.relate")


def relate_language(
    scores: pd.DataFrame,
    words: pd.DataFrame,
    resamples: int,
    seed: int,
    losses: pd.DataFrame | None = None,
) -> Iterator[dict[str, Any]]:
    """Correlate the scores of trained models on each recording with other quantities.

    These are: how well they predict the very words of the recording, minus the bits per byte, and
    those of other texts, where that was measured; their scores on each other recording; those of
    their untrained twins, means over draws; and their size. Scores are those of all regions, over
    their ceiling where the recording has one.

    Parameters
    ----------
    scores, words : DataFrame
        Tables of `stages.core.results.language_scores`.
    resamples, seed : int
    losses : DataFrame, optional
        From `stages.core.results.text_losses`.

    Yields
    ------
    dict
        Rows of the table of relations, Pearson and Spearman; the metric is the recording's name.
        What cannot be computed is logged, with the reason.
    """
    of, sampling = _by_recording(scores), (resamples, seed)
    strings = words.drop_duplicates("model").set_index("model")["string"]
    families = strings.map(lambda string: lineage(parse_model(string, {}).name))
    for recording, own in of.items():
        trained = own[own["trained"]].set_index("model")["value"]
        others = [*_others(own, words[words["recording"] == recording]), *_on_texts(losses)]
        for benchmark, other in others:
            yield from _related((recording, benchmark), trained, other, families, sampling)
    for one, two in combinations(of, 2):
        sides = [of[name][of[name]["trained"]].set_index("model")["value"] for name in (one, two)]
        yield from _related((one, two), sides[0], sides[1], families, sampling)


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


def _related(
    label: tuple[str, str],
    scores: "pd.Series[float]",
    other: "pd.Series[float]",
    families: "pd.Series[str]",
    sampling: tuple[int, int],
) -> Iterator[dict[str, Any]]:
    """Correlate over the models that have both; `label` is a recording and a benchmark."""
    both = [name for name in scores.index if name in other.index]
    x, y = (np.asarray(side.loc[both], dtype=np.float64) for side in (scores, other))
    named, (resamples, seed) = families.loc[both].to_numpy(str), sampling
    for statistic in ("pearson", "spearman"):
        ranked = statistic == "spearman"
        try:
            found = correlate(x, y, named, ranked=ranked, resamples=resamples, seed=seed)
        except NotComputableError as why:
            log.warning("%s and %s: not correlated: %s", *label, why)
            return
        row = {"source": SOURCE, "metric": label[0], "benchmark": label[1], "modality": SOURCE}
        yield row | {"statistic": statistic} | vars(found)
