"""Metrics agree over models as scipy says, region by region."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from stages.core.results.survey import TABLES
from stages.survey.scene.metric_agreement import metric_agreement

REGIONS, MODELS = [f"R{k}" for k in range(12)], [f"net-{k}" for k in range(9)]


def means_of(scores):
    """Table `means` of scores by metric, shape (n_regions, n_models)."""
    rows = [
        {"model": model, "modality": "vision", "metric": metric, "region": region}
        | {"best_layer": "", "null_kind": "closed", "score": values[i, j]}
        for metric, values in scores.items()
        for i, region in enumerate(REGIONS)
        for j, model in enumerate(MODELS)
    ]
    return pd.DataFrame(rows).reindex(columns=list(TABLES["means"]))


def test_each_pair_is_the_mean_over_regions_of_what_scipy_finds(rng):
    scores = {name: rng.normal(size=(12, 9)) for name in ("a", "b", "c")}
    scores["b"][3, :6] = np.nan  # three models are left in a region
    found = metric_agreement(means_of(scores)).set_index(["first", "second"])
    assert list(found.index) == [("a", "b"), ("a", "c"), ("b", "c")]
    expected = [spearmanr(*pair)[0] for pair in zip(scores["a"], scores["c"], strict=True)]
    row = found.loc[("a", "c")]
    assert row["rho"] == pytest.approx(np.mean(expected))
    np.testing.assert_allclose(
        row[["low", "high"]].astype(float), np.quantile(expected, (0.1, 0.9))
    )
    assert found["regions"].tolist() == [11, 12, 11]
    assert set(found["models"]) == {9}


def test_the_same_ranks_are_1_turned_ones_less_than_0_and_noise_is_near_0(rng):
    one = rng.normal(size=(12, 9))
    found = metric_agreement(means_of({"a": one, "same": one**3, "turned": -one}))
    assert found["rho"].tolist() == pytest.approx([1, -1, -1])
    noise = metric_agreement(means_of({"a": one, "b": rng.normal(size=(12, 9))}))
    # The sd of a mean of twelve rho of nine models each is .1.
    assert abs(noise["rho"].item()) < 0.3


def test_noise_models_are_not_ranked_and_too_few_models_give_no_row(rng):
    means = means_of({name: rng.normal(size=(12, 9)) for name in ("a", "b")})
    noise = means[means["model"] == "net-0"].assign(model="noise", modality="noise", score=99.0)
    pd.testing.assert_frame_equal(
        metric_agreement(pd.concat([means, noise])), metric_agreement(means)
    )
    few = metric_agreement(means[means["model"].isin(MODELS[:3])])
    assert few.empty
    assert list(few) == list(TABLES["agreement"])
    assert metric_agreement(means.iloc[:0]).empty


def test_four_models_that_differ_by_both_metrics_are_ranked(rng):
    """By hand: a region of four models, one of six, of three, and two in which nothing varies."""
    scores = {name: rng.normal(size=(12, 9)) for name in ("a", "b")}
    kept = np.full((12, 9), np.nan)
    for region, n in enumerate((4, 6, 3, 9, 9)):
        kept[region, :n] = 0
    scores["a"] += kept
    scores["a"][3] = 0.5
    scores["b"][4] = 0.5
    found = metric_agreement(means_of(scores))
    rhos = [spearmanr(scores["a"][k, :n], scores["b"][k, :n])[0] for k, n in ((0, 4), (1, 6))]
    assert found[["regions", "models"]].to_numpy().tolist() == [[2, 4]]
    assert found["rho"].item() == pytest.approx(np.mean(rhos))


def test_towers_of_a_model_are_ranked_by_themselves(rng):
    means = means_of({name: rng.normal(size=(12, 9)) for name in ("a", "b")})
    language = means.assign(modality="language", score=rng.normal(size=len(means)))
    found = metric_agreement(pd.concat([means, language]))
    assert found["models"].tolist() == [18]
