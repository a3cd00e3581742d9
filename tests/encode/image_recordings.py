"""Small recordings of images with repeats, and activations of layers that drive them or do not."""

import numpy as np
import pandas as pd

from stages.core.activations.activations import Activations, write_about, write_layer
from stages.core.params.read import read_params
from stages.core.recording.types import Recording, Subject, stimuli_digest
from stages.encode.image_people import Settings
from tests.conftest import PROJECT

N, SHARED, REPEATS = 90, 40, 3
LAYERS = {"blocks.0": 8, "blocks.1": 6, "blocks.2": 5}
# Which layer drives a region; None for none.
REGIONS = {"V1": "blocks.0", "FFC": "blocks.2", "A1": None}
VOXELS = 12


def make_layers(rng):
    return {name: rng.standard_normal((N, k)).astype(np.float32) for name, k in LAYERS.items()}


def make_stimuli(n=N):
    ids = [f"image{number:03d}" for number in range(n)]
    table = pd.DataFrame({"id": ids, "text": ids, "run": "1", "onset": np.arange(float(n))})
    return table.assign(duration=1.0, sample=ids)


def person(name, rows, layers, rng, signal):
    """Means of three trials whose signal has this standard deviation, and their noise 1."""
    parts, regions = [], []
    for region, driver in REGIONS.items():
        drive = np.zeros((N, VOXELS))
        if driver:
            drive = layers[driver] @ rng.standard_normal((LAYERS[driver], VOXELS))
            drive = signal * drive / drive.std(axis=0)
        trials = drive[rows] + rng.standard_normal((REPEATS, len(rows), VOXELS))
        trials = (trials - trials.mean(axis=(0, 1))) / trials.std(axis=(0, 1))
        parts.append(trials.mean(axis=0))
        regions += [region] * VOXELS
    places = {axis: pd.array(range(len(regions)), "Int64") for axis in "ijk"}
    ids = [f"v{number}" for number in range(len(regions))]
    targets = pd.DataFrame({"id": ids, "region": regions, "hemisphere": "", **places})
    driven = targets["region"].map(REGIONS).notna()
    ncsnr = np.where(driven, signal, 0.0)
    targets = targets.assign(ceiling=np.nan, ncsnr=ncsnr)
    samples = pd.DataFrame({"id": make_stimuli()["id"].to_numpy()[rows], "repeats": REPEATS})
    return Subject(name, np.hstack(parts).astype(np.float32), targets, samples=samples)


def make_recording(layers, rng, *, apart=True, signal=1.0):
    """Two people who saw the shared images and half of the others each, or one who saw all."""
    stimuli = make_stimuli()
    samples = stimuli[["id", "run", "onset"]]
    everything = np.arange(N)
    if not apart:
        people = [person("one", everything, layers, rng, signal)]
        return Recording("made", "events", None, None, stimuli, samples, people)
    split = np.where(everything < SHARED, "test", "train")
    rows = [np.r_[np.arange(SHARED), np.arange(SHARED + k, N, 2)] for k in (0, 1)]
    people = [person(f"subj{k}", rows[k], layers, rng, signal) for k in (0, 1)]
    samples = samples.assign(split=split)
    return Recording("made", "events", None, None, stimuli, samples, people)


def write_model(folder, layers, stimuli):
    for name, values in layers.items():
        write_layer(folder / f"{name}.safetensors", values)
    widths = {name: values.shape[1] for name, values in layers.items()}
    about = Activations(
        "timm:a", folder.name, "r", "vision", 9, "", None, "image", None, "mean", "float32",
        stimuli_digest(stimuli), folder.name, widths, widths, 0, [],
    )  # fmt: skip
    rows = stimuli[["id", "sample", "run", "onset"]].assign(offset=stimuli["onset"] + 1)
    write_about(folder, about, rows)
    return folder


def settings(**changes):
    """The project's, for so few images."""
    params = read_params(PROJECT / "params.yaml")
    changes = {"min_voxels": 4, "draws": 59} | changes
    few = params.ridge.lambdas.model_copy(update={"count": 6})
    return Settings(
        params.encode_scene.model_copy(update=changes),
        params.folds.model_copy(update={"blocks": 3}),
        params.ridge.model_copy(update={"lambdas": few}),
    )
