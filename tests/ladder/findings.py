"""Made-up findings of a story: a model that stands, one that does not, and a twin."""

import pandas as pd

from stages.core.results.pairs import COLUMNS as PAIRS
from stages.core.results.pairs import INTERVALS
from stages.core.results.results import results_table, write_results
from stages.core.results.survey import TABLES, write_survey
from stages.core.results.typed_tables import empty_table
from stages.core.run.tables import write_table
from tests.plots.survey_tables import survey_of

ROLL = pd.DataFrame(
    {
        "model": ["big", "big+untrained", "small"],
        "modality": ["language"] * 3,
        "architecture": ["big", "big", "small"],
        "trained": [True, False, True],
        "width": [384, 384, 96],
        "error": "",
    }
)


def roll(table=ROLL):
    """The roll with all of its columns."""
    blank = {"string": "", "seed": 0, "parameters": 1.0, "layers": 2}
    return table.assign(**blank)[list(TABLES["models"])]


def nested(people=4, *, partial=True, regions=("A", "B")):
    """Scores of the average and of people: A is predicted by all models, B by none."""
    rows = []
    for model, score in (("big", 0.6), ("big+untrained", 0.2), ("small", 0.4)):
        for region in regions:
            for subject in ("group", *(f"s{k}" for k in range(people))):
                for metric, part in (("r", 1.0), ("r_partial", 0.8)):
                    found = region == "A"
                    value = score * part if found else 0.01
                    rows.append(
                        {"dataset": "toy", "subject": subject, "region": region, "model": model}
                        | {"layer": "layer_01", "kind": "nested", "metric": metric}
                        | {"score": value, "ceiling": 0.8}
                        | dict.fromkeys(("p", "q"), 0.001 if found else 0.6)
                    )
    table = results_table(rows)
    return table if partial else table[table["metric"] == "r"]


def pairs(people=4, *, metrics=("r", "r_partial"), regions=("A", "B")):
    """Differences of the scores of `nested`, sure in A."""
    rows = []
    for model, other, difference in (("big", "big+untrained", 0.4), ("small", "big", -0.2)):
        for region in regions:
            value = difference if region == "A" else -0.01
            for subject in ("group", "mean"):
                for metric in metrics:
                    row = {"model": model, "other": other, "subject": subject, "region": region}
                    row |= {"metric": metric, "difference": value}
                    row |= {"low": value - 0.05, "high": value + 0.05}
                    row |= dict.fromkeys(("p", "q"), 0.001 if region == "A" else 0.6)
                    if subject == "mean":
                        row |= {"people_low": value - 0.1, "people_high": value + 0.1}
                        row |= {"people_q": 0.01 if region == "A" else 0.7, "people": people}
                        ahead, behind = (people, 0) if value > 0 else (0, people)
                        row |= {"ahead": ahead, "behind": behind}
                    rows.append(row)
    table = pd.concat([empty_table(PAIRS), pd.DataFrame(rows)], ignore_index=True)
    texts = [name for name, kind in PAIRS.items() if kind == "text"]
    table[texts] = table[texts].fillna("")
    return table[list(PAIRS)]


def intervals(scores):
    """Of scores of people and their average, of width .2; of people alone, of their mean."""
    rows = scores.assign(low=scores["score"] - 0.1, high=scores["score"] + 0.1)
    if "group" not in set(rows["subject"]) and len(set(rows["subject"])) > 1:
        rows = rows.drop_duplicates(["model", "region", "metric"]).assign(subject="mean")
    return rows.assign(modality="vision").reindex(columns=list(INTERVALS))


def write_findings(folder, rng):
    """Write what the ladders of both studies are made of, with no others beside them."""
    write_results(folder / "encode.parquet", nested())
    write_table(folder / "pairs.parquet", pairs())
    write_table(folder / "intervals.parquet", intervals(nested()))
    write_table(folder / "models.parquet", roll())
    write_survey(folder / "survey", survey_of(rng))
    (folder / "others").mkdir()
