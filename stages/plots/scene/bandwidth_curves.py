"""Alignment at every bandwidth of the kernel, drawn for a page of a paper."""

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stages.core.names.areas import NETWORKS
from stages.core.results.shown import of_people
from stages.plots.kit.multiples import finish_lines, line_key, small_multiples, title_panel, zero
from stages.plots.kit.palette import MODALITIES, NOWHERE, model_colors
from stages.plots.kit.panels import INK
from stages.plots.scene.crowds import band_keys, best_lines, draw_bands
from stages.plots.scene.depth_curves import DASHES
from stages.plots.scene.selection import of_trained, ordered_regions

REGIONS = 12  # more are averaged by network, where networks are known
LINEAR = 3.0  # the linear kernel stands this many times farther right than the widest bandwidth


def bandwidth_table(bandwidth: pd.DataFrame, regions: pd.DataFrame) -> pd.DataFrame:
    """Average scores at every bandwidth over subjects, by region or, where many, by network.

    Parameters
    ----------
    bandwidth, regions : DataFrame
        Tables of the survey, `bandwidth` with columns name and kind.

    Returns
    -------
    DataFrame
        Columns name, kind, place (region or network), bandwidth (ascending, inf for the linear
        kernel) and score. Biased scores are left out where others are there.
    """
    table = of_people(bandwidth)
    if not table["biased"].all():
        table = table[~table["biased"]]
    order = ordered_regions(regions)["region"]
    places = [region for region in order if (table["region"] == region).any()]
    table = table.assign(place=table["region"])
    if len(places) > REGIONS and table["network"].ne("").any():
        table = table.assign(place=table["network"].replace("", NOWHERE))
        places = [name for name in (*NETWORKS, NOWHERE) if (table["place"] == name).any()]
    by = ["name", "kind", "place", "bandwidth"]
    means = table.groupby(by, sort=False)["score"].mean().reset_index()
    ranks = means["place"].map({place: rank for rank, place in enumerate(places)})
    means = means.assign(rank=ranks).sort_values(["rank", "bandwidth"], kind="stable")
    return means.drop(columns="rank").reset_index(drop=True)


def bandwidth_curves(
    bandwidth: pd.DataFrame, regions: pd.DataFrame, models: pd.DataFrame, title: str
) -> Figure | None:
    """Draw the alignment of trained models against the bandwidth of the kernel.

    A ring marks the best bandwidth. The linear kernel, to which wide ones tend, stands at the end.
    Of more models of a kind than it has shades, the best are lines and all are in the bands.

    Parameters
    ----------
    bandwidth, regions, models : DataFrame
        Tables of the survey.
    title : str

    Returns
    -------
    Figure or None
        None if no bandwidth was measured.
    """
    table = bandwidth_table(of_trained(bandwidth, models), regions)
    if not np.isfinite(table["bandwidth"]).any():
        return None
    end = LINEAR * float(table.loc[np.isfinite(table["bandwidth"]), "bandwidth"].max())
    table = table.assign(at=table["bandwidth"].replace(np.inf, end))
    shown = best_lines(table, "score").drop_duplicates("name")
    colors, places = model_colors(shown), table["place"].unique()
    keys: list[Artist] = [
        line_key(name, colors[name], DASHES[kind])
        for name, kind in shown[["name", "kind"]].itertuples(index=False)
    ]
    keys += band_keys(table, colors)
    keys.append(line_key("best bandwidth", INK, "", marker="o", size=5, face="none"))
    across, columns = "bandwidth (median distances)", 4 if len(places) > 2 else 2
    figure, axes = small_multiples(len(places), (1.9, 1.6), columns, keys, across, least=5.0)
    for ax, place in zip(axes, places, strict=True):
        here = table[table["place"] == place]
        for kind, rows in here.groupby("kind", sort=False):
            if not rows["name"].isin(colors).all():
                curves = rows.pivot_table(index="name", columns="at", values="score")
                draw_bands(ax, curves, MODALITIES[str(kind)])
        lined = here[here["name"].isin(colors)]
        for (name, kind), rows in lined.groupby(["name", "kind"], sort=False):
            _line(ax, rows, colors[str(name)], str(kind), end)
        title_panel(ax, str(place).replace("_", " "), 1.8)
        _scale(ax, table, end)
    finish_lines(figure, keys, title, "alignment (mean over subjects)")
    return figure


def _line(ax: Axes, table: pd.DataFrame, color: str, kind: str, end: float) -> None:
    finite = table[table["at"] < end]
    ax.plot(finite["at"], finite["score"], ls=DASHES[kind], color=color, lw=1)
    ax.plot(table["at"], table["score"], "o", color=color, ms=2)
    peak = table[(table["score"] == table["score"].max()) & (table["score"] > 0)].head(1)
    ax.plot(peak["at"], peak["score"], "o", ms=5, mfc="none", mec=color)


def _scale(ax: Axes, table: pd.DataFrame, end: float) -> None:
    """Name the bandwidths that there is room for, and the linear kernel."""
    zero(ax)
    ax.set_xscale("log")
    found = np.unique(table.loc[table["at"] < end, "at"])
    named = found[:: max(1, -(-len(found) // 5))]
    linear = bool((table["at"] == end).any())
    ends = [end] if linear else []
    labels = [*(f"{value:g}" for value in named), *(["linear"] if linear else [])]
    ax.set_xticks([*named, *ends], labels, fontsize=6)
    ax.minorticks_off()
