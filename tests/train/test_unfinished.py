"""A training run on disk while it is unfinished."""

import json
import logging
from pickle import UnpicklingError

import pytest
import torch

from stages.core.run.errors import InputError
from stages.train.unfinished import (
    check_place,
    differences,
    finish,
    flatten,
    load_state,
    save_state,
    work_folder,
)

ABOUT = {"a": 1, "b": [1, 2], "c": "x"}


def test_a_state_is_read_back_as_it_was_written(tmp_path, caplog):
    assert load_state(tmp_path, ABOUT) is None
    save_state(tmp_path, ABOUT, {"step": 7, "network": {"w": torch.arange(3)}})
    with caplog.at_level(logging.INFO, "concord"):
        found = load_state(tmp_path, {"c": "x", "a": 1, "b": (1, 2)})
    assert found["step"] == 7
    assert found["network"]["w"].tolist() == [0, 1, 2]
    assert json.loads(found["about"]) == ABOUT
    assert "going on after update 7" in caplog.text


def test_another_run_is_named_by_what_differs(tmp_path):
    save_state(tmp_path, ABOUT, {"step": 1})
    told = r"another run is unfinished in .*got a was 1, is 2; d was nothing, is 5\. Set back"
    with pytest.raises(InputError, match=told):
        load_state(tmp_path, ABOUT | {"a": 2, "d": 5})
    assert differences({"b": 1, "a": 0}, {"a": 0}) == ["b was 1, is nothing"]
    assert differences(ABOUT, dict(ABOUT)) == []


def test_a_state_that_is_damaged_or_holds_code(tmp_path):
    """Of what PyTorch says of it, the first line is told."""
    path = tmp_path / "state.pt"
    path.write_bytes(b"nothing")
    with pytest.raises(InputError, match="unreadable state of training"):
        load_state(tmp_path, ABOUT)
    torch.save({"about": json.dumps(ABOUT), "step": 1, "code": InputError}, path)
    with pytest.raises(UnpicklingError) as refused:
        torch.load(path, weights_only=True)
    first, *others = str(refused.value).splitlines()
    assert others
    with pytest.raises(InputError, match="unreadable state of training") as told:
        load_state(tmp_path, ABOUT)
    assert f"got {first}. Set back" in str(told.value)


def test_parameters_are_flat():
    nested = {"a": {"b": {"c": 1}, "d": [2]}, "e": 3}
    assert flatten(nested) == {"a.b.c": 1, "a.d": [2], "e": 3}


def test_a_run_has_a_folder_of_its_own_in_scratch(tmp_path, monkeypatch):
    monkeypatch.setenv("CONCORD_SCRATCH", str(tmp_path / "scratch"))
    one, two = work_folder(tmp_path / "a/run"), work_folder(tmp_path / "b/run")
    assert one == work_folder(tmp_path / "a/../a/run")
    assert one != two
    assert one.parent == tmp_path / "scratch/train"
    name, _, key = one.name.partition("-")
    assert (name, len(key)) == ("run", 16)


@pytest.mark.parametrize("name", ["step0", "step12345"])
def test_an_earlier_run_may_be_replaced(tmp_path, name):
    check_place(tmp_path / "absent")
    check_place(tmp_path)
    (tmp_path / name).mkdir()
    check_place(tmp_path)


@pytest.mark.parametrize("name", ["astep1", "step", "step1a", "notes.txt"])
def test_nothing_else_is_replaced(tmp_path, name):
    for other in ("step1", "zzz", name):
        (tmp_path / other).mkdir()
    with pytest.raises(InputError, match=f"no.* a folder of checkpoints .*got {name}"):
        check_place(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="got a file"):
        check_place(tmp_path / "file")


@pytest.mark.parametrize("earlier", [True, False])
def test_a_whole_run_is_moved_to_its_place(tmp_path, earlier):
    work, out = tmp_path / "work", tmp_path / "deep/below/run"
    (work / "step1").mkdir(parents=True)
    if earlier:
        save_state(work, ABOUT, {"step": 1})
        (out / "step9").mkdir(parents=True)
    finish(work, out)
    assert [path.name for path in out.iterdir()] == ["step1"]
    assert not work.exists()


def test_what_is_wrong_with_a_state_is_told_in_one_line(tmp_path):
    torch.save({"step": 1}, tmp_path / "state.pt")
    with pytest.raises(InputError, match="in .*state.pt: got 'about'. Set back what has changed"):
        load_state(tmp_path, ABOUT)
