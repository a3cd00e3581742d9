"""Sentences of one experiment of two, and voxels of several networks."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.prepare.assemblies import contents, pereira
from stages.prepare.assemblies.netcdf import Assembly
from stages.prepare.assemblies.pereira import load_pereira


@pytest.fixture
def load(monkeypatch):
    def of(values, units, dataset="some", **columns):
        n = len(values)
        stimuli = {
            "experiment": ["e"] * n,
            "passage_index": [1] * n,
            "stimulus_num": list(range(n)),
            "passage_category": ["t"] * n,
            "stimulus": [f"text {at}" for at in range(n)],
        }
        stimuli = pd.DataFrame(stimuli | columns)
        found = Assembly(Path(__file__), np.asarray(values), stimuli, pd.DataFrame(units))
        monkeypatch.setattr(pereira, "assembly_file", lambda raw: raw)
        monkeypatch.setattr(pereira, "read_assembly", lambda raw: found)
        return load_pereira(Path("x"), dataset)

    return of


ONE = {"subject": ["s"] * 2, "atlas": ["language", "DMN"], "neuroid_id": ["1", "2"]}


def test_the_experiment_of_a_dataset_is_read(load, rng, monkeypatch):
    """Size is that of the language network alone, and of both experiments."""
    values = rng.normal(size=(4, 3))
    units = {"subject": ["s"] * 3, "atlas": ["language", "DMN", "language"]}
    units |= {"neuroid_id": ["1", "2", "3"]}
    names = ["384sentences", "243sentences"] * 2
    for dataset, own in (("pereira2018-243", [1, 3]), ("pereira2018-384", [0, 2])):
        monkeypatch.setitem(contents.PUBLISHED, dataset, contents.Size(4, 2, 1))
        monkeypatch.setattr(contents, "SUMS", {})
        recording = load(values, units, dataset, experiment=names)
        (subject,) = recording.subjects
        np.testing.assert_allclose(subject.responses, values[own], rtol=1e-6)
        assert subject.targets["id"].tolist() == ["language.1", "DMN.2", "language.3"]
        name = names[own[0]]
        assert recording.stimuli["id"].tolist() == [f"{name}.{at}" for at in own]
    with pytest.raises(InputError, match="experiment missing .*expected only one, got .*384.*243"):
        load(values, units, experiment=names)
    with pytest.raises(InputError, match="experiment missing .*expected 384sentences, got .*'e'"):
        load(values, units, "pereira2018-384")


def test_topics_passages_and_sentences_are_in_order(load, rng):
    values = rng.normal(size=(5, 2))
    recording = load(
        values,
        ONE,
        passage_category=["u", "t", "t", "t", "t"],
        passage_index=[1, 2, 1, 2, 1],
        stimulus_num=[9, 3, 12, 2, 11],
    )
    order = [4, 2, 3, 1, 0]
    np.testing.assert_allclose(recording.subjects[0].responses, values[order], rtol=1e-6)
    assert recording.stimuli["run"].tolist() == ["t.1", "t.1", "t.2", "t.2", "u.1"]
    assert recording.samples["run"].tolist() == ["t"] * 4 + ["u"]
    assert recording.stimuli["text"].tolist() == [f"text {at}" for at in order]


@pytest.mark.parametrize("text", ["", "  "])
def test_a_sentence_without_a_text_is_named(load, rng, text):
    with pytest.raises(InputError):
        load(rng.normal(size=(3, 2)), ONE, stimulus=["a", text, "c"])


def test_voxels_of_several_networks_are_counted(load, rng, caplog):
    """Two of one person share an id and a response; of another person, the id is another voxel."""
    column, other = rng.normal(size=(4, 1)), rng.normal(size=(4, 3))
    units = {
        "subject": ["s", "s", "u", "u", "s"],
        "atlas": ["language", "DMN", "language", "DMN", "visual"],
        "neuroid_id": ["1", "1", "1", "2", "3"],
    }
    with caplog.at_level(logging.INFO, "concord"):
        load(np.hstack([column, column, other]), units)
    assert caplog.messages == ["1 voxels are in several networks, and targets of each"]
    caplog.clear()
    with caplog.at_level(logging.INFO, "concord"):
        load(np.hstack([column, column + np.eye(4)[:, :1], other]), units)
    assert caplog.messages[1] == "1 of them are not the same voxel: responses differ, as to s, 1"
    caplog.clear()
    with caplog.at_level(logging.INFO, "concord"):
        load(np.hstack([column, other[:, :1]]), ONE)
    assert not caplog.messages
