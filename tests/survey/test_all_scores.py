"""All rows come together, and what does not fit is named."""

import pandas as pd
import pytest

from stages.core.results.results import results_table
from stages.core.results.survey import TABLES
from stages.core.run.errors import InputError
from stages.survey.all_scores import gather, scored
from stages.survey.zoo_models import list_layers
from tests.survey.planted import DATASET, results, rows, zoo


def test_old_q_is_forgotten():
    models = zoo("net")
    tables = results(rows(models, ["s1"], ["V1"]), 0.1, p=0.02)
    tables["net"]["q"], tables["net"]["q_family"] = 0.5, "old"
    found = gather(tables.values(), list_layers(models), DATASET)
    assert list(found) == list(TABLES["scores"])
    assert found["q"].isna().all()
    assert set(found["q_family"]) == {""}


def test_ceilings_stay_and_regions_have_networks():
    models = zoo("net")
    tables = results(rows(models, ["s1"], ["V1", "45", "human_IT"]), 0.1)
    ceiling = {"dataset": DATASET, "model": "net", "subject": "s1", "region": "V1", "score": 0.7,
               "kind": "ceiling", "metric": "cka_linear", "split": "test"}  # fmt: skip
    kinds = [ceiling | {"ceiling_kind": kind} for kind in ("ncsnr", "between_subject")]
    found = gather([tables["net"], results_table(kinds)], list_layers(models), DATASET)
    limits = found[found["kind"] == "ceiling"]
    assert list(limits["ceiling_kind"]) == ["ncsnr", "between_subject"]
    assert set(limits["modality"]) == {""}
    assert limits["depth"].isna().all()
    networks = dict(zip(found["region"], found["network"], strict=True))
    assert networks == {"V1": "VIS", "45": "DMN", "human_IT": ""}


def test_what_does_not_fit_is_named():
    models = zoo("net")
    tables = results(rows(models, ["s1"], ["V1"]), 0.1)
    layers = list_layers(models)
    with pytest.raises(InputError, match="other dataset than else.*nsd, net, s1, V1, blocks.0"):
        gather(tables.values(), layers, "else")
    with pytest.raises(InputError, match="layer that was not extracted.*blocks.5"):
        gather(tables.values(), layers.iloc[:-1], DATASET)
    twice = pd.concat([tables["net"], tables["net"].tail(1)])
    with pytest.raises(InputError, match="row that is there twice.*blocks.5, projected"):
        gather([twice], layers, DATASET)


def test_a_layer_that_is_listed_twice_doubles_no_row():
    models = zoo("net")
    tables = results(rows(models, ["s1"], ["V1"]), 0.1)
    layers = list_layers(models)
    with pytest.raises(pd.errors.MergeError, match="many-to-one"):
        gather(tables.values(), pd.concat([layers, layers.tail(1)]), DATASET)


def test_scores_that_are_reported_are_of_layers_on_images_held_apart():
    kinds, splits = ["layer", "noise", "projected"], ["train", "test", "all"]
    table = pd.DataFrame([(k, s) for k in kinds for s in splits], columns=["kind", "split"])
    found = scored(table).to_numpy().tolist()
    assert found == [["layer", "test"], ["layer", "all"]]
