"""Columns that a table of others may have, and keys that a description may."""

from collections.abc import Collection

from stages.core.run.errors import InputError


def has_name(names: Collection[object], name: str, where: object) -> bool:
    """Whether a column or key is there that may be absent; raises as `check_spelling` does."""
    check_spelling(names, name, where)
    return name in names


def check_spelling(names: Collection[object], name: str, where: object) -> None:
    """Hold that a name that may be absent is not there in another spelling.

    Raises
    ------
    InputError
        If it is absent, and one is there that differs in case, or in blanks about it, alone: that
        would be passed over in silence.
    """
    near = [own for own in names if str(own).strip().casefold() == name.casefold()]
    if near and name not in near:
        do = "Rename it: names are told apart by case."
        raise InputError("misspelt name", where=where, expected=name, got=repr(near[0]), do=do)
