"""Scores beside how well models predict a text that nobody was measured on."""

from collections.abc import Mapping

import pandas as pd

from stages.plots.kit.picture import Files, Picture
from stages.plots.language.language_captions import CAPTIONS
from stages.plots.language.model_points import text_points
from stages.plots.language.model_scatter import model_scatter
from stages.plots.language.zoo_scores import model_scores

FOLDER = "next_words"


def text_files(tables: Mapping[str, pd.DataFrame], losses: pd.DataFrame) -> Files:
    """Draw scores against next-word prediction; no picture where no model has both.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        From `read_language_scores`.
    losses : DataFrame
        From `read_text_losses`.
    """
    points = text_points(model_scores(tables["scores"], tables["words"]), losses)
    data = f"{FOLDER}/next_words.csv"
    if points.empty:
        return {data: points}
    title = "Score and next-word prediction of another text"
    figure = model_scatter(points, title, less_is_better=True)
    return {data: points, f"{FOLDER}/next_words.png": Picture(figure, CAPTIONS["next_word"], data)}
