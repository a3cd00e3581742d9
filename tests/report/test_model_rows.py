import numpy as np
import pandas as pd
import pytest

from stages.core.results.language_scores import EVERYWHERE
from stages.report.model_rows import (
    COLUMNS,
    language_models,
    over_regions,
    read_language_models,
    story_models,
)
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


def test_means_are_over_rows_and_groups_stay_in_their_order():
    """Two people in one of two regions; a q of .05 is not below it."""
    rows = pd.DataFrame(
        [
            ("z", "V1", 0.1, 0.01, 0.5, 0.05),
            ("z", "V1", 0.2, 0.02, np.nan, 0.049),
            ("z", "V2", 0.6, 0.03, 0.7, 0.01),
            ("a", "V1", 0.9, 0.04, np.nan, np.nan),
        ],
        columns=["model", "region", "score", "null", "ceiling", "q"],
    )
    table = over_regions(rows, ["model"])
    assert list(table["model"]) == ["z", "a"]
    assert table["regions"].tolist() == [2, 1]
    assert table["found"].tolist() == [2, 0]
    np.testing.assert_allclose(table["score"], [0.3, 0.9])
    np.testing.assert_allclose(table["null"], [0.02, 0.04])
    np.testing.assert_allclose(table["ceiling"], [0.6, np.nan])
    np.testing.assert_allclose(table["share"], [(0.1 + 0.6) / (0.5 + 0.7), np.nan])


def test_models_of_recordings_with_and_without_a_score():
    scores = pd.DataFrame(
        [
            ("y", "m", "V1", 0.3, np.nan, np.nan, 0.05),
            ("y", "m", "V2", 0.5, np.nan, np.nan, 0.01),
            ("y", "m", EVERYWHERE, 0.4, 0.8, 0.5, 0.001),
            ("x", "m", "V1", 0.3, np.nan, np.nan, 0.2),
        ],
        columns=["recording", "model", "region", "score", "ceiling", "normalised", "q"],
    )
    words = pd.DataFrame({"recording": ["x", "y", "y"], "model": ["m", "m", "lost"]})
    words = words.assign(modality="language", trained=[True, True, None], architecture=None)
    words = words.assign(parameters=[7, 7, np.nan], layers=1, width=2, error=["", "", "gone"])
    table = language_models(scores, words.assign(bits_per_byte=[1.0, 2.0, np.nan]))
    assert list(table) == COLUMNS
    table = table.set_index(["recording", "model"])
    row = table.loc[("y", "m")]
    assert row[["score", "ceiling", "share", "bits_per_byte"]].tolist() == [0.4, 0.8, 0.5, 2.0]
    assert (row["regions"], row["found"], row["metric"], row["study"]) == (2, 1, "r", "language")
    assert table["trained"].tolist() == [name == "m" for _, name in table.index]
    assert table["trained"].dtype == bool
    assert np.isnan(table.loc[("x", "m"), "score"])
    assert table.loc[("x", "m"), "regions"] == 1
    assert table.loc[("y", "lost"), "error"] == "gone"
    assert table.loc[("y", "lost"), "architecture"] == ""
    assert len(table) == 3
