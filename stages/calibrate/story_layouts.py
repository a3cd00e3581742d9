"""When words are heard and volumes taken, in the layouts of the recordings of stories."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from stages.core.recording.types import Cleaning, Timeline

TR = 2.0
CLEANING = Cleaning(detrend=True, high_pass=128.0, standardize=True)
WEHBE_WORDS = (1303, 1351, 1059, 1463)  # of each run
PER_TR = 4
ALICE_WORDS, ALICE_TRS = 2128, 362


@dataclass(frozen=True)
class Layout:
    """Words and volumes.

    Attributes
    ----------
    name : str
    stimuli, samples : DataFrame
        As those of a recording.
    """

    name: str
    stimuli: pd.DataFrame
    samples: pd.DataFrame

    @property
    def timeline(self) -> Timeline:
        """When volumes were taken, and how they are cleaned."""
        return Timeline(self.samples, TR, CLEANING)


def wehbe(rng: np.random.Generator) -> Layout:
    """Four runs, four words of half a second in every volume that is kept (Wehbe et al. 2014)."""
    runs = np.repeat(np.arange(len(WEHBE_WORDS)) + 1, WEHBE_WORDS)
    place = np.concatenate([np.arange(n) for n in WEHBE_WORDS])
    trs = -(-np.array(WEHBE_WORDS) // PER_TR)
    onset = 1000.0 * runs + place * TR / PER_TR
    sample_runs = np.repeat(np.arange(len(trs)) + 1, trs)
    sample_onset = 1000.0 * sample_runs + np.concatenate([np.arange(n) for n in trs]) * TR
    durations = np.full(len(runs), TR / PER_TR)
    words = {"run": runs.astype(str), "onset": onset, "duration": durations}
    return _layout("wehbe", words, {"run": sample_runs.astype(str), "onset": sample_onset})


def alice(rng: np.random.Generator) -> Layout:
    """One run, words at the pace of speech, from the first volume to the last."""
    durations = rng.gamma(4.0, 0.07, ALICE_WORDS) + 0.05
    pauses = np.where(rng.random(ALICE_WORDS) < 0.1, rng.gamma(2.0, 0.25, ALICE_WORDS), 0.0)
    ends = np.cumsum(durations + pauses)
    pace = (ALICE_TRS * TR - 4.0) / ends[-1]
    onset = (ends - durations - pauses) * pace
    words = {"run": "1", "onset": onset, "duration": durations * pace}
    return _layout("alice", words, {"run": "1", "onset": np.arange(ALICE_TRS) * TR})


def _layout(name: str, words: dict[str, Any], volumes: dict[str, Any]) -> Layout:
    """Name words and volumes, and find the volume during which each word began."""
    samples = pd.DataFrame({"id": "", **volumes})
    samples["id"] = [f"t{index:04d}" for index in range(len(samples))]
    stimuli = pd.DataFrame({"id": "", "text": "", **words})
    stimuli["id"] = [f"w{index:05d}" for index in range(len(stimuli))]
    stimuli["text"] = [f"word{index}" for index in range(len(stimuli))]
    during = np.searchsorted(samples["onset"], stimuli["onset"], side="right") - 1
    stimuli["sample"] = samples["id"].to_numpy()[during]
    return Layout(name, stimuli, samples)


LAYOUTS: Mapping[str, Callable[[np.random.Generator], Layout]] = {"wehbe": wehbe, "alice": alice}
