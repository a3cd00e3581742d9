"""Pictures as a journal takes them: kind of file, and width of a column."""

import logging
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from stages.plots.kit.picture import Files, Picture
from stages.plots.kit.print_size import DOTS, INCH, LEAST, fit_width

log = logging.getLogger("concord.plots")
# What files say of themselves, so that the same results make the same bytes.
ABOUT = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}


def fitted(files: Files, kind: str, millimetres: float | None) -> Files:
    """Name pictures by the kind of their file, and fit them to a column, if one is given.

    A picture that has no room for its letters there stays wider, which is logged.

    Parameters
    ----------
    files : dict
        Pictures have names that end with `.png`.
    kind : str
        png, svg or pdf.
    millimetres : float, optional
        Width of the column.
    """
    made: Files = {}
    for name, one in files.items():
        is_picture = isinstance(one, Picture)
        if isinstance(one, Picture) and millimetres is not None:
            _fit(name, one.figure, millimetres)
        made[f"{name.removesuffix('png')}{kind}" if is_picture else name] = one
    return made


def _fit(name: str, figure: Figure, millimetres: float) -> None:
    width = fit_width(figure, millimetres)
    if width > millimetres + 0.01:
        told = "%s is %.0f mm wide and %.0f high: letters of %.0f points have no room in %.0f mm"
        log.warning(told, name, width, figure.get_figheight() * INCH, LEAST, millimetres)


def save_figure(figure: Figure, path: Path, kind: str) -> None:
    """Write a figure, the same bytes for the same figure."""
    with mpl.rc_context({"svg.hashsalt": "concord", "pdf.fonttype": 42}):
        figure.savefig(path, format=kind, dpi=DOTS, metadata=ABOUT[kind])
