"""Tables of text that others wrote, whose rows have the cells that the header names."""

import warnings
from pathlib import Path
from typing import Any

import pandas as pd
from pandas.errors import ParserWarning

from stages.core.run.errors import InputError
from stages.core.run.files import require_file


def read_delimited(path: Path, do: str, **options: Any) -> pd.DataFrame:
    """Read a table of text.

    Left to itself, pandas takes the first cell of rows with a cell more than the header for the
    name of the row, and puts all others under the name beside their own.

    Parameters
    ----------
    path : Path
    do : str
        What to do about a file that is none.
    **options
        Of `pandas.read_csv`.

    Returns
    -------
    DataFrame
        Separators at the end of rows make no column.

    Raises
    ------
    InputError
        If the file is missing, empty or no such table, or a row has more cells than the header.
    """
    require_file(path, do)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ParserWarning)
        try:
            table: pd.DataFrame = pd.read_csv(path, index_col=False, **options)
        except (ValueError, ParserWarning) as error:
            long = isinstance(error, ParserWarning)
            got = "rows with more cells than the header" if long else error
            raise InputError("unreadable table", where=path, got=got, do=do) from error
    return table
