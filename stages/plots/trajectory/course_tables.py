"""The tables that the pictures of training are drawn from, and what is picked from them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from stages.core.names.vocabulary import (
    ALIGNMENT,
    CHOSEN,
    EVERYWHERE,
    GROUP,
    MEAN,
    PERFORMANCE,
)
from stages.core.results.leaks import MARK
from stages.core.results.typed_tables import Columns, empty_table, number, read_typed, text
from stages.core.run.errors import InputError
from stages.core.run.origins import together
from stages.core.run.tables import read_table

HALF = 0.5
LINE = ["of", "size", "weights"]
_SERIES = text("of", "size", "weights", "side", "measure", "layer", "region", "subject")
_MEAN = number("low", "high", "n_runs", "n_left_out") | text("reason")
TABLES: dict[str, Columns] = {
    "curves": _SERIES
    | text("choice")
    | number("seed", "step", "seen", "value", "gain")
    | number("null_mean", "null_sd"),
    "bands": _SERIES | text("quantity") | number("step", "seen", "mean") | _MEAN,
    "run_onsets": _SERIES | text("shape") | number("seed", "share", "octave"),
    "onsets": _SERIES | number("share", "octave") | _MEAN,
    "leads": text("of", "size", "weights", "metric", "region", "measure", "over", "verdict")
    | number("share", "lead", "null_mean", "null_sd")
    | _MEAN,
    "controls": text("of", "size", "weights", "control", "region", "over", "verdict")
    | number("difference", "low", "high"),
}
TRAINED = number("step", "seen", "lr", "loss") | text("weights")


@dataclass(frozen=True)
class Trajectories:
    """What `trajectory` found out about the families of a study.

    Attributes
    ----------
    curves, bands, run_onsets, onsets, leads, controls : DataFrame
        The columns of `TABLES`.
    """

    curves: pd.DataFrame
    bands: pd.DataFrame
    run_onsets: pd.DataFrame
    onsets: pd.DataFrame
    leads: pd.DataFrame
    controls: pd.DataFrame


def read_trajectories(folder: Path) -> Trajectories:
    """Read the tables of a study; those without rows may lack their columns.

    Raises
    ------
    InputError
        If a file is missing or unreadable, or a column is absent or of another kind; or if the
        tables do not belong together.
    """
    do = f"Run `dvc repro data/training/dvc.yaml:trajectory_{folder.name}`."
    together(*(folder / f"{name}.parquet" for name in TABLES), do=do)
    return Trajectories(**{name: _read(folder / f"{name}.parquet", name, do) for name in TABLES})


def _read(path: Path, name: str, do: str) -> pd.DataFrame:
    columns = TABLES[name]
    if read_table(path, [], do).empty:
        return empty_table(columns)
    table = read_typed(path, columns, do)
    if "side" in columns:
        whole = table["side"].eq(PERFORMANCE) | table["subject"].isin([GROUP, MEAN])
        table = table[whole].reset_index(drop=True)
    return table


def read_training(folder: Path | None) -> pd.DataFrame:
    """Read the learning curves of a folder.

    Parameters
    ----------
    folder : Path, optional
        One CSV per run: step, seen, weights, lr (learning rate), loss (mean training loss since
        the row before) and measures of held-out material. It may be absent or empty.

    Returns
    -------
    DataFrame
        All rows, with `run` (name of the file) first.

    Raises
    ------
    InputError
        If a file is no such table.
    """
    parts = [_curve(path) for path in sorted(folder.glob("*.csv"))] if folder else []
    known = [part for part in parts if len(part)]
    return pd.concat(known, ignore_index=True) if known else empty_table(text("run") | TRAINED)


def _curve(path: Path) -> pd.DataFrame:
    do = "Run the stage of `train` that makes it."
    try:
        table = pd.read_csv(path, keep_default_na=False, na_values={"loss": [""]})
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise InputError("unreadable CSV", where=path, got=error, do=do) from error
    absent = [name for name in TRAINED if name not in table]
    if absent:
        got = list(table)[:10]
        raise InputError("column missing", where=path, expected=absent, got=got, do=do)
    table = table.assign(weights=table["weights"].astype(str))
    for name in table.columns.drop("weights"):
        try:
            table[name] = pd.to_numeric(table[name].replace("", None))
        except (ValueError, TypeError) as error:
            where = f"{path}, column {name}"
            raise InputError("wrong kind of values", where=where, got=error, do=do) from error
    table.insert(0, "run", path.stem)
    return table


def main_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Select alignment as a whole: the layer chosen, the mean over regions."""
    whole = table["layer"].eq(CHOSEN) & table["region"].eq(EVERYWHERE)
    return table[table["side"].eq(ALIGNMENT) & whole]


def choices(curves: pd.DataFrame) -> str:
    """Say on what the layers of the curves of alignment were chosen."""
    return " or ".join(dict.fromkeys(curves.loc[curves["layer"].eq(CHOSEN), "choice"]))


def leaks(curves: pd.DataFrame) -> str:
    """Say so where folds were shuffled; else nothing."""
    return MARK if curves["measure"].str.endswith(MARK).any() else ""


def line_name(of: str, size: str, weights: str) -> str:
    """Name the runs of one family, size and kind of weights."""
    return " ".join(part for part in (of, size, weights) if part)


def control_lines(made: Trajectories) -> dict[str, str]:
    """Name the line of the control of each line that has one, of the same size and weights."""
    controls = beside_controls(made.controls)
    lines = made.curves[LINE].drop_duplicates()
    both = lines.merge(controls[["of", "weights", "control"]], on=["of", "weights"])
    rows = both[[*LINE, "control"]].itertuples(index=False)
    return {line_name(*line): line_name(control, *line[1:]) for *line, control in rows}


def with_lines(table: pd.DataFrame) -> pd.DataFrame:
    """Add `line`, the name of each row's family, size and kind of weights, as first column."""
    names = [line_name(*row) for row in table[LINE].itertuples(index=False)]
    return pd.concat([pd.Series(names, table.index, str, "line"), table], axis=1)


def by_line(table: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Go through the rows of each family, size and kind of weights, in order."""
    for name, rows in table.groupby("line", sort=False):
        yield str(name), rows


def beside_controls(controls: pd.DataFrame) -> pd.DataFrame:
    """Pick what is said of families as a whole beside their controls: one row for each."""
    whole = controls["region"].eq(EVERYWHERE) & controls["size"].eq("")
    return controls[whole & controls["over"].eq("runs")]


def run_counts(curves: pd.DataFrame) -> dict[str, int]:
    """Count the runs of every line."""
    return {name: rows["seed"].nunique() for name, rows in by_line(with_lines(curves))}
