"""Files that are well-formed and mean something else, and what must come of each.

A form changes the structure of a file and leaves its container whole. What must come of it is said
here, before any command is run: `REFUSED` in one line; `EQUAL` output, where the change means
nothing (a refusal in one line is no harm); or `DIFFERENT` output, where it is another input that
somebody could as well have meant.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.chaos.trial import UnfitError

Rng = np.random.Generator
Change = Callable[[Path, Rng], None]
REFUSED, EQUAL, DIFFERENT = "refused", "equal", "different"


@dataclass(frozen=True)
class Form:
    """Another structure of a file.

    Attributes
    ----------
    change : callable
        Rewrites the file; raises `UnfitError` where it cannot have this structure.
    expected : str
        What must come of it: `REFUSED`, `EQUAL` or `DIFFERENT`.
    """

    change: Change
    expected: str


def apply(form: Form, path: Path, rng: Rng) -> None:
    """Give a file another structure.

    Raises
    ------
    UnfitError
        If it cannot have this one, or has it already.
    """
    before = path.read_bytes()
    form.change(path, rng)
    if path.read_bytes() == before:
        raise UnfitError


def forms(prefix: str, expected: str, *changes: Change) -> dict[str, Form]:
    """Name forms of which the same must come."""
    return {f"{prefix}_{change.__name__}": Form(change, expected) for change in changes}
