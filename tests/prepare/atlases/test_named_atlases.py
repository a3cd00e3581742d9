"""Which reader an atlas goes to, by its name."""

import pytest

from stages.core.run.errors import InputError
from stages.prepare.atlases import named_atlases
from stages.prepare.atlases.named_atlases import load_atlas, only_atlas

NAMES = {
    "a_dseg.nii.gz": "read_dseg",
    "a_dseg.nii": "read_dseg",
    "a.dlabel.nii": "read_dlabel",
    "hemi-L_a.label.gii": "read_meshes",
    "lh.a.annot": "read_meshes",
}


@pytest.fixture
def readers(monkeypatch):
    """Each reader tells itself and what it was given."""
    for name in set(NAMES.values()):
        monkeypatch.setattr(named_atlases, name, lambda *given, name=name: (name, *given))


@pytest.mark.parametrize("file", NAMES)
@pytest.mark.parametrize("alone", [True, False])
def test_a_file_or_a_folder_of_one_file_is_read_by_its_kind(tmp_path, readers, file, alone):
    (tmp_path / "deep/below").mkdir(parents=True)
    (tmp_path / "deep/below" / file).touch()
    reader, path, *_ = load_atlas("deep" if alone else f"deep/below/{file}", tmp_path)
    assert (reader, path.name) == (NAMES[file], file)


def test_spaces_are_those_of_the_names(tmp_path, readers):
    for name in ("tpl-X_a.dlabel.nii", "tpl-X_hemi-L_a.label.gii", "tpl-X_a_dseg.nii.gz"):
        (tmp_path / name).touch()
        assert load_atlas(name, tmp_path)[-1] == "X"
    assert load_atlas("tpl-X_a_dseg.nii.gz", tmp_path)[2] == tmp_path


def test_a_pair_is_one_atlas(tmp_path):
    for side in "LR":
        (tmp_path / f"hemi-{side}_a.label.gii").touch()
    (tmp_path / "a_bold.nii.gz").touch()
    assert only_atlas(tmp_path).name == "hemi-L_a.label.gii"
    (tmp_path / "b_dseg.nii").touch()
    with pytest.raises(InputError, match=r"several atlases .*got b_dseg.nii, hemi-L_a.label.gii"):
        only_atlas(tmp_path)


def test_what_is_none_is_told(tmp_path, readers):
    (tmp_path / "a.txt").touch()
    with pytest.raises(InputError, match="not an atlas in .*a.txt: expected .nii.gz, .nii, "):
        load_atlas("a.txt", tmp_path)
    with pytest.raises(InputError, match="no atlas in .*got none"):
        load_atlas("", tmp_path)
    with pytest.raises(InputError, match="no such atlas in .*got 'yeo-8'.*yeo-7"):
        load_atlas("yeo-8", tmp_path)


def test_a_link_that_leads_nowhere_is_tried(tmp_path, readers):
    """It is a file that was never fetched, which its reader tells."""
    (tmp_path / "a_dseg.nii.gz").symlink_to(tmp_path / "absent")
    assert load_atlas("a_dseg.nii.gz", tmp_path)[0] == "read_dseg"


@pytest.mark.parametrize("name", ["yeo-7", "yeo-17", "yeo-7-fsaverage", "yeo-17-fsaverage"])
def test_networks_are_as_many_as_the_name_says(name):
    assert named_atlases.PACKAGED[name].args == (int(name.split("-")[1]),)
