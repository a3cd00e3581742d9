"""Alignment along the depth of the models, drawn for a page of a paper."""

from collections.abc import Hashable, Mapping

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.typing import LineStyleType

from stages.core.names.vocabulary import UNTRAINED
from stages.plots.kit.multiples import finish_lines, line_key, small_multiples, title_panel, zero
from stages.plots.kit.palette import MODALITIES, NOWHERE, model_colors
from stages.plots.kit.panels import NULL
from stages.plots.scene.crowds import along_depth, band_keys, best_lines, draw_bands
from stages.plots.scene.tables import by_network

REGIONS = 24  # more are drawn as the means of their networks
TWINNED = 8  # models with twins: those of more are drawn together
TWINS, NILI, CEILING = "#8c8c8c", "#f2c9c4", "#b2182b"
DASHES: dict[str, LineStyleType] = {"vision": "-", "language": (0, (4, 1.5))}
LIMITS = ("nili_lower", "nili_upper")
LINES: dict[str, LineStyleType] = {
    "between_subject": ":",
    "between_regions": (0, (3, 1, 1, 1, 1, 1)),
    "ncsnr": "--",
    "split_half": (0, (5, 1, 1, 1)),
}
NAMES = {
    "between_subject": "alignment between subjects",
    "between_regions": "the mean of people, elsewhere",
    "ncsnr": "noise ceiling",
    "split_half": "ceiling from repeats",
    "spearman_brown": "ceiling of the mean of people",
}


def depth_curves(table: pd.DataFrame, ceilings: pd.DataFrame, title: str) -> Figure:
    """Draw alignment along the relative depth of the models, one panel per region.

    Lines are trained models; a grey band holds the untrained twins of one of them, over their
    seeds; a light band holds 95 % of the null of all layers drawn. Lines across are ceilings, a red
    band lies between the lower and the upper ceiling of Nili et al. (2014). More than `REGIONS`
    regions are averaged by network. Of more models of a kind than it has shades, the best are lines
    and all are in the bands of their kind.

    Parameters
    ----------
    table : DataFrame
        As made by `layers_table`, with at least one row.
    ceilings : DataFrame
        As made by `ceilings_table`.
    title : str
    """
    if table["region"].nunique() > REGIONS:
        table, ceilings = by_network(table), _by_network(ceilings)
    trained = table[table["kind"] != UNTRAINED].rename(columns={"model": "name"})
    models = best_lines(trained, "score").drop_duplicates("name")
    colors = model_colors(models)
    keys = _keys(table, ceilings, models, colors)
    keys += band_keys(trained, colors)
    regions = table["region"].unique()
    columns = 4 if len(regions) > 4 else 2
    size = (1.95, 1.5) if columns == 4 else (2.6, 2.0)
    figure, axes = small_multiples(len(regions), size, columns, keys, "relative depth")
    for ax, region in zip(axes, regions, strict=True):
        rows = table[table["region"] == region]
        _panel(ax, rows, ceilings[ceilings["region"] == region], colors)
        title_panel(ax, str(region).replace("_", " "), size[0])
    finish_lines(figure, keys, title, "alignment (mean over subjects)")
    return figure


def _by_network(ceilings: pd.DataFrame) -> pd.DataFrame:
    means = ceilings.groupby(["network", "ceiling_kind"], sort=False)["ceiling"].mean()
    return means.reset_index().assign(region=lambda made: made["network"].replace("", NOWHERE))


def _panel(
    ax: Axes, table: pd.DataFrame, ceilings: pd.DataFrame, colors: Mapping[str, str]
) -> None:
    zero(ax)
    ax.axhspan(table["null_low"].min(), table["null_high"].max(), color=NULL, lw=0, zorder=0)
    twins = table["kind"] == UNTRAINED
    _twins(ax, table[twins], table[~twins].groupby("architecture")["kind"].first().to_dict())
    for modality, every in table[~twins].groupby("kind", sort=False):
        if not every["model"].isin(colors).all():
            draw_bands(ax, along_depth(every, "model"), MODALITIES[str(modality)])
    lined = table[~twins & table["model"].isin(colors)]
    for (model, kind), rows in lined.groupby(["model", "kind"], sort=False):
        line = (rows["depth"], rows["score"])
        ax.plot(*line, "o", ls=DASHES[str(kind)], ms=2, lw=1, color=colors[str(model)])
    limits = ceilings.set_index("ceiling_kind")["ceiling"]
    if set(LIMITS) <= set(limits.index):
        ax.axhspan(*limits[list(LIMITS)], color=NILI, lw=0, zorder=0)
    for kind, ceiling in limits.drop(list(LIMITS), errors="ignore").items():
        ax.axhline(ceiling, color=CEILING, lw=0.8, ls=LINES.get(str(kind), "-."))
    ax.set_xlim(-0.05, 1.05)


def _twins(ax: Axes, table: pd.DataFrame, kinds: Mapping[Hashable, str]) -> None:
    """Draw the range over seeds of the twins of each model, as its kind is drawn.

    Where there are many, bands hold all of them.
    """
    if table["architecture"].nunique() > TWINNED:
        draw_bands(ax, along_depth(table, "model"), TWINS)
        return
    for architecture, rows in table.groupby("architecture", sort=False):
        seeds = rows.groupby("depth")["score"].agg(["min", "mean", "max"])
        ax.fill_between(seeds.index, seeds["min"], seeds["max"], color=TWINS, alpha=0.35, lw=0)
        style = DASHES.get(kinds.get(architecture, ""), "-")
        ax.plot(seeds.index, seeds["mean"], color=TWINS, lw=0.8, ls=style)


def _keys(
    table: pd.DataFrame, ceilings: pd.DataFrame, models: pd.DataFrame, colors: Mapping[str, str]
) -> list[Artist]:
    keys: list[Artist] = []
    for name, kind in models[["name", "kind"]].itertuples(index=False):
        keys.append(line_key(name, colors[name], DASHES[kind]))
    if (table["kind"] == UNTRAINED).any():
        keys.append(Patch(color=TWINS, alpha=0.6, label="untrained twins, all seeds"))
    keys.append(Patch(color=NULL, label="null (95 %)"))
    for kind in ceilings["ceiling_kind"].unique():
        if kind not in LIMITS:
            label = NAMES.get(kind, f"ceiling, {kind}".removesuffix(", "))
            keys.append(line_key(label, CEILING, LINES.get(kind, "-.")))
    if set(LIMITS) <= set(ceilings["ceiling_kind"]):
        keys.append(Patch(color=NILI, label="ceiling, from lower to upper"))
    return keys
