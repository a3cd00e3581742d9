"""How models predict the voxels of each region, beside how they align with it."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stages.core.names.vocabulary import SIGNIFICANT, UNTRAINED
from stages.core.results.encoded_images import ENCODING, MEASURES
from stages.plots.kit.multiples import finish_lines, line_key, plain, title_panel
from stages.plots.kit.palette import MODALITIES
from stages.plots.kit.panels import FAINT, INK, label_width, paper
from stages.plots.kit.picture import set_title

ROW, PANEL = 0.16, 1.9  # inches of a region, and of the width of a panel
TWIN = MODALITIES[UNTRAINED]
LEAST = 0.1  # a ceiling that scores are divided by: noise may be more than a smaller one
MOST_REGIONS, MOST_MODELS = 40, 4
NO_CHOICE = "nothing chose a layer:\nsee all of them"
DASHES = (0, (4, 1.5))
PLACE = ["architecture", "modality", "trained", "measure", "region"]


def region_means(nested: pd.DataFrame, intervals: pd.DataFrame) -> pd.DataFrame:
    """Average the chosen layers' scores over subjects, and over the untrained twins of a model.

    Parameters
    ----------
    nested : DataFrame
        Rows of the kind `nested`, of `stages.core.results.encoded_images`.
    intervals : DataFrame
        Of encoding, with the columns `INTERVALS` of `stages.core.results.pairs`.

    Returns
    -------
    DataFrame
        Columns `PLACE`, score, ceiling (missing where nobody has one), found, the share of subjects
        (and twins) in whom q < .05, missing where nobody was tested, and share, the mean score
        divided by the mean ceiling of those who have one, missing where that is less than `LEAST`;
        low and high, the 95 % interval of encoding by a trained model over other images.
    """
    rows = nested.assign(
        found=(nested["q"] < SIGNIFICANT).astype(float).where(nested["q"].notna()),
        bounded=nested["score"].where(nested["ceiling"].notna()),
    )
    columns = ["score", "ceiling", "found", "bounded"]
    means = rows.groupby(PLACE, sort=False)[columns].mean().reset_index()
    clear = means["ceiling"].where(means["ceiling"] >= LEAST)
    means = means.assign(share=means["bounded"] / clear).drop(columns="bounded")
    encoded = nested[nested["trained"] & nested["measure"].eq(ENCODING)]
    told = encoded[["model", *PLACE]].drop_duplicates()
    ends = told.merge(intervals[["model", "modality", "region", "low", "high"]])
    return means.merge(ends.drop(columns="model"), on=PLACE, how="left", validate="one_to_one")


def encoding_dots(means: pd.DataFrame, title: str) -> Figure | None:
    """Draw a row of panels per trained model: held-out r to the left, alignment to the right.

    Ceilings are strokes, lines intervals over other images; grey dots are the untrained twins,
    hollow ones were found in less than half of the subjects. Of many regions and models, those with
    the highest ceilings and scores of encoding are shown.

    Parameters
    ----------
    means : DataFrame
        Made by `region_means`.
    title : str

    Returns
    -------
    Figure or None
        None without a trained model.
    """
    trained = means[means["trained"]]
    encoded = trained[trained["measure"] == ENCODING]
    if encoded.empty:
        return None
    regions = _foremost(encoded, "region", "ceiling", MOST_REGIONS)
    names = _foremost(encoded, "architecture", "score", MOST_MODELS)
    height = max(ROW * len(regions), 0.5) + 0.55
    width = max(2 * PANEL + label_width(regions) + 0.4, 5.5)
    figure = paper(width, height * len(names) + 1.0)
    axes = figure.subplots(len(names), 2, sharex=True, sharey=True, squeeze=False)
    for row, name in zip(axes, names, strict=True):
        for ax, measure in zip(row, MEASURES, strict=True):
            own = means[(means["architecture"] == name) & (means["measure"] == measure)]
            _draw(ax, own, regions)
            what = "held-out r" if measure == ENCODING else "alignment"
            title_panel(ax, f"{name}: {what}", PANEL)
    axes[0, 0].set_yticks(range(len(regions)), regions, fontsize=7)
    axes[0, 0].set_ylim(len(regions) - 0.5, -0.5)
    keys = [
        line_key("trained", INK, "", marker="o", size=4),
        line_key("its untrained twins", TWIN, "", marker="o", size=4),
        line_key("q < .05 in less than half", INK, "", marker="o", size=4, face="white"),
        line_key("ceiling", INK, "", marker="|", size=7),
        line_key("95 % interval over images", INK),
    ]
    finish_lines(figure, keys, title, "")
    return figure


def _foremost(table: pd.DataFrame, by: str, score: str, most: int) -> list[str]:
    """Names with the highest mean, in the order of the table."""
    means = table.groupby(by, sort=False)[score].mean()
    kept = set(means.sort_values(ascending=False, kind="stable").index[:most])
    return [str(name) for name in means.index if name in kept]


def _draw(ax: Axes, rows: pd.DataFrame, regions: Sequence[str]) -> None:
    plain(ax)
    ax.axvline(0, color=FAINT, lw=0.6, zorder=0)
    rows = rows[rows["region"].isin(regions)]
    if rows.empty:
        ax.text(0.5, 0.5, NO_CHOICE, transform=ax.transAxes, ha="center", va="center", fontsize=7)
    for trained, size in ((False, 9), (True, 16)):
        own = rows[rows["trained"] == trained]
        at = [regions.index(region) for region in own["region"]]
        colors = [MODALITIES[kind] if trained else TWIN for kind in own["modality"]]
        faces = [
            "white" if found < 0.5 else color
            for color, found in zip(colors, own["found"], strict=True)
        ]
        if trained:
            ax.scatter(own["ceiling"], at, marker="|", s=40, c=INK, lw=1.0, zorder=2)
            ax.hlines(at, own["low"], own["high"], colors=colors, lw=0.9, zorder=2)
        ax.scatter(own["score"], at, s=size, c=faces, ec=colors, lw=0.9, zorder=3)


def layer_curves(layers: pd.DataFrame, title: str) -> Figure | None:
    """Draw both measures along the depth of every trained model, means over regions and subjects.

    Dashed grey lines are the means over the untrained twins.

    Parameters
    ----------
    layers : DataFrame
        Rows of the kind `layer`; those without depth, of noise, are not drawn.
    title : str

    Returns
    -------
    Figure or None
        None without a trained model.
    """
    deep = layers[layers["depth"].notna()]
    names = _foremost(deep[deep["trained"]], "architecture", "score", MOST_MODELS)
    if not names:
        return None
    by = ["architecture", "modality", "trained", "measure", "depth"]
    means = deep.groupby(by, sort=False)["score"].mean().reset_index()
    figure = paper(max(PANEL * len(names) + 0.6, 5.5), 4.0)
    axes = figure.subplots(2, len(names), sharex=True, sharey="row", squeeze=False)
    for column, name in enumerate(names):
        for ax, measure in zip(axes[:, column], MEASURES, strict=True):
            plain(ax)
            ax.axhline(0, color=FAINT, lw=0.5, zorder=0)
            own = means[(means["architecture"] == name) & (means["measure"] == measure)]
            for (trained, kind), line in own.groupby(["trained", "modality"], sort=False):
                color = MODALITIES[str(kind)] if trained else TWIN
                curve = line.set_index("depth")["score"].sort_index()
                ax.plot(curve, color=color, ls="-" if trained else DASHES, marker="o", ms=2.5)
        title_panel(axes[0, column], name, PANEL)
        axes[1, column].set_xlabel("depth", fontsize=7)
    for ax, what in zip(axes[:, 0], ("held-out r", "alignment"), strict=True):
        ax.set_ylabel(what, fontsize=8)
    keys = [line_key("trained", INK), line_key("its untrained twins", TWIN, DASHES)]
    figure.legend(handles=keys, loc="outside lower center", ncols=2, fontsize=7, frameon=False)
    set_title(figure, title)
    return figure
