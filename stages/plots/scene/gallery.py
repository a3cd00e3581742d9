"""What the pictures of the scene study are, by the name of the file."""

from collections.abc import Collection, Mapping

import pandas as pd
from matplotlib.figure import Figure

from stages.core.results.survey import Survey
from stages.plots.kit.picture import Files, Picture
from stages.plots.kit.planted import Truth
from stages.plots.scene.bandwidth_curves import bandwidth_curves
from stages.plots.scene.best import best_map
from stages.plots.scene.depth import depth_map, gradient_scatter
from stages.plots.scene.depth_curves import depth_curves
from stages.plots.scene.gradient_spread import gradient_spread
from stages.plots.scene.metric_map import metric_map
from stages.plots.scene.model_roll import roll_picture
from stages.plots.scene.model_space import model_space
from stages.plots.scene.network_dots import contrast_bars, network_bars
from stages.plots.scene.performance import forest
from stages.plots.scene.scene_captions import CAPTIONS, PERFORMANCE, facts
from stages.plots.scene.selection import of_metric
from stages.plots.scene.subject_agreement import consistency_map
from stages.plots.scene.tables import (
    best_table,
    by_network,
    ceilings_table,
    layers_table,
    models_table,
    performance_table,
)
from stages.plots.scene.width_control import width_scatter

MOST_ROWS = 50_000  # of layers and regions: of more, networks are written in place of regions


def scene_files(survey: Survey, dataset: str, metric: str, truth: Truth | None = None) -> Files:
    """Draw what the models of the zoo and the brain have in common, by one metric.

    A picture of which there is nothing to show is left out; its table is there, without rows.

    Parameters
    ----------
    survey : Survey
    dataset, metric : str
    truth : mapping of str to Planted, optional
        By region, what drives it, where that is known.
    """
    return _align_files(survey, dataset, metric, truth) | _survey_files(survey, dataset, metric)


def _align_files(survey: Survey, dataset: str, metric: str, truth: Truth | None) -> Files:
    shown, about = of_metric(survey, metric), f"{dataset}, {metric}"
    best, layers = best_table(shown), layers_table(shown)
    kept = layers if len(layers) <= MOST_ROWS else by_network(layers)
    files: Files = {"align/best.csv": best, "align/layers.csv": kept}
    figures: dict[str, Figure | None] = {}
    if len(best):
        figures["best"] = best_map(best, f"Layers chosen on other data: {about}", truth)
    if len(layers):
        title = f"Alignment along depth: {about}"
        figures["layers"] = depth_curves(layers, ceilings_table(shown), title)
    told = facts(survey, metric, truth)
    return files | _told("align", figures, told, ["best", "layers"])


def _survey_files(survey: Survey, dataset: str, metric: str) -> Files:
    shown, about = of_metric(survey, metric), f"{dataset}, {metric}"
    models, regions = survey.models, survey.regions
    roll = models_table(shown)
    pictures = {
        "models": roll_picture(roll, f"Models: {about}"),
        "depth": depth_map(shown, f"Which depth is like which region: {about}"),
        "gradient": gradient_scatter(shown, f"Depth and place: {about}"),
        "gradients": gradient_spread(shown, f"Depth and place, all models: {about}"),
        "networks": network_bars(shown.networks, models, f"Networks: {about}"),
        "bandwidth": bandwidth_curves(
            survey.bandwidth, regions, models, f"Bandwidth of the kernel: {dataset}"
        ),
        "consistency": consistency_map(
            shown.consistency, models, f"Agreement of subjects: {about}"
        ),
        "metrics": metric_map(survey.agreement, f"Agreement of metrics: {dataset}"),
        "contrast": contrast_bars(shown.contrast, f"Language beside vision: {about}"),
        "umap": model_space(
            survey.umap, models, shown.best, f"Models by what they are like: {about}"
        ),
        "control": width_scatter(survey.control, models, metric, f"Width: {dataset}"),
    }
    files: Files = {"survey/models.csv": roll}
    return files | _told("survey", pictures, facts(survey, metric), ["models"])


def relate_files(related: pd.DataFrame) -> Files:
    """Draw how alignment goes with performance and size; no picture where nothing was related."""
    table = performance_table(related)
    files: Files = {"relate/performance.csv": table}
    figure = forest(table, "Alignment beside performance and size")
    if figure:
        picture = Picture(figure, PERFORMANCE, "relate/performance.csv")
        files["relate/performance.png"] = picture
    return files


def _told(
    folder: str,
    figures: Mapping[str, Figure | None],
    told: Mapping[str, str],
    with_table: Collection[str],
) -> Files:
    """Add captions to the pictures of a folder, and the tables of those that have one there."""
    return {
        f"{folder}/{name}.png": Picture(
            figure,
            CAPTIONS[f"{folder}/{name}"].format_map(told),
            f"{folder}/{name}.csv" if name in with_table else None,
        )
        for name, figure in figures.items()
        if figure
    }
