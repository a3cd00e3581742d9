import numpy as np
import pandas as pd
import pytest

from stages.core.results.shown import of_people
from stages.plots.scene.selection import KINDS, of_metric, ordered_regions, with_names
from stages.plots.scene.tables import (
    best_table,
    by_network,
    ceilings_table,
    layers_table,
    mean_over_people,
    models_table,
    performance_table,
)
from tests.plots.survey_tables import PEOPLE, REGIONS, fill, related, survey_of


@pytest.fixture
def survey(rng):
    return of_metric(survey_of(rng), "cka_linear")


def test_the_best_scores_are_means_over_subjects(survey):
    table = best_table(survey)
    rows = survey.best
    for found in table.itertuples():
        model, _, tower = found.model.partition(" (")
        own = (rows["model"] == model) & (rows["region"] == found.region)
        own &= (rows["modality"] == tower[:-1]) | (tower == "")
        mine = rows[own]
        assert len(mine) == len(PEOPLE)
        assert found.score == pytest.approx(mine["score"].mean(), abs=1e-4)
        assert found.significant == pytest.approx((mine["q"] < 0.05).mean(), abs=1e-4)
        null = mine["null_mean"].mean() + 1.96 * mine["null_sd"].mean()
        assert found.null_high == pytest.approx(null, abs=1e-4)


def test_models_of_a_kind_stand_together_and_regions_from_posterior_to_anterior(survey):
    table = best_table(survey)
    assert list(table["region"].unique()) == list(REGIONS)
    one = table[table["region"] == "V1"]
    assert list(one["kind"].unique()) == list(KINDS)
    assert list(one["model"]) == [
        *("efficientnet", "clip (vision)", "minilm", "clip (language)"),
        *("efficientnet-untrained-0", "efficientnet-untrained-1", "minilm-untrained-0", "noise"),
    ]


def test_regions_without_coordinates_come_last_in_the_order_of_the_table():
    rows = [("B", np.nan), ("C", 5.0), ("A", np.nan), ("D", -5.0), ("D", 17.0)]
    regions = fill("regions", pd.DataFrame(rows, columns=["region", "y"]))
    found = ordered_regions(regions)
    assert list(found["region"]) == ["C", "D", "B", "A"]
    assert found["y"].tolist()[:2] == [5.0, 6.0]


def test_an_average_is_left_out_where_somebody_was_measured():
    table = pd.DataFrame(
        [("BE", "human_IT"), ("group", "human_IT"), ("group", "monkey_IT"), ("mean", "human_IT")],
        columns=["subject", "region"],
    )
    assert of_people(table).to_numpy().tolist() == [["BE", "human_IT"], ["group", "monkey_IT"]]
    assert list(of_people(table[["subject"]])["subject"]) == ["BE"]
    only = table[table["subject"] == "group"]
    assert len(of_people(only[["subject"]])) == len(only)


def test_layers_are_all_there_without_noise_and_without_training_scores(survey):
    train = survey.scores.assign(split="train", score=9.0)
    both = survey.__class__(
        **vars(survey) | {"scores": pd.concat([survey.scores, train], ignore_index=True)}
    )
    table = layers_table(both)
    pd.testing.assert_frame_equal(table, layers_table(survey))
    assert table["score"].max() < 1
    assert "noise" not in set(table["kind"])
    layers = table.groupby(["region", "model"]).size()
    assert set(layers) == {6}
    assert len(layers) == len(REGIONS) * 7


def test_networks_are_means_of_their_regions(survey):
    table = layers_table(survey)
    means = by_network(table)
    one = means[(means["region"] == "VIS") & (means["model"] == "minilm")]
    own = table[(table["network"] == "VIS") & (table["model"] == "minilm")]
    expected = own.groupby("layer")["score"].mean()
    np.testing.assert_allclose(one.set_index("layer")["score"], expected[one["layer"]])
    assert len(one) == 6


def test_ceilings_of_every_kind_are_averaged(survey):
    table = ceilings_table(survey).set_index(["region", "ceiling_kind"])["ceiling"]
    assert table["V1", "ncsnr"] == pytest.approx(0.5)
    assert table["V1", "between_subject"] == pytest.approx(0.35)
    assert len(table) == 2 * len(REGIONS)


def test_a_ceiling_of_a_subject_counts_once(survey):
    scores = survey.scores
    one = (scores["kind"] == "ceiling") & (scores["subject"] == PEOPLE[0])
    scores.loc[one, "score"] = 0.95
    found = ceilings_table(survey).set_index(["region", "ceiling_kind"])["ceiling"]
    assert found["V4", "between_subject"] == pytest.approx((0.95 + 0.35 + 0.35) / 3)


def test_the_roll_names_the_best_region_and_the_error_of_a_failed_model(survey):
    table = models_table(survey).set_index("model")
    means = survey.best[survey.best["model"] == "minilm"].groupby("region")["score"].mean()
    assert table.loc["minilm", "best"] == pytest.approx(means.max(), abs=1e-4)
    assert table.loc["minilm", "best_region"] == means.idxmax()
    assert table.loc["broken", "error"].startswith("weights refused")
    assert np.isnan(table.loc["broken", "best"])
    assert list(table.index) == list(survey.models["model"])


def test_only_correlations_of_which_a_value_is_known_are_shown(rng):
    table = related(rng)
    table.loc[1, "statistic"] = "mean"
    table.loc[2, "value"] = np.nan
    assert len(performance_table(table)) == len(table) - 2


@pytest.mark.parametrize("empty", ["zoo", "people", "regions"])
def test_an_empty_survey_gives_empty_tables(rng, empty):
    survey = of_metric(survey_of(rng, **{empty: {} if empty == "zoo" else ()}), "cka_linear")
    for make in (best_table, layers_table):
        assert make(survey).empty
    assert len(models_table(survey)) == len(survey.models)


def test_models_that_are_not_of_the_zoo_have_no_name(survey):
    stranger = survey.best.assign(model="stranger")
    assert with_names(stranger, survey.models).empty
    assert mean_over_people(stranger.head(0), "region").empty


def test_a_mean_over_people_has_no_ceiling_of_some_of_them(survey):
    lacking = survey.best["subject"].eq(PEOPLE[0]) & survey.best["region"].eq("V1")
    survey.best.loc[lacking, "ceiling"] = np.nan
    found = best_table(survey).set_index("region")["ceiling"]
    assert found["V1"].isna().all()
    assert found.drop("V1").notna().all()
