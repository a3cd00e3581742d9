"""Time to half and final gain by the size of the network, drawn for a page of a paper."""

import re

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stages.plots.kit.model_lines import COLORS, MARKERS
from stages.plots.kit.multiples import finish_lines, line_key, plain, title_panel, zero
from stages.plots.kit.panels import paper
from stages.plots.trajectory.course_tables import HALF, Trajectories, line_name, main_rows
from stages.plots.trajectory.seen_axis import round_octaves

SIZE = (6.6, 3.0)  # inches
BESIDE = 0.6  # of the room of a size, for all its families
FACTORS = {"k": 1e3, "m": 1e6, "b": 1e9}
BY = ["of", "size", "weights"]


def sizes_table(made: Trajectories) -> pd.DataFrame:
    """Set time to half beside final gain, for every family, size and kind of weights.

    Returns
    -------
    DataFrame
        line (family and weights), of, size, weights, n_runs, `octave` (of half of the rise) and
        `gain` (at the last step), each with `_low` and `_high`. No rows if no family has sizes.
    """
    half = main_rows(made.onsets[made.onsets["share"].eq(HALF)])
    gain = main_rows(made.bands[made.bands["quantity"].eq("gain")])
    last = gain[gain["step"].eq(gain.groupby(BY, sort=False)["step"].transform("max"))]
    parts = [
        half[[*BY, "octave", "low", "high"]].rename(columns=_ends("octave")),
        last[[*BY, "mean", "low", "high", "n_runs"]].rename(columns=_ends("gain")),
    ]
    table = parts[0].merge(parts[1], on=BY)
    counts = table.groupby(["of", "weights"], sort=False)["size"].transform("nunique")
    table = table[counts > 1]
    names = [
        line_name(of, "", kind) for of, kind in zip(table["of"], table["weights"], strict=True)
    ]
    table = table.assign(line=pd.Series(names, table.index, str))
    numbers = [f"{name}{end}" for name in ("octave", "gain") for end in ("", "_low", "_high")]
    table[numbers] = table[numbers].round(4)
    return table[["line", *BY, "n_runs", *numbers]].reset_index(drop=True)


def _ends(name: str) -> dict[str, str]:
    return {"mean": name, "low": f"{name}_low", "high": f"{name}_high"}


def by_size(sizes: list[str]) -> list[str]:
    """Order sizes by the number that they begin or end with, in its unit; others as they come."""
    return sorted(dict.fromkeys(sizes), key=_amount)


def _amount(size: str) -> float:
    found = re.search(r"([0-9]+(?:\.[0-9]+)?)([kmb]?)", size.lower())
    return float(found[1]) * FACTORS.get(found[2], 1.0) if found else np.inf


def size_overview(made: Trajectories, unit: str, title: str) -> Figure | None:
    """Draw dots by size, one colour per family.

    Returns
    -------
    Figure or None
        None if no family has more than one size.
    """
    table = sizes_table(made)
    if table.empty:
        return None
    sizes, names = by_size(list(table["size"])), list(table["line"].unique())
    figure = paper(*SIZE)
    left, right = figure.subplots(1, 2)
    for place, name in enumerate(names):
        rows = table[table["line"].eq(name)]
        aside = BESIDE * ((place + 0.5) / len(names) - 0.5)
        across = np.array([sizes.index(size) for size in rows["size"]]) + aside
        for ax, column in ((left, "octave"), (right, "gain")):
            _dots(ax, across, rows, column, place)
    zero(right)
    _octaves(left, table)
    for ax, what in ((left, f"time to half: {unit}"), (right, "gain in alignment, last step")):
        plain(ax)
        ax.set_xticks(range(len(sizes)), sizes, fontsize=7)
        ax.set_xlim(-0.5, len(sizes) - 0.5)
        title_panel(ax, what, SIZE[0] / 2)
    keys = [
        line_key(name, COLORS[place % len(COLORS)], "", marker=_marker(place), size=4.5)
        for place, name in enumerate(names)
    ]
    keys.append(line_key("one run: no interval", "black", "", marker="o", size=4.5, face="white"))
    finish_lines(figure, keys if _alone(table) else keys[:-1], title, "")
    return figure


def _alone(table: pd.DataFrame) -> bool:
    return bool(table[["octave_low", "gain_low"]].isna().any(axis=None))


def _marker(place: int) -> str:
    return MARKERS[place // len(COLORS) % len(MARKERS)]


def _dots(
    ax: Axes,
    across: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    rows: pd.DataFrame,
    column: str,
    place: int,
) -> None:
    color = COLORS[place % len(COLORS)]
    certain = rows[f"{column}_low"].notna().to_numpy()
    low, high = (rows.loc[certain, f"{column}_{end}"] for end in ("low", "high"))
    ax.vlines(across[certain], low, high, color=color, lw=1)
    for x, y, sure in zip(across, rows[column], certain, strict=True):
        face = color if sure else "white"
        ax.plot(x, y, _marker(place), ms=4.5, mfc=face, mec=color, mew=0.9)


def _octaves(ax: Axes, table: pd.DataFrame) -> None:
    """Name the amounts that octaves are; a wide interval does not widen the axis beyond them."""
    known = table["octave"].dropna()
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    room = max(0.6 * (high - low), 1.0)
    ax.set_ylim(low - room, high + room)
    ax.set_yticks(*round_octaves(low - room, high + room))
