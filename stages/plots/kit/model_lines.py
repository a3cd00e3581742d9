"""How models that are many are told apart: trained ones by colour, untrained ones by dashes."""

from dataclasses import dataclass

import pandas as pd
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


def model_lines(models: pd.DataFrame) -> dict[str, ModelLine]:
    """Give every trained model a colour, and every untrained one grey dashes.

    Beyond eight trained models, colours repeat with another marker; beyond four untrained ones,
    dashes repeat.

    Parameters
    ----------
    models : DataFrame
        Columns model and trained, as in the roll.
    """
    trained = list(models.loc[models["trained"], "model"])
    untrained = list(models.loc[~models["trained"], "model"])
    lines = {}
    for place, name in enumerate(trained):
        turn, color = divmod(place, len(COLORS))
        lines[name] = ModelLine(COLORS[color], "-", MARKERS[turn % len(MARKERS)])
    for place, name in enumerate(untrained):
        turn = place % len(DASHES)
        lines[name] = ModelLine(MODALITIES[UNTRAINED], DASHES[turn], MARKERS[turn])
    return {name: lines[name] for name in models["model"]}
