"""Columns that a table of others may have, and keys that a description may."""

from collections.abc import Iterable

from stages.core.run.errors import InputError


def has_name(names: Iterable[object], name: str, where: object) -> bool:
    """Whether a column or key is there that may be absent.

    Raises
    ------
    InputError
        If it is absent, and one is there whose name differs in case, or in blanks about it, alone:
        that would be passed over in silence.
    """
    there = list(names)
    if name in there:
        return True
    near = [own for own in there if str(own).strip().casefold() == name.casefold()]
    if near:
        do = "Rename it: names are told apart by case."
        raise InputError("misspelt name", where=where, expected=name, got=repr(near[0]), do=do)
    return False
