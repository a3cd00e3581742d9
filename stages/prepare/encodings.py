"""Text files of other people's making: UTF-8, or UTF-16 where its mark says so."""

MARKS = (b"\xff\xfe", b"\xfe\xff")


def decoded(content: bytes, errors: str = "strict") -> str:
    """Decode a text, without the mark before it.

    Parameters
    ----------
    content : bytes
    errors : str
        As of `bytes.decode`.

    Raises
    ------
    UnicodeError
        If it is of another encoding, and errors are strict.
    """
    return content.decode("utf-16" if content[:2] in MARKS else "utf-8-sig", errors)
