"""What the folder of the calibration holds: the picture and its data, by the name of the file."""

import pandas as pd

from stages.core.results.calibrations import (
    CONSERVATIVE,
    COVERAGE,
    FALSE_POSITIVES,
    LIBERAL,
    OURS,
)
from stages.plots.calibrate.calibration_dots import LAYOUTS, calibration_dots
from stages.plots.kit.picture import Files, Picture, counted

FOLDER = "calibrate"


def calibrate_files(table: pd.DataFrame) -> Files:
    """Draw how often tests and intervals are wrong.

    Parameters
    ----------
    table : DataFrame
        From `read_calibrations`.
    """
    drawn = drawn_cases(table)
    files: Files = {f"{FOLDER}/rates.csv": drawn.drop(columns=["name", "drawn"])}
    judged = drawn[drawn["asks"].isin((FALSE_POSITIVES, COVERAGE)) & drawn["method"].eq(OURS)]
    counts = judged["verdict"].value_counts()
    title = (
        f"How often tests and intervals are wrong, on simulated data: of {len(judged)} of ours "
        f"{counts.get(LIBERAL, 0)} liberal, {counts.get(CONSERVATIVE, 0)} conservative"
    )
    figure = calibration_dots(drawn, title)
    if figure is not None:
        caption = (
            f"{counted(len(drawn), 'case')}; lines are 95 % binomial intervals, of as many "
            "independent simulations as there are in effect; the grey line is what is claimed; "
            "liberal: the interval lies beyond it; means of estimates are in the data alone."
        )
        files[f"{FOLDER}/rates.png"] = Picture(figure, caption, f"{FOLDER}/rates.csv")
    return files


def drawn_cases(table: pd.DataFrame) -> pd.DataFrame:
    """Name the rows of the picture.

    Returns
    -------
    DataFrame
        The columns of the table, `drawn` (the layout, where it is told by a mark) and `name`.
    """
    drawn = table["layout"].where(table["layout"].isin(LAYOUTS), "")
    named = table["layout"].where(drawn.eq(""), "")
    names = [
        f"{row['stage']} {row['test']}: "
        + ", ".join(part for part in (layout, row["situation"]) if part)
        + ("" if row["method"] == OURS else f" — {row['method']}")
        for row, layout in zip(table.to_dict("records"), named, strict=True)
    ]
    return table.assign(drawn=drawn, name=names)
