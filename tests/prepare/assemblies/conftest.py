"""Small assemblies, written as the community's library does."""

import h5py
import numpy as np
import pytest


@pytest.fixture
def write(tmp_path):
    """Write an assembly of any layout that readers of the format must take."""

    def write(values, stimuli, units, *, name="data", unit="neuroid", turned=False, path=None):
        path = path or tmp_path / "some.nc"
        path.parent.mkdir(parents=True, exist_ok=True)
        values = np.asarray(values, dtype=float)
        with h5py.File(path, "w") as file:
            scales = []
            for dimension, length in zip(("presentation", unit), values.shape, strict=True):
                scale = file.create_dataset(dimension, shape=(length,), dtype=">f4")
                scale.make_scale(
                    f"This is a netCDF dimension but not a netCDF variable{length:10d}"
                )
                scales.append(scale)
            matrix = file.create_dataset(name, data=values.T if turned else values)
            for place, scale in enumerate(reversed(scales) if turned else scales):
                matrix.dims[place].attach_scale(scale)
            for scale, columns in zip(scales, (stimuli, units), strict=True):
                for key, column in columns.items():
                    kind = {"dtype": h5py.string_dtype()} if isinstance(column[0], str) else {}
                    file.create_dataset(key, data=column, **kind).dims[0].attach_scale(scale)
        return path

    return write


def sentences(n_passages=4, per_passage=3, experiment="simulated"):
    """Coordinates of the sentences of some passages, two to a topic, out of order."""
    n = n_passages * per_passage
    order = np.random.default_rng(1).permutation(n)
    told = {
        "experiment": [experiment] * n,
        "stimulus_num": list(range(n)),
        "stimulus": [f"Sentence number {k} is told." for k in range(n)],
        "passage_index": [k // per_passage + 1 for k in range(n)],
        "passage_category": [f"topic {k // per_passage // 2}" for k in range(n)],
    }
    return {name: [column[k] for k in order] for name, column in told.items()}, order


def voxels(subjects=("018", "199"), networks=("language", "language", "auditory")):
    """Coordinates of a few voxels of each person."""
    return {
        "subject": [one for one in subjects for _ in networks],
        "atlas": [network for _ in subjects for network in networks],
        "neuroid_id": [f"{one}.{k}" for one in subjects for k in range(len(networks))],
    }
