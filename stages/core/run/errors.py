"""One grammar for every error a user sees."""

from collections.abc import Iterable
from difflib import get_close_matches


class ConcordError(Exception):
    """A result could not be made.

    Parameters
    ----------
    what : str
        What went wrong.
    where : object, optional
        The file, subject, region or parameter concerned.
    expected, got : object, optional
        What was expected there, and what came instead.
    do : str, optional
        What the user can do about it.
    """

    exit_code = 1

    def __init__(
        self,
        what: str,
        *,
        where: object = None,
        expected: object = None,
        got: object = None,
        do: str | None = None,
    ) -> None:
        parts = [what]
        if where is not None:
            parts.append(f" in {where}")
        if expected is not None:
            parts.append(f": expected {expected}")
        if got is not None:
            parts.append(f"{',' if expected is not None else ':'} got {got}")
        message = "".join(parts)
        super().__init__(_one_line(f"{message}. {do}" if do else message))


def _one_line(text: str) -> str:
    """Say in one line what libraries say in several: the last one that is told must say it all."""
    return " ".join(filter(None, (line.strip() for line in text.splitlines())))


class InputError(ConcordError):
    """The input or a parameter is wrong."""

    exit_code = 2


def out_of_memory(error: BaseException) -> bool:
    """Whether memory was lacking: the machine's, or that of a device.

    PyTorch has a class of its own for the latter, and is not imported for what needs it not.
    """
    return isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Name the known words nearest to a wrong one, or all of them when none is near."""
    options = sorted(known)
    near = get_close_matches(word, options, n=3, cutoff=0.5)
    if near:
        return "Did you mean " + " or ".join(repr(name) for name in near) + "?"
    return "Known: " + ", ".join(options) + "."
