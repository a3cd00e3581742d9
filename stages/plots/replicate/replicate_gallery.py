"""What the folder of the replications holds: the picture and its data, by the name of the file."""

import pandas as pd

from stages.core.results.replications import DIFFERS, MATCHES, NEEDS, UNPUBLISHED, WITHIN
from stages.plots.kit.picture import Files, Picture, counted
from stages.plots.replicate.published_numbers import published_numbers

FOLDER = "replicate"
ORDER = (DIFFERS, WITHIN, MATCHES, NEEDS, UNPUBLISHED)


def replicate_files(table: pd.DataFrame) -> Files:
    """Draw published numbers against ours.

    Parameters
    ----------
    table : DataFrame
        From `read_replications`.
    """
    drawn = drawn_numbers(table)
    files: Files = {f"{FOLDER}/numbers.csv": drawn.drop(columns=["name", "told"])}
    counts = drawn["verdict"].value_counts()
    title = f"Published numbers derived again from public tables: {_of(counts)}"
    figure = published_numbers(drawn, title)
    if figure is not None:
        caption = (
            f"{counted(len(drawn), 'number')} of {drawn['source'].nunique()} sources, against what "
            "was published or computed before by other code; lines are 95 % intervals, over "
            "families of models, people or training runs; numbers without a published one, or "
            "whose table is not at hand, are in the data alone."
        )
        files[f"{FOLDER}/numbers.png"] = Picture(figure, caption, f"{FOLDER}/numbers.csv")
    return files


def drawn_numbers(table: pd.DataFrame) -> pd.DataFrame:
    """Select the numbers that are shown, those that do not recompute first.

    Returns
    -------
    DataFrame
        The columns of the table, `name` (with the source) and `told` (published → ours).
    """
    shown = table[table["shown"]].drop(columns="shown")
    places = shown["verdict"].map({verdict: place for place, verdict in enumerate(ORDER)})
    shown = shown.assign(place=places).sort_values("place", kind="stable").drop(columns="place")
    told = [f"{a:.3g} → {b:.3g}" for a, b in zip(shown["published"], shown["ours"], strict=True)]
    names = shown["source"] + ": " + shown["quantity"]
    return shown.assign(name=names, told=told).reset_index(drop=True)


def _of(counts: "pd.Series[int]") -> str:
    return ", ".join(
        f"{counts[verdict]} {_words(verdict)}" for verdict in ORDER if verdict in counts
    )


def _words(verdict: str) -> str:
    plural = {
        DIFFERS: "do not recompute",
        WITHIN: "are within tolerance",
        MATCHES: "match",
        NEEDS: "need a file that is not here",
        UNPUBLISHED: "were not published",
    }
    return plural[verdict]
