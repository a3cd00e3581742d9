"""Every number of the folder is that of its table, and every file where BIDS wants it."""

import json
import re
from types import SimpleNamespace

import nibabel
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from nilearn.image import load_img
from nilearn.maskers import NiftiMasker

from stages.core.recording.recording_files import write_recording
from stages.core.results.results import read_results, results_table, write_results
from stages.core.results.story_ceilings import LIMIT
from stages.core.run.errors import InputError
from stages.core.run.origins import of_recording
from stages.core.run.tables import read_table, write_table
from stages.share.__main__ import main
from stages.share.found_tables import check_same_recording
from stages.share.tsv_tables import read_tsv
from tests.share.conftest import (
    FEATURES,
    LAYERS,
    MODELS,
    ODD,
    PEOPLE,
    REGIONS,
    SHAPE,
    encoded,
    recording,
    subject,
)
from tests.share.validators import bids_errors

NAME = re.compile(
    r"(sub-[A-Za-z0-9]+_)?task-story(_stat-[A-Za-z0-9]+)?_desc-[A-Za-z0-9]+"
    r"_(statmap|mask|dseg|scores)\.(nii\.gz|tsv|json)"
)
TOP = {"README.md", ".bidsignore", "dataset_description.json"}
TOP |= {f"{name}.{end}" for name in ("participants", "descriptions") for end in ("tsv", "json")}


def share(study, out="out"):
    arguments = ["--recording", "prepared", "--results", "results", "--raw", "raw", "--out", out]
    paths = [word if word.startswith("--") else str(study / word) for word in arguments]
    return CliRunner().invoke(main, ["story", *paths])


@pytest.fixture
def folder(study):
    answer = share(study)
    assert answer.exit_code == 0, answer.output
    return study / "out"


def of(folder, name, rest):
    label = name.replace("_", "")
    return folder / f"sub-{label}" / "func" / f"sub-{label}_task-story_{rest}"


def expected(subject, rows):
    """Paint rows by a naive loop."""
    volume = np.zeros(SHAPE, np.float32)
    scores = dict(zip(rows["region"], rows["score"], strict=True))
    for row in subject.targets.to_dict("records"):
        if row["region"] in scores:
            volume[row["i"], row["j"], row["k"]] = scores[row["region"]]
    return volume


def same(table, rows):
    """Whether a table that was read back is these rows."""
    assert len(table) == len(rows)
    for name in rows:
        if name not in table:
            assert (rows[name].isna() | (rows[name] == "")).all()
        elif rows[name].dtype == float:
            np.testing.assert_array_equal(table[name], rows[name])
        else:
            assert list(table[name].fillna("")) == list(rows[name])


def write_encoded(study, table):
    """Write what was encoded of the recording at hand."""
    path = study / "results" / "encode.parquet"
    write_results(path, table, of_recording(study / "prepared"))


def test_every_table_is_the_one_of_the_results(study, folder):
    results = study / "results"
    encode = read_results(results / "encode.parquet", "encode", "")
    decode = read_results(results / "decode.parquet", "decode", "")
    for model, label in zip(MODELS, ("Minilm", "MinilmUntrained"), strict=True):
        for name in PEOPLE:
            table = read_tsv(of(folder, name, f"desc-encode{label}_statmap.tsv"))
            same(table, encode[(encode["subject"] == name) & (encode["model"] == model)])
        table = read_tsv(folder / "group" / f"task-story_desc-encode{label}_statmap.tsv")
        same(table, encode[(encode["subject"] == "group") & (encode["model"] == model)])
        probe = read_results(results / "probe.parquet", "probe", "")
        table = read_tsv(folder / "models" / f"task-story_desc-probe{label}_scores.tsv")
        same(table, probe[probe["model"] == model])
    for name in PEOPLE:
        table = read_tsv(of(folder, name, "desc-decode_statmap.tsv"))
        same(table, decode[decode["subject"] == name])
        limits = read_table(results / "ceilings_story.parquet", (), "")
        table = read_tsv(of(folder, name, "desc-ceiling_statmap.tsv"))
        same(table, limits[limits["subject"] == name])
    table = read_tsv(folder / "group" / "task-story_desc-decode_statmap.tsv")
    same(table, decode[decode["subject"].isin(["", "group"])])


def test_every_map_has_the_scores_of_its_layer(study, folder, subjects):
    encode = read_results(study / "results" / "encode.parquet", "encode", "")
    hidden = encode[(encode["metric"] == "r") & (encode["kind"] == "hidden")]
    for one in subjects:
        for model, label in zip(MODELS, ("Minilm", "MinilmUntrained"), strict=True):
            mine = encode[(encode["subject"] == one.name) & (encode["model"] == model)]
            nested = mine[mine["kind"] == "nested"]
            cases = {
                f"stat-r_desc-encode{label}Layer0{layer[-1]}": mine.loc[
                    mine.index.isin(hidden.index) & (mine["layer"] == layer)
                ]
                for layer in LAYERS
            }
            for metric, stat in (("r", "r"), ("r_partial", "rPartial")):
                rows = nested[nested["metric"] == metric]
                cases[f"stat-{stat}_desc-encode{label}Chosen"] = rows
            for place, rows in cases.items():
                image = load_img(of(folder, one.name, f"{place}_statmap.nii.gz"))
                np.testing.assert_array_equal(image.get_fdata(), expected(one, rows))
                np.testing.assert_allclose(image.affine, one.affine, atol=1e-6)
                assert image.header["sform_code"] == 4
                assert len(rows) == 3
                about = json.loads(of(folder, one.name, f"{place}_statmap.json").read_text())
                mask = load_img(of(folder, one.name, "").parent / about["Mask"])
                inside = one.targets["region"].isin(REGIONS[:3])
                assert mask.get_fdata().sum() == inside.sum()
                assert not image.get_fdata()[mask.get_fdata() == 0].any()
                assert about["SkullStripped"] is True
                assert about["Description"].endswith("folds") or model in about["Description"]


def test_what_is_found_is_what_q_says(study, folder, subjects):
    encode = read_results(study / "results" / "encode.parquet", "encode", "")
    chosen = encode[(encode["kind"] == "nested") & (encode["metric"] == "r")]
    seen = set()
    for one in subjects:
        rows = chosen[(chosen["subject"] == one.name) & (chosen["model"] == "minilm")]
        rows = rows.assign(score=(rows["q"] < 0.05).astype(float))
        image = load_img(of(folder, one.name, "desc-encodeMinilmFound_mask.nii.gz"))
        np.testing.assert_array_equal(image.get_fdata(), expected(one, rows))
        seen |= set(np.unique(image.get_fdata()))
    assert seen <= {0.0, 1.0}


def test_a_planted_region_is_read_by_a_masker_of_nilearn(study, rng, subjects):
    rows = encoded(rng)
    rows["score"] = np.where(rows["region"] == "Angular_R", 0.75, 0.0)
    rows["q"] = np.where(rows["region"] == "Angular_R", 0.001, 0.9)
    write_encoded(study, rows)
    assert share(study).exit_code == 0
    for one in subjects:
        mask = of(study / "out", one.name, "desc-encodeMinilmChosen_mask.nii.gz")
        image = of(study / "out", one.name, "stat-r_desc-encodeMinilmChosen_statmap.nii.gz")
        found = NiftiMasker(mask, standardize=None).fit().transform(str(image)).ravel()
        assert (found == 0.75).sum() == 15
        assert len(found) == 34
        places = np.argwhere(load_img(image).get_fdata() == 0.75)
        assert (nibabel.affines.apply_affine(one.affine, places)[:, 0] > 0).all()
        seen = load_img(of(study / "out", one.name, "desc-encodeMinilmFound_mask.nii.gz"))
        np.testing.assert_array_equal(np.argwhere(seen.get_fdata()), places)


def test_decoding_has_a_volume_per_feature(study, folder, subjects):
    decode = read_results(study / "results" / "decode.parquet", "decode", "")
    for one in subjects:
        image = load_img(of(folder, one.name, "stat-r_desc-decode_statmap.nii.gz"))
        legend = read_tsv(of(folder, one.name, "stat-r_desc-decode_statmap.tsv"))
        assert tuple(legend["feature"]) == FEATURES
        rows = decode[(decode["subject"] == one.name) & (decode["metric"] == "r")]
        for volume, feature in enumerate(FEATURES):
            some = rows[rows["target"] == feature]
            np.testing.assert_array_equal(image.get_fdata()[..., volume], expected(one, some))
        mine = load_img(of(folder, one.name, "stat-weight_desc-decode_statmap.nii.gz"))
        theirs = load_img(study / "results" / "decode_maps" / f"{one.name}.nii.gz")
        np.testing.assert_array_equal(mine.get_fdata(), theirs.get_fdata())


def test_a_ceiling_that_is_missing_is_outside_the_mask(folder, subjects):
    for one in subjects:
        mask = load_img(of(folder, one.name, "desc-ceilingLimit_mask.nii.gz")).get_fdata()
        image = load_img(of(folder, one.name, "stat-ceiling_desc-ceilingLimit_statmap.nii.gz"))
        assert mask.sum() == 12 + 15
        assert (image.get_fdata() != 0).sum() == 27
        others = load_img(of(folder, one.name, "desc-ceilingOthers_mask.nii.gz"))
        assert others.get_fdata().sum() == 34
        table = of(folder, one.name, "desc-ceiling_statmap.tsv").read_text()
        assert [line for line in table.splitlines() if LIMIT in line and "n/a" in line]


def test_files_are_named_by_bids_and_described(folder):
    files = [path for path in folder.rglob("*") if path.is_file()]
    below = [path for path in files if path.parent != folder]
    assert {path.name for path in files if path.parent == folder} == TOP
    assert not [path for path in below if not NAME.fullmatch(path.name)]
    assert {path.parent.relative_to(folder).as_posix() for path in below} == {
        *("sub-subject1/func", "sub-subject2/func", "group", "models")
    }
    described = read_tsv(folder / "descriptions.tsv")
    used = {re.search(r"desc-[A-Za-z0-9]+", path.name)[0] for path in below}
    assert used == set(described["desc_id"])
    assert described["description"].str.contains("minilm\\+untrained").any()
    people = read_tsv(folder / "participants.tsv")
    assert dict(people.to_numpy()) == {"sub-subject1": "subject_1", "sub-subject2": "subject_2"}
    for path in below:
        if path.suffix == ".tsv":
            about = json.loads(path.with_suffix(".json").read_text())
            assert set(read_tsv(path)) <= set(about)
        elif path.suffix == ".gz":
            assert path.with_name(path.name.replace(".nii.gz", ".json")).exists()
    regions = read_tsv(of(folder, "subject_1", "desc-regions_dseg.tsv"))
    assert ODD in set(regions["name"])


def test_the_folder_says_who_made_it_of_what(study, folder):
    about = json.loads((folder / "dataset_description.json").read_text())
    assert about["DatasetType"] == "derivative"
    assert about["GeneratedBy"][0]["Name"] == "Concord"
    assert about["GeneratedBy"][0]["Version"]
    assert "SourceDatasets" not in about
    assert "nobody was measured" not in about["Name"]
    source = {"repository": "a/b", "revision": "c1", "files": {}}
    (study / "raw" / "sources.json").write_text(json.dumps(source))
    (study / "raw" / "truth.json").write_text("{}")
    assert share(study, "other").exit_code == 0
    about = json.loads((study / "other" / "dataset_description.json").read_text())
    assert about["SourceDatasets"] == [{"URL": "https://github.com/a/b/tree/c1", "Version": "c1"}]
    assert "nobody was measured" in about["Name"]
    assert "nobody was measured" in (study / "other" / "README.md").read_text()


def test_the_validator_of_bids_finds_no_error(folder):
    assert not bids_errors(folder)


def test_the_validator_would_find_an_error(folder):
    of(folder, "subject_1", "desc-encodeMinilmChosen_mask.nii.gz").rename(
        of(folder, "subject_1", "").parent
        / "sub-subject1_desc-encodeMinilmChosen_task-story_mask.nii.gz"
    )
    assert any("FILENAME" in line for line in bids_errors(folder))


def test_voxels_have_scores_of_their_own(study, subjects):
    rows = pd.concat(
        [
            one.targets.rename(columns={"id": "target"})[["region", "target"]].assign(
                subject=one.name, model="minilm", layer=layer, kind=kind, metric="r"
            )
            for one in subjects
            for layer, kind in (("layer_00", "hidden"), ("layer_00", "nested"))
        ]
    ).reset_index(drop=True)
    rows = results_table(rows.assign(dataset="simulated", score=np.arange(len(rows)) / 7 + 1))
    write_encoded(study, rows)
    answer = share(study)
    assert answer.exit_code == 0, answer.output
    for one in subjects:
        image = load_img(
            of(study / "out", one.name, "stat-r_desc-encodeMinilmLayer00_statmap.nii.gz")
        )
        mine = rows[(rows["subject"] == one.name) & (rows["kind"] == "hidden")]
        scores = dict(zip(mine["target"], mine["score"], strict=True))
        for row in one.targets.to_dict("records"):
            found = image.get_fdata()[row["i"], row["j"], row["k"]]
            assert found == np.float32(scores[row["id"]])


def test_who_has_no_voxels_gets_tables_alone(study, subjects):
    for one in subjects:
        one.targets[["i", "j", "k"]] = np.nan
    write_recording(study / "bare", recording(subjects))
    (study / "prepared").rename(study / "before")
    (study / "bare").rename(study / "prepared")
    answer = share(study)
    assert answer.exit_code == 2
    assert re.search(r"made from something else in .*encode\.parquet", answer.output)
    for path in (study / "results").glob("*.parquet"):
        write_table(path, pd.read_parquet(path), of_recording(study / "prepared"))
    assert share(study).exit_code == 0
    assert not list((study / "out").rglob("*.nii.gz"))
    assert of(study / "out", "subject_1", "desc-encodeMinilm_statmap.tsv").exists()


def test_what_was_not_run_is_left_out(study):
    for name in ("decode", "probe", "ceilings_story"):
        (study / "results" / f"{name}.parquet").unlink()
    answer = share(study)
    assert answer.exit_code == 0
    assert "decode.parquet is not there, and left out" in answer.output
    assert not list((study / "out").rglob("*decode*"))
    assert not (study / "out" / "models").exists()


def test_a_folder_that_holds_something_is_left_alone(study):
    (study / "out").mkdir()
    (study / "out" / "mine.txt").write_text("mine")
    answer = share(study)
    assert answer.exit_code == 2
    assert "not empty" in answer.output
    assert [path.name for path in (study / "out").iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("name", ["../../outside", "/etc", "subject_3", "models/../x"])
def test_a_subject_that_the_recording_has_not_is_refused(study, rng, name):
    write_encoded(study, encoded(rng, people=[name]))
    before = set(study.parent.rglob("*"))
    answer = share(study)
    assert answer.exit_code == 2
    assert "unknown subject" in answer.output
    assert set(study.parent.rglob("*")) == before


def test_names_that_would_share_a_file_are_refused(study, rng):
    rows = encoded(rng)
    write_encoded(study, rows.replace({"minilm+untrained": "MiniLM"}))
    answer = share(study)
    assert answer.exit_code == 2
    assert "desc-encodeMiniLM: got" in answer.output
    assert not (study / "out").exists()
    rows = pd.concat([rows, rows[rows["layer"] == "layer_00"].assign(layer="layer.00")])
    write_encoded(study, rows)
    answer = share(study)
    assert answer.exit_code == 2
    assert "'Encoding: layer layer_00 of model minilm'" in answer.output


def test_a_map_of_another_grid_is_refused(study, subjects):
    path = study / "results" / "decode_maps" / "subject_1.nii.gz"
    image = nibabel.load(path)
    moved = nibabel.Nifti1Image(image.get_fdata(dtype=np.float32), image.affine + np.eye(4, k=3))
    nibabel.save(moved, path)
    answer = share(study)
    assert answer.exit_code == 2
    assert "map on another grid" in answer.output


def test_it_is_the_same_a_second_time(study, folder):
    assert share(study, "again").exit_code == 0
    for path in folder.rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (study / "again" / path.relative_to(folder)).read_bytes()


def test_the_fixture_has_names_that_nobody_would_give(rng):
    one = subject("s", PEOPLE["subject_1"], rng)
    assert ODD in set(one.targets["region"])


def test_results_of_another_recording_are_not_painted(tmp_path):
    recording = SimpleNamespace(dataset="mine")
    table = pd.DataFrame({"dataset": ["", "mine"]})
    check_same_recording(recording, (table,), tmp_path)
    other = pd.DataFrame({"dataset": ["mine", "alice"]})
    with pytest.raises(InputError, match="results of another recording .*expected mine, got alice"):
        check_same_recording(recording, (table, other), tmp_path)
