"""People who have something in common in every region, some more, some less."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.calibrate.simulated_folders import target_table, write_folders
from stages.calibrate.simulated_layers import remembered
from stages.calibrate.story_layouts import TR, alice
from stages.core.recording.types import Recording, Subject

Array = NDArray[np.float64]
MEMORY = 0.4
SHARES = (0.25, 0.65)  # least and greatest correlation of a person with what is common


def draw_shares(people: int, regions: int, seed: int) -> Array:
    """Draw the correlation of every person with what people have in common, in every region.

    Returns
    -------
    ndarray, shape (people, regions)
    """
    return np.random.default_rng(seed).uniform(*SHARES, (people, regions))


def write_people(folder: Path, people: int, regions: int, seed: int) -> None:
    """Write a story of Alice's layout, with so many people and regions.

    Parameters
    ----------
    folder : Path
    people, regions : int
    seed : int
        Of `draw_shares`, too.
    """
    shares = draw_shares(people, regions, seed)
    rng = np.random.default_rng([seed, 1])
    layout = alice(rng)
    shape = (people, len(layout.samples), regions)
    common = remembered(rng.normal(size=shape[1:]), MEMORY)
    own = remembered(rng.normal(size=shape), MEMORY, axis=1)
    series = shares[:, None] * common + np.sqrt(1 - shares**2)[:, None] * own
    names = [f"r{number:03}" for number in range(regions)]
    targets = target_table(names, names, np.zeros((regions, 3), int))
    targets[["i", "j", "k"]] = np.nan
    subjects = [
        Subject(f"s{number:02}", one.astype(np.float32), targets)
        for number, one in enumerate(series)
    ]
    recording = Recording(
        "simulated", "timeseries", TR, None, layout.stimuli, layout.samples, subjects
    )
    write_folders(folder, recording, {})


def truths(shares: Array) -> pd.DataFrame:
    """Find the ceilings that many more samples would give.

    Parameters
    ----------
    shares : ndarray, shape (people, regions)

    Returns
    -------
    DataFrame
        One row per region: `mean` (of these people, with what is common), `others` (of one person
        with the mean of the others, on average) and `population` (with that of infinitely many, in
        the population).
    """
    total, noise = shares.sum(axis=0), (1 - shares**2).sum(axis=0)
    rest, its_noise = total - shares, noise - (1 - shares**2)
    others = shares * rest / np.sqrt(rest**2 + its_noise)
    found = {
        "mean": total / np.sqrt(total**2 + noise),
        "others": others.mean(axis=0),
        "population": np.full(shares.shape[1], np.mean(SHARES)),
    }
    return pd.DataFrame(found)
