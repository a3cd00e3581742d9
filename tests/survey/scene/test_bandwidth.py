"""The planted bandwidth is the peak, and only kernels have one."""

import numpy as np
import pytest

from stages.core.names.metrics import parse_metric
from stages.survey.all_scores import gather
from stages.survey.scene.bandwidth import bandwidth_table
from stages.survey.scene.choice import choose_layers
from stages.survey.zoo_models import list_layers
from tests.survey.planted import DATASET, SUBJECTS, results, rows, zoo

BANDS = {"cka_rbf_0.25": 0.1, "cka_rbf_0.5": 0.3, "cka_rbf_1": 0.4, "cka_rbf_4": 0.2}
BANDS |= {"cka_linear": 0.15, "cka_linear_biased": 0.9, "rsa_pearson": 0.8}


def test_names_say_the_bandwidth():
    scales = {
        "cka_rbf_0.25": (0.25, False),
        "cka_rbf_2e-3_biased": (0.002, True),
        "cka_linear": (np.inf, False),
        "cka_linear_biased": (np.inf, True),
    }
    for name, expected in scales.items():
        metric = parse_metric(name)
        assert (metric.scale, metric.biased) == expected
    for other in ("cka_rbf_sigma_36_biased", "mutual_knn_10", "rsa_pearson", "cknna_10"):
        assert parse_metric(other).scale is None


def test_the_planted_bandwidth_is_the_peak_of_its_own_kind():
    models = zoo("net", "noise")
    table = rows(models, SUBJECTS, ["V1", "V2"], list(BANDS))
    score = table["metric"].map(BANDS).where(table["region"] == "V1", -0.1)
    best = choose_layers(gather(results(table, score).values(), list_layers(models), DATASET))
    found = bandwidth_table(best)
    assert len(found) == 2 * 3 * 2 * 6
    v1 = found[(found["region"] == "V1") & ~found["biased"]]
    assert set(v1.loc[v1["normalized"] == 1, "bandwidth"]) == {1.0}
    linear = v1.loc[np.isinf(v1["bandwidth"]), "normalized"]
    assert linear.to_list() == pytest.approx([0.15 / 0.4] * 6)
    assert set(found.loc[(found["region"] == "V1") & found["biased"], "normalized"]) == {1.0}
    assert found.loc[found["region"] == "V2", "normalized"].isna().all()


def test_without_kernels_there_is_no_row():
    models = zoo("net")
    table = rows(models, ["s1"], ["V1"], ["rsa_pearson"])
    scores = gather(results(table, 0.1).values(), list_layers(models), DATASET)
    assert bandwidth_table(choose_layers(scores)).empty


def test_where_the_largest_is_0_there_is_no_ratio_and_rows_keep_their_order():
    models = zoo("net")
    table = rows(models, ["s2", "s1"], ["V2", "V1"], ["cka_rbf_1", "cka_linear", "rsa_pearson"])
    score = np.where(table["metric"] == "cka_linear", -0.5, 0.0)
    best = choose_layers(gather(results(table, score).values(), list_layers(models), DATASET))
    found = bandwidth_table(best)
    assert found["normalized"].isna().all()
    assert list(found.index) == list(range(len(found)))
    assert set(found["kernel"]) == {"rbf"}
    asked = best[best["metric"] != "rsa_pearson"]
    for name in ("subject", "region", "score"):
        assert found[name].tolist() == asked[name].tolist()
