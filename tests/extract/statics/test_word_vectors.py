import numpy as np
import pytest

from stages.core.run.errors import InputError
from stages.extract.statics.word_vectors import WordVectors, forms, read_text_vectors


def read(folder, text, wanted=("a", "b")):
    path = folder / "vectors.txt"
    path.write_text(text)
    vectors, units = read_text_vectors(path, wanted)
    return {word: one.tolist() for word, one in vectors.items()}, units


def test_forms_are_looked_for_in_turn():
    assert forms("Dog's,") == ["Dog's,", "Dog's", "dog's,", "dog's"]
    assert forms("dog") == ["dog"]
    assert forms("—") == ["—"]
    vectors = {"dog": np.ones(2, np.float32), "Dog": np.zeros(2, np.float32)}
    assert WordVectors(vectors, 2, "").find("Dog.").tolist() == [0, 0]
    assert WordVectors(vectors, 2, "").find("DOG").tolist() == [1, 1]
    assert WordVectors(vectors, 2, "").find("cat") is None


def test_files_with_and_without_a_header(tmp_path):
    expected = {"a": [1.0, 2.0], "b": [-0.5, 3.0]}
    body = "a 1 2\nc 9 9\nb -.5 3e0 \na 7 7\n"
    assert read(tmp_path, body) == (expected, 2)
    assert read(tmp_path, f"4 2\n{body}") == (expected, 2)


def test_words_may_have_blanks(tmp_path):
    found, units = read(tmp_path, "a 1 2\nat name@b 3 4\n. . 5 6\n", ("at name@b", ". ."))
    assert (found, units) == ({"at name@b": [3.0, 4.0], ". .": [5.0, 6.0]}, 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a 1 2\nb 1\n", r"line 2: expected a word and 2 numbers, got 'b 1'"),
        ("a 1\n", r"line 1: expected a word and 1 numbers, got 'a 1'"),
        ("a\n", r"line 1: expected a word and some numbers"),
        ("2 2\na 1 2\n", "file cut short .*expected 2 words, got 1"),
        ("1 2\na 1 2\nb 1 2\n", "expected 1 words, got 2"),
        ("a 1 x\n", "line 1: expected a word and 2 numbers"),
        ("a 1 nan\n", "numbers that are finite"),
        ("a 1 3.5e38\n", "numbers that are finite"),
        ("a " + "1" * 60 + " x\n", "got 'a 1{38}…'"),
    ],
)
def test_what_is_no_such_file_is_told_with_its_line(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read(tmp_path, text)
    assert read(tmp_path, "a 1 3.4e38\n")[1] == 2


def test_other_encodings_are_refused(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("né 1 2\n".encode("latin-1"))
    with pytest.raises(InputError, match="unreadable word vectors"):
        read_text_vectors(path, ["a"])
