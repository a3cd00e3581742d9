"""Names of files as BIDS has them: `sub-<label>_task-<label>_…_<suffix><extension>`."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from stages.core.run.errors import InputError

# In the order of BIDS 1.11; `stat`, of statistical maps, stands where its draft puts it.
ENTITIES = ("sub", "task", "hemi", "space", "den", "stat", "desc")
_PARTS = re.compile(r"[A-Za-z0-9]+")


def label(name: str) -> str:
    """Make a name a label of letters and digits: `minilm-untrained-0` is `minilmUntrained0`.

    Accents are dropped, and whatever stands between letters and digits begins a capital.

    Raises
    ------
    InputError
        If no letter or digit is left.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    first, *others = list(map(str, _PARTS.findall(plain))) or [""]
    if not first:
        raise InputError(
            "name that cannot be a label",
            expected="a letter from A to Z or a digit in it",
            got=repr(name),
            do="Give it a short name.",
        )
    return first + "".join(part[0].upper() + part[1:] for part in others)


def distinct_labels(names: Iterable[str], what: str) -> dict[str, str]:
    """Make names labels, no two of them the same one.

    Parameters
    ----------
    names : iterable of str
    what : str
        What they name, for the message.

    Raises
    ------
    InputError
        If two names have the same label, upper and lower case being one: not every file system
        tells them apart.
    """
    labels: dict[str, str] = {}
    owners: dict[str, str] = {}
    for name in names:
        found = label(name)
        owner = owners.setdefault(found.casefold(), name)
        if owner != name:
            raise InputError(
                "names that differ in other signs than letters and digits",
                where=what,
                got=f"{owner!r} and {name!r}, both {found}",
                do="Rename one of them.",
            )
        labels[name] = found
    return labels


def joined(*names: str) -> str:
    """Make one label of several names, each from a capital on."""
    return label(" ".join(names))


def file_name(entities: Mapping[str, str], suffix: str, extension: str) -> str:
    """Put the entities in their order.

    Parameters
    ----------
    entities : mapping of str to str
        Labels by any of `ENTITIES`.
    suffix : str
    extension : str
        With the dot.
    """
    pairs = [f"{name}-{entities[name]}" for name in ENTITIES if name in entities]
    return "_".join([*pairs, suffix]) + extension
