"""Pieces of stories without a file: order, silence, missing scans."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.prepare.assemblies import blank
from stages.prepare.assemblies.blank import load_blank
from stages.prepare.assemblies.netcdf import Assembly


@pytest.fixture
def load(monkeypatch):
    def of(times, texts, values=None, story=None):
        n = len(times)
        stimuli = pd.DataFrame(
            {"story": story or ["Boar"] * n, "timepoint_value": times, "stimulus": texts}
        )
        units = pd.DataFrame(
            {
                "neuroid_id": ["1.a", "1.b", "2.a"],
                "fROI_area": ["01_LH_PostTemp", "12_RH_AngG", "03_Other"],
                "subject_UID": ["1", "1", "2"],
            }
        )
        if values is None:
            values = np.random.default_rng(0).normal(size=(n, 3))
        found = Assembly(Path(__file__), values, stimuli, units)
        monkeypatch.setattr(blank, "assembly_file", lambda raw: raw)
        monkeypatch.setattr(blank, "read_assembly", lambda raw: found)
        return load_blank(Path("x"), "some")

    return of


def test_pieces_are_in_the_order_of_their_times_without_silence(load, caplog):
    values = np.arange(18.0).reshape(6, 3) ** 2
    story = ["B", "A", "B", "A", "A", "B"]
    with caplog.at_level(logging.INFO, "concord"):
        recording = load([4, 2, 2, 6, 4, -2], ["e", "a", "d", "c", " ", ""], values, story)
    assert recording.stimuli["id"].tolist() == ["A.2", "A.6", "B.2", "B.4"]
    assert recording.stimuli["text"].tolist() == ["a", "c", "d", "e"]
    assert recording.samples["run"].tolist() == ["A", "A", "B", "B"]
    first, second = recording.subjects
    np.testing.assert_array_equal(first.responses, values[[1, 3, 2, 0], :2])
    np.testing.assert_array_equal(second.responses, values[[1, 3, 2, 0], 2:])
    assert first.targets["hemisphere"].tolist() == ["L", "R"]
    assert second.targets[["id", "region", "hemisphere"]].to_numpy().tolist() == [
        ["03_Other", "03_Other", ""]
    ]
    assert "some: 2 scans without words left out" in caplog.text
    assert "scans are 2 to 4 s apart" in caplog.text


def test_scans_at_equal_steps_and_without_silence_are_no_news(load, caplog):
    """Steps within each story: one begins at 0 s, the other at 2 s; a rounding is no difference."""
    story = ["A", "A", "A", "B", "B", "B"]
    with caplog.at_level(logging.INFO, "concord"):
        load([0, 2, 4.0000001, 2, 4, 6], list("abcdef"), story=story)
    assert not caplog.messages


def test_a_time_that_is_no_number_is_told(load):
    with pytest.raises(InputError, match="wrong time .*timepoint_value: expected seconds, got x"):
        load(["0", "x", "4"], list("abc"))
