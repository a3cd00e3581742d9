"""How models that are many are told apart: trained ones by colour, untrained ones by dashes."""

from collections.abc import Iterable
from dataclasses import dataclass

from matplotlib.typing import LineStyleType

from stages.core.names.vocabulary import UNTRAINED
from stages.plots.kit.palette import MODALITIES, SHADES

COLORS = (*SHADES["language"], *SHADES["vision"])
MARKERS = ("o", "s", "^", "D")
DASHES: tuple[LineStyleType, ...] = ((0, (4, 1.5)), (0, (1.5, 1)), (0, (6, 1, 1, 1)), (0, (8, 3)))


@dataclass(frozen=True)
class ModelLine:
    """How a model is drawn.

    Attributes
    ----------
    color : str
    dashes : LineStyleType
    marker : str
    """

    color: str
    dashes: LineStyleType
    marker: str


def model_lines(models: Iterable[tuple[str, str]]) -> dict[str, ModelLine]:
    """Give every trained model a colour, and every untrained one grey dashes.

    Beyond eight trained or four untrained models, the marker or nothing tells them apart.

    Parameters
    ----------
    models : iterable of (str, str)
        Name and weights (trained or untrained) of each, in order.
    """
    lines: dict[str, ModelLine] = {}
    n_trained = n_untrained = 0
    for name, weights in models:
        if weights == UNTRAINED:
            place = n_untrained % len(DASHES)
            lines[name] = ModelLine(MODALITIES[UNTRAINED], DASHES[place], MARKERS[place])
            n_untrained += 1
        else:
            turn, place = divmod(n_trained, len(COLORS))
            lines[name] = ModelLine(COLORS[place], "-", MARKERS[turn % len(MARKERS)])
            n_trained += 1
    return lines
