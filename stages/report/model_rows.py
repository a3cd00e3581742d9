"""The models of all studies in one table: size, performance where it is known, and agreement."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from stages.core.names.vocabulary import SIGNIFICANT
from stages.core.results.language_scores import EVERYWHERE, read_language_scores
from stages.core.results.relations import read_relations
from stages.core.results.survey import TABLES
from stages.core.results.typed_tables import read_typed

NESTED = "nested"
_ROLL = ["trained", "architecture", "parameters", "layers", "width", "error"]
_TEXT = ["study", "recording", "model", "modality", "architecture", "metric", "error"]
_FOUND = ["regions", "found", "score", "null", "ceiling", "share", "bits_per_byte"]
_WHOLE = ["recording", "model", "score", "ceiling", "normalised"]
COLUMNS = [*_TEXT[:4], *_ROLL, "metric", *_FOUND]


def read_story_models(models: Path, encoding: pd.DataFrame) -> pd.DataFrame:
    """Read the models of the story study, beside what `encoding_rows` made of their scores."""
    return story_models(read_roll(models, "story"), encoding)


def read_roll(path: Path, study: str) -> pd.DataFrame:
    """Read the models of a study."""
    return read_typed(path, TABLES["models"], f"Run `dvc repro survey_{study}`.")


def story_models(roll: pd.DataFrame, encoding: pd.DataFrame) -> pd.DataFrame:
    """Average the scores of chosen layers over regions, by model and metric."""
    rows = encoding[encoding["kind"] == NESTED].rename(
        columns={"dataset": "recording", "null_mean": "null"}
    )
    return _with_roll(over_regions(rows, ["recording", "model", "metric"]), roll, "story")


def over_regions(rows: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Average score, null and ceiling over regions, and count those with q below .05.

    `share` is of the ceiling, over the regions that have one.
    """
    cells = rows.assign(found=rows["q"] < SIGNIFICANT).groupby(list(by), sort=False)
    table = cells.agg(
        regions=("region", "nunique"),
        found=("found", "sum"),
        score=("score", "mean"),
        null=("null", "mean"),
        ceiling=("ceiling", "mean"),
    ).reset_index()
    return table.join(share_of_ceiling(rows, by), on=list(by))


def share_of_ceiling(rows: pd.DataFrame, by: Sequence[str]) -> "pd.Series[float]":
    """Divide the mean score of each group by its mean ceiling, over rows that have a ceiling."""
    known = rows[rows["ceiling"].notna()].groupby(list(by), sort=False)
    means = known[["score", "ceiling"]].mean()
    return (means["score"] / means["ceiling"]).rename("share")


def read_language_models(folder: Path) -> pd.DataFrame:
    """Read the models of the language study, beside each recording."""
    tables = read_language_scores(folder)
    return language_models(tables["scores"], tables["words"])


def language_models(scores: pd.DataFrame, words: pd.DataFrame) -> pd.DataFrame:
    """Put how well models predict recordings beside how well they predict words."""
    single = scores[scores["region"] != EVERYWHERE]
    single = single.assign(found=single["q"] < SIGNIFICANT)
    cells = single.groupby(["recording", "model"], sort=False)
    counts = cells.agg(regions=("region", "nunique"), found=("found", "sum")).reset_index()
    whole = scores.loc[scores["region"] == EVERYWHERE, _WHOLE].rename(
        columns={"normalised": "share"}
    )
    rows = counts.merge(whole, on=["recording", "model"], how="left", validate="one_to_one")
    rows = rows.merge(
        words[["recording", "model", "modality", *_ROLL, "bits_per_byte"]],
        on=["recording", "model"],
        how="outer",
        validate="one_to_one",
    )
    return tidy(rows.assign(study="language", metric="r"))


def _with_roll(table: pd.DataFrame, roll: pd.DataFrame, study: str) -> pd.DataFrame:
    known = roll[["model", "modality", *_ROLL]]
    return tidy(table.merge(known, on="model", how="outer").assign(study=study))


def tidy(table: pd.DataFrame) -> pd.DataFrame:
    """Give a table the columns of all models: absent texts are empty, absent numbers missing."""
    made = table.reindex(columns=COLUMNS).reset_index(drop=True)
    for name in _TEXT:
        made[name] = made[name].astype(object).where(made[name].notna(), "").astype(str)
    numbers = [name for name in COLUMNS if name not in (*_TEXT, "trained")]
    made[numbers] = made[numbers].astype(float)
    return made.assign(trained=made["trained"].eq(True))


def read_all_relations(paths: dict[str, Path]) -> pd.DataFrame:
    """Read the tables of relations of some studies, by study, as one."""
    return pd.concat(
        [read_relations(path).assign(study=study) for study, path in paths.items()],
        ignore_index=True,
    )
