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
    scores = gather(results(table, score).values(), layers, DATASET)
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
    scores = gather(results(table, score).values(), list_layers(models), DATASET)
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
    assert "expected at least 7 regions with a place, got 6" in caplog.text
    bare = place(regions=few).regions.assign(y=np.nan)
    found = gradients(best, centres, bare, 0)
    assert found.empty
    assert {"subject", "spearman", "p"} <= set(found)


def test_the_same_seed_gives_the_same_p(rng):
    models = zoo("net")
    peaks = dict(zip(REGIONS, rng.random(len(REGIONS)), strict=True))
    best, centres = planted(models, peaks, rng=rng)
    one, two, other = (gradients(best, centres, place().regions, seed) for seed in (0, 0, 1))
    pd.testing.assert_frame_equal(one, two)
    assert (one["p"] != other["p"]).any()
