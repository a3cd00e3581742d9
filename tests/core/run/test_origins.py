"""Tables tell what they were made from, and whether they belong together."""

import ast

import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.core.run.files import write_json
from stages.core.run.origins import of_family, of_layers, of_recording, together
from stages.core.run.seals import sealed
from stages.core.run.tables import write_table
from tests.conftest import PROJECT
from tests.recorded import describe

# What these write is made of nothing that is prepared or extracted.
FREE = {"replicate", "calibrate"}
WRITERS = {"write_table", "write_results", "write_as_they_come", "write_survey"}
WRITERS |= {"growing", "survey"}


@pytest.fixture
def folder(tmp_path):
    """A recording, and the activations of a model."""
    describe(tmp_path / "recording")
    write_json(tmp_path / "small" / "activations.json", sealed({"key": "1"}))
    return tmp_path


def made(path, origin):
    write_table(path, pd.DataFrame({"a": [1.0]}), origin)
    return path


def test_a_recording_is_named_by_its_seal(folder):
    before = of_recording(folder / "recording")
    assert list(before) == ["recording toy"]
    describe(folder / "recording", tr=2.0)
    assert of_recording(folder / "recording") != before
    (folder / "recording" / "recording.json").write_text("{}")
    with pytest.raises(InputError, match="file that was edited"):
        of_recording(folder / "recording")


def test_models_that_ran_are_named(folder):
    found = of_layers(folder / "recording", folder / "small", folder / "failed")
    assert list(found) == ["recording toy", "activations toy/small"]


def test_what_belongs_together_is_put_together(folder):
    layers = of_layers(folder / "recording", folder / "small")
    one = made(folder / "one.parquet", of_recording(folder / "recording"))
    two = made(folder / "two.parquet", layers)
    assert together(one, two) == together(two, one) == layers
    assert together(layers, one) == layers


@pytest.mark.parametrize(
    ("origin", "message"),
    [
        ({"recording toy": "b" * 64}, "expected recording toy .*, as .*one.*got bbbbbbbbbbbb"),
        ({"recording other": "b" * 64}, "expected recording toy, as .*one.*got recording other"),
        ({}, "expected recording toy, as .*one.*got no recording"),
    ],
)
def test_tables_of_two_recordings(folder, origin, message):
    one = made(folder / "one.parquet", of_recording(folder / "recording"))
    two = made(folder / "two.parquet", origin)
    with pytest.raises(InputError, match=rf"made from something else in .*two.*{message}.*Do"):
        together(one, two, do="Do it.")


def test_tables_of_other_activations(folder):
    one = made(folder / "one.parquet", of_layers(folder / "recording", folder / "small"))
    write_json(folder / "small" / "activations.json", sealed({"key": "2"}))
    now = of_layers(folder / "recording", folder / "small")
    with pytest.raises(InputError, match=r"one\.parquet: expected activations toy/small .*at hand"):
        together(now, one)


def test_a_family_is_its_members(tmp_path):
    for name in ("members", "performance"):
        made(tmp_path / "read" / f"{name}.parquet", None)
    before = of_family(tmp_path / "read")
    assert list(before) == ["family read"]
    write_table(tmp_path / "read" / "performance.parquet", pd.DataFrame({"a": [2.0]}))
    assert of_family(tmp_path / "read") != before
    with pytest.raises(InputError, match=r"dvc repro data/training/dvc\.yaml"):
        of_family(tmp_path / "gone")


def test_every_stage_says_what_its_tables_were_made_from():
    """A call that writes a table hands on an origin, by name or as its last argument."""
    silent = []
    for path in sorted(PROJECT.glob("stages/*/**/*.py")):
        stage = path.relative_to(PROJECT).parts[1]
        if stage in {"core", *FREE}:
            continue
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") in WRITERS:
                given = [*call.args[-1:], *(one.value for one in call.keywords)]
                words = " ".join(ast.unparse(one) for one in given)
                if "made_from" not in words and "together" not in words and "of_" not in words:
                    silent.append(f"{path.relative_to(PROJECT)}:{call.lineno}")
    assert silent == []
