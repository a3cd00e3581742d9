"""A map of the cortex for every model of a zoo, all by one metric and in the same colours."""

from collections.abc import Iterator, Mapping

import pandas as pd
from matplotlib.figure import Figure

from stages.core.names.vocabulary import MEAN
from stages.core.pictures.surfaces import STANDARD, Surface
from stages.core.results.shown import of_people
from stages.core.results.survey import Survey
from stages.core.run.errors import InputError
from stages.plots.kit.colors import ColorScale, color_scale
from stages.plots.kit.flat_brain import flat_map, region_places
from stages.plots.kit.picture import Files, Picture
from stages.plots.kit.surface import standard_meshes, surface_map
from stages.plots.scene.scene_captions import MAPS, facts
from stages.plots.scene.selection import with_names

COLUMNS = ["name", "kind", "subject", "region", "layer", "score", "null_mean", "ceiling", "q"]


def model_map_files(
    survey: Survey, surfaces: Mapping[str, Surface], dataset: str, metric: str
) -> Iterator[Files]:
    """Paint the score of every region on the cortex, model by model, of one metric.

    Each model's layer of a region was chosen on other data. On the standard surface, or at the
    places of regions where there is no surface, are means over people; on a person's own surface,
    that person's scores.

    Parameters
    ----------
    survey : Survey
        Of one metric.
    surfaces : mapping of str to Surface
        By subject, or under `STANDARD`.
    dataset, metric : str

    Yields
    ------
    dict
        First the table of all, then the pictures of a model, by the name of the file.

    Raises
    ------
    InputError
        If the metric has no scores.
    """
    table = map_table(survey)
    if table.empty:
        do = "Name a metric of `align.metrics`."
        raise InputError("no score", where="survey/best.parquet", expected=metric, do=do)
    yield {f"{metric}/scores.csv": table.round(4)}
    colors, told = color_scale(_means(table)["value"]), facts(survey, metric)
    for name, rows in table.groupby("name", sort=False):
        yield {
            f"{metric}/{file_name(str(name))}{end}.png": Picture(
                figure,
                MAPS.format(model=name, whose=_whose(whose, told["people"]), metric=metric),
                f"{metric}/scores.csv",
            )
            for end, whose, figure in _drawn(
                rows, survey, surfaces, colors, (f"{name}: {dataset}", metric)
            )
        }


def map_table(survey: Survey) -> pd.DataFrame:
    """List the scores that maps show: `COLUMNS`, of every model or tower, person and region."""
    best = of_people(survey.best[survey.best["kind"] == "nested"])
    return with_names(best, survey.models)[COLUMNS]


def file_name(name: str) -> str:
    """Name the file of a model: a tower stands behind a dash."""
    return name.replace(" (", "-").replace(")", "")


def _means(table: pd.DataFrame) -> pd.DataFrame:
    means = table.groupby(["name", "region"], sort=False)["score"].mean()
    return means.rename("value").reset_index()


def _whose(subject: str, people: str) -> str:
    return f"mean over {people}" if subject == MEAN else subject


def _drawn(
    rows: pd.DataFrame,
    survey: Survey,
    surfaces: Mapping[str, Surface],
    colors: ColorScale,
    about: tuple[str, str],
) -> Iterator[tuple[str, str, Figure]]:
    """Draw a model on every surface: the end of the file's name, whose scores, and the figure."""
    title, scale = about
    for place, surface in surfaces.items():
        own = rows if place == STANDARD else rows[rows["subject"] == place]
        values = _means(own[own["region"].isin(surface.labels["region"])])
        if len(values):
            end, whose = ("", MEAN) if place == STANDARD else (f"-{place}", place)
            meshes = surface.meshes or standard_meshes()
            named = f"{title}, {whose}"
            yield (
                end,
                whose,
                surface_map(surface.labels, values, scale, named, meshes, colors=colors),
            )
    if STANDARD not in surfaces:
        places, values = region_places(survey.regions), _means(rows)
        if values["region"].isin(places["region"]).any():
            yield "", MEAN, flat_map(places, values, scale, f"{title}, {MEAN}", colors=colors)
