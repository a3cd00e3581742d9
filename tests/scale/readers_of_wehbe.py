"""People who read Wehbe's chapter, voxel by voxel, and the layers of a model that read it too."""

from pathlib import Path

import numpy as np
import pandas as pd

from stages.core.activations.activations import Activations, write_about, write_layer
from stages.core.names.aal import AAL_NAMES
from stages.core.recording.recording_files import write_recording
from stages.core.recording.types import Cleaning, Recording, Subject, stimuli_digest

# Samples of each run, words in a sample, and units of each layer of a model of six blocks.
RUNS, TR, WORDS = (325, 337, 264, 365), 2.0, 4
UNITS = {f"layer_{k:02}": 384 for k in range(7)} | {f"attention_{k:02}": 96 for k in range(1, 7)}
NUISANCE, FEATURES = 6, 195
# Of the volume, in which regions are boxes in a row; of a voxel, in mm.
SIDES, EDGE = (8, 8), 3.0


def write_readers(
    folder: Path,
    people: int,
    voxels: int,
    runs: tuple[int, ...] = RUNS,
    regions: tuple[str, ...] = AAL_NAMES[:1],
) -> None:
    """Write a recording of some people, so many voxels each, and the activations of one model.

    Parameters
    ----------
    folder : Path
        In which `recording` and `net` are written.
    people, voxels : int
    runs : tuple of int
        Samples of each run.
    regions : tuple of str
        That share the voxels.
    """
    rng = np.random.default_rng(people)
    run = np.repeat([str(number) for number in range(1, len(runs) + 1)], runs)
    samples = pd.DataFrame({"id": [f"t{k:04}" for k in range(len(run))], "run": run})
    samples["onset"] = TR * np.concatenate([np.arange(length) for length in runs])
    stimuli = _words(samples)
    recording = Recording(
        "made-up",
        "timeseries",
        TR,
        Cleaning(detrend=False, high_pass=0.0, standardize=True),
        stimuli,
        samples,
        [_reader(rng, f"subject_{k}", len(run), voxels, regions) for k in range(people)],
        features=_columns(rng, stimuli, FEATURES, "syntax/f"),
        nuisance=_columns(rng, stimuli, NUISANCE, "n"),
    )
    write_recording(folder / "recording", recording)
    _write_layers(folder / "net", stimuli, rng)


def _reader(
    rng: np.random.Generator, name: str, rows: int, voxels: int, regions: tuple[str, ...]
) -> Subject:
    """One person, whose regions lie one behind the other."""
    owners = np.sort(np.arange(voxels) % len(regions))
    within = np.arange(voxels) - np.searchsorted(owners, owners)
    deep = -(-int(within.max() + 1) // np.prod(SIDES))
    i, j, k = np.unravel_index(within, (deep, *SIDES))
    targets = pd.DataFrame({"id": [f"v{number:05}" for number in range(voxels)]})
    targets = targets.assign(region=np.array(regions)[owners], hemisphere="left")
    targets = targets.assign(i=i + deep * owners, j=j, k=k).astype(dict.fromkeys("ijk", "Int64"))
    volume = (int(deep) * len(regions), *SIDES)
    affine = np.diag([EDGE, EDGE, EDGE, 1.0])
    responses = _noise(rng, rows, voxels)
    return Subject(name, responses, targets.assign(ceiling=0.8), affine=affine, shape=volume)


def _columns(
    rng: np.random.Generator, stimuli: pd.DataFrame, count: int, name: str
) -> pd.DataFrame:
    """Numbers of every word, called by a name and their place."""
    values = pd.DataFrame(rng.standard_normal((len(stimuli), count)))
    return values.add_prefix(name).assign(id=stimuli["id"])


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
