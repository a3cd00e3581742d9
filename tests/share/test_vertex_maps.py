"""Recordings on the surface, and those that say which space they are of."""

import json
from dataclasses import replace

import nibabel
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from stages.core.names.vocabulary import SIGNIFICANT
from stages.core.recording.recording_files import read_recording, write_recording
from stages.core.recording.types import Subject
from stages.core.results.results import results_table, write_results
from stages.core.results.story_ceilings import OTHERS
from stages.core.results.survey import TABLES
from stages.core.run.origins import of_recording
from stages.core.run.tables import write_table
from stages.share.__main__ import main
from tests.share.conftest import LAYERS, PEOPLE, REGIONS, ceilings, encoded, recording
from tests.share.validators import bids_errors

SIDES = {"L": "left", "R": "right"}
METRICS = ("cka_linear", "rsa_pearson")


def vertices(name, rng, size, *, voxels=False):
    """Forty vertices of either side, and, of grayordinates, five voxels besides."""
    at = [(side, vertex) for side in SIDES for vertex in np.sort(rng.permutation(size)[:40])]
    table = pd.DataFrame({"id": [f"{side}-{vertex:05d}" for side, vertex in at]})
    table["region"] = rng.choice(REGIONS, len(at))
    table["hemisphere"] = [side for side, _ in at]
    table[["i", "j", "k"]] = np.nan
    if voxels:
        below = pd.DataFrame({"id": [f"1-2-{k}" for k in range(5)], "region": REGIONS[0]})
        below = below.assign(hemisphere="L", i=1.0, j=2.0, k=np.arange(5.0))
        table = pd.concat([table, below], ignore_index=True)
    table["ceiling"] = np.nan
    grid = (np.diag([-2.0, 2, 2, 1]), (9, 8, 7)) if voxels else (None, None)
    return Subject(name, rng.standard_normal((6, len(table))).astype(np.float32), table, *grid)


def prepared(path, subjects, space):
    made = replace(recording(subjects, "bids"), space=space)
    write_recording(path / "prepared", made)
    (path / "raw").mkdir(exist_ok=True)
    return of_recording(path / "prepared")


def shared(path, study):
    arguments = ["--recording", "prepared", "--results", "results", "--raw", "raw", "--out", "out"]
    paths = [word if word.startswith("--") else str(path / word) for word in arguments]
    answer = CliRunner().invoke(main, [study, *paths])
    assert answer.exit_code == 0, answer.output
    return path / "out", answer.output


def story(path, subjects, space, rng):
    origin = prepared(path, subjects, space)
    tables = {"encode": encoded(rng).assign(dataset="bids")}
    write_results(path / "results/encode.parquet", tables["encode"], origin)
    tables["ceilings"] = ceilings(rng).assign(dataset="bids")
    write_table(path / "results/ceilings_story.parquet", tables["ceilings"], origin)
    for name in ("probe", "decode"):
        write_results(path / f"results/{name}.parquet", results_table([]), origin)
    return (*shared(path, "story"), tables)


def arrays(folder, who, side, rest):
    """Maps of a file, by name."""
    label = who.replace("_", "")
    path = folder / f"sub-{label}/func/sub-{label}_task-{rest[0]}_hemi-{side}_{rest[1]}"
    image = nibabel.load(path)
    assert image.meta["AnatomicalStructurePrimary"] == f"Cortex{SIDES[side].title()}"
    return {one.meta.get("Name"): one.data for one in image.darrays}


def naive(subject, side, size, scores):
    """Put scores of regions on a mesh, one vertex after the other."""
    found = np.zeros(size, np.float32)
    for row in subject.targets.to_dict("records"):
        if row["id"].startswith(f"{side}-") and row["region"] in scores:
            found[int(row["id"][2:])] = scores[row["region"]]
    return found


@pytest.mark.parametrize(
    ("space", "size", "named"),
    [("fsaverage3", 642, "space-fsaverage3"), ("fsLR", 32492, "space-fsLR_den-32k")],
)
def test_a_story_is_on_the_vertices_that_were_measured(tmp_path, rng, space, size, named):
    subjects = [vertices(name, rng, size, voxels=space == "fsLR") for name in PEOPLE]
    folder, _, tables = story(tmp_path, subjects, space, rng)
    for one in subjects:
        mine = tables["encode"][tables["encode"]["subject"] == one.name]
        mine = mine[mine["model"] == "minilm"]
        for side in SIDES:
            desc = f"{named}_desc-encodeMinilm_statmap.func.gii"
            found = arrays(folder, one.name, side, ("story", desc))
            assert list(found) == [f"r, {layer}" for layer in LAYERS]
            for layer in LAYERS:
                rows = mine[(mine["kind"] == "hidden") & (mine["layer"] == layer)]
                rows = rows[rows["metric"] == "r"].set_index("region")
                expected = naive(one, side, size, rows["score"].to_dict())
                np.testing.assert_array_equal(found[f"r, {layer}"], expected)
            desc = f"{named}_desc-encodeMinilmChosen_statmap.func.gii"
            found = arrays(folder, one.name, side, ("story", desc))
            rows = mine[mine["kind"] == "nested"].set_index("region")
            for metric in ("r", "r_partial"):
                scores = rows.loc[rows["metric"] == metric, "score"].to_dict()
                np.testing.assert_array_equal(found[metric], naive(one, side, size, scores))
            q = rows.loc[rows["metric"] == "r", "q"]
            where = (q < SIGNIFICANT).astype(float).to_dict()
            np.testing.assert_array_equal(found["q < 0.05"], naive(one, side, size, where))
            own = tables["ceilings"]
            own = own[(own["subject"] == one.name) & (own["kind"] == OTHERS)].set_index("region")
            found = arrays(
                folder, one.name, side, ("story", f"{named}_desc-ceiling_statmap.func.gii")
            )
            expected = naive(one, side, size, own["ceiling"].to_dict())
            np.testing.assert_array_equal(found[OTHERS], expected)
            label = one.name.replace("_", "")
            path = folder / f"sub-{label}/func/sub-{label}_task-story_hemi-{side}_{named}"
            regions = nibabel.load(f"{path}_desc-regions_dseg.label.gii")
            names = regions.labeltable.get_labels_as_dict()
            for row in one.targets[one.targets["id"].str.startswith(side)].to_dict("records"):
                assert names[regions.darrays[0].data[int(row["id"][2:])]] == row["region"]
    assert not list(folder.rglob("*.nii.gz"))


def test_a_scene_is_on_the_vertices_that_were_measured(tmp_path, rng):
    subjects = [vertices(name, rng, 642) for name in PEOPLE]
    origin = prepared(tmp_path, subjects, "fsaverage3")
    rows = [
        {"subject": who, "region": region, "model": "net", "layer": "b", "metric": metric}
        | {"kind": "nested", "split": "test", "score": rng.standard_normal()}
        for who in PEOPLE
        for metric in METRICS
        for region in REGIONS[:3]
    ]
    table = results_table(rows).assign(dataset="bids", modality="vision", network="", depth=0.0)
    table = table.assign(chosen_on="train", chosen_score=0.5)
    survey = tmp_path / "results/survey"
    write_table(survey / "best.parquet", table[list(TABLES["best"])], origin)
    layers = table.assign(kind="layer")[list(TABLES["scores"])]
    write_table(survey / "scores.parquet", layers, origin)
    write_results(tmp_path / "results/ceilings.parquet", results_table([]), origin)
    folder, _ = shared(tmp_path, "scene")
    desc = "space-fsaverage3_desc-alignNetChosen_statmap.func.gii"
    for one in subjects:
        for side in SIDES:
            found = arrays(folder, one.name, side, ("scene", desc))
            for metric in METRICS:
                mine = table[(table["subject"] == one.name) & (table["metric"] == metric)]
                scores = dict(zip(mine["region"], mine["score"], strict=True))
                np.testing.assert_array_equal(found[metric], naive(one, side, 642, scores))


def test_a_mesh_that_is_not_known_has_tables_alone(tmp_path, rng):
    subjects = [vertices(name, rng, 642) for name in PEOPLE]
    folder, told, _ = story(tmp_path, subjects, "fsnative", rng)
    assert not list(folder.rglob("*.gii"))
    assert list(folder.rglob("*_desc-encodeMinilm_statmap.tsv"))
    assert "subject_1: no maps of vertices: mesh 'fsnative' is not known" in told


def test_a_vertex_beyond_the_mesh_is_refused(tmp_path, rng):
    subjects = [vertices(name, rng, 5000) for name in PEOPLE]
    with pytest.raises(AssertionError, match="vertex not on the mesh.*expected 642"):
        story(tmp_path, subjects, "fsaverage3", rng)


@pytest.mark.parametrize("space", ["MNI152NLin2009cAsym", "T1w", "OASIS30ANTs"])
def test_volumes_say_their_space(tmp_path, rng, subjects, space):
    folder, _, _ = story(tmp_path, subjects, space, rng)
    assert read_recording(tmp_path / "prepared").space == space
    code, told = {
        "T1w": (2, "The space T1w of each person, as the recording has it"),
        "OASIS30ANTs": (2, "The space of the template OASIS30ANTs, as the recording has it"),
    }.get(space, (4, space))
    maps = list(folder.rglob("*.nii.gz"))
    assert maps
    for path in maps:
        assert f"_task-story_space-{space}_" in path.name
        assert nibabel.load(path).header["sform_code"] == code
        about = json.loads(path.with_name(path.name.replace(".nii.gz", ".json")).read_text())
        assert about["SpatialReference"] == told
        if "Mask" in about:
            assert path.with_name(about["Mask"]).exists()


@pytest.mark.parametrize("space", ["MNI152NLin2009cAsym", "T1w", "fsaverage3", "fsLR"])
def test_the_validator_of_bids_finds_no_error(tmp_path, rng, subjects, space):
    if space not in ("MNI152NLin2009cAsym", "T1w"):
        subjects = [vertices(name, rng, 642, voxels=space == "fsLR") for name in PEOPLE]
    folder, _, _ = story(tmp_path, subjects, space, rng)
    assert not bids_errors(folder)


def test_a_recording_that_says_no_space_is_written_as_before(tmp_path, subjects):
    write_recording(tmp_path, recording(subjects))
    assert "space" not in json.loads((tmp_path / "recording.json").read_text())
