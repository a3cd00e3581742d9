"""The members of a family: what was found at each checkpoint, and how well it performed.

A folder `data/families/<study>/<family>/`:

- a folder per member, named by it: see `stages.core.activations.activations`;
- `members.parquet`: one row per member, in the order of the family;
- `performance.parquet`: one row per member and measure.
"""

from pathlib import Path

import pandas as pd

from stages.core.run.tables import read_table, write_table

# What places a member in its family: of which training it is, and how far along.
PLACE = ("family", "member", "size", "seed", "weights", "step", "seen")
MEMBER_COLUMNS = (*PLACE, "unit", "string", "parameters", "digest", "error", "set_aside")
PERFORMANCE_COLUMNS = (*PLACE, "measure", "value")
_INTEGERS = ("seed", "step")
_FLOATS = ("seen", "parameters", "value")


def member_table(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Make the table of members, columns `MEMBER_COLUMNS`."""
    return _typed(pd.DataFrame(rows, columns=list(MEMBER_COLUMNS)))


def performance_table(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Make the table of performance, columns `PERFORMANCE_COLUMNS`."""
    return _typed(pd.DataFrame(rows, columns=list(PERFORMANCE_COLUMNS)))


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    kinds = dict.fromkeys(_INTEGERS, "int64") | dict.fromkeys(_FLOATS, "float64")
    return table.astype({name: kinds.get(name, "str") for name in table.columns})


def write_members(folder: Path, members: pd.DataFrame, performance: pd.DataFrame) -> None:
    """Write both tables of a family, the members last."""
    write_table(folder / "performance.parquet", performance)
    write_table(folder / "members.parquet", members)


def read_members(folder: Path) -> pd.DataFrame:
    """Read the table of members.

    Raises
    ------
    InputError
        If it is missing or has other columns.
    """
    return read_table(
        folder / "members.parquet", MEMBER_COLUMNS, "Run `dvc repro data/training/dvc.yaml`."
    )


def read_performance(folder: Path) -> pd.DataFrame:
    """Read the table of performance; raises like `read_members`."""
    return read_table(
        folder / "performance.parquet",
        PERFORMANCE_COLUMNS,
        "Run `dvc repro data/training/dvc.yaml`.",
    )


def usable(members: pd.DataFrame) -> pd.DataFrame:
    """Leave out the members that could not be run, and those that were set aside."""
    good = members[(members["error"] == "") & (members["set_aside"] == "")]
    return good.reset_index(drop=True)
