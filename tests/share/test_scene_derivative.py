import json

import nibabel
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from stages.core.pictures.surfaces import STANDARD, Mesh, Surface, write_surfaces
from stages.core.recording.recording_files import write_recording
from stages.core.results.results import results_table, write_results
from stages.core.results.survey import TABLES
from stages.core.run.origins import of_recording
from stages.core.run.tables import write_table
from stages.share.__main__ import main
from stages.share.scene_derivative import parcel_scores
from stages.share.tsv_tables import read_tsv
from tests.share.conftest import PEOPLE, REGIONS, SHAPE, recording
from tests.share.validators import bids_errors

METRICS = ("cka_linear", "rsa_pearson")
LAYERS = ("blocks.0", "blocks.1")
OWN = 40  # vertices of an own mesh


def aligned(rng, kind, splits, layers):
    rows = [
        {"subject": who, "region": region, "model": model, "layer": layer, "kind": kind}
        | {"metric": metric, "split": split, "score": rng.standard_normal(), "p": 0.1, "q": 0.2}
        for who in PEOPLE
        for model in ("timm", "noise")
        for layer in layers
        for metric in METRICS
        for split in splits
        for region in REGIONS[:3]
    ]
    table = results_table(rows).assign(dataset="nsd", modality="vision", network="VIS", depth=0.0)
    return table.assign(chosen_on="train", chosen_score=0.5)


def labels(rng, size):
    parts = [
        pd.DataFrame({"hemisphere": side, "vertex": rng.permutation(size)[:20]}).assign(
            region=np.repeat([*REGIONS[:3], "far"], 5)
        )
        for side in ("left", "right")
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture
def surfaces(rng):
    """The standard mesh, and one of the first person's own."""
    mesh = {
        side: Mesh(
            rng.standard_normal((OWN, 3)).astype(np.float32),
            np.arange(OWN - 1)[:36].reshape(12, 3).astype(np.int32),
        )
        for side in ("left", "right")
    }
    own = Surface(labels(rng, OWN), mesh)
    return {STANDARD: Surface(labels(rng, 10242)), "subject_1": own}


@pytest.fixture
def study(tmp_path, rng, subjects, surfaces):
    write_recording(tmp_path / "prepared", recording(subjects, "nsd"))
    write_surfaces(tmp_path / "prepared", surfaces)
    scores = [
        aligned(rng, "layer", ("test", "train"), LAYERS),
        aligned(rng, "noise", ("test",), LAYERS),
    ]
    scores = pd.concat(scores, ignore_index=True)
    best = aligned(rng, "nested", ("test",), LAYERS[:1])
    survey = tmp_path / "results" / "survey"
    origin = of_recording(tmp_path / "prepared")
    write_table(survey / "scores.parquet", scores[list(TABLES["scores"])], origin)
    write_table(survey / "best.parquet", best[list(TABLES["best"])], origin)
    ceiling = {
        "dataset": "nsd",
        "metric": "cka_linear",
        "kind": "ceiling",
        "score": 0.9,
        "ceiling": 0.9,
    }
    rows = [ceiling | {"subject": who, "region": name} for who in PEOPLE for name in REGIONS[:3]]
    write_results(tmp_path / "results" / "ceilings.parquet", results_table(rows), origin)
    (tmp_path / "raw").mkdir()
    return tmp_path


def shared(study):
    arguments = ["--recording", "prepared", "--results", "results", "--raw", "raw", "--out", "out"]
    paths = [word if word.startswith("--") else str(study / word) for word in arguments]
    answer = CliRunner().invoke(main, ["scene", *paths])
    assert answer.exit_code == 0, answer.output
    return study / "out"


@pytest.fixture
def folder(study):
    return shared(study)


def of(folder, name, rest):
    label = name.replace("_", "")
    return folder / f"sub-{label}" / "func" / f"sub-{label}_task-scene_{rest}"


def test_tables_hold_the_scores_that_chose_nothing(study, folder):
    scores = pd.read_parquet(study / "results" / "survey" / "scores.parquet")
    best = pd.read_parquet(study / "results" / "survey" / "best.parquet")
    shared = scores[(scores["split"] == "test") & (scores["kind"] == "layer")]
    for table, end in ((shared, ""), (best, "Chosen")):
        for (name, model), rows in table.groupby(["subject", "model"]):
            found = read_tsv(of(folder, name, f"desc-align{model.title()}{end}_statmap.tsv"))
            np.testing.assert_array_equal(found["score"], rows["score"])
            for column in ("region", "layer", "metric", "split", "kind", "q"):
                assert list(found[column]) == list(rows[column])
    assert len(read_tsv(of(folder, "subject_1", "desc-ceiling_statmap.tsv"))) == 3


def test_the_chosen_layer_is_on_every_surface(study, folder, surfaces):
    best = pd.read_parquet(study / "results" / "survey" / "best.parquet")
    for name, space, place in (
        ("subject_1", STANDARD, STANDARD),
        ("subject_2", STANDARD, STANDARD),
        ("subject_1", "thinned", "subject_1"),
    ):
        own = surfaces[place].labels
        for side, letter in (("left", "L"), ("right", "R")):
            rest = f"hemi-{letter}_space-{space}_desc-alignTimmChosen_statmap.func.gii"
            image = nibabel.load(of(folder, name, rest))
            assert [one.meta["Name"] for one in image.darrays] == list(METRICS)
            for metric, array in zip(METRICS, image.darrays, strict=True):
                rows = best[(best["subject"] == name) & (best["model"] == "timm")]
                rows = rows[rows["metric"] == metric]
                scores = dict(zip(rows["region"], rows["score"], strict=True))
                expected = np.zeros(OWN if place != STANDARD else 10242, np.float32)
                for row in own[own["hemisphere"] == side].to_dict("records"):
                    expected[row["vertex"]] = scores.get(row["region"], 0.0)
                np.testing.assert_array_equal(array.data, expected)
                assert np.count_nonzero(array.data) == 15
    assert not list(folder.glob("sub-subject2/**/*thinned*"))
    mesh = folder / "sub-subject1" / "anat" / "sub-subject1_hemi-L_space-thinned_inflated.surf.gii"
    points = nibabel.load(mesh).darrays[0].data
    np.testing.assert_array_equal(points, surfaces["subject_1"].meshes["left"].coordinates)
    rest = f"space-{STANDARD}_desc-alignTimmChosen_statmap.json"
    assert json.loads(of(folder, "subject_2", rest).read_text())["SpatialReference"] == STANDARD


def test_where_there_is_no_surface_the_chosen_layer_is_in_the_volume(study, subjects):
    (study / "prepared" / "surface.parquet").unlink()
    (study / "prepared" / "subject_1" / "surface.parquet").unlink()
    folder = shared(study)
    best = pd.read_parquet(study / "results" / "survey" / "best.parquet")
    for one in subjects:
        for model, rows in best[best["subject"] == one.name].groupby("model"):
            desc = f"desc-align{model.title()}Chosen"
            image = nibabel.load(of(folder, one.name, f"stat-score_{desc}_statmap.nii.gz"))
            legend = read_tsv(of(folder, one.name, f"stat-score_{desc}_statmap.tsv"))
            assert list(legend["metric"]) == list(METRICS)
            expected, inside = np.zeros((*SHAPE, 2), np.float32), np.zeros(SHAPE)
            for at, metric in enumerate(METRICS):
                mine = rows[rows["metric"] == metric]
                scores = dict(zip(mine["region"], mine["score"], strict=True))
                for row in one.targets.to_dict("records"):
                    if row["region"] in scores:
                        expected[row["i"], row["j"], row["k"], at] = scores[row["region"]]
                        inside[row["i"], row["j"], row["k"]] = 1
            np.testing.assert_array_equal(image.get_fdata(), expected)
            about = json.loads(of(folder, one.name, f"stat-score_{desc}_statmap.json").read_text())
            mask = nibabel.load(of(folder, one.name, "x").with_name(about["Mask"]))
            np.testing.assert_array_equal(mask.get_fdata(), inside)
            np.testing.assert_allclose(image.affine, one.affine, atol=1e-6)
            assert about["Split"] == ["test"]


def test_the_validator_finds_no_error_in_volumes(study):
    (study / "prepared" / "surface.parquet").unlink()
    (study / "prepared" / "subject_1" / "surface.parquet").unlink()
    assert not bids_errors(shared(study))


def test_a_region_has_one_number_in_volumes_and_on_surfaces(folder):
    legend = read_tsv(of(folder, "subject_1", "desc-regions_dseg.tsv"))
    for space in (STANDARD, "thinned"):
        rest = f"hemi-R_space-{space}_desc-regions_dseg.label.gii"
        table = nibabel.load(of(folder, "subject_1", rest)).labeltable.get_labels_as_dict()
        for row in legend.to_dict("records"):
            assert table[row["index"]] == row["name"]
        assert "far" in table.values()


def test_all_layers_are_in_the_parcels(study, folder):
    scores = pd.read_parquet(study / "results" / "survey" / "scores.parquet")
    rows = scores[(scores["split"] == "test") & (scores["kind"] == "layer")]
    rows = rows[(rows["subject"] == "subject_2") & (rows["model"] == "timm")]
    rest = f"space-{STANDARD}_desc-alignTimm_statmap.pscalar.nii"
    image = nibabel.load(of(folder, "subject_2", rest))
    names, parcels = image.header.get_axis(0).name, list(image.header.get_axis(1).name)
    assert image.shape == (4, 3)
    for row in rows.to_dict("records"):
        at = list(names).index(f"{row['metric']}, {row['split']}, {row['layer']}")
        found = image.get_fdata()[at, parcels.index(row["region"])]
        assert found == np.float32(row["score"])


def test_maps_that_lack_a_region_are_left_out_by_name(rng, caplog):
    rows = aligned(rng, "layer", ("test",), LAYERS)
    rows = rows[(rows["subject"] == "subject_1") & (rows["model"] == "timm")]
    table = parcel_scores(rows.iloc[1:], list(REGIONS[:3]), "somebody")
    assert len(table) == len(parcel_scores(rows, list(REGIONS[:3]), "somebody")) - 1
    assert "somebody: maps without every region left out: cka_linear, test, blocks.0" in caplog.text
    assert "far" not in parcel_scores(rows, ["far", *REGIONS[:3]], "").columns


def test_the_validator_of_bids_finds_no_error(folder):
    assert not bids_errors(folder)


def test_the_folder_says_where_its_voxels_lie_and_whence_they_are(folder):
    about = json.loads((folder / "dataset_description.json").read_text())
    assert about["SourceDatasets"] == [{"URL": "https://naturalscenesdataset.org"}]
    image = nibabel.load(of(folder, "subject_1", "desc-regions_dseg.nii.gz"))
    assert image.header["sform_code"] == 2
