"""Networks and modalities side by side, drawn for a page of a paper."""

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from stages.core.names.areas import MIXED, NETWORKS, is_mixed
from stages.core.names.vocabulary import MEAN, UNTRAINED
from stages.core.results.shown import of_people
from stages.plots.kit.multiples import (
    bands,
    finish_lines,
    name_columns,
    network_keys,
    plain,
    small_multiples,
    title_panel,
    zero,
)
from stages.plots.kit.palette import BOTH, MODALITIES, network_color
from stages.plots.kit.panels import INK, dot_key, label_width, paper
from stages.plots.scene.crowds import TABLES, keep_best, with_note
from stages.plots.scene.selection import KINDS, with_names

MOST = 24  # architectures: of more, the best are shown
BAR = 0.38  # share of a network's place that one bar fills
HATCH = "////"  # of regions that are no clear part of their network


def network_bars(networks: pd.DataFrame, models: pd.DataFrame, title: str) -> Figure | None:
    """Draw mean alignment by network, one panel per architecture, subjects as dots.

    The left bar is the trained model (or noise), the right one the mean over its untrained twins;
    below each network stands the mean share of its regions that lies in it, and its bars are
    hatched where that is less than half.
    Of many architectures, those whose left bars are highest are shown.

    Parameters
    ----------
    networks, models : DataFrame
        Tables of the survey, `networks` of one metric.
    title : str

    Returns
    -------
    Figure or None
        None if there is no row.
    """
    table = with_names(of_people(networks), models)
    if table.empty:
        return None
    codes = [code for code in NETWORKS if (table["network"] == code).any()]
    purity = table.groupby("network")["purity"].mean()
    names = [f"{code} {purity[code]:.2f}" for code in codes]
    table["twin"] = table["kind"] == UNTRAINED
    by = ["architecture", "twin", "network", "subject"]
    means = table.groupby(by, sort=False)["score"].mean()
    own = table[~table["twin"]] if not table["twin"].all() else table
    kept, note = keep_best(own, "score", MOST, "architecture")
    architectures = kept["architecture"].unique() if note else table["architecture"].unique()
    title = with_note(title, note, f"{TABLES}/networks.parquet")
    mixed = [bool(purity[code] < MIXED) for code in codes]
    keys = [*_keys(table), *([_mixed_key()] if any(mixed) else [])]
    size = (max(0.32 * len(codes), 1.6), 1.5)
    figure, axes = small_multiples(len(architectures), size, 4 if note else 3, keys)
    for ax, architecture in zip(axes, architectures, strict=True):
        kinds = set(table.loc[table["architecture"] == architecture, "kind"]) - {UNTRAINED}
        color = MODALITIES[kinds.pop()] if len(kinds) == 1 else BOTH
        _bars(ax, means[architecture].reset_index(), dict(zip(codes, mixed, strict=True)), color)
        title_panel(ax, str(architecture), size[0])
        name_columns(ax, names)
    finish_lines(figure, keys, title, "alignment of the best layer")
    return figure


def _bars(ax: Axes, table: pd.DataFrame, mixed: dict[str, bool], color: str) -> None:
    """Draw the bars of networks, those hatched that are told to be mixed."""
    zero(ax)
    codes = list(mixed)
    for twin, side in ((False, -0.5), (True, 0.5)):
        rows = table[table["twin"] == twin]
        means = rows.groupby("network")["score"].mean().reindex(codes)
        at = np.arange(len(codes)) + side * BAR
        bars = ax.bar(at, means, BAR, color=MODALITIES[UNTRAINED] if twin else color, alpha=0.75)
        for bar, some in zip(bars, mixed.values(), strict=True):
            bar.set_hatch(HATCH if some else "")
        dots = at[[codes.index(code) for code in rows["network"]]]
        ax.scatter(dots, rows["score"], s=4, color=INK, lw=0, zorder=3)


def _keys(table: pd.DataFrame) -> list[Artist]:
    colors = {kind: MODALITIES[kind] for kind in KINDS if (table["kind"] == kind).any()}
    towers = table.loc[table["kind"] != UNTRAINED, ["architecture", "kind"]].drop_duplicates()
    if towers["architecture"].duplicated().any():
        colors["both"] = BOTH
    bars = [Patch(color=color, alpha=0.75, label=kind) for kind, color in colors.items()]
    return [*bars, dot_key("one subject")]


def _mixed_key() -> Artist:
    return Patch(fc="none", ec=INK, hatch=HATCH, label="less than half in its network")


def contrast_bars(contrast: pd.DataFrame, title: str) -> Figure | None:
    """Draw how much better language agrees with each region than vision does, subjects as dots.

    Regions are ordered by their mean; many are drawn in bands, one below the other. Bars have the
    colours of the networks, hatched where less than half of the region lies in it.

    Parameters
    ----------
    contrast : DataFrame
        The table of the survey, of one metric.
    title : str

    Returns
    -------
    Figure or None
        None if there is no row, as without a model of either modality.
    """
    if contrast.empty:
        return None
    means = contrast[contrast["subject"] == MEAN].sort_values("difference", kind="stable")
    means["mixed"] = means["region"].map(is_mixed) & means["network"].ne("")
    parts = bands(list(means["region"]))
    names, room = label_width(means["region"]), max(len(parts[0]), 8)
    width = max(min(0.3 * room, 8.0) + 0.8, 5.0)
    figure = paper(width, len(parts) * (1.8 + names) + 0.8)
    axes = figure.subplots(len(parts), 1, sharey=True, squeeze=False)[:, 0]
    people = of_people(contrast)
    for ax, regions in zip(axes, parts, strict=True):
        rows = means.set_index("region").loc[regions]
        colors = [network_color(network) for network in rows["network"]]
        bars = ax.bar(range(len(regions)), rows["difference"], 0.75, color=colors)
        for bar, mixed in zip(bars, rows["mixed"], strict=True):
            bar.set_hatch(HATCH if mixed else "")
        dots = people[people["region"].isin(regions)]
        at = [regions.index(region) for region in dots["region"]]
        ax.scatter(at, dots["difference"], s=5, color=INK, lw=0, zorder=3)
        ax.set_xlim(-0.6, room - 0.4)
        zero(ax)
        plain(ax)
        name_columns(ax, regions)
    keys = [*network_keys(means["network"]), dot_key("one subject")]
    if means["mixed"].any():
        keys.append(_mixed_key())
    finish_lines(figure, keys, title, "language − vision (alignment)")
    return figure
