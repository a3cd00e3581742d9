"""What simulated regions are known to follow, to be shown beside what was found."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle
from matplotlib.patheffects import withStroke
from pydantic import BaseModel, TypeAdapter

from stages.core.run.errors import InputError
from stages.core.run.files import lies_there, read_json
from stages.core.run.shapes import check_shape
from stages.plots.kit.panels import INK

WIDTH = 1.2  # points of an outline
SIDES = (0.92, 0.88)  # of an outline, in cells
UNTOLD = "not told"  # what drives a region that the truth leaves out


@dataclass(frozen=True)
class Planted:
    """What drives a region.

    Attributes
    ----------
    driver : str
        For readers: a model, `features` or `nothing`.
    model : str
        As the study calls it; empty if no model drives the region, or one that is not in the study.
    layer : str
        Empty if no layer drives the region.
    """

    driver: str
    model: str = ""
    layer: str = ""


Truth = Mapping[str, Planted]  # by region


class _Driver(BaseModel):
    driver: str
    model: str = ""
    layer: str = ""


class _Truth(BaseModel):
    model: str = ""
    regions: dict[str, _Driver]


def read_planted(raw: Path, models: pd.DataFrame, study: str) -> Truth:
    """Read what drives every region; nothing of a recording that was measured.

    Parameters
    ----------
    raw : Path
        Folder of the raw recording; one without `truth.json` was measured.
    models : DataFrame
        The roll: columns model and string.
    study : str
        `story` or `scene`.

    Raises
    ------
    InputError
        If there is no such folder, or the file is unreadable or of another form.
    """
    if not lies_there(raw):
        raise InputError("no recording", where=raw, do=f"Run `dvc repro prepare_{study}`.")
    path = raw / "truth.json"
    if not lies_there(path):
        return {}
    do = f"Run `dvc repro simulate_{study}`."
    truth = check_shape(read_json(path, do), TypeAdapter(_Truth), path, "wrong truth", do)
    names = dict(zip(models["string"].astype(str), models["model"].astype(str), strict=True))
    return {
        region: _planted(one, one.model or truth.model, names)
        for region, one in truth.regions.items()
    }


def _planted(one: _Driver, string: str, names: Mapping[str, str]) -> Planted:
    if not one.layer:
        return Planted(one.driver)
    name = names.get(string, "")
    return Planted(name or string, name, one.layer)


def drivers(regions: Iterable[str], truth: Truth) -> list[str]:
    """Say what drives each of some regions."""
    return [truth.get(region, Planted(UNTOLD)).driver for region in regions]


def outline(ax: Axes, cells: Iterable[tuple[int, int]]) -> None:
    """Outline cells (row and column) of a heat map, to be seen on every colour."""
    for row, column in cells:
        corner = (column - SIDES[0] / 2, row - SIDES[1] / 2)
        edge = Rectangle(corner, *SIDES, fill=False, lw=WIDTH, ec=INK, zorder=3)
        edge.set_path_effects([withStroke(linewidth=2.5 * WIDTH, foreground="white")])
        ax.add_patch(edge)


def outline_key(meaning: str) -> Patch:
    """Explain the outlines in a legend."""
    return Patch(fill=False, ec=INK, lw=WIDTH, label=meaning)
