"""Biased metrics are flagged, debiased ones are not; nominal chance is what it is said to be."""

import numpy as np
import pandas as pd
import pytest
from pandas.errors import MergeError

from stages.core.names.metrics import parse_metric
from stages.core.run.errors import InputError
from stages.survey.all_scores import gather
from stages.survey.scene.control import control_table
from stages.survey.zoo_models import list_layers
from tests.survey.planted import DATASET, SUBJECTS, results, rows, zoo

N, SD = 200, 0.01


def controlled(models, table, score, **columns):
    layers = list_layers(models)
    return control_table(
        gather(results(table, score, n=N, **columns).values(), layers, DATASET), layers
    )


def planted(models, rng):
    """Trained models are aligned by .3; the biased metric adds what rises with width."""
    table = rows(models, SUBJECTS, ["V1", "FFC"], ["cka_linear", "cka_linear_biased"])
    units = table.merge(list_layers(models), on=["model", "layer"])["units"].to_numpy()
    bias = np.where(table["metric"] == "cka_linear_biased", units / (units + N), 0.0)
    narrow = np.where(table["metric"] == "cka_linear_biased", 256 / (256 + N), 0.0)
    truth = np.where(table["model"].isin(["net", "word"]), 0.3, 0.0)
    draw = (rng.normal(0, SD, len(table)) for _ in range(4))
    score = truth + bias * (1 - truth) + next(draw)
    p = np.where(score - bias > 1.645 * SD, 0.005, 0.5)
    noise, projected = bias + next(draw), truth + narrow * (1 - truth) + next(draw)
    found = controlled(
        models, table, score, noise=noise, projected=projected, null_mean=bias, null_sd=SD, p=p
    )
    return found, table.assign(score=score, noise=noise, projected=projected)


def test_noise_is_flagged_by_a_biased_metric_and_not_by_a_debiased_one(rng):
    found, _ = planted(zoo(), rng)
    share = found.groupby([found["model"] == "noise", "metric"])["flagged"].mean()
    assert share[True, "cka_linear_biased"] == 1
    assert share[False, "cka_linear_biased"] == 1
    assert share[True, "cka_linear"] < 0.1
    trained = found[found["model"].isin(["net", "word"]) & (found["metric"] == "cka_linear")]
    assert not trained["flagged"].any()
    assert (trained["z_width"] > 10).all()


def test_rows_stand_beside_their_own_controls(rng):
    found, table = planted(zoo("net", "noise"), rng)
    keys = ["model", "layer", "subject", "region", "metric", "split"]
    both = found.merge(table, on=keys, suffixes=("", "_of"), validate="one_to_one")
    assert len(both) == len(found) == len(table)
    for name in ("score", "noise", "projected"):
        np.testing.assert_array_equal(both[name], both[f"{name}_of"])
    np.testing.assert_allclose(both["z_width"], (both["score"] - both["noise"]) / both["null_sd"])
    assert set(found.loc[found["model"] == "net", "units"]) == {512}


@pytest.mark.parametrize(
    ("score", "p", "noise", "null_mean", "flagged"),
    [
        (0.10, 0.005, 0.0, 0.0, False),  # aligned, beyond noise
        (0.10, 0.005, 0.09, 0.0, True),  # aligned, and noise as well
        (0.10, 0.005, 0.07, 0.0, False),  # aligned three deviations beyond noise
        (0.10, 0.05, 0.09, 0.0, False),  # p is not below .05
        (0.02, 0.20, 0.01, 0.0, False),  # not aligned: nothing to explain
        (0.10, 0.005, 0.05, 0.05, True),  # noise and permuted rows are above chance
        (0.10, 0.005, 0.03, 0.0, False),  # one lucky draw of noise
        (0.10, 0.005, 0.0, 0.05, False),  # permuted rows keep more than the width
    ],
)  # fmt: skip
def test_the_rules_case_by_case(score, p, noise, null_mean, flagged):
    models = zoo("net")
    table = rows(models, ["s1"], ["V1"], ["cka_linear"])
    found = controlled(models, table, score, p=p, noise=noise, null_mean=null_mean, null_sd=SD)
    assert set(found["flagged"]) == {flagged}


@pytest.mark.parametrize(("score", "noise", "null"), [(1.645, 0.0, 0.0), (9.0, 1.645, 1.645)])
def test_exactly_what_chance_exceeds_in_one_of_twenty_is_no_flag(score, noise, null):
    table = rows(zoo("net"), ["s1"], ["V1"], ["cka_linear"])
    near = {}
    for more in (0.0, 1e-9):
        found = controlled(
            zoo("net"), table, score - more, p=0.01, noise=noise + more, null_mean=null + more,
            null_sd=1.0,
        )  # fmt: skip
        near[more] = set(found["flagged"])
    assert near == {0.0: {False}, 1e-9: {True}}


def test_a_layer_that_is_not_listed_keeps_its_row_and_one_control_belongs_to_a_score():
    models = zoo("net")
    layers = list_layers(models)
    scores = gather(results(rows(models, ["s1"], ["V1"]), 0.1).values(), layers, DATASET)
    found = control_table(scores, layers[layers["layer"] != "blocks.2"])
    whole = control_table(scores, layers)
    pd.testing.assert_frame_equal(found.drop(columns="units"), whole.drop(columns="units"))
    assert found.loc[found["units"].isna(), "layer"].unique().tolist() == ["blocks.2"]
    noise = scores[scores["kind"] == "noise"].iloc[:1]
    with pytest.raises(MergeError):
        control_table(pd.concat([scores, noise], ignore_index=True), layers)


def test_chance_of_neighbours_is_no_flag_and_a_null_that_does_not_vary_has_no_z():
    models = zoo("net")
    table = rows(models, ["s1"], ["V1"], ["mutual_knn_10", "svcca"])
    share = 10 / (N - 1)
    found = controlled(models, table, 0.5, noise=share, null_mean=share, null_sd=0.0, p=0.5)
    assert not found["flagged"].any()
    assert set(found["z_width"]) == {0.0}
    assert found.loc[found["metric"] == "svcca", "chance"].isna().all()


def test_nominal_chance_is_that_of_drawn_neighbours(rng):
    n, k = 60, 7
    nominal = lambda name: parse_metric(name).nominal_chance(n)  # noqa: E731
    draw = lambda: np.array([rng.choice(np.delete(np.arange(n), i), k, False) for i in range(n)])  # noqa: E731
    overlap, returned = [], []
    for _ in range(60):
        one, two = draw(), draw()
        overlap.append(np.mean([len(set(a) & set(b)) / k for a, b in zip(one, two, strict=True)]))
        returned.append(np.mean([any(i in two[j] for j in one[i]) for i in range(n)]))
    assert nominal("mutual_knn_7") == pytest.approx(np.mean(overlap), abs=0.004)
    assert nominal("cycle_knn_7") == pytest.approx(np.mean(returned), abs=0.02)
    for name in ("cka_linear", "cka_rbf_0.5_biased", "rsa_pearson", "rsa_spearman_euclidean"):
        assert nominal(name) == 0
    for name in ("cknna_10", "svcca", "rsa_cosine", "edit_knn_10"):
        assert nominal(name) is None


def test_a_score_without_a_control_is_named():
    models = zoo("net")
    layers = list_layers(models)
    scores = gather(results(rows(models, ["s1"], ["V1"]), 0.1).values(), layers, DATASET)
    lost = (scores["kind"] == "noise") & (scores["layer"] == "blocks.2")
    with pytest.raises(
        InputError, match="score without noise.*net, vision, s1, V1, cka_linear, blocks.2, train"
    ):
        control_table(scores[~lost], layers)


def test_layers_without_scores_have_no_rows():
    scores = gather([], list_layers([]), DATASET)
    found = control_table(scores, list_layers([]))
    assert isinstance(found, pd.DataFrame)
    assert found.empty
