"""When words are shown and volumes taken: as in the release, but for runs half as long."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

TR = 2.0
WORD_SECONDS = 0.5
REST_TRS = 10


@dataclass(frozen=True)
class Run:
    """A run: volumes taken and words shown, the first after `REST_TRS` volumes."""

    n_trs: int
    n_words: int


# Those of the release have 340, 352, 279 and 380 volumes, and 1303, 1351, 1059 and 1463 words.
RUNS = (Run(177, 651), Run(183, 675), Run(147, 531), Run(197, 731))


def volume_times() -> pd.DataFrame:
    """Tabulate every volume: run from 1, and onset in seconds from the start of the first run."""
    runs = np.repeat(np.arange(len(RUNS)) + 1, [run.n_trs for run in RUNS])
    return pd.DataFrame({"run": runs, "onset": np.arange(len(runs)) * TR})


def word_times() -> pd.DataFrame:
    """Tabulate every word: run from 1, and onset and offset in seconds."""
    first = np.cumsum([0] + [run.n_trs for run in RUNS[:-1]]) + REST_TRS
    onset = np.concatenate(
        [
            start * TR + np.arange(run.n_words) * WORD_SECONDS
            for start, run in zip(first, RUNS, strict=True)
        ]
    )
    runs = np.repeat(np.arange(len(RUNS)) + 1, [run.n_words for run in RUNS])
    return pd.DataFrame({"run": runs, "onset": onset, "offset": onset + WORD_SECONDS})
