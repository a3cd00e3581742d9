"""Voxels that were predicted from images are where they were measured, each with its own score."""

import json
from dataclasses import replace

import nibabel
import numpy as np
import pytest
from click.testing import CliRunner
from nilearn.maskers import NiftiMasker

from stages.core.params.read import read_params
from stages.core.recording.recording_files import write_recording
from stages.core.results.results import results_table, write_results
from stages.core.run.origins import of_recording
from stages.share.__main__ import main
from stages.share.tsv_tables import read_tsv
from tests.conftest import PROJECT
from tests.share.conftest import PEOPLE, REGIONS, SHAPE, recording
from tests.share.test_dense_maps import at, dense
from tests.share.validators import bids_errors

ZOO = read_params(PROJECT / "params.yaml").zoo
MODELS, FAILED = ZOO[:2], ZOO[2:]
LAYERS = ("blocks.0", "blocks.1")
UNRELIABLE = 4


def rows_of(one, rng, model, ceilings, *, by_voxel=True):
    """Scores of all layers, and of the one chosen, of all voxels but the last, or of regions."""
    targets = one.targets[:-UNRELIABLE]
    places = targets[["id", "region"]].to_numpy().tolist()
    if not by_voxel:
        places = [["", region] for region in sorted(set(targets["region"]))]
    shared = {"subject": one.name, "model": model, "metric": "r", "split": "test", "n": 20}
    rows = [
        {"target": target, "region": region, "layer": layer, "kind": kind}
        | {"score": rng.uniform(0.1, 0.9), "p": rng.uniform(), "q": rng.uniform()}
        | {"ceiling": ceilings[target or region]}
        for kind, layers in (("hidden", LAYERS), ("nested", LAYERS[1:]))
        for layer in layers
        for target, region in places
    ]
    return results_table([row | shared for row in rows]).assign(dataset="nsd")


@pytest.fixture
def study(tmp_path, rng):
    """Write a recording and what two models predict; the other models could not be run."""

    def write(subjects, dataset="nsd", space="", *, by_voxel=True):
        made = replace(recording(subjects, dataset), space=space)
        write_recording(tmp_path / "prepared", made)
        origin, tables = of_recording(tmp_path / "prepared"), {}
        for one in subjects:
            names = [*one.targets["id"], *one.targets["region"]]
            bounds = dict(zip(names, rng.uniform(0.5, 0.9, len(names)), strict=True))
            for model in MODELS:
                table = rows_of(one, rng, model, bounds, by_voxel=by_voxel)
                tables[one.name, model] = table.assign(dataset=dataset)
        for model in MODELS:
            whole = [tables[one.name, model].to_dict("records") for one in subjects]
            rows = [row for some in whole for row in some]
            table = results_table(rows).assign(dataset=dataset)
            write_results(tmp_path / f"encode/{model}.parquet", table, origin)
        for model in FAILED:
            write_results(tmp_path / f"encode/{model}.parquet", results_table([]), origin)
        (tmp_path / "raw").mkdir()
        return tables

    return write


def share(folder):
    arguments = ["--recording", "prepared", "--encode", "encode", "--raw", "raw", "--out", "out"]
    paths = [word if word.startswith("--") else str(folder / word) for word in arguments]
    params = str(PROJECT / "params.yaml")
    return CliRunner().invoke(main, ["encoding", *paths, "--params", params])


def shared(folder):
    answer = share(folder)
    assert answer.exit_code == 0, answer.output
    return folder / "out"


def of(folder, name, rest):
    label = name.replace("_", "")
    return folder / f"sub-{label}" / "func" / f"sub-{label}_task-scene_{rest}"


def label(model):
    return "".join(part.title() for part in model.replace("-", " ").split())


def painted(one, rows, column):
    """Paint voxels by a naive loop, NaN where none is."""
    volume = np.full(SHAPE, np.nan, np.float32)
    values = dict(zip(rows["target"], rows[column], strict=True))
    for row in one.targets.to_dict("records"):
        if row["id"] in values:
            volume[row["i"], row["j"], row["k"]] = values[row["id"]]
    return volume


def test_every_voxel_has_its_own_score(study, tmp_path, subjects):
    tables = study(subjects)
    folder = shared(tmp_path)
    for (name, model), table in tables.items():
        one = next(one for one in subjects if one.name == name)
        desc = f"encode{label(model)}"
        cases = {
            f"Blocks{layer[-1]}": table[(table["layer"] == layer) & (table["kind"] == "hidden")]
            for layer in LAYERS
        }
        nested = table[table["kind"] == "nested"]
        for end, rows in (cases | {"Chosen": nested}).items():
            expected = painted(one, rows, "score")
            image = nibabel.load(of(folder, name, f"stat-r_desc-{desc}{end}_statmap.nii.gz"))
            np.testing.assert_array_equal(image.get_fdata(), np.nan_to_num(expected))
            np.testing.assert_allclose(image.affine, one.affine, atol=1e-6)
            about = of(folder, name, f"stat-r_desc-{desc}{end}_statmap.json").read_text()
            mask = of(folder, name, "x").with_name(json.loads(about)["Mask"])
            masker = NiftiMasker(mask, standardize=None).fit()
            found = np.sort(masker.transform(image).ravel())
            assert len(found) == len(one.targets) - UNRELIABLE
            np.testing.assert_array_equal(found, np.sort(rows["score"].to_numpy(np.float32)))
        found = nibabel.load(of(folder, name, f"desc-{desc}Found_mask.nii.gz")).get_fdata()
        np.testing.assert_array_equal(found, painted(one, nested, "q") < 0.05)
        found = nibabel.load(of(folder, name, "stat-ceiling_desc-ceiling_statmap.nii.gz"))
        expected = np.nan_to_num(painted(one, nested, "ceiling"))
        np.testing.assert_array_equal(found.get_fdata(), expected)
        written = read_tsv(of(folder, name, f"desc-{desc}_statmap.tsv"))
        assert set(written["kind"]) == {"nested"}
        assert written["target"].tolist() == nested["target"].tolist()
        np.testing.assert_array_equal(written["score"], nested["score"])
    assert not [path for model in FAILED for path in folder.rglob(f"*encode{label(model)}[_CB]*")]


def test_regions_have_a_table_of_all_layers(study, tmp_path, subjects):
    tables = study(subjects, by_voxel=False)
    folder = shared(tmp_path)
    for (name, model), table in tables.items():
        written = read_tsv(of(folder, name, f"desc-encode{label(model)}_statmap.tsv"))
        np.testing.assert_array_equal(written["score"], table["score"])
        one = next(one for one in subjects if one.name == name)
        rest = f"stat-r_desc-encode{label(model)}Chosen_statmap.nii.gz"
        image = nibabel.load(of(folder, name, rest)).get_fdata()
        scores = table[table["kind"] == "nested"].set_index("region")["score"]
        for row in one.targets.to_dict("records"):
            expected = np.float32(scores.get(row["region"], 0))
            assert image[row["i"], row["j"], row["k"]] == expected


def test_grayordinates_are_cifti(study, tmp_path, rng):
    subjects = [dense(name, rng) for name in PEOPLE]
    tables = study(subjects, "bids", "fsLR")
    folder = shared(tmp_path)
    for (name, model), table in tables.items():
        one = next(one for one in subjects if one.name == name)
        nested = table[table["kind"] == "nested"]
        rest = f"space-fsLR_den-32k_desc-encode{label(model)}Chosen_statmap.dscalar.nii"
        image = nibabel.load(of(folder, name, rest))
        axis = image.header.get_axis(1)
        columns = [at(axis, row) for row in one.targets.to_dict("records")]
        scores = nested.set_index("target")["score"]
        expected = one.targets["id"].map(scores).fillna(0).to_numpy(np.float32)
        np.testing.assert_array_equal(image.get_fdata()[0, columns].astype(np.float32), expected)
        rest = "space-fsLR_den-32k_desc-ceiling_statmap.dscalar.nii"
        bound = nibabel.load(of(folder, name, rest)).get_fdata()[0, columns]
        expected = one.targets["id"].map(nested.set_index("target")["ceiling"]).fillna(0)
        np.testing.assert_array_equal(bound.astype(np.float32), expected.to_numpy(np.float32))
    assert not list(folder.rglob("*.nii.gz"))


def test_without_repeats_there_is_no_ceiling(study, tmp_path, subjects):
    for (_, model), table in study(subjects).items():
        bare = table.assign(ceiling=np.nan)
        path = tmp_path / f"encode/{model}.parquet"
        write_results(path, bare, of_recording(tmp_path / "prepared"))
    assert not list(shared(tmp_path).rglob("*ceiling*"))


def test_tables_that_are_missing_or_of_another_recording(study, tmp_path, subjects):
    study(subjects)
    path = tmp_path / f"encode/{FAILED[0]}.parquet"
    kept = path.read_bytes()
    path.unlink()
    answer = share(tmp_path)
    assert answer.exit_code == 2
    assert f"Run `dvc repro metrics/dvc.yaml:encode_scene@{FAILED[0]}`." in answer.output
    assert not (tmp_path / "out").exists()
    path.write_bytes(kept)
    write_recording(tmp_path / "prepared", recording(subjects, "bids"))
    answer = share(tmp_path)
    assert answer.exit_code == 2
    assert "made from" in answer.output


def test_the_validator_of_bids_finds_no_error(study, tmp_path, subjects):
    study(subjects, "bids", "MNI152NLin2009cAsym")
    assert not bids_errors(shared(tmp_path))


def test_regions_beyond_the_recording_are_refused(study, tmp_path, subjects):
    study(subjects)
    path = tmp_path / f"encode/{MODELS[0]}.parquet"
    rows = [{"subject": "subject_1", "model": MODELS[0], "kind": "nested", "layer": "a"}]
    rows = [rows[0] | {"metric": "r", "target": "v999", "region": REGIONS[0], "score": 0.5}]
    table = results_table(rows).assign(dataset="nsd")
    write_results(path, table, of_recording(tmp_path / "prepared"))
    answer = share(tmp_path)
    assert answer.exit_code == 2
    assert "value of an unknown place in subject subject_1: got v999" in answer.output
