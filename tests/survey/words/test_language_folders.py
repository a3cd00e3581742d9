"""What is read of one recording, and what is held against what: readers tell what was asked."""

from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from stages.survey.words import language_folders as module
from stages.survey.words.language_folders import Folders, read_studied

FOLDERS = Folders(Path("rec"), Path("act"), Path("res"))
DO = "Run `dvc repro data/language/dvc.yaml:{}`."


@pytest.fixture
def asked(monkeypatch):
    """Two models, of which the second could not be run, and one that predicts no words."""
    told = {"together": [], "results": [], "jackknife": []}
    models = [
        SimpleNamespace(name="m1", about="ran"),
        SimpleNamespace(name="m2", about=None),
        SimpleNamespace(name="m3", about="ran"),
    ]
    stimuli = pd.DataFrame({"id": ["w1", "w2"]})
    encoded = pd.DataFrame({"split": ["contiguous"]})
    surprisal = {"act/toy/m1": pd.DataFrame({"id": ["w1", "w2"]}), "act/toy/m3": None}

    def read_surprisal(folder, ids):
        assert ids == ["w1", "w2"]
        return surprisal[str(folder)]

    def together(made_from, *paths, do):
        assert made_from == {"made": "of rec/toy, act/toy/m1, act/toy/m3"}
        told["together"].append(([str(path) for path in paths], do))

    def read_models(specs, folder, digest):
        assert (specs, folder, digest) == (["spec"], Path("act/toy"), "digest of 2")
        return models

    monkeypatch.setattr(module, "read_stimuli", lambda path: stimuli)
    monkeypatch.setattr(module, "stimuli_digest", lambda table: f"digest of {len(table)}")
    monkeypatch.setattr(module, "read_models", read_models)
    of = lambda *folders: {"made": f"of {', '.join(map(str, folders))}"}  # noqa: E731
    monkeypatch.setattr(module, "of_layers", of)
    monkeypatch.setattr(module, "together", together)
    read = lambda path, stage, do: told["results"].append((str(path), stage, do)) or str(path)  # noqa: E731
    monkeypatch.setattr(module, "read_results", read)
    left = lambda path, do: told["jackknife"].append((str(path), do)) or str(path)  # noqa: E731
    monkeypatch.setattr(module, "read_jackknife", left)
    monkeypatch.setattr(module, "side_by_side", lambda models, found: encoded)
    monkeypatch.setattr(module, "chosen_shares", lambda encoded, without: list(without))
    monkeypatch.setattr(module, "read_story_ceilings", lambda path: ("ceilings", str(path)))
    monkeypatch.setattr(module, "read_surprisal", read_surprisal)
    return told


def test_tables_of_models_that_ran_are_held_against_what_they_are_made_of(asked):
    found = read_studied("toy", ["spec"], FOLDERS)
    one = lambda name: DO.format(f"encode_language@toy-{name}")  # noqa: E731
    pairs = {
        name: [f"res/{kind}/toy/{name}.parquet" for kind in ("encode", "jackknife")]
        for name in ("m1", "m3")
    }
    assert asked["together"] == [
        (pairs["m1"], one("m1")),
        (pairs["m3"], one("m3")),
        (["res/ceilings/toy.parquet"], DO.format("ceilings_language@toy")),
    ]
    assert asked["results"] == [
        (f"res/encode/toy/{name}.parquet", "encode", one(name)) for name in ("m1", "m2", "m3")
    ]
    assert asked["jackknife"] == [(pairs[name][1], one(name)) for name in ("m1", "m3")]
    assert found.name == "toy"
    assert found.shares == [pairs["m1"][1], pairs["m3"][1]]
    assert found.ceilings == ("ceilings", "res/ceilings/toy.parquet")
    assert list(found.surprisal) == ["m1"]
    assert [model.name for model in found.models] == ["m1", "m2", "m3"]


def test_shuffled_folds_are_told_in_the_name(asked, monkeypatch):
    shuffled = pd.DataFrame({"split": ["shuffled"]})
    monkeypatch.setattr(module, "side_by_side", lambda models, found: shuffled)
    name = read_studied("toy", ["spec"], FOLDERS).name
    assert name.startswith("toy")
    assert name != "toy"
