"""Everybody's responses with their targets, by files as small as can be."""

import hashlib

import pytest

from stages.core.run.errors import InputError
from stages.prepare.tables.lab_people import open_lab, read_people

TARGETS = "id,region\nx,A\ny,B\n"


def written(root, **files):
    for name, content in files.items():
        path = root / (name.replace("__", "/") + ".csv")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root


def test_people_are_read_with_their_own_targets_or_those_of_all(tmp_path):
    root = written(
        tmp_path,
        targets=TARGETS,
        a__responses="x,y\n1,2\n3,4\n",
        b__responses="y,x\n5,6\n7,8\n",
        b__targets="id,region\nx,C\ny,C\n",
        c__responses="x,y\n0,1\n1,0\n",
    )
    lab = open_lab(root)
    assert list(lab.people) == ["a", "b", "c"]
    found = read_people(lab, ["b", "a"], "story.subjects")
    assert list(found) == ["a", "b"]
    measured, targets = found["b"]
    assert targets[["id", "region"]].to_numpy().tolist() == [["x", "C"], ["y", "C"]]
    assert measured.series.tolist() == [[6, 5], [8, 7]]
    assert found["a"][1]["region"].tolist() == ["A", "B"]
    assert list(read_people(lab, "all", "story.subjects")) == ["a", "b", "c"]
    with pytest.raises(InputError, match="unknown subject in params.yaml: story.subjects"):
        read_people(lab, ["d"], "story.subjects")
    digests = lab.sources(["b"])
    own = ["targets.csv", "b/responses.csv", "b/targets.csv"]
    assert set(digests) == set(own)
    for name in own:
        assert digests[name] == hashlib.sha256((root / name).read_bytes()).hexdigest()


def test_one_person_in_the_folder_itself(tmp_path):
    lab = open_lab(written(tmp_path, responses="x,y\n1,2\n3,4\n"))
    (name,) = read_people(lab, "all", "k")
    assert name == "subject_1"
    measured, targets = read_people(lab, "all", "k")[name]
    assert measured.series.tolist() == [[1, 2], [3, 4]]
    assert targets["region"].tolist() == ["x", "y"]
    assert list(lab.sources([name])) == ["responses.csv"]


def test_what_is_missing_is_told(tmp_path):
    lab = open_lab(written(tmp_path, responses="x\n1\n2\n"))
    assert lab.table("responses") == tmp_path / "responses.csv"
    with pytest.raises(InputError, match="file not found in .*expected stimuli.csv"):
        lab.table("stimuli")
    with pytest.raises(InputError, match="folder not found in .*absent"):
        open_lab(tmp_path / "absent")
