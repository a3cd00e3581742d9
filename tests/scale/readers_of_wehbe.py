"""People who read Wehbe's chapter, voxel by voxel, and the layers of a model that read it too."""

from pathlib import Path

import numpy as np
import pandas as pd

from stages.core.activations.activations import Activations, write_about, write_layer
from stages.core.recording.recording_files import write_recording
from stages.core.recording.types import Cleaning, Recording, Subject, stimuli_digest
from tests.align.recordings import target_table

# Samples of each run, words in a sample, and units of each layer of a model of six blocks.
RUNS, TR, WORDS = (325, 337, 264, 365), 2.0, 4
UNITS = {f"layer_{k:02}": 384 for k in range(7)} | {f"attention_{k:02}": 96 for k in range(1, 7)}
NUISANCE = 6


def write_readers(folder: Path, people: int, voxels: int, runs: tuple[int, ...] = RUNS) -> None:
    """Write a recording of some people, so many voxels each, and the activations of one model.

    Parameters
    ----------
    folder : Path
        In which `recording` and `net` are written.
    people, voxels : int
    runs : tuple of int
        Samples of each run.
    """
    rng = np.random.default_rng(people)
    run = np.repeat([str(number) for number in range(1, len(runs) + 1)], runs)
    samples = pd.DataFrame({"id": [f"t{k:04}" for k in range(len(run))], "run": run})
    samples["onset"] = TR * np.concatenate([np.arange(length) for length in runs])
    stimuli = _words(samples)
    known = pd.DataFrame(rng.standard_normal((len(stimuli), NUISANCE)))
    known = known.add_prefix("n").assign(id=stimuli["id"])
    targets = target_table("Angular_L", voxels, voxels=True)
    subjects = [
        Subject(f"subject_{k}", _noise(rng, len(run), voxels), targets) for k in range(people)
    ]
    cleaning = Cleaning(detrend=False, high_pass=0.0, standardize=True)
    recording = Recording(
        "made-up", "timeseries", TR, cleaning, stimuli, samples, subjects, nuisance=known
    )
    write_recording(folder / "recording", recording)
    _write_layers(folder / "net", stimuli, rng)


def _noise(rng: np.random.Generator, rows: int, columns: int) -> np.ndarray:
    return rng.standard_normal((rows, columns), dtype=np.float32)


def _words(samples: pd.DataFrame) -> pd.DataFrame:
    """Words at equal distances, those of each sample."""
    rows = samples.loc[samples.index.repeat(WORDS)].reset_index(drop=True)
    late = np.tile(np.arange(WORDS), len(samples)) * TR / WORDS
    return pd.DataFrame(
        {
            "id": [f"w{k:05}" for k in range(len(rows))],
            "text": "word",
            "run": rows["run"],
            "onset": rows["onset"] + late,
            "duration": TR / WORDS,
            "sample": rows["id"],
        }
    )


def _write_layers(folder: Path, stimuli: pd.DataFrame, rng: np.random.Generator) -> None:
    for name, units in UNITS.items():
        write_layer(folder / f"{name}.safetensors", _noise(rng, len(stimuli), units))
    about = Activations(
        model="hf:made-up", label=folder.name, revision="0", modality="language", parameters=1,
        tokenizer="t", seed=None, presentation="context", context=20, pooling="last",
        dtype="float32", stimuli_digest=stimuli_digest(stimuli), key="key", layers=UNITS,
        widths=UNITS, heads=12, attention_statistics=[str(k) for k in range(8)],
    )  # fmt: skip
    rows = stimuli[["id", "sample", "run", "onset"]]
    write_about(folder, about, rows.assign(offset=rows["onset"] + TR / WORDS))
