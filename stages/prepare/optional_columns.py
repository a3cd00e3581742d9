"""Columns that a table of others may have."""

import pandas as pd

from stages.core.run.errors import InputError


def has_column(table: pd.DataFrame, name: str, where: object) -> bool:
    """Whether a table has a column that it may lack.

    Raises
    ------
    InputError
        If it lacks it, and has one whose name differs in case, or in blanks about it, alone: that
        would be passed over in silence.
    """
    if name in table:
        return True
    near = [own for own in table.columns if str(own).strip().casefold() == name.casefold()]
    if near:
        do = "Rename it; names of columns are told apart by case."
        raise InputError("column misspelt", where=where, expected=name, got=repr(near[0]), do=do)
    return False
