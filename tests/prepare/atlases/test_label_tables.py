import pytest

from stages.core.run.errors import InputError
from stages.prepare.atlases.label_tables import (
    entities,
    find_table,
    mesh_family,
    read_label_table,
    space_of,
)


def test_names_of_files_say_what_they_are():
    name = "tpl-MNI152NLin6Asym_res-02_atlas-AAL_dseg.nii.gz"
    assert entities(name) == {"tpl": "MNI152NLin6Asym", "res": "02", "atlas": "AAL"}
    assert space_of(name) == "MNI152NLin6Asym"
    assert space_of("space-T1w_tpl-MNI_dseg.nii") == "T1w"
    assert space_of("dseg.nii") == ""


@pytest.mark.parametrize(
    ("space", "family"),
    [("fsaverage", "fsaverage"), ("fsaverage3", "fsaverage"), ("fsaverage6", "fsaverage"),
     ("fsaverage7", "fsaverage7"), ("fsaverage2", "fsaverage2"), ("fsLR", "fsLR")],
)  # fmt: skip
def test_coarser_meshes_begin_those_of_their_family(space, family):
    assert mesh_family(space) == family


def test_the_nearest_table_with_most_of_the_entities_counts(tmp_path):
    image = tmp_path / "a" / "b" / "tpl-M_res-2_atlas-X_dseg.nii.gz"
    image.parent.mkdir(parents=True)
    with pytest.raises(InputError, match="no table of labels .*tpl-M_res-2_atlas-X_dseg.tsv"):
        find_table(image, tmp_path)
    tables = [
        tmp_path / "tpl-M_atlas-X_dseg.tsv",
        tmp_path / "a" / "tpl-M_dseg.tsv",
        tmp_path / "a" / "b" / "tpl-M_dseg.tsv",
        tmp_path / "a" / "b" / "tpl-M_atlas-X_dseg.tsv",
        tmp_path / "a" / "b" / "tpl-M_res-2_atlas-X_dseg.tsv",
    ]
    (tmp_path / "a" / "b" / "tpl-M_res-1_atlas-X_dseg.tsv").touch()
    for path in tables:
        path.touch()
        assert find_table(image, tmp_path) == path


def test_two_tables_that_fit_alike_are_refused(tmp_path):
    image = tmp_path / "tpl-M_res-2_atlas-X_dseg.nii.gz"
    for name in ("tpl-M_res-2_dseg.tsv", "tpl-M_atlas-X_dseg.tsv"):
        (tmp_path / name).touch()
    with pytest.raises(InputError, match="several tables of labels"):
        find_table(image, tmp_path)


def test_nothing_above_the_top_is_looked_at(tmp_path):
    image = tmp_path / "a" / "b" / "tpl-M_dseg.nii.gz"
    image.parent.mkdir(parents=True)
    (tmp_path / "tpl-M_dseg.tsv").touch()
    assert find_table(image, tmp_path).parent == tmp_path
    for top in (tmp_path / "a", tmp_path / "elsewhere"):
        with pytest.raises(InputError, match="no table of labels"):
            find_table(image, top)


def written(folder, *lines, header="index\tname"):
    path = folder / "dseg.tsv"
    path.write_text("\n".join([header, *lines]) + "\n")
    return path


def test_labels_have_names_and_hemispheres(tmp_path):
    lines = ["1\t V1 \tL", "2\tV2\tright", '3\t"A\tboth', "4\tn/a\tR", "5\t\tL", "6.0\tNA\t"]
    names, sides = read_label_table(written(tmp_path, *lines, header="index\tname\themisphere"))
    assert names == {1: "V1", 2: "V2", 3: '"A', 6: "NA"}
    assert sides == {1: "L", 2: "R", 4: "R", 5: "L"}
    assert read_label_table(written(tmp_path, "7\tV1")) == ({7: "V1"}, {})


@pytest.mark.parametrize("wrong", ["x", "1.5", "", "1"])
def test_labels_are_new_whole_numbers(tmp_path, wrong):
    with pytest.raises(InputError, match=f"line 3: expected a new whole number, got '{wrong}'"):
        read_label_table(written(tmp_path, "1\tV1", f"{wrong}\tV2"))


def test_columns_must_be_there(tmp_path):
    for header, lacking in (("name\tx", "index"), ("index\tx", "name")):
        with pytest.raises(InputError, match=f"column missing .*expected {lacking}, got"):
            read_label_table(written(tmp_path, "1\t2", header=header))
