"""Networks are means of their regions."""

import numpy as np

from stages.core.names.areas import purity_of
from stages.survey.all_scores import gather
from stages.survey.scene.choice import choose_layers
from stages.survey.scene.networks import network_table
from stages.survey.zoo_models import list_layers
from tests.survey.planted import DATASET, REGIONS, SUBJECTS, results, rows, zoo


def test_networks_are_means_of_their_regions(rng):
    models = zoo("net", "noise")
    table = rows(models, SUBJECTS, [*REGIONS, "human_IT"])
    scores = gather(
        results(table, rng.normal(size=len(table))).values(), list_layers(models), DATASET
    )
    best = choose_layers(scores)
    found = network_table(best).set_index(["model", "subject", "network", "metric"])
    assert set(found.index.levels[2]) == {"VIS", "FPN", "DAN", "DMN"}
    members = {"VIS": REGIONS[:5], "FPN": ["TE1p"], "DAN": ["PGp"], "DMN": ["45"]}
    cells = best.set_index(["model", "subject", "metric", "region"]).sort_index()
    for (model, subject, network, metric), row in found.iterrows():
        cell = cells.loc[(model, subject, metric)].loc[members[network]]
        np.testing.assert_allclose(row["score"], cell["score"].mean())
        assert row["regions"] == len(members[network])
        assert row["purity"] == np.mean([purity_of(region) for region in members[network]])
        assert row["mixed"] == 0
        if model == "noise":
            assert np.isnan(row["depth"])
        else:
            np.testing.assert_allclose(row["depth"], cell["depth"].mean())


def test_regions_of_which_less_than_half_is_in_the_network_are_counted(rng):
    models = zoo("net")
    table = rows(models, ["s1"], ["44", "PHT", "V1", "H"])
    scores = gather(
        results(table, rng.normal(size=len(table))).values(), list_layers(models), DATASET
    )
    found = network_table(choose_layers(scores)).drop_duplicates("network").set_index("network")
    assert found["mixed"].to_dict() == {"FPN": 1, "DAN": 1, "VIS": 0}  # H is in none
    assert found["purity"].to_dict() == {"FPN": 0.486, "DAN": 0.406, "VIS": 1}


def test_without_networks_there_is_no_row():
    models = zoo("net")
    scores = gather(
        results(rows(models, ["s1"], ["human_IT"]), 0.1).values(), list_layers(models), DATASET
    )
    assert network_table(choose_layers(scores)).empty
