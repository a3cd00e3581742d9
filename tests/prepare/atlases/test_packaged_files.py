"""Files of packages are found without importing them, and checked."""

import hashlib
import sys

import pytest

from stages.core.run.errors import InputError
from stages.prepare.atlases import packaged_files as module
from stages.prepare.atlases.packaged_files import annotation, packaged_file


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package that cannot be imported, with a file."""
    name = "concord_made_package"
    (tmp_path / name / "data").mkdir(parents=True)
    (tmp_path / name / "__init__.py").write_text("raise RuntimeError\n")
    (tmp_path / name / "data/a.bin").write_bytes(b"labels")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    digest = hashlib.sha256(b"labels").hexdigest()
    monkeypatch.setitem(module.FILES, (name, "data/a.bin"), ("made==1.0", digest))
    monkeypatch.setitem(module.FILES, (name, "data/b.bin"), ("made==1.0", digest))
    return tmp_path / name


def test_a_file_of_a_package_is_found_and_checked(package):
    found = packaged_file("made", package.name, "data/a.bin")
    assert found == package / "data/a.bin"
    (package / "data/a.bin").write_bytes(b"others")
    with pytest.raises(InputError, match=r"wrong atlas in .*a.bin.*Reinstall made==1.0"):
        packaged_file("made", package.name, "data/a.bin")
    with pytest.raises(InputError, match=r"b.bin"):
        packaged_file("made", package.name, "data/b.bin")


@pytest.mark.parametrize("alone", [True, False])
def test_a_package_that_is_not_there_is_named(monkeypatch, alone):
    name = "concord_absent_package"
    monkeypatch.setitem(module.FILES, (name, "a"), ("absent==2.0", ""))
    monkeypatch.setattr(module, "ALONE", (name,) if alone else ())
    options = "--no-deps " if alone else ""
    told = f"not installed in atlas made: expected absent==2.0.*pip install {options}absent==2.0"
    with pytest.raises(InputError, match=told):
        packaged_file("made", name, "a")


def test_a_folder_without_a_module_is_no_package(tmp_path, monkeypatch):
    (tmp_path / "concord_bare_folder").mkdir()
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.setitem(module.FILES, ("concord_bare_folder", "a"), ("bare==2.0", ""))
    with pytest.raises(InputError, match="package not installed"):
        packaged_file("made", "concord_bare_folder", "a")


def test_annotations_are_of_either_hemisphere():
    for atlas, side in module.ANNOTATIONS:
        assert ("chimera", annotation(atlas, side)) in module.FILES
        assert f"hemi-{side}_" in annotation(atlas, side)
        assert f"atlas-{atlas}_" in annotation(atlas, side)
