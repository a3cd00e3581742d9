"""Small recordings of images, and activations of a model that drives their regions."""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.spatial.distance import pdist

from stages.core.activations.activations import Activations, write_about, write_layer
from stages.core.params.schema import Align
from stages.core.recording.types import PAIR_COLUMNS, Recording, Subject, stimuli_digest

N_IMAGES, N_SHARED = 90, 40
LAYERS = {"blocks.0": 300, "blocks.1": 40, "blocks.2": 20}
# Which layer drives a region; None for none.
REGIONS = {"V1": "blocks.0", "FFC": "blocks.2", "4": None}
SETTINGS = Align(
    metrics=["cka_linear", "cka_linear_biased", "mutual_knn_5", "rsa_spearman", "cknna_5"],
    min_voxels=5,
    draws=60,
    permute="rows",
    block=1,
    seed=3,
    width=30,
    pieces=5,
    compared=["cka_linear", "mutual_knn_5", "rsa_spearman"],
)


def stimulus_ids(n):
    return [f"image{number:03d}" for number in range(n)]


def stimuli_table(n, samples):
    return pd.DataFrame(
        {
            "id": stimulus_ids(n),
            "text": "a thing",
            "run": "1",
            "onset": np.arange(float(n)),
            "duration": 1.0,
            "sample": stimulus_ids(n) if samples else "",
        }
    )


def make_layers(rng, n=N_IMAGES):
    return {
        name: rng.standard_normal((n, units)).astype(np.float32) for name, units in LAYERS.items()
    }


def target_table(region, count, voxels):
    return pd.DataFrame(
        {
            "id": [f"{region}_{k}" for k in range(count)],
            "region": region,
            "hemisphere": "left",
            "i": pd.array(range(count), "Int64") if voxels else pd.array([pd.NA] * count, "Int64"),
            "j": pd.array([0] * count, "Int64") if voxels else pd.array([pd.NA] * count, "Int64"),
            "k": pd.array([0] * count, "Int64") if voxels else pd.array([pd.NA] * count, "Int64"),
            "ceiling": 0.8 if voxels else np.nan,
        }
    )


def make_events(layers, rng, signal=3.0):
    """Two people who saw the shared images and half of the others each; 30 voxels a region."""
    stimuli = stimuli_table(N_IMAGES, samples=True)
    split = np.where(np.arange(N_IMAGES) < N_SHARED, "test", "train")
    subjects = []
    for number in (0, 1):
        own = np.arange(N_SHARED + number, N_IMAGES, 2)
        rows = np.r_[np.arange(N_SHARED), own]
        responses, targets = [], []
        for region, driver in REGIONS.items():
            noise = rng.standard_normal((len(rows), 30))
            drive = 0.0
            if driver is not None:
                drive = layers[driver][rows] @ rng.standard_normal((LAYERS[driver], 30))
                drive = signal * drive / drive.std()
            responses.append(drive + noise)
            targets.append(target_table(region, 30, voxels=True))
        responses.append(rng.standard_normal((len(rows), 3)))
        targets.append(target_table("tiny", 3, voxels=True))
        ids = stimuli["id"].iloc[rows]
        subjects.append(
            Subject(
                name=f"subj{number + 1:02d}",
                responses=np.hstack(responses).astype(np.float32),
                targets=pd.concat(targets, ignore_index=True),
                samples=pd.DataFrame({"id": ids.to_numpy(), "repeats": 3}),
            )
        )
    return Recording(
        dataset="made-up",
        kind="events",
        tr=None,
        cleaning=None,
        stimuli=stimuli,
        samples=stimuli[["id", "run", "onset"]].assign(split=split),
        subjects=subjects,
    )


def make_matrices(layers, rng, n=N_IMAGES):
    """Two people, two sessions each: correlation distances of one layer, with noise."""
    stimuli = stimuli_table(n, samples=False)
    ids = stimuli["id"].to_numpy()
    first, second = (ids[index] for index in np.triu_indices(n, 1))
    pairs = pd.DataFrame(
        {
            "id": [f"{a}|{b}" for a, b in zip(first, second, strict=True)],
            "run": "1",
            "onset": np.arange(float(len(first))),
            **dict(zip(PAIR_COLUMNS, (first, second), strict=True)),
        }
    )
    true = pdist(layers["blocks.2"], "correlation")
    subjects = []
    for name in ("one", "two"):
        sessions = true[:, None] + 0.1 * np.abs(rng.standard_normal((len(true), 2)))
        targets = target_table("human_IT", 2, voxels=False)
        subjects.append(Subject(name, sessions.astype(np.float32), targets))
    return Recording("made-up", "rdm", None, None, stimuli, pairs, subjects)


def write_activations(folder: Path, layers, stimuli):
    units = {name: values.shape[1] for name, values in layers.items()}
    about = Activations(
        model="hf:made-up",
        label=folder.name,
        revision="0",
        modality="vision",
        parameters=1,
        tokenizer="",
        seed=None,
        presentation="image",
        context=None,
        pooling="",
        dtype="float32",
        stimuli_digest=stimuli_digest(stimuli),
        key="key",
        layers=units,
        widths=units,
        heads=0,
        attention_statistics=[],
    )
    for name, values in layers.items():
        write_layer(folder / f"{name}.safetensors", values)
    rows = stimuli[["id", "sample", "run", "onset"]].assign(offset=stimuli["onset"] + 1)
    write_about(folder, about, rows)
