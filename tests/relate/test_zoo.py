import re

import numpy as np
import pandas as pd
import pytest
from scipy.stats import pearsonr, spearmanr

from stages.core.results.relations import RELATION_COLUMNS
from stages.relate.relation_rows import relations_table
from stages.relate.summary import summarise
from stages.relate.zoo import relate_zoo, trained_models


@pytest.fixture
def aligned(zoo):
    return trained_models(zoo.best, zoo.models, "cka_linear")


def related(zoo, aligned):
    return relations_table(relate_zoo(aligned, zoo.benchmarks, "cka_linear", 300, 0))


def value(table, benchmark, statistic):
    chosen = table[(table["benchmark"] == benchmark) & (table["statistic"] == statistic)]
    return chosen.iloc[0]


def test_only_trained_models_are_averaged(zoo, aligned, caplog):
    assert set(aligned["model"]) == set(zoo.alignment) - {"twin", "noise"}
    found = aligned.set_index("model")["alignment"].to_dict()
    assert found == pytest.approx({name: zoo.alignment[name] for name in found})
    vision = aligned[aligned["modality"] == "vision"].set_index("model")
    assert vision.loc["short-vit_0", "family"] == "vit"
    assert vision["log_parameters"].to_numpy() == pytest.approx(
        [7 + zoo.size[list(zoo.alignment).index(name)] for name in vision.index]
    )


def test_regions_that_one_model_lacks_are_left_out(zoo, caplog):
    lacking = (zoo.best["model"] == "short-vit_1") & (zoo.best["region"] == "FFC")
    shifted = zoo.best.assign(score=zoo.best["score"] + 9 * (zoo.best["region"] == "FFC"))
    found = trained_models(shifted[~lacking], zoo.models, "cka_linear").set_index("model")
    assert found.loc["short-vit_0", "alignment"] == pytest.approx(zoo.alignment["short-vit_0"])
    assert "vision: 2 of 4 subjects × regions left out" in caplog.text


def test_models_left_out_by_name(zoo, caplog):
    zoo.models.loc[zoo.models["model"] == "short-vit_2", "parameters"] = np.nan
    best = zoo.best[zoo.best["model"] != "short-vit_3"]
    found = trained_models(best, zoo.models, "cka_linear")
    assert not {"short-vit_2", "short-vit_3"} & set(found["model"])
    assert "not among the best layers: short-vit_3" in caplog.text
    assert "no size: short-vit_2" in caplog.text


def test_rows_are_scipys(zoo, aligned):
    table = related(zoo, aligned)
    x = [zoo.alignment[f"short-{key.removesuffix('.in1k')}"] for key in zoo.benchmarks["key"]]
    row = value(table, "imagenet", "pearson")
    assert row["value"] == pytest.approx(pearsonr(x, zoo.top1)[0])
    assert (row["n"], row["families"], row["modality"]) == (24, 6, "vision")
    size = value(table, "log_parameters", "spearman")
    assert size["value"] == pytest.approx(spearmanr(x, zoo.size)[0])
    assert row["q_family"] == "benchmarks × modalities; source=zoo, statistic=pearson"
    assert set(table["statistic"]) == {"pearson", "spearman", "partial_pearson", "partial_spearman"}
    assert list(table) == list(RELATION_COLUMNS)


def test_performance_that_only_follows_size_says_nothing_more(zoo, aligned):
    table = related(zoo, aligned)
    raw, partial = (value(table, "imagenet", name) for name in ("pearson", "partial_pearson"))
    assert raw["low"] > 0.8
    assert partial["low"] < 0 < partial["high"]
    assert partial["p"] > 0.05


def test_too_few_models_are_no_row_but_a_line(zoo, aligned, caplog):
    table = related(zoo, aligned)
    assert set(table["modality"]) == {"vision"}
    assert re.search(r"language: \d+ correlations not computed: 2 models", caplog.text)


def test_untrained_twins_and_checkpoints_take_no_score(zoo, caplog):
    zoo.models.loc[zoo.models["model"] == "short-vit_0", "string"] = "timm:vit_0.in1k@early"
    aligned = trained_models(zoo.best, zoo.models, "cka_linear")
    table = related(zoo, aligned)
    assert value(table, "imagenet", "pearson")["n"] == 23
    assert "no published score can be that of short-vit_0" in caplog.text


def test_nothing_to_relate(zoo):
    models = trained_models(zoo.best.iloc[:0], zoo.models, "cka_linear")
    table = related(zoo, models)
    assert table.empty
    assert list(table) == list(RELATION_COLUMNS)
    assert summarise(table, 0) == {"models": 0, "rows": 0}


def test_no_benchmarks_leave_size(zoo, aligned):
    zoo.benchmarks = pd.DataFrame(columns=zoo.benchmarks.columns)
    table = related(zoo, aligned)
    assert set(table["benchmark"]) == {"log_parameters", "log_width"}


def test_summary(zoo, aligned):
    table = related(zoo, aligned)
    summary = summarise(table, 26)
    assert summary["vision"]["imagenet"]["pearson"]["value"] == round(
        value(table, "imagenet", "pearson")["value"], 4
    )
    assert set(summary["vision"]["imagenet"]) == set(table["statistic"])
