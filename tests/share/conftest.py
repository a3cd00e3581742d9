"""A small recording with names that nobody would give, and tables of results about it."""

import numpy as np
import pandas as pd
import pytest

from stages.core.recording.recording_files import write_recording
from stages.core.recording.types import Cleaning, Recording, Subject
from stages.core.results.results import results_table, write_results
from stages.core.results.story_ceilings import LIMIT, OTHERS
from stages.core.run.origins import of_recording
from stages.core.run.tables import write_table

SHAPE = (9, 8, 7)
# x runs from right to left, and voxels are not cubes; the other subject's volume is oblique.
MIRRORED = np.array([[-3.0, 0, 0, 12], [0, 2, 0, -7], [0, 0, 4, 5], [0, 0, 0, 1]])
TURN = np.array([[np.cos(0.2), -np.sin(0.2), 0], [np.sin(0.2), np.cos(0.2), 0], [0, 0, 1]])
OBLIQUE = np.eye(4)
OBLIQUE[:3, :3] = TURN @ np.diag([-2.0, 2, 3])
OBLIQUE[:3, 3] = 8, -9, 1.5
ODD = 'b&"odd" ../../etc_L'
REGIONS = ("Angular_L", "Angular_R", ODD, "unscored")
LAYERS = ("layer_00", "layer_01")
MODELS = ("minilm", "minilm+untrained")
FEATURES = ("Speech/speak", "NNSE/s1000_1", "Others/n<a>")
PEOPLE = {"subject_1": MIRRORED, "subject_2": OBLIQUE}


def subject(name, affine, rng):
    """Voxels at random places; those of Angular lie on the side that its name says."""
    grid = np.indices(SHAPE).reshape(3, -1).T
    x = (grid @ affine[:3, :3].T + affine[:3, 3])[:, 0]
    left, right = rng.permutation(grid[x < -1]), rng.permutation(grid[x > 1])
    voxels = np.vstack([left[:12], right[:15], left[20:27], right[20:23]])
    regions = np.repeat(REGIONS, [12, 15, 7, 3])
    order = rng.permutation(len(regions))
    targets = pd.DataFrame({"id": [f"v{k}" for k in order], "region": regions[order]})
    targets["hemisphere"] = ["R" if name.endswith("_R") else "L" for name in targets["region"]]
    targets[["i", "j", "k"]] = voxels[order].astype(np.int64)
    targets["ceiling"] = np.nan
    responses = rng.standard_normal((6, len(order))).astype(np.float32)
    return Subject(name, responses, targets, affine, SHAPE)


def recording(subjects, dataset="simulated"):
    """Six words, one a sample."""
    samples = pd.DataFrame(
        {"id": [f"t{k}" for k in range(6)], "run": ["1"] * 6, "onset": np.arange(6) * 2.0}
    )
    stimuli = samples.assign(text="word", duration=0.5, sample=samples["id"])
    stimuli = stimuli.assign(id=[f"w{k}" for k in range(6)])
    cleaning = Cleaning(detrend=True, high_pass=0.0, standardize=True)
    return Recording(dataset, "timeseries", 2.0, cleaning, stimuli, samples, list(subjects))


def encoded(rng, people=(*PEOPLE, "group"), regions=REGIONS[:3]):
    """Every layer, the layer chosen, and a control."""
    rows = [
        {"subject": who, "region": region, "model": model, "layer": layer, "kind": kind}
        | {"metric": metric, "split": "held-out runs", "score": rng.standard_normal()}
        | {"p": rng.uniform(), "q": rng.uniform() if kind != "control" else None, "n": 6}
        for who in people
        for model in MODELS
        for kind, layers in (("hidden", LAYERS), ("nested", LAYERS[:1]), ("control", ("oasm",)))
        for layer in layers
        for metric in ("r", "r2", "r_partial")
        for region in regions
    ]
    return results_table(rows).assign(dataset="simulated")


def decoded(rng):
    rows = [
        {"subject": who, "region": region, "target": feature, "family": "semantics"}
        | {"kind": "frem", "metric": metric, "score": rng.standard_normal(), "p": 0.5, "q": 0.5}
        for who in (*PEOPLE, "group")
        for region in REGIONS[:2]
        for feature in FEATURES
        for metric in ("r", "r2")
    ]
    baseline = [
        {"target": name, "kind": "baseline", "metric": "r2", "score": 0} for name in FEATURES
    ]
    return results_table(rows + baseline).assign(
        dataset="simulated", family="discourse", split="held-out runs"
    )


def probed(rng):
    rows = [
        {"model": model, "layer": layer, "target": feature, "kind": "hidden", "metric": "r"}
        | {"family": "all", "score": rng.standard_normal(), "p": 0.5, "q": 0.5}
        for model in MODELS
        for layer in LAYERS
        for feature in FEATURES
    ]
    return results_table(rows).assign(dataset="simulated", split="held-out runs")


def ceilings(rng):
    return pd.DataFrame(
        {"dataset": "simulated", "subject": who, "region": region, "kind": kind, "curve": ""}
        | {"ceiling": np.nan if kind == LIMIT and region == ODD else rng.uniform()}
        | {"low": 0.1, "high": 0.9, "subjects": 3.0, "endpoint": np.nan, "failed": 0.0}
        for who in PEOPLE
        for region in REGIONS[:3]
        for kind in (OTHERS, LIMIT)
    )


def write_maps(folder, subjects, rng):
    """Weights as decode writes them."""
    import nibabel

    folder.mkdir(parents=True)
    for one in subjects:
        volume = np.zeros((*SHAPE, len(FEATURES)), np.float32)
        inside = one.targets["region"].isin(REGIONS[:2]).to_numpy()
        voxels = one.targets[["i", "j", "k"]].to_numpy(int)[inside]
        volume[tuple(voxels.T)] = rng.standard_normal((len(voxels), len(FEATURES)))
        nibabel.save(nibabel.Nifti1Image(volume, one.affine), folder / f"{one.name}.nii.gz")
        legend = pd.DataFrame({"volume": range(3), "feature": FEATURES})
        legend = legend.assign(type="NNSE", family="semantics")
        legend.to_csv(folder / f"{one.name}.tsv", sep="\t", index=False)


@pytest.fixture
def subjects(rng):
    return [subject(name, affine, rng) for name, affine in PEOPLE.items()]


@pytest.fixture
def study(tmp_path, rng, subjects):
    """Folders of a story study: prepared, results and raw."""
    write_recording(tmp_path / "prepared", recording(subjects))
    results, origin = tmp_path / "results", of_recording(tmp_path / "prepared")
    write_results(results / "encode.parquet", encoded(rng), origin)
    write_results(results / "decode.parquet", decoded(rng), origin)
    write_results(results / "probe.parquet", probed(rng), origin)
    write_table(results / "ceilings_story.parquet", ceilings(rng), origin)
    write_maps(results / "decode_maps", subjects, rng)
    (tmp_path / "raw").mkdir()
    return tmp_path
