"""Scores beside how well models predict a text that nobody was measured on."""

from collections.abc import Mapping

import pandas as pd

from stages.plots.kit.picture import Files, Picture
from stages.plots.language.language_captions import CAPTIONS
from stages.plots.language.model_points import text_points
from stages.plots.language.model_scatter import model_scatter
from stages.plots.language.relation_tiles import relation_tiles, table_of_relations
from stages.plots.language.zoo_scores import model_scores

FOLDER = "next_words"


def text_files(
    tables: Mapping[str, pd.DataFrame], losses: pd.DataFrame, relations: pd.DataFrame
) -> Files:
    """Draw scores against next-word prediction, and what goes with them over models.

    No picture where no model has both, or nothing was related.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        From `read_language_scores`.
    losses : DataFrame
        From `read_text_losses`.
    relations : DataFrame
        From `read_relations`.
    """
    models = model_scores(tables["scores"], tables["words"])
    points, tiles = text_points(models, losses), table_of_relations(relations)
    data, told = f"{FOLDER}/next_words.csv", f"{FOLDER}/relations.csv"
    files: Files = {data: points, told: tiles}
    if len(points):
        title = "Score and next-word prediction of another text"
        figure = model_scatter(points, title, less_is_better=True)
        files[f"{FOLDER}/next_words.png"] = Picture(figure, CAPTIONS["next_word"], data)
    if len(tiles):
        recordings = list(models["recording"].unique())
        figure = relation_tiles(tiles, recordings, "What goes with scores over models")
        files[f"{FOLDER}/relations.png"] = Picture(figure, CAPTIONS["relations"], told)
    return files
