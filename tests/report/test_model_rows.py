import pandas as pd
import pytest

from stages.report.model_rows import COLUMNS, read_language_models, story_models
from stages.report.story_rows import encoding_rows
from tests.ladder.findings import roll
from tests.report.made_results import encoded, write_language


def test_models_of_the_story_have_the_means_of_their_chosen_layers(rng):
    table = story_models(roll(), encoding_rows(encoded(rng)))
    assert list(table) == COLUMNS
    row = table[(table["model"] == "big") & (table["metric"] == "r")].iloc[0]
    assert row["score"] == (0.6 + 0.01) / 2
    assert (row["regions"], row["found"], row["ceiling"]) == (2, 1, 0.8)
    assert not table.loc[table["model"] == "big+untrained", "trained"].any()


def test_a_share_of_the_ceiling_is_over_regions_that_have_one(rng):
    rows = encoding_rows(encoded(rng))
    some = rows.assign(ceiling=rows["ceiling"].where(rows["score"] > 0.1))
    row = story_models(roll(), some).query("model == 'big' and metric == 'r'").iloc[0]
    assert row["score"] == (0.6 + 0.01) / 2
    assert row["share"] == pytest.approx(0.6 / 0.8)


def test_a_model_without_scores_is_there_with_nothing(rng):
    lost = roll().tail(1).assign(model="lost", error="weights refused")
    table = story_models(pd.concat([roll(), lost]), encoding_rows(encoded(rng)))
    row = table[table["model"] == "lost"].iloc[0]
    assert row["error"] == "weights refused"
    assert row[["score", "found", "ceiling"]].isna().all()


def test_models_of_the_language_study_have_their_performance(tmp_path):
    write_language(tmp_path)
    table = read_language_models(tmp_path / "language").set_index("model")
    reader = table.loc["reader"]
    assert (reader["score"], reader["ceiling"], reader["bits_per_byte"]) == (0.2, 0.5, 1.25)
    assert (reader["regions"], reader["found"]) == (2, 1)  # the mean over regions is none of them
    assert table.loc["broken", "error"] == "weights refused"
    assert pd.isna(table.loc["broken", "score"])
