import logging

import pytest

from stages.align.row_order import row_order
from stages.align.side_scores import measure_side, possible_metrics
from stages.align.sides import cut_sides
from stages.core.run.errors import InputError
from stages.core.stats.backend import make_backend
from tests.align import naive
from tests.align.recordings import (
    LAYERS,
    REGIONS,
    SETTINGS,
    make_events,
    make_layers,
    make_matrices,
)

BACKEND = make_backend(None, "float64", 2**28)


@pytest.fixture
def layers(rng):
    return make_layers(rng)


@pytest.fixture
def measured(layers, rng):
    side = cut_sides(make_events(layers, rng), 5)[1]
    return side, measure_side(side, layers, SETTINGS.metrics, SETTINGS, BACKEND)


def test_there_is_one_row_per_score(measured):
    side, table = measured
    keys = ["subject", "region", "layer", "kind", "metric", "split"]
    assert not table.duplicated(keys).any()
    assert len(table) == len(LAYERS) * len(REGIONS) * len(SETTINGS.metrics) * 3
    assert (table["n"] == len(side.stimuli)).all()
    is_layer = table["kind"] == "layer"
    judged = table[["null_mean", "null_sd", "z", "p"]]
    assert judged[is_layer].notna().all(axis=None)
    assert judged[~is_layer].isna().all(axis=None)


def test_it_is_told_how_each_p_was_found(measured):
    """Cknna has draws alone; linear CKA of these layers has four moments that tell its tail."""
    _, table = measured
    kinds = table[table["kind"] == "layer"].groupby("metric")["null_kind"].agg(set)
    assert kinds["cknna_5"] == {"drawn"}
    assert kinds["cka_linear"] == {"closed"}
    assert kinds.map(lambda found: found <= {"closed", "drawn"}).all()
    assert table.loc[table["kind"] != "layer", "null_kind"].isna().all()


def test_every_score_says_what_speaks_against_permuted_rows(measured, layers):
    side, table = measured
    rows = table[(table["kind"] == "layer") & (table["metric"] == "cka_linear")]
    rows = rows.set_index(["layer", "region"])
    here = {name: row_order(values[side.stimuli]) for name, values in layers.items()}
    for region, responses in zip(side.regions, side.representations(), strict=True):
        there = row_order(responses)
        for layer, one in here.items():
            assert rows["row_lag"][layer, region] == min(one.lag, there.lag)
            assert rows["row_repeats"][layer, region] == max(one.repeats, there.repeats)


def test_a_film_is_warned_of(rng, caplog):
    """Every image is like the one before; regions see what layers do."""
    layers = {name: values.cumsum(axis=0) for name, values in make_layers(rng).items()}
    side = cut_sides(make_events(layers, rng), 5)[0]
    measure_side(side, layers, ["cka_linear"], SETTINGS, BACKEND)
    assert "subj01, train: rows follow an order that both layers and regions see" in caplog.text
    caplog.clear()
    settings = SETTINGS.model_copy(update={"permute": "shifts", "block": 2})
    side = cut_sides(make_events(layers, rng), 5)[1]
    table = measure_side(side, layers, ["cka_linear"], settings, BACKEND)
    assert "rows follow" not in caplog.text
    assert set(table.loc[table["kind"] == "layer", "null_kind"]) == {"drawn"}


def test_scores_stand_at_their_layer_and_region(measured, layers):
    side, table = measured
    scores = table[(table["kind"] == "layer") & (table["metric"] == "cka_linear")]
    scores = scores.set_index(["layer", "region"])["score"]
    for layer, values in layers.items():
        for region, responses in zip(side.regions, side.representations(), strict=True):
            expected = naive.cka(
                values[side.stimuli] @ values[side.stimuli].T,
                responses @ responses.T,
                naive.hsic_unbiased,
            )
            assert scores[layer, region] == pytest.approx(expected, abs=1e-6)


def test_the_layer_that_drives_a_region_is_found_and_nothing_else(measured):
    _, table = measured
    layer = table[table["kind"] == "layer"]
    for (region, metric), rows in layer.groupby(["region", "metric"]):
        best = rows.loc[rows["score"].idxmax()]
        if metric.endswith("_biased"):
            continue
        if REGIONS[region] is None:
            assert rows["p"].min() > 0.01
        else:
            assert best["layer"] == REGIONS[region]
            least = 1 / 61 if metric == "cknna_5" else 1e-3
            assert best["p"] < least + 1e-9


def test_noise_as_wide_explains_the_biased_score_of_an_unrelated_layer(measured):
    _, table = measured
    found = table[(table["region"] == "4") & (table["layer"] == "blocks.0")]
    found = found.set_index(["metric", "kind"])["score"]
    biased = found["cka_linear_biased"]
    assert biased["layer"] > 0.4
    assert biased["layer"] == pytest.approx(biased["noise"], abs=0.1)
    assert abs(found["cka_linear", "noise"]) < 0.1


def test_metrics_of_features_are_left_out_where_there_are_none(layers, rng, caplog):
    caplog.set_level(logging.WARNING)
    sides = cut_sides(make_matrices(layers, rng), 5)
    assert possible_metrics(SETTINGS.metrics, sides) == SETTINGS.metrics[:-1]
    assert "need more than dissimilarities: cknna_5" in caplog.text


def test_an_unknown_metric_is_refused_before_any_work(layers, rng):
    sides = cut_sides(make_events(layers, rng), 5)
    with pytest.raises(InputError, match="unknown metric .*cka_liner"):
        possible_metrics(["cka_liner"], sides)
    with pytest.raises(InputError, match="expected 1 to 24 neighbours among 25 rows, got 30"):
        possible_metrics(["mutual_knn_30"], sides)
