"""The models of the zoo as lines of text."""

import pandas as pd


def roll_call(models: pd.DataFrame) -> list[tuple[str, bool]]:
    """Describe every model in a line, below a line of headings.

    Parameters
    ----------
    models : DataFrame
        The table `models` of the survey; `error` is empty where the model ran.

    Returns
    -------
    list of (str, bool)
        The line, and whether the model failed.
    """
    cells: list[tuple[str, ...]] = [("model", "string", "modality", "parameters", "layers")]
    for row in models.to_dict("records"):
        name, string = str(row["model"]), str(row["string"])
        if row["error"]:
            cells.append((name, string, f"failed: {row['error']}", "", ""))
        else:
            parameters = f"{row['parameters']:,.0f}"
            cells.append((name, string, str(row["modality"]), parameters, f"{row['layers']:.0f}"))
    lines = _align(cells)
    return [(lines[0], False), *zip(lines[1:], models["error"] != "", strict=True)]


def _align(cells: list[tuple[str, ...]]) -> list[str]:
    """Pad the cells of every column, but the last that a line has, to the same width."""
    whole = [row for row in cells if row[-1]]
    widths = [max(len(row[k]) for row in (cells if k < 2 else whole)) for k in range(len(cells[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]
