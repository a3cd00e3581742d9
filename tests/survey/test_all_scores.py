"""All rows come together, with q over the declared families, and what does not fit is named."""

import numpy as np
import pandas as pd
import pytest

from stages.core.results.results import results_table
from stages.core.results.survey import TABLES
from stages.core.run.errors import InputError
from stages.survey.all_scores import gather
from stages.survey.zoo_models import list_layers
from tests.survey.planted import REGIONS, results, rows, zoo


def naive_q(p):
    """Benjamini & Hochberg (1995): the least p m / rank over all p that are no smaller."""
    m, order = len(p), np.argsort(p)
    q = np.empty(m)
    for at in range(m):
        q[order[at]] = min(1.0, *(p[order[k]] * m / (k + 1) for k in range(at, m)))
    return q


def test_q_is_over_models_layers_regions_and_subjects_of_a_metric_and_split(rng):
    models = zoo("net", "word", "noise")
    table = rows(models, ["s1", "s2"], REGIONS[:3])
    p = rng.uniform(size=len(table)) ** 3
    found = gather(results(table, 0.1, p=p).values(), list_layers(models), "toy")
    assert list(found) == list(TABLES["scores"])
    assert len(found) == 3 * len(table)
    layers = found[found["kind"] == "layer"]
    families = layers.groupby(["metric", "split"])
    assert len(families) == 6
    for (metric, split), family in families:
        assert len(family) == 13 * 2 * 3
        np.testing.assert_allclose(family["q"], naive_q(family["p"].to_numpy()))
        assert set(family["q_family"]) == {
            f"models × layers × regions × subjects; metric={metric}, split={split}"
        }
    assert found.loc[found["kind"] != "layer", "q"].isna().all()


def test_old_q_is_forgotten():
    models = zoo("net")
    tables = results(rows(models, ["s1"], ["V1"]), 0.1, p=0.02)
    tables["net"]["q"], tables["net"]["q_family"] = 0.5, "old"
    found = gather(tables.values(), list_layers(models), "toy")
    assert set(found.loc[found["kind"] == "layer", "q"]) == {0.02}
    assert "old" not in set(found["q_family"])


def test_ceilings_stay_and_regions_have_networks():
    models = zoo("net")
    tables = results(rows(models, ["s1"], ["V1", "45", "human_IT"]), 0.1)
    ceiling = {"dataset": "toy", "model": "net", "subject": "s1", "region": "V1", "score": 0.7,
               "kind": "ceiling", "metric": "cka_linear", "split": "test"}  # fmt: skip
    kinds = [ceiling | {"ceiling_kind": kind} for kind in ("ncsnr", "between_subject")]
    found = gather([tables["net"], results_table(kinds)], list_layers(models), "toy")
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
    with pytest.raises(InputError, match="other dataset than else.*toy, net, s1, V1, blocks.0"):
        gather(tables.values(), layers, "else")
    with pytest.raises(InputError, match="layer that was not extracted.*blocks.5"):
        gather(tables.values(), layers.iloc[:-1], "toy")
    twice = pd.concat([tables["net"], tables["net"].tail(1)])
    with pytest.raises(InputError, match="row that is there twice.*blocks.5, projected"):
        gather([twice], layers, "toy")
