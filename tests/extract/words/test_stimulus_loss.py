"""The words of each run, joined by blanks, and what their loss is called."""

from pathlib import Path
from types import SimpleNamespace

import pandas as pd

from stages.core.nets.source import Source
from stages.core.run.errors import InputError
from stages.extract.words import stimulus_loss as module
from stages.extract.words.stimulus_loss import stimulus_loss

STIMULI = pd.DataFrame({"run": list("bbab"), "text": ["one", "two", "three", "four"]})


def test_runs_are_read_in_the_order_of_the_stimuli(monkeypatch):
    def loss(folder, texts, device):
        assert (folder, device) == (Path("f"), "first")
        assert texts == ["one two four", "three"]
        return SimpleNamespace(per_token=1.25, bits_per_byte=0.5)

    monkeypatch.setattr(module, "choose_devices", lambda: ["first", "second"])
    monkeypatch.setattr(module, "text_loss", loss)
    found = stimulus_loss(STIMULI, Source(Path("f"), "r"))
    assert found == {"stimulus_loss": 1.25, "stimulus_bits": 0.5}


def test_a_model_that_predicts_no_words_has_none(monkeypatch, caplog):
    def loss(*asked):
        raise InputError("no next word", where="f")

    monkeypatch.setattr(module, "text_loss", loss)
    assert stimulus_loss(STIMULI, Source(Path("f"), "r")) == {}
    assert "no loss on the stimuli: no next word" in caplog.text
