"""Alignment on the cortex: painted on surfaces, or drawn at the places of regions."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from stages.core.names.vocabulary import MEAN
from stages.core.pictures.surfaces import STANDARD, Surface
from stages.core.results.shown import of_people
from stages.core.results.survey import Survey
from stages.plots.kit.flat_brain import flat_map, region_places
from stages.plots.kit.picture import Files, Picture
from stages.plots.kit.surface import standard_meshes, surface_map, surface_page
from stages.plots.scene.scene_captions import CORTEX, facts

CONTRAST = "contrast"
TITLES = {
    "vision": "Best vision model",
    "language": "Best language model",
    CONTRAST: "Language minus vision",
}
Values = dict[str, pd.DataFrame]


def cortex_files(survey: Survey, surfaces: Mapping[str, Surface], about: str, scale: str) -> Files:
    """Paint the best trained models of each modality, and their difference, region by region.

    On the standard surface and the flat map, means over subjects; on a subject's own surface,
    that subject's values. The flat map is drawn where there is no standard surface.

    Parameters
    ----------
    survey : Survey
        Of one metric.
    surfaces : mapping of str to Surface
        By subject, or under `STANDARD`.
    about, scale : str
        What is studied, for the titles, and by what it is measured.

    Returns
    -------
    dict
        Pictures (PNG) and pages (HTML), by the name of the file.
    """
    files: Files = {}
    for name, surface in surfaces.items():
        meshes = surface.meshes or standard_meshes()
        folder = "cortex" if name == STANDARD else f"cortex/{name}"
        of_whom = MEAN if name == STANDARD else name
        for kind, values in cortex_values(survey, of_whom).items():
            known = values[values["region"].isin(surface.labels["region"])]
            if known.empty:
                continue
            title = f"{TITLES[kind]}: {about}, {of_whom}"
            painted = (surface.labels, known)
            diverging = kind == CONTRAST
            figure = surface_map(*painted, scale, title, meshes, diverging=diverging)
            files[f"survey/{folder}/{kind}.png"] = _told(figure, survey, kind, of_whom, scale)
            page = surface_page(*painted, scale, title, meshes, diverging=diverging)
            files[f"survey/{folder}/{kind}.html"] = page
    if STANDARD not in surfaces:
        files |= _flat_files(survey, about, scale)
    return files


def _flat_files(survey: Survey, about: str, scale: str) -> Files:
    places = region_places(survey.regions)
    files: Files = {}
    for kind, values in cortex_values(survey, MEAN).items():
        if values["region"].isin(places["region"]).any():
            title = f"{TITLES[kind]}: {about}, {MEAN}"
            figure = flat_map(places, values, scale, title, diverging=kind == CONTRAST)
            files[f"survey/cortex/{kind}.png"] = _told(figure, survey, kind, MEAN, scale)
    return files


def _told(figure: Figure, survey: Survey, kind: str, of_whom: str, scale: str) -> Picture:
    """Add a caption; the values are in the results alone."""
    told = facts(survey, scale)
    whose = f"mean over {told['people']}" if of_whom == MEAN else of_whom
    return Picture(figure, CORTEX[kind].format(metric=scale, whose=whose))


def cortex_values(survey: Survey, subject: str) -> Values:
    """Score of the best trained model of each modality in every region.

    The model is chosen, as its layer was, on data that it is not scored on.

    Parameters
    ----------
    survey : Survey
        Of one metric.
    subject : str
        A subject, or `mean` for the mean over subjects.

    Returns
    -------
    dict of DataFrame
        Columns region and value: `vision` and `language`, and where there are both the
        difference, `contrast`. A modality without a trained model is absent.
    """
    trained = survey.models.loc[survey.models["trained"], "model"]
    best = of_people(survey.best[survey.best["model"].isin(trained)]).reset_index(drop=True)
    values: Values = {}
    for kind in ("vision", "language"):
        rows = best[best["modality"] == kind]
        if subject != MEAN:
            rows = rows[rows["subject"] == subject]
        if rows.empty:
            continue
        chosen = rows.loc[rows.groupby(["subject", "region"])["chosen_score"].idxmax()]
        means = chosen.groupby("region", sort=False)["score"].mean()
        values[kind] = means.rename("value").reset_index()
    if len(values) == 2:
        both = values["vision"].merge(values["language"], on="region", suffixes=("_v", "_l"))
        difference = both.assign(value=both["value_l"] - both["value_v"])
        values[CONTRAST] = difference[["region", "value"]]
    return values
