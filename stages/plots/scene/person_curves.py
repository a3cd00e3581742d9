"""Alignment along the layers of models, person by person."""

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from stages.core.names.vocabulary import UNTRAINED
from stages.plots.kit.multiples import finish_lines, line_key, small_multiples, title_panel, zero
from stages.plots.kit.palette import MODALITIES, model_colors
from stages.plots.kit.panels import INK
from stages.plots.scene.selection import tower_names

MOST_AREAS, MOST_MODELS = 24, 4
SIZE, COLUMNS = (1.7, 1.4), 5


def person_curves(curves: pd.DataFrame, title: str) -> Figure | None:
    """Draw a panel per area, with a line per person of each trained model or tower, of up to four.

    A ring marks each person's best layer, strokes at the right edge what a model of the area's
    geometry would reach in each, and grey lines the mean of untrained twins.

    Parameters
    ----------
    curves : DataFrame
        From `stages.core.results.area_alignment.read_curves`.
    title : str

    Returns
    -------
    Figure or None
        Of the 24 areas with the highest scores, in the order of the table; None without a trained
        model.
    """
    trained = curves[curves["trained"]]
    if trained.empty:
        return None
    trained = trained.assign(name=tower_names(trained, "model"))
    models = list(trained.groupby("name")["score"].max().nlargest(MOST_MODELS).index)
    highest = trained.groupby("region")["score"].max().nlargest(MOST_AREAS).index
    regions = [region for region in trained["region"].unique() if region in highest]
    shown = trained[trained["name"].isin(models)]
    named = shown[["name", "modality"]].drop_duplicates()
    colors = model_colors(named.rename(columns={"modality": "kind"}))
    keys: list[Artist] = [line_key(name, colors[name]) for name in colors]
    keys.append(line_key("best layer of a person", INK, "", marker="o", size=4, face="none"))
    if not curves["trained"].all():
        keys.append(line_key(f"{UNTRAINED}, mean", MODALITIES[UNTRAINED]))
    if shown["ceiling"].notna().any():
        keys.append(line_key("ceiling of a person", INK, "", marker="_", size=6))
    figure, axes = small_multiples(len(regions), SIZE, COLUMNS, keys, "depth", least=5.0)
    for ax, region in zip(axes, regions, strict=True):
        zero(ax)
        twins = curves[~curves["trained"] & (curves["region"] == region)]
        for _, rows in twins.groupby(["architecture", "modality"], sort=False):
            mean = rows.groupby("depth")["score"].mean()
            ax.plot(mean.index, mean, color=MODALITIES[UNTRAINED], lw=1)
        here = shown[shown["region"] == region]
        for (model, _), rows in here.groupby(["name", "subject"], sort=False):
            peak = rows.loc[rows["score"].idxmax()]
            ax.plot(rows["depth"], rows["score"], color=colors[str(model)], lw=0.8, alpha=0.8)
            ax.plot(peak["depth"], peak["score"], "o", ms=4, mfc="none", mec=colors[str(model)])
        limits = here.groupby("subject")["ceiling"].first()
        ax.scatter([1.06] * len(limits), limits, marker="_", c=INK, s=20, lw=0.8)
        title_panel(ax, region.replace("_", " "), SIZE[0])
    finish_lines(figure, keys, title, "alignment")
    return figure
