"""A planted gradient is found with its sign; without one, p is uniform."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from stages.survey.all_scores import gather
from stages.survey.depths import depth_centre
from stages.survey.scene.choice import choose_layers
from stages.survey.scene.gradient import FEWEST, gradients
from stages.survey.zoo_models import list_layers
from tests.survey.planted import DATASET, REGIONS, SUBJECTS, model, place, results, rows, zoo


def planted(models, peaks, table=None, rng=None):
    """Best layers and centres of scores that peak at a relative depth, by region."""
    table = rows(models, SUBJECTS, REGIONS, ["cka_linear"]) if table is None else table
    layers = list_layers(models)
    depth = table.merge(layers, on=["model", "layer"])["depth"].to_numpy(float)
    score = 0.5 - np.abs(np.nan_to_num(depth) - table["region"].map(peaks).to_numpy())
    if rng is not None:
        score += rng.normal(0, 0.01, len(score))
    scores = gather(results(table, score, p=0.001).values(), layers, DATASET)
    return choose_layers(scores), depth_centre(scores)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_sign_of_a_planted_gradient_is_found(rng, sign):
    models = zoo("net", "noise")
    peaks = dict(zip(REGIONS, np.linspace(0, 1, len(REGIONS))[::sign], strict=True))
    table = gradients(*planted(models, peaks, rng=rng), place().regions, 0)
    assert set(table["model"]) == {"net"}
    assert set(table["subject"]) == {*SUBJECTS, "mean"}
    assert set(table["quantity"]) == {"best_depth", "depth_centre"}
    assert (sign * table["spearman"] > 0.9).all()
    # Four of the patterns of eight regions in a line ascend: of 16 signs two reach a gradient. A
    # line is among the smoothest maps, of which as many or some more do.
    assert table["p"].between(2 / 16 - 0.01, 0.2).all()
    assert table["smoothness"].min() > 20
    assert set(table["regions"]) == {8}


def test_values_of_every_subject_and_their_mean_agree_with_scipy(rng):
    models = [model("clip", "hf:clip"), *zoo("net")]
    table = rows(models, SUBJECTS, REGIONS, ["cka_linear"])
    missing = (table["subject"] == SUBJECTS[1]) & table["region"].isin(REGIONS[2:3])
    table = table[~missing].reset_index(drop=True)
    score = rng.normal(size=len(table))
    scores = gather(results(table, score, p=0.001).values(), list_layers(models), DATASET)
    best, where = choose_layers(scores), place().regions
    found = gradients(best, depth_centre(scores), where, 0)
    y = where.set_index(["subject", "region"])["y"]
    key = ["model", "modality", "metric", "subject"]
    chosen = found[found["quantity"] == "best_depth"].set_index(key)
    for name, cell in best.groupby(key):
        at = [y[name[3], region] for region in cell["region"]]
        assert chosen.loc[name, "spearman"] == pytest.approx(spearmanr(cell["depth"], at)[0])
        assert chosen.loc[name, "regions"] == (7 if name[3] == SUBJECTS[1] else 8)
    for name, cell in best.groupby(key[:3]):
        means = cell.groupby("region")["depth"].mean()
        at = [y["subj01", region] for region in means.index]
        assert chosen.loc[(*name, "mean"), "spearman"] == pytest.approx(spearmanr(means, at)[0])


def test_where_all_regions_are_equally_deep_there_is_no_gradient_and_it_is_said(caplog):
    models = zoo("net")
    found = gradients(*planted(models, dict.fromkeys(REGIONS, 0.4)), place().regions, 0)
    assert found.empty
    assert (
        "all regions are equally deep: subj01, net, vision, cka_linear, best_depth" in caplog.text
    )


def test_too_few_regions_or_none_with_coordinates_make_no_gradient(rng, caplog):
    models = zoo("net")
    few = REGIONS[: FEWEST - 1]
    peaks = dict(zip(few, np.linspace(0, 1, len(few)), strict=True))
    best, centres = planted(models, peaks, rows(models, SUBJECTS, few, ["cka_linear"]), rng)
    assert gradients(best, centres, place(regions=few).regions, 0).empty
    assert (
        "no gradient of model net (vision) in 4 of 4 cases, subjects by metrics: expected at least "
        "7 regions with a place and with which it aligns, got 6 to 6" in caplog.text
    )
    caplog.clear()
    bare = place(regions=few).regions.assign(y=np.nan)
    found = gradients(best, centres, bare, 0)
    assert found.empty
    assert {"subject", "spearman", "p"} <= set(found)
    assert not caplog.text


@pytest.mark.parametrize("p", [0.05, 0.5, np.nan])
def test_regions_with_which_nothing_aligns_are_left_out(rng, caplog, p):
    """All but the last region deepen to the front; in the last, the first layer is the best."""
    models = zoo("net")
    peaks = dict(zip(REGIONS, np.linspace(0, 1, len(REGIONS)), strict=True)) | {REGIONS[-1]: 0.0}
    best, centres = planted(models, peaks, rng=rng)
    whole = gradients(best, centres, place().regions, 0)
    assert whole["regions"].tolist() == [8] * len(whole)
    nothing = best["region"] == REGIONS[-1]
    best.loc[nothing, "p"] = p
    if np.isnan(p):  # no null was drawn: what is not above 0 does not align
        best["p"] = p
        best.loc[nothing, "score"] = 0.0
    found = gradients(best, centres, place().regions, 0)
    assert found["regions"].tolist() == [7] * len(found)
    assert (found["spearman"] > 0.95).all()
    assert (whole["spearman"] < 0.7).all()
    assert not caplog.text
    best.loc[(best["region"] == REGIONS[0]) & (best["subject"] == SUBJECTS[0]), ["p", "score"]] = (
        0.05,
        0.0,
    )
    found = gradients(best, centres, place().regions, 0)
    assert set(found["subject"]) == {*SUBJECTS[1:], "mean"}
    assert set(found["regions"]) == {7}
    assert "in 1 of 4 cases" in caplog.text
    assert "got 6 to 6" in caplog.text


def test_the_mean_of_a_region_is_that_of_the_people_in_whom_it_counts(rng):
    models = zoo("net")
    peaks = dict(zip(REGIONS, rng.permutation(np.linspace(0, 1, len(REGIONS))), strict=True))
    best, centres = planted(models, peaks, rng=rng)
    best["depth"] += rng.uniform(0, 0.4, len(best))
    best.loc[rng.random(len(best)) < 0.3, "p"] = 0.2
    found = gradients(best, centres, place().regions, 0)
    means = best[best["p"] < 0.05].groupby("region")["depth"].mean()
    expected = spearmanr(means, [REGIONS.index(region) for region in means.index])[0]
    row = found.query("subject == 'mean' and quantity == 'best_depth'")
    assert row["spearman"].item() == pytest.approx(expected)


def test_the_same_seed_gives_the_same_p(rng):
    models = zoo("net")
    peaks = dict(zip(REGIONS, rng.random(len(REGIONS)), strict=True))
    best, centres = planted(models, peaks, rng=rng)
    one, two, other = (gradients(best, centres, place().regions, seed) for seed in (0, 0, 1))
    pd.testing.assert_frame_equal(one, two)
    assert (one["p"] != other["p"]).any()
