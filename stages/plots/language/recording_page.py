"""What the folder of all recordings of words holds: the picture, its data, and a table to read."""

import pandas as pd

from stages.core.names.vocabulary import GROUP
from stages.plots.kit.picture import Files, Picture, counted
from stages.plots.language.language_captions import crowd
from stages.plots.language.recording_dots import recording_dots
from stages.plots.language.recording_scores import (
    PLACE,
    people_rows,
    published_rows,
    recording_rows,
)

FOLDER, NONE = "recordings", "–"
CAPTION = (
    "Held-out r of the layer that inner folds choose, of the average of the people, with its 95 % "
    "interval over other stimuli; hollow: untrained twins. Small grey dots are single people, of "
    "whom the heading has mean and standard deviation for the model that is best. Upright dashes "
    "are beyond the nuisance variables, whose own score is the grey line; triangles are "
    "surprisal, to which nothing is fitted, beside what was published of it (dotted)."
)


def recording_files(
    scores: pd.DataFrame, words: pd.DataFrame, encoded: pd.DataFrame, replications: pd.DataFrame
) -> Files:
    """Draw every model on every recording, and write what was published beside it.

    Parameters
    ----------
    scores, words : DataFrame
        From `read_language_scores`.
    encoded : DataFrame
        Results of encode, of all recordings and models.
    replications : DataFrame
        From `read_replications`.
    """
    everybody = people_rows(encoded)
    table = recording_rows(scores, words, everybody)
    places = list(table[PLACE].drop_duplicates().itertuples(index=False, name=None))
    published = published_rows(replications, places)
    told = everybody.set_index(PLACE).index.isin(places) & (everybody["subject"] != GROUP)
    people, data = everybody[told].drop(columns="n"), f"{FOLDER}/recordings.csv"
    figure = recording_dots(table, people, published, _title(table))
    return {
        data: table.round(4),
        f"{FOLDER}/people.csv": people.round(4),
        f"{FOLDER}/published.csv": published.round(4),
        f"{FOLDER}/recordings.md": page(table, published),
        f"{FOLDER}/recordings.png": Picture(figure, CAPTION, data),
    }


def _title(table: pd.DataFrame) -> str:
    recordings = counted(table["recording"].nunique(), "recording")
    return f"Held-out r of {crowd(table)} on {recordings} of words"


def page(table: pd.DataFrame, published: pd.DataFrame) -> str:
    """Write the table in Markdown: a row per model, a column per region that is told of.

    Parameters
    ----------
    table : DataFrame
        From `recording_rows`.
    published : DataFrame
        From `published_rows`.
    """
    places = list(table[PLACE].drop_duplicates().itertuples(index=False, name=None))
    own = {place: rows.set_index("model") for place, rows in table.groupby(PLACE, sort=False)}
    first = {place: rows.iloc[0] for place, rows in own.items()}
    rows = {
        "samples, people": [_count(first[place]) for place in places],
        "nuisance variables alone": [number(first[place]["nuisance"]) for place in places],
    }
    for model in table["model"].unique():
        rows[f"`{model}`"] = [_pair(own[place], model, "score", "beyond") for place in places]
    for model in table.loc[table["surprisal"].notna(), "model"].unique():
        told = [_pair(own[place], model, "surprisal", "surprisal_beyond") for place in places]
        rows[f"surprisal of `{model}`, no fit"] = told
    rows["ceiling of the average"] = [number(first[place]["ceiling"]) for place in places]
    rows["ceiling of one person"] = [number(first[place]["people_ceiling"]) for place in places]
    said = published.set_index(["what", *PLACE])
    for what in published["what"].unique():
        for column, who in (("published", "published"), ("recomputed", "ours, from its data")):
            found = [said[column].get((what, *place), float("nan")) for place in places]
            rows[f"{who}: {what}"] = [number(value, 3) for value in found]
    heads = [f"{recording}, {region}".replace("_", " ") for recording, region in places]
    lines = [
        ["", *heads],
        ["---"] * (len(places) + 1),
        *([name, *row] for name, row in rows.items()),
    ]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def number(value: float, digits: int = 2) -> str:
    """Write a correlation without the zero before its point."""
    told = f"{value:.{digits}f}"
    return NONE if pd.isna(value) else told.replace("-0.", "-.").removeprefix("0")


def _pair(rows: pd.DataFrame, model: str, first: str, second: str) -> str:
    if model not in rows.index:
        return NONE
    row = rows.loc[[model]].to_dict("records")[0]
    pair = [number(row[name]) for name in (first, second)]
    return NONE if pair == [NONE, NONE] else " / ".join(pair)


def _count(row: "pd.Series[float]") -> str:
    people = NONE if pd.isna(row["people"]) else f"{row['people']:.0f}"
    return f"{row['n']:.0f}, {people}"
