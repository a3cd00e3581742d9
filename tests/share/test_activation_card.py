import hashlib
import json

import numpy as np
import pytest
from click.testing import CliRunner
from huggingface_hub import DatasetCard
from ruamel.yaml import YAML

from stages.core.activations.activations import Activations, write_about, write_layer
from stages.core.recording.recording_files import write_recording
from stages.core.recording.types import stimuli_digest
from stages.share.__main__ import main
from tests.share.conftest import ODD, PEOPLE, recording, subject

UNITS = {"layer_00": 3, "layer_01": 5}


@pytest.fixture
def made(tmp_path, rng):
    """A recording of six words, and a function that writes a model's layers of them."""
    read = recording([subject(name, affine, rng) for name, affine in PEOPLE.items()])
    write_recording(tmp_path / "recording", read)
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "sources.json").write_text(json.dumps({"repository": "a/b", "revision": "c0ffee"}))

    def write(**changed):
        known = {"model": "hf:org/reader", "label": "reader", "revision": "1234abcd", "heads": 0}
        known |= {"modality": "language", "parameters": 10, "tokenizer": "T", "seed": None}
        known |= {"presentation": "context", "context": 20, "pooling": "last", "dtype": "float32"}
        known |= {"key": "k", "attention_statistics": [], "layers": UNITS, "widths": UNITS}
        about = Activations(**known | {"stimuli_digest": stimuli_digest(read.stimuli)} | changed)
        folder = tmp_path / "layers"
        for layer, units in UNITS.items():
            write_layer(folder / f"{layer}.safetensors", np.ones((6, units), np.float32))
        rows = read.stimuli[["id", "sample", "run", "onset"]].assign(offset=1.0)
        write_about(folder, about, rows)
        return folder

    return write


@pytest.fixture
def card(made, tmp_path):
    """Run the command; what it answers, and the card."""

    def run(*more, **changed):
        if changed or not (tmp_path / "layers").exists():
            made(**changed)
        places = {"activations": "layers", "recording": "recording", "raw": "raw", "out": "x.md"}
        line = [word for key, at in places.items() for word in (f"--{key}", str(tmp_path / at))]
        answer = CliRunner().invoke(main, ["card", *line, *more])
        out = tmp_path / "x.md"
        return answer, out.read_text(encoding="utf-8") if out.exists() else ""

    return run


def test_other_captions_are_refused_where_all_were_shown(card):
    answer, _ = card(captions_digest="other")
    assert answer.exit_code == 2
    assert "captions changed after extraction" in answer.output


def head_of(text):
    """The head, by a reader of YAML that is not the writer's."""
    empty, head, _ = text.split("---\n", 2)
    assert empty == ""
    return YAML(typ="safe").load(head)


def test_the_head_says_what_was_extracted_of_what(card, tmp_path):
    answer, text = card("--license", "cc-by-4.0")
    assert answer.exit_code == 0, answer.output
    head = head_of(text)
    described = json.loads((tmp_path / "layers" / "activations.json").read_text())
    assert head["license"] == "cc-by-4.0"
    assert head["pretty_name"] == "Activations of reader for simulated"
    assert head["tags"] == ["activations", "representations", "language"]
    own = head["concord"]
    assert own["layers"] == UNITS
    assert (own["model"], own["revision"]) == ("hf:org/reader", "1234abcd")
    assert own["stimuli_digest"] == described["stimuli_digest"]
    assert own["digest"] == described["digest"]
    assert own["seed"] is None
    read = DatasetCard(text)  # as the hub reads it
    assert read.data.license == "cc-by-4.0"
    assert read.data.pretty_name == head["pretty_name"]


def test_the_text_has_every_file_with_its_digest(card, tmp_path):
    _, text = card()
    for layer, units in UNITS.items():
        whole = (tmp_path / "layers" / f"{layer}.safetensors").read_bytes()
        found = hashlib.sha256(whole).hexdigest()
        assert f"| `{layer}.safetensors` | {units} | {units} | `{found}` |" in text
    assert "of 6 words" in text
    assert "https://github.com/a/b/tree/c0ffee" in text
    assert "as trained" in text
    assert "none given" in text
    assert head_of(text)["license"] == "unknown"


def test_its_lines_of_python_read_a_layer(card, tmp_path, monkeypatch):
    _, text = card()
    monkeypatch.chdir(tmp_path / "layers")
    names = {}
    exec(text.split("```python\n")[1].split("```")[0], names)
    assert names["layer"].shape == (6, 3)


def test_an_untrained_twin_and_names_with_markup_are_told(card):
    odd = "a<script>|b"
    _, text = card(seed=7, label=odd, model=f"file:/home/me/{ODD}")
    assert head_of(text)["concord"]["seed"] == 7
    assert "untrained, drawn with seed 7" in text
    assert "<script>" not in text
    assert "/home/me" not in text


@pytest.mark.parametrize("licence", ["CC BY", "cc-by-4.0\nx: y", "-mit"])
def test_a_licence_that_no_hub_knows_is_refused(card, licence):
    answer, text = card("--license", licence)
    assert answer.exit_code == 2
    assert "such as cc-by-4.0" in answer.output
    assert not text


def test_what_was_changed_is_not_described(card, made, tmp_path):
    folder = made()
    write_layer(folder / "layer_01.safetensors", np.zeros((6, 5), np.float32))
    answer, text = card()
    assert answer.exit_code == 2
    assert "layer_01.safetensors" in answer.output
    assert not text
    made(stimuli_digest="of others")
    answer, _ = card()
    assert "stimuli changed after extraction" in answer.output
