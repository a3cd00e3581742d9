"""Dots of models, and correlations over them against independent routines."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import pearsonr

from stages.core.results.language_tasks import NEXT_WORD, PERPLEXITY
from stages.plots.language.model_points import recording_points, twin_points, word_points
from stages.plots.language.relation_numbers import related
from stages.plots.language.relation_tiles import relation_table, table_of_relations
from stages.plots.language.zoo_scores import model_scores


@pytest.fixture
def models(tables):
    return model_scores(tables["scores"], tables["words"])


def test_lineages_are_those_of_the_models_whatever_their_short_names(tables):
    """As `relate` has them, so that a picture's interval is that of the table."""
    strings = {"minilm": "hf:EleutherAI/pythia-70m", "smollm": "hf:EleutherAI/pythia-160m"}
    words = tables["words"].assign(
        string=tables["words"]["model"].map(strings).fillna(tables["words"]["string"])
    )
    found = model_scores(tables["scores"], words).set_index("model")["lineage"]
    assert set(found[["minilm", "smollm"]]) == {"pythia"}
    bare = model_scores(tables["scores"], words.assign(string="")).set_index("model")["lineage"]
    assert set(bare["smollm"]) == {"smollm"}  # of a published table, which has no strings


def test_r_is_that_of_scipy_and_its_sign_is_that_of_better(rng):
    x = rng.normal(size=20)
    table = pd.DataFrame({"x": x, "y": x + rng.normal(size=20), "lineage": list("abcde") * 4})
    table.loc[0, "x"] = np.nan
    found = related(table)
    kept = table.dropna()
    assert found.r == pytest.approx(pearsonr(kept["x"], kept["y"]).statistic)
    assert found.low < found.r < found.high
    assert found.n == 19
    assert related(table, less_is_better=True).r == pytest.approx(-found.r)
    assert "n = 19" in found.told


def test_shuffled_models_are_not_related(rng):
    x = rng.normal(size=40)
    table = pd.DataFrame({"x": x, "y": rng.permutation(x), "lineage": [str(i) for i in range(40)]})
    found = related(table)
    assert found.low < 0 < found.high


@pytest.mark.parametrize("n", [0, 1, 2])
def test_too_few_models_have_no_r(n):
    found = related(
        pd.DataFrame({"x": range(n), "y": range(n), "lineage": ["a"] * n}, dtype=object)
    )
    assert np.isnan(found.r)
    assert found.told == f"n = {n}: no r"


def test_few_models_have_r_without_an_interval():
    table = pd.DataFrame({"x": [1.0, 2, 3], "y": [1.0, 2, 4], "lineage": list("abc")})
    assert related(table).told == "r = 0.982, n = 3"
    assert np.isnan(related(table.assign(y=1.0)).r)


def test_words_are_beside_scores_where_a_model_predicts_them(models, tables):
    points, measure = word_points(models, tables["words"], None)
    assert measure == "bits per byte"
    assert set(points["model"]) == {"smollm"}
    assert points["x"].unique() == pytest.approx(1.1)


def test_tasks_stand_in_where_no_words_were_predicted(models, tables):
    words = tables["words"].assign(bits_per_byte=np.nan)
    tasks = pd.DataFrame(
        {"model": ["glove", "minilm"], "task": NEXT_WORD, "measure": PERPLEXITY, "value": [9.0, 3]}
    )
    points, measure = word_points(models, words, tasks)
    assert measure == "wikitext-2 perplexity"
    assert points.groupby("model")["x"].first().to_dict() == {"glove": 9.0, "minilm": 3.0}
    assert word_points(models, words, None)[0].empty


def test_twins_are_averaged_over_seeds_and_controls_left_out(models):
    points = twin_points(models)
    row = points[points["panel"].eq("ucl2013") & points["model"].eq("minilm")]
    assert row["x"].item() == pytest.approx(0.5 * (0.1 + 0.15))
    assert row["y"].item() == pytest.approx(0.3)
    assert set(points["model"]) == {"minilm", "smollm"}


def test_a_mean_of_recordings_is_not_beside_its_own(models):
    names = {"pereira2018": "pereira2018", "futrell2018": "futrell2018", "ucl2013": "neural"}
    renamed = models.assign(recording=models["recording"].map(names))
    panels = set(recording_points(renamed)["panel"])
    assert panels == {"pereira2018 × futrell2018", "neural × futrell2018"}
    assert set(recording_points(models)["panel"]) == {
        "pereira2018 × ucl2013",
        "pereira2018 × futrell2018",
        "ucl2013 × futrell2018",
    }


def test_only_scores_on_one_scale_have_a_line_of_identity(models):
    alike = recording_points(models).groupby("panel")["alike"].first()
    assert alike["pereira2018 × futrell2018"]
    assert not alike["pereira2018 × ucl2013"]


def test_relations_are_those_of_the_dots(models, tables):
    found = relation_table(models, tables["words"], None).set_index(["recording", "quantity"])
    assert found.loc[("ucl2013", "score on pereira2018"), "r"] == pytest.approx(1)
    assert found.loc[("pereira2018", "score on ucl2013"), "n"] == 3
    assert np.isnan(found.loc[("ucl2013", "next word (bits per byte)"), "r"])


def test_a_table_of_relations_is_told_of_both_recordings():
    rows = [
        ("pereira2018", "futrell2018", "pearson", 0.5),
        ("pereira2018", "futrell2018 without static embeddings", "pearson", 0.6),
        ("pereira2018", "next word", "pearson", 0.4),
        ("pereira2018", "next word", "spearman", 0.3),
        ("futrell2018", "next word", "pearson", 0.2),
    ]
    table = pd.DataFrame(rows, columns=["metric", "benchmark", "statistic", "value"])
    found = table_of_relations(table.assign(low=0.0, high=1.0, n=9.0))
    r = found.set_index(["recording", "quantity"])["r"].to_dict()
    assert r == {
        ("pereira2018", "next word"): 0.4,
        ("futrell2018", "next word"): 0.2,
        ("pereira2018", "score on futrell2018"): 0.5,
        ("futrell2018", "score on pereira2018"): 0.5,
        ("pereira2018", "score on futrell2018 without static embeddings"): 0.6,
        ("futrell2018", "score on pereira2018 without static embeddings"): 0.6,
    }
