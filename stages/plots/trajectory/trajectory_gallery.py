"""What a folder of pictures of training holds: pictures and their data, by the name of the file."""

from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd
from matplotlib.figure import Figure

from stages.core.pictures.surfaces import STANDARD, Surface
from stages.plots.kit.picture import Files, Picture, counted
from stages.plots.trajectory.course_rows import courses_table
from stages.plots.trajectory.course_tables import Trajectories, choices, leaks
from stages.plots.trajectory.courses import courses
from stages.plots.trajectory.layer_courses import (
    layer_courses,
    layers_table,
    shown_layers,
)
from stages.plots.trajectory.lead_forest import lead_forest, leads_table
from stages.plots.trajectory.onset_cortex import onset_cortices
from stages.plots.trajectory.region_onsets import region_onsets, regions_table
from stages.plots.trajectory.size_overview import size_overview, sizes_table
from stages.plots.trajectory.training_courses import training_courses, training_table
from stages.plots.trajectory.trajectory_captions import CAPTIONS


def trajectory_files(
    made: Trajectories,
    trained: pd.DataFrame,
    folder: str,
    unit: str,
    surfaces: Mapping[str, Surface] = MappingProxyType({}),
) -> Files:
    """Draw all that is known of the training of a study's families.

    Parameters
    ----------
    made : Trajectories
    trained : DataFrame
        From `read_training`.
    folder : str
        Name of the folder that the files are in.
    unit : str
        What is counted in training.
    surfaces : mapping of str to Surface
        Of the recording; the standard one is painted if there is one.

    Returns
    -------
    dict
        Every table, also without rows, and the pictures of those that have some.
    """
    tables, figures = _tables(made, trained), _figures(made, trained, unit)
    files: Files = {f"{folder}/{name}.csv": table for name, table in tables.items()}
    told = {
        "on": _on(made),
        "unit": unit,
        "choice": choices(made.curves),
        "updates": _trained(trained),
        "layers": _layers(tables["layers"]),
    }
    files |= _told(folder, figures, told)
    if STANDARD in surfaces:
        files |= onset_cortices(tables["regions"], surfaces[STANDARD], made.curves, folder)
    return files


def _tables(made: Trajectories, trained: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {
        "courses": courses_table(made),
        "layers": layers_table(made),
        "regions": regions_table(made),
        "leads": leads_table(made),
        "overview": sizes_table(made),
        "training": training_table(trained),
    }


def _figures(made: Trajectories, trained: pd.DataFrame, unit: str) -> dict[str, Figure | None]:
    across, on = f"{unit} seen in training", _on(made)
    return {
        "courses": courses(made, across, f"Alignment and performance in training: {on}"),
        "layers": layer_courses(made, across, f"Alignment of layers in training: {on}"),
        "regions": region_onsets(made, across, f"When alignment rises, by region: {on}"),
        "leads": lead_forest(made, f"Lead of alignment over performance: {on}"),
        "overview": size_overview(made, across, f"Alignment in training, by size: {on}"),
        "training": training_courses(trained, f"Training: {_trained(trained)}"),
    }


def _on(made: Trajectories) -> str:
    """Say how many runs the pictures stand on, and whether their folds were shuffled.

    Sets of weights of one run are not counted apart.
    """
    runs = made.curves[["of", "size", "seed"]].drop_duplicates()
    families = len(set(runs["of"]))
    several = f" of {families} families" if families > 1 else ""
    return f"{counted(len(runs), 'run')}{several}{leaks(made.curves)}"


def _trained(trained: pd.DataFrame) -> str:
    return counted(trained["run"].nunique(), "run")


def _layers(table: pd.DataFrame) -> str:
    every, shown = table["layer"].nunique(), len(shown_layers(table))
    few = f", {shown} of {every} evenly spaced" if shown < every else ""
    return f"{counted(every, 'layer')}{few}"


def _told(folder: str, figures: Mapping[str, Figure | None], told: Mapping[str, str]) -> Files:
    """Add captions to the pictures that there are, and the tables that they are drawn from."""
    return {
        f"{folder}/{name}.png": Picture(
            figure, CAPTIONS[name].format_map(told), f"{folder}/{name}.csv"
        )
        for name, figure in figures.items()
        if figure is not None
    }
