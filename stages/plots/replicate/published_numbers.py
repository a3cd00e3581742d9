"""Published numbers against ours, drawn for a page of a paper."""

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stages.core.results.replications import DIFFERS, MATCHES, WITHIN
from stages.plots.kit.multiples import line_key, plain
from stages.plots.kit.panels import FAINT, INK, label_width, paper
from stages.plots.kit.picture import set_title

COLORS = {MATCHES: "#009e73", WITHIN: "#0072b2", DIFFERS: "#d55e00"}
SPAN = (-0.5, 1.3)  # of the numbers that one pair of axes shows: correlations and shares
PANEL, ROW = 4.2, 0.2  # inches of the square panel, and of a row
FEWEST = 12  # rows of the height of the square panel


def published_numbers(table: pd.DataFrame, title: str) -> Figure | None:
    """Draw published numbers against ours, and name those that differ.

    To the left correlations and shares, with our 95 % intervals and the diagonal; to the right
    every number that does not recompute or is only within its tolerance, as a part of the
    published one.

    Parameters
    ----------
    table : DataFrame
        From `drawn_numbers`.
    title : str

    Returns
    -------
    Figure or None
        None if no number has both.
    """
    known = table[table["published"].notna() & table["ours"].notna()]
    if known.empty:
        return None
    apart = known[known["verdict"].ne(MATCHES) & known["published"].ne(0)]
    names = label_width(apart["name"]) if len(apart) else 0.0
    height = max(PANEL, ROW * max(len(apart), FEWEST)) + 1.2
    figure = paper(PANEL + names + 5.4, height)
    left, right = figure.subplots(1, 2, width_ratios=(PANEL, 3.0))
    _against(left, known)
    _parts(right, apart)
    counts = known["verdict"].value_counts()
    keys: list[Artist] = [
        line_key(f"{verdict} ({counts.get(verdict, 0)})", color, "", marker="o", size=3.5)
        for verdict, color in COLORS.items()
    ]
    figure.legend(handles=keys, loc="outside lower center", ncols=3, fontsize=7, frameon=False)
    set_title(figure, title)
    return figure


def _against(ax: Axes, known: pd.DataFrame) -> None:
    inside = known["published"].between(*SPAN) & known["ours"].between(*SPAN)
    some = known[inside & known["tolerance"].notna()]
    ax.plot(SPAN, SPAN, color=FAINT, lw=0.6, zorder=0)
    for verdict, color in COLORS.items():
        rows = some[some["verdict"].eq(verdict)]
        ax.vlines(rows["published"], rows["low"], rows["high"], color=color, lw=0.5, alpha=0.4)
        ax.scatter(rows["published"], rows["ours"], s=11, c=color, lw=0, zorder=3)
    for row in some[some["verdict"].eq(DIFFERS)].itertuples():
        ax.annotate(
            str(row.quantity),
            (float(row.published), float(row.ours)),  # type: ignore[arg-type]
            (5, -1),
            textcoords="offset points",
            ha="left",
            va="center",
            fontsize=6,
            color=COLORS[DIFFERS],
        )
    ax.set(xlim=SPAN, ylim=SPAN)
    ax.set_box_aspect(1)
    ax.set_xlabel("published, or computed before by other code", fontsize=8)
    ax.set_ylabel("ours, with its 95 % interval", fontsize=8)
    ax.set_title(f"{len(some)} correlations and shares", fontsize=8)
    plain(ax)


def _parts(ax: Axes, apart: pd.DataFrame) -> None:
    at = range(len(apart))
    part = apart["ours"] / apart["published"]
    colors = [COLORS[verdict] for verdict in apart["verdict"]]
    ax.axvline(1, color=FAINT, lw=0.6, zorder=0)
    ax.hlines(at, part, 1.0, color=colors, lw=1)
    ax.scatter(part, at, s=12, c=colors, lw=0, zorder=3)
    for place, row in zip(at, apart.itertuples(), strict=True):
        ax.text(1.22, place, str(row.told), fontsize=6, va="center", color=INK)
    ax.set_yticks(at, list(apart["name"]))
    ax.set_ylim(max(len(apart), 1) - 0.5, -0.5)
    ax.set_xlim(-0.05, 1.7)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1])
    ax.set_xlabel("ours as a part of the published number", fontsize=8)
    ax.set_title("not as published: published → ours", fontsize=8)
    plain(ax)
