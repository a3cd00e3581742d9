"""How areas align with each other, drawn as squares."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from stages.core.names.areas import NETWORKS, networks_in
from stages.core.names.vocabulary import SIGNIFICANT
from stages.core.results.area_alignment import KINDS, PEOPLE, PEOPLE_APART
from stages.plots.kit.multiples import title_panel
from stages.plots.kit.palette import NOWHERE
from stages.plots.kit.panels import INK, NULL, ink, label_width, paper, strongest
from stages.plots.kit.picture import set_title

PANEL = 2.9  # inches of a side
NAMED = 45  # areas: of more, networks are named in place of areas
NUMBERED = 10  # areas: of more, numbers would not be legible
AREA = ["region", "hemisphere"]
OTHER = ["second_region", "second_hemisphere"]
BY_CEILING = ", by ceiling"


def area_means(areas: pd.DataFrame) -> pd.DataFrame:
    """Average alignment over people and pairs of them; two areas stand in either order.

    Parameters
    ----------
    areas : DataFrame
        From `stages.core.results.area_alignment.read_areas`.

    Returns
    -------
    DataFrame
        Columns dataset, parts, kind, region, hemisphere, second_region, second_hemisphere, score,
        ceiling (missing where there is none), share (mean score by mean ceiling, of the pairs that
        have one), found (share of pairs with q < .05, missing where none was tested) and pairs
        (scores behind the mean).
    """
    others = (areas[AREA].to_numpy() != areas[OTHER].to_numpy()).any(axis=1)
    names = dict(zip([*AREA, *OTHER], [*OTHER, *AREA], strict=True))
    turned: pd.DataFrame = areas.loc[others].rename(columns=names)
    both = pd.concat([areas, turned], ignore_index=True)
    both = both.assign(
        found=(both["q"] < SIGNIFICANT).astype(float).where(both["q"].notna()),
        bounded=both["score"].where(both["ceiling"].notna()),
    )
    groups = both.groupby(["dataset", "parts", "kind", *AREA, *OTHER], sort=False)
    means = groups[["score", "ceiling", "found", "bounded"]].mean()
    means = means.assign(pairs=groups.size()).reset_index()
    return means.assign(share=means["bounded"] / means["ceiling"]).drop(columns="bounded")


def area_squares(means: pd.DataFrame, title: str) -> Figure | None:
    """Draw a square of each kind of alignment; first that of people's, divided by its ceiling.

    A dot says that q < .05 in most pairs of people. Areas stand by network, in the order of Yeo et
    al.; each square has its own scale of colours.

    Parameters
    ----------
    means : DataFrame
        Made by `area_means`, of whole areas or of those of hemispheres.
    title : str

    Returns
    -------
    Figure or None
        None if there are fewer than two areas.
    """
    order = _ordered(means)
    if len(order) < 2:
        return None
    found = [kind for kind in KINDS if (means["kind"] == kind).any()]
    panels = {kind: _square(means[means["kind"] == kind], order, "score") for kind in found}
    chosen = next((kind for kind in (PEOPLE_APART, PEOPLE) if kind in found), None)
    if chosen and means.loc[means["kind"] == chosen, "share"].notna().any():
        name = chosen + BY_CEILING
        shares = _square(means[means["kind"] == chosen], order, "share")
        panels = {name: shares, **panels}
    names = _names(order)
    columns = min(len(panels), 3 if len(panels) > 4 else 2)
    rows = -(-len(panels) // columns)
    side = PANEL if len(order) <= NUMBERED * 2 else 1.35 * PANEL
    edge = label_width(names)
    figure = paper(columns * (side + 0.75) + edge, rows * (side + 0.35) + edge + 0.4)
    axes = list(figure.subplots(rows, columns, squeeze=False).flat)
    for place, (name, values) in enumerate(panels.items()):
        ax = axes[place]
        image = _draw(ax, values, _square(_of(means, name), order, "found"))
        title_panel(ax, name, side)
        _label(ax, order, names, below=place + columns >= len(panels), left=place % columns == 0)
        bar = figure.colorbar(image, ax=ax, pad=0.02, fraction=0.045)
        bar.ax.tick_params(labelsize=6)
        bar.outline.set_visible(False)
    for ax in axes[len(panels) :]:
        ax.remove()
    set_title(figure, title)
    return figure


def _of(means: pd.DataFrame, name: str) -> pd.DataFrame:
    """Rows of the kind that a panel is of."""
    return means[means["kind"] == name.removesuffix(BY_CEILING)]


def _ordered(means: pd.DataFrame) -> pd.DataFrame:
    """List areas by hemisphere and network, then as the table has them."""
    table = means[AREA].drop_duplicates().reset_index(drop=True)
    known = networks_in(str(means["dataset"].iloc[0]), table["region"]) if len(means) else {}
    networks = [known[name] for name in table["region"]]
    ranks = [list(NETWORKS).index(name) if name in NETWORKS else len(NETWORKS) for name in networks]
    table = table.assign(network=networks, rank=ranks)
    return table.sort_values(["hemisphere", "rank"], kind="stable").reset_index(drop=True)


def _square(rows: pd.DataFrame, order: pd.DataFrame, column: str) -> pd.DataFrame:
    wide = rows.pivot_table(index=AREA, columns=OTHER, values=column)
    places = pd.MultiIndex.from_frame(order[AREA])
    return wide.reindex(index=places, columns=places.set_names(OTHER))


def _draw(ax: Axes, values: pd.DataFrame, found: pd.DataFrame) -> AxesImage:
    top = strongest([values]) if values.notna().any(axis=None) else 1.0
    image = ax.imshow(values, cmap="RdBu_r", vmin=-top, vmax=top)
    inks, numbers = ink(values, top), values.to_numpy(float)
    if len(values) <= NUMBERED:
        for i, j in np.argwhere(np.isfinite(numbers)):
            text = f"{numbers[i, j]:.2f}"
            ax.text(j, i - 0.1, text, size=5.5, c=inks[i, j], ha="center", va="center")
    if len(values) <= NAMED:
        drop = 0.3 if len(values) <= NUMBERED else 0.0
        rows, columns = (found.to_numpy(float) > 0.5).nonzero()
        size = 400 / len(values) ** 2
        colors = list(inks[rows, columns])
        ax.scatter(columns, rows + drop, s=min(size, 4), c=colors, linewidths=0)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_facecolor(NULL)
    return image


def _names(order: pd.DataFrame) -> list[str]:
    if len(order) > NAMED:
        return list(dict.fromkeys(_blocks(order)))
    return [" ".join(filter(None, one)) for one in order[AREA].to_numpy().tolist()]


def _blocks(order: pd.DataFrame) -> list[str]:
    """Name the network, and the hemisphere, of every area."""
    pairs = order[["network", "hemisphere"]].replace({"network": {"": NOWHERE}})
    return [" ".join(filter(None, one)) for one in pairs.to_numpy().tolist()]


def _label(ax: Axes, order: pd.DataFrame, names: list[str], *, below: bool, left: bool) -> None:
    """Name areas or networks along the outer edges, and part hemispheres, or else networks."""
    places = np.arange(len(order), dtype=float)
    if len(order) > NAMED:
        places = pd.Series(places).groupby(_blocks(order), sort=False).mean().to_numpy()
    across, down = (names if below else []), (names if left else [])
    ax.set_xticks(places[: len(across)], across, rotation=90, fontsize=6)
    ax.set_yticks(places[: len(down)], down, fontsize=6)
    by = order["hemisphere"] if len(order["hemisphere"].unique()) > 1 else order["network"]
    for row in np.flatnonzero(by.to_numpy()[1:] != by.to_numpy()[:-1]):
        ax.axhline(row + 0.5, color=INK, lw=0.6)
        ax.axvline(row + 0.5, color=INK, lw=0.6)
