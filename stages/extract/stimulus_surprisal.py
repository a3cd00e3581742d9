"""How unexpected to a language model each stimulus was, given those before it in its run."""

import logging
from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.names.models import TRANSFORMERS, TRIGRAM, ModelSpec
from stages.core.nets.source import Source, find_source
from stages.extract.statics.trigram_surprisal import run_surprisals

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

log = logging.getLogger("concord.extract")


def model_surprisal(stimuli: pd.DataFrame, spec: ModelSpec) -> pd.DataFrame | None:
    """Find a model and measure its surprisal; see `stimulus_surprisal`.

    Parameters
    ----------
    stimuli : DataFrame
        A recording's stimuli.
    spec : ModelSpec
        Of any scheme; those that neither are networks nor count words predict nothing.
    """
    if spec.scheme == TRIGRAM:
        return _by_run(stimuli, partial(run_surprisals, spec))
    if spec.scheme not in TRANSFORMERS:
        return None
    return stimulus_surprisal(stimuli, find_source(spec), spec.seed)


def stimulus_surprisal(
    stimuli: pd.DataFrame, source: Source, seed: int | None = None
) -> pd.DataFrame | None:
    """Measure the surprisal of every stimulus, of one word or several.

    Parameters
    ----------
    stimuli : DataFrame
        A recording's stimuli, in order; each run is read from its beginning.
    source : Source
        Of a language model.
    seed : int, optional
        Of the model's untrained twin.

    Returns
    -------
    DataFrame or None
        Columns id, nats (the sum over a stimulus; missing of the first of each run, which is not
        predicted whole) and bytes (of the text, the blank before it included). None of a model
        that predicts no next word.

    Raises
    ------
    InputError
        If the model's files are unusable, a stimulus has no token, or a loss is not finite.
    """
    from stages.core.nets.hardware import choose_devices  # noqa: PLC0415 (PyTorch takes seconds)
    from stages.core.nets.language_head import (  # noqa: PLC0415
        NoLanguageHeadError,
        open_language_model,
    )
    from stages.core.nets.word_surprisal import word_surprisals  # noqa: PLC0415

    try:
        reader = open_language_model(source.folder, choose_devices()[0], seed)
    except NoLanguageHeadError as error:
        log.info("no surprisal: %s", error)
        return None
    return _by_run(stimuli, partial(word_surprisals, reader))


def _by_run(
    stimuli: pd.DataFrame, measure: Callable[[list[str]], tuple[Floats, Ints]]
) -> pd.DataFrame:
    """Measure nats and bytes of every stimulus, one run after the other."""
    nats, size = np.full(len(stimuli), np.nan), np.zeros(len(stimuli), dtype=np.int64)
    for run in stimuli["run"].unique():
        rows = np.flatnonzero(stimuli["run"] == run)
        nats[rows], size[rows] = measure(list(stimuli["text"].iloc[rows]))
    return pd.DataFrame({"id": list(stimuli["id"]), "nats": nats, "bytes": size})
