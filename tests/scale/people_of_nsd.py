"""A person of NSD and the layers of a model, as large as the real ones: areas, voxels, units."""

from pathlib import Path

import numpy as np
import pandas as pd

from stages.core.names.areas import AREAS
from stages.core.recording.recording_files import write_recording
from stages.core.recording.types import Recording, Subject
from stages.core.results.results import results_table, write_results
from stages.core.run.origins import of_recording
from tests.align.recordings import stimuli_table, target_table, write_activations

LAYERS, UNITS, VOXELS = 12, 4096, 183
SHARED = 40  # what layers and areas have in common
NOISE = 2.0


def write_person(
    folder: Path,
    images: int,
    *,
    split: str,
    regions: int = len(AREAS),
    layers: int = LAYERS,
    units: int = UNITS,
    voxels: int = VOXELS,
) -> None:
    """Write a recording of one person, the activations of one model, and a table of no ceilings.

    Parameters
    ----------
    folder : Path
        In which `recording`, `net` and `ceilings.parquet` are written.
    images : int
    split : str
        That all of them are in.
    regions, layers, units, voxels : int
        Of which there are so many, of each region or layer.
    """
    rng = np.random.default_rng(images)
    seen = rng.standard_normal((images, SHARED)).astype(np.float32)

    def view(width: int) -> np.ndarray:
        """What all see, mixed, with noise."""
        made = seen @ rng.standard_normal((SHARED, width), dtype=np.float32)
        made += NOISE * SHARED**0.5 * rng.standard_normal((images, width), dtype=np.float32)
        return made

    stimuli = stimuli_table(images, samples=True)
    names = AREAS[:regions]
    targets = pd.concat([target_table(name, voxels, voxels=True) for name in names])
    samples = pd.DataFrame({"id": stimuli["id"], "repeats": 3})
    responses = np.empty((images, voxels * regions), dtype=np.float32)
    for place in range(regions):
        responses[:, place * voxels : (place + 1) * voxels] = view(voxels)
    person = Subject("subj01", responses, targets.reset_index(drop=True), samples=samples)
    table = stimuli[["id", "run", "onset"]].assign(split=split)
    recording = Recording("made-up", "events", None, None, stimuli, table, [person])
    write_recording(folder / "recording", recording)
    write_activations(folder / "net", {f"blocks.{k}": view(units) for k in range(layers)}, stimuli)
    made_from = of_recording(folder / "recording")
    write_results(folder / "ceilings.parquet", results_table([]), made_from)
