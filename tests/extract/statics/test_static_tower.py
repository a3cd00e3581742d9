"""Static word vectors and controls as models of one layer."""

import logging
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file

from stages.core.activations.activations import read_about, read_failure
from stages.core.names.models import parse_model
from stages.core.params.schema import ExtractStory
from stages.core.recording.types import stimuli_digest
from stages.core.run.errors import InputError
from stages.core.run.files import sha256
from stages.extract.extraction import extract_story
from stages.extract.statics.packaged_vectors import DIGESTS, packaged_vectors, string_hash
from stages.extract.statics.static_tower import open_static, word_vectors
from stages.extract.statics.word_vectors import forms, read_text_vectors
from stages.extract.words.passages import make_passages
from tests.conftest import PROJECT

GLOVE = "the 1 0 2\nwitch 0 -3 1e-1\nflew 4 4 4\n. . . 9 9 9\nthe 7 7 7\n"


@pytest.fixture
def glove(tmp_path):
    path = tmp_path / "glove.3d.txt"
    path.write_text(GLOVE)
    return path


def settings(pooling="mean", presentation="context", context=5):
    return ExtractStory(
        presentation=presentation, context=context, pooling=pooling, attention=False
    )


def stimuli(texts, runs=None):
    n = len(texts)
    return pd.DataFrame(
        {
            "id": [f"w{k}" for k in range(n)],
            "text": texts,
            "run": runs or ["1"] * n,
            "onset": np.arange(n) * 1.0,
            "duration": 1.0,
            "sample": [f"s{k}" for k in range(n)],
        }
    )


def values(string, texts, pooling="mean", runs=None, context=5):
    passages = make_passages(stimuli(texts, runs), "context", context)
    opened = open_static(parse_model(string, {}), passages, settings(pooling, context=context))
    (replica,) = opened.towers[0].replicas()
    return replica.run(np.arange(len(texts))).arrays["layer_00"]


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        ("mean", [[1, 0, 2], [1.25, 0.25, 1.525], [4, 4, 4]]),
        ("sum", [[1, 0, 2], [5, 1, 6.1], [4, 4, 4]]),
        ("last", [[1, 0, 2], [1.25, 0.25, 1.525], [4, 4, 4]]),
    ],
)
def test_the_focus_alone_is_pooled(glove, pooling, expected):
    """Also unknown words count in a mean, which `last` is too; words before the focus do not."""
    found = values(f"static:{glove}", ["The", "(witch flew the Xyzzy", "flew!"], pooling)
    np.testing.assert_allclose(found, np.array(expected), rtol=1e-6)


def test_forms_of_a_word():
    assert forms("“The,") == ["“The,", "The", "“the,", "the"]
    assert forms("—") == ["—"]
    assert forms("a") == ["a"]


def test_a_form_as_it_is_comes_first(tmp_path):
    path = tmp_path / "v.txt"
    path.write_text("us 1 1\nUS 2 2\nus. 3 3\n")
    found = values(f"static:{path}", ["us.", "US,", "Us", "us"])
    assert found[:, 0].tolist() == [3, 2, 1, 1]


def test_words_with_blanks_and_words_twice(glove):
    vectors, units = read_text_vectors(glove, ["the", ". . .", "nobody"])
    assert units == 3
    assert {word: row.tolist() for word, row in vectors.items()} == {
        "the": [1, 0, 2],
        ". . .": [9, 9, 9],
    }


def test_word2vec_is_the_same_with_a_header(glove, tmp_path):
    path = tmp_path / "w2v.txt"
    path.write_text("5 3\n" + GLOVE.replace("\n", " \n"))
    one, other = (read_text_vectors(file, ["the", "flew"])[0] for file in (glove, path))
    assert {w: v.tolist() for w, v in one.items()} == {w: v.tolist() for w, v in other.items()}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty file"),
        (b"6 3\nthe 1 0 2\n", "file cut short in .*: expected 6 words, got 1"),
        (
            b"the 1 0 2\nwitch 0 1\n",
            r"wrong word vectors in .*, line 2: .*3 numbers, got 'witch",
        ),
        (b"the 1 x 2\n", "line 1: expected a word and 3 numbers"),
        (b"the 1 nan 2\n", "line 1: .* numbers that are finite"),
        (b"the 1 1e99 2\n", "line 1: .* numbers that are finite"),
        (b"the\n", "line 1: expected a word and some numbers, got 'the'"),
        (b"2 3\nthe \x00\x80\xff\x3f\x00\n", "unreadable word vectors .*text file of word2vec or"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git-LFS pointer"),
    ],
)
def test_files_that_are_none(tmp_path, content, message):
    path = tmp_path / "v.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        values(f"static:{path}", ["the", "witch"])


def test_no_such_file_or_name():
    with pytest.raises(InputError, match=r"no such word vectors .*: expected spacy-md"):
        values("static:spacy-lg", ["the"])


def test_none_of_the_words(glove):
    with pytest.raises(InputError, match="word vectors of other words"):
        values(f"static:{glove}", ["der", "Hexe"])


def test_unknown_words_are_told_of(glove, caplog):
    with caplog.at_level(logging.WARNING, "concord.extract"):
        values(f"static:{glove}", ["the", "quiet quiet", "village", "flew"])
    assert "3 of 5 words (2 different) have no vector and are zeros: 'quiet', 'village'" in (
        caplog.text
    )


def test_the_twin_is_normal_and_knows_the_same_words(glove):
    known = word_vectors(parse_model(f"static:{glove}+untrained:1", {}), {"the", "nobody"})
    assert list(known.vectors) == ["the"]
    found = values("static:spacy-md+untrained:1", ["the", "witch", "the", "qqxyzq"])
    np.testing.assert_array_equal(found[0], found[2])
    assert not found[3].any()
    assert abs(np.corrcoef(found[0], found[1])[0, 1]) < 0.3
    assert found[:2].std() == pytest.approx(1, abs=0.1)
    assert not np.allclose(
        found, values("static:spacy-md+untrained:2", ["the", "witch", "the", "q"])
    )


def test_the_hash_is_spacys():
    """The number is that of spaCy's own documentation."""
    assert string_hash("coffee") == 3197928453018144401


def test_spacy_vectors_mean_something():
    def alike(one, other):
        a, b = vectors[one], vectors[other]
        return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))

    vectors, units, revision = packaged_vectors(["dog", "cat", "logic", "king", "queen", "qqxyzq"])
    assert (units, revision, len(vectors)) == (300, DIGESTS["vectors"], 5)
    assert alike("dog", "cat") > 0.7
    assert alike("dog", "logic") < 0.3
    assert alike("king", "queen") > 0.5


def test_other_files_of_the_package_are_refused(monkeypatch):
    monkeypatch.setitem(DIGESTS, "vectors", "0" * 64)
    with pytest.raises(InputError, match="wrong word vectors .*expected 000.*Reinstall"):
        packaged_vectors(["the"])
    monkeypatch.setattr("stages.extract.statics.packaged_vectors.PACKAGE", "no_such_package")
    with pytest.raises(InputError, match=r"package not installed .*pip install no-such-package=="):
        packaged_vectors(["the"])


def test_random_numbers_per_word_type():
    found = values("control:random-1600", ["The", "the,", "witch", "the witch"])
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_allclose(found[3], (found[0] + found[2]) / 2, rtol=1e-6)
    assert found.shape == (4, 1600)
    assert (found.min() >= 0) & (found.max() <= 1)
    assert found[0].mean() == pytest.approx(0.5, abs=0.05)
    assert abs(np.corrcoef(found[0], found[2])[0, 1]) < 0.15
    last = values("control:random-1600", ["the witch"], "last")
    np.testing.assert_array_equal(last[0], found[3])


def test_length():
    assert values("control:length", ["the", "old witch"]).tolist() == [[1, 3], [2, 9]]


def test_position_in_run_and_sentence():
    texts = ["The", "old", "witch", "flew.”", "Nobody (looked", "up.) She", "left"]
    found = values("control:position", [*texts, "Then"], runs=["1"] * 7 + ["2"])
    assert found[:, 0].tolist() == [1, 2, 3, 4, 5, 6, 7, 1]
    assert found[:, 1].tolist() == [1, 2, 3, 4, 2, 1, 2, 1]


def test_another_draw_is_of_the_same_words():
    """What two words have in common is in all draws, and nothing else is."""
    texts = ["The", "the,", "witch"]
    draws = [values(f"control:random-400{draw}", texts) for draw in ("", ":0", ":0.4", ":1.4")]
    for found in draws:
        np.testing.assert_array_equal(found[0], found[1])
        assert abs(np.corrcoef(found[0], found[2])[0, 1]) < 5 / np.sqrt(400)
    between = np.corrcoef([found[0] for found in draws]) - np.eye(4)
    assert np.abs(between).max() < 5 / np.sqrt(400)


@pytest.mark.parametrize("string", ["control:length", "control:random-20", "static:GLOVE"])
def test_a_folder_as_any_other_model_s(glove, tmp_path, string):
    words, folder = stimuli(["the", "witch", "flew"]), tmp_path / "out"
    spec = parse_model(string.replace("GLOVE", str(glove)), {})
    assert extract_story(words, spec, settings(), folder) is None
    about, rows = read_about(folder, stimuli_digest(words))
    assert (about.modality, about.pooling, about.context, about.parameters) == (
        *("language", "mean", 5),
        0,
    )
    assert list(about.layers) == ["layer_00"]
    assert about.revision == (sha256(glove) if "GLOVE" in string else "")
    assert rows["id"].tolist() == ["w0", "w1", "w2"]
    layer = load_file(folder / "layer_00.safetensors")["activations"]
    assert layer.shape == (3, about.layers["layer_00"])
    before = about.key
    (glove.write_text(GLOVE + "a 1 1 1\n"))
    assert extract_story(words, spec, settings(), folder) is None
    assert (read_about(folder, stimuli_digest(words))[0].key == before) == ("GLOVE" not in string)


def test_what_is_wrong_is_recorded(tmp_path):
    spec = parse_model("static:/no/such", {})
    told = extract_story(stimuli(["the"]), spec, settings(), tmp_path / "out")
    assert told is not None
    assert read_failure(tmp_path / "out") == told


def test_a_stimulus_of_blanks():
    with pytest.raises(InputError, match="text without a word in stimuli, w1: got ''"):
        values("control:length", ["the", " "])


def test_no_network_is_loaded_for_them():
    code = (
        "import sys, stages.extract.extraction, stages.extract.statics.static_tower;"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=False).returncode == 0
