"""People who see images three times: areas of known geometry, and what else than images is common.

Two latent variables drive the areas, in both hemispheres, of everybody: `edges` V1 and V2, `faces`
FFC, and nothing A1. All see the images in one order, and slow drift goes with the place in it; at
each trial a person's areas share noise.
"""

import numpy as np
import pandas as pd

from stages.core.recording.types import Recording, Subject
from tests.align.recordings import stimuli_table

N, REPEATS = 60, 3
DRIVERS = {"V1": "edges", "V2": "edges", "FFC": "faces", "A1": None}
SIDES = ("L", "R")
VOXELS = 15  # of a hemisphere


def make_latents(rng, n=N):
    return {name: rng.standard_normal((n, 8)) for name in ("edges", "faces")}


def make_shown_again(rng, latents, *, n=N, signal=1.0, common=1.0, drift=1.0, mixed=True):
    """Two people who saw all images; the rows of each are `mixed`, in an order of their own.

    Voxels turn the latent variables around, so that areas of one driver have one geometry.
    """
    stimuli = stimuli_table(n, samples=True)
    places = np.argsort(rng.random((REPEATS, n)), axis=1) / n  # of each image in each third
    time = 2 * np.pi * (places + np.arange(REPEATS)[:, None])
    course = np.stack([np.cos(time), np.sin(time)], axis=-1)
    subjects = []
    for number in (0, 1):
        trials, targets = [], []
        shared = common * rng.standard_normal((REPEATS, n, 4))
        for region, driver in DRIVERS.items():
            for side in SIDES:
                values = rng.standard_normal((REPEATS, n, VOXELS))
                values += shared @ rng.standard_normal((4, VOXELS)) / 2
                values += drift * course @ rng.standard_normal((2, VOXELS))
                if driver:
                    mixing = np.linalg.qr(rng.standard_normal((VOXELS, 8)))[0].T
                    values += signal * latents[driver] @ mixing * np.sqrt(VOXELS / 8)
                trials.append(values)
                places_of = pd.array(range(VOXELS), "Int64")
                ids = [f"{region}_{side}_{k}" for k in range(VOXELS)]
                one = {"id": ids, "region": region, "hemisphere": side, "ceiling": np.nan}
                targets.append(pd.DataFrame(one | dict.fromkeys("ijk", places_of)))
        whole = np.concatenate(trials, axis=-1)
        order = rng.permutation(n) if mixed else np.arange(n)
        marked = rng.permutation(n) < n - 3 * number  # the second person lacks repeats of some
        samples = pd.DataFrame({"id": stimuli["id"].to_numpy()[order], "repeats": REPEATS})
        own = samples.assign(single=marked[order])
        single = whole[:, order][:, marked[order]].reshape(-1, whole.shape[-1])
        subjects.append(
            Subject(
                f"s{number + 1}",
                whole.mean(axis=0)[order].astype(np.float32),
                pd.concat(targets, ignore_index=True),
                samples=own,
                single=single.astype(np.float32),
            )
        )
    samples = stimuli[["id", "run", "onset"]].assign(split="test")
    return Recording("made", "events", None, None, stimuli, samples, subjects)


def trials_of(recording, name, region, side=None):
    """Read a person's single measurements of the images by id, as dictionaries, by hand."""
    subject = next(one for one in recording.subjects if one.name == name)
    wanted = subject.targets["region"] == region
    if side:
        wanted &= subject.targets["hemisphere"] == side
    ids = list(subject.samples.loc[subject.samples["single"], "id"])
    parts = np.split(subject.single[:, wanted.to_numpy()].astype(float), REPEATS)
    return [dict(zip(ids, part, strict=True)) for part in parts]
