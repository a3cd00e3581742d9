import pytest

from stages.prepare.encodings import decoded


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_texts_of_either_encoding_are_read_without_their_mark(encoding):
    assert decoded("naïve 中".encode(encoding)) == "naïve 中"


def test_the_mark_of_either_order_of_bytes_is_known():
    assert decoded(b"\xfe\xff" + "né".encode("utf-16-be")) == "né"
    assert decoded(b"\xff\xfe" + "né".encode("utf-16-le")) == "né"


def test_another_encoding_is_an_error_unless_it_is_asked_for():
    with pytest.raises(UnicodeError):
        decoded("né".encode("latin-1"))
    assert decoded("né".encode("latin-1"), "replace") == "n\ufffd"
