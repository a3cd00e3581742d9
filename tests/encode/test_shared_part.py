"""The unique and the shared part of R²: against scikit-learn, and planted."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from stages.core.params.schema import Folds, Lambdas
from stages.core.regression.folds import partition
from stages.core.regression.ridge import cross_validate, lambda_grid
from stages.core.regression.shift_null import ShiftNull
from stages.core.results.left_out_scores import jackknife_table
from stages.core.results.results import results_table
from stages.core.stats.chance import draw_shifts
from stages.core.stats.scores import explained
from stages.encode.encoding import measure
from stages.encode.shared_part import shared_rows
from stages.survey.piece_shares import piece_shares
from stages.survey.score_intervals import interval_table
from tests.encode.beyond_nuisance import alone_and_both

RUNS = np.repeat([1, 2, 3, 4], 60)
CUT = partition(RUNS, Folds(scheme="runs", blocks=2, gap=3))
LAMBDAS = lambda_grid(Lambdas(low=1.0, high=1e4, count=4))


def r2(target, predicted):
    return 1 - ((target - predicted) ** 2).sum() / ((target - target.mean()) ** 2).sum()


def test_the_unique_part_is_r2_of_both_less_that_of_nuisance(rng):
    """Predictions of both are those of nuisance, and of what the layer adds to them."""
    nuisance, design = rng.standard_normal((240, 3)), rng.standard_normal((240, 8))
    design[:, 0] += nuisance[:, 0]
    target = nuisance.sum(axis=1) + design[:, :2].sum(axis=1) + rng.standard_normal(240)
    fit = cross_validate(design, target[:, None], CUT.folds, LAMBDAS, nuisance)
    alone, both = alone_and_both(nuisance, design, target, CUT.folds, fit.lambdas[:, 0])
    total = ((target - target.mean()) ** 2).sum()
    found = explained(fit.observed, np.array([total]))
    assert_allclose(found, r2(target, both) - r2(target, alone), atol=1e-10)


@pytest.fixture(scope="module")
def measured():
    """A response to nuisance alone, to the layer alone, to what both hold, and to nothing."""
    rng = np.random.default_rng(4)
    length, own = rng.standard_normal((2, 240, 1))
    layer = np.column_stack([length, own])
    drives = {"nuisance": length[:, 0], "layer": own[:, 0], "nothing": np.zeros(240)}
    drives["both"] = length[:, 0] + own[:, 0]
    noise = rng.standard_normal((240, 4))
    responses = np.column_stack(list(drives.values())) + 0.5 * noise
    ask = {"cut": CUT, "lambdas": LAMBDAS, "pieces": 4}
    ask["null"] = ShiftNull(CUT.folds, draw_shifts(CUT.segments, 199, 3, seed=0))
    names = pd.DataFrame({"subject": "s", "region": list(drives)})
    designs = {"layer_00": layer, "layer_01": rng.standard_normal((240, 5))}
    kinds = dict.fromkeys(designs, "hidden")
    plain = measure(designs, kinds, responses, names, **ask)
    beyond = measure(designs, kinds, responses, names, **ask, nuisance=length, plain=plain.pieces)
    ((own, _),), ((left, without),) = plain.parts, beyond.parts
    results = results_table(pd.concat([own, left], ignore_index=True))
    whole = pd.concat([results, results_table(shared_rows(results))], ignore_index=True)
    return whole, jackknife_table([without])


@pytest.fixture(scope="module")
def table(measured):
    return measured[0]


def scores_of(table, metric, layer="layer_00"):
    rows = table[(table["metric"] == metric) & (table["kind"] == "hidden")]
    return rows[rows["layer"] == layer].set_index("region")


def test_parts_are_those_that_were_planted(table):
    unique, shared = scores_of(table, "r2_unique"), scores_of(table, "r2_shared")
    assert unique["score"].to_dict() == pytest.approx(
        {"nuisance": 0.0, "layer": 0.8, "nothing": 0.0, "both": 0.44}, abs=0.07
    )
    assert shared["score"].to_dict() == pytest.approx(
        {"nuisance": 0.8, "layer": 0.0, "nothing": 0.0, "both": 0.44}, abs=0.09
    )
    assert (unique.loc[["layer", "both"], "p"] < 0.01).all()
    assert (unique.loc[["nuisance", "nothing"], "p"] > 0.05).all()


def test_parts_add_up_to_r2_layer_by_layer(table):
    rows = table[(table["kind"] == "hidden") & table["metric"].str.startswith("r2")]
    wide = rows.pivot_table("score", ["region", "layer"], "metric")
    assert len(wide) == 8
    assert_allclose(wide["r2_unique"] + wide["r2_shared"], wide["r2"], atol=1e-12)


def test_the_shared_part_has_no_null(table):
    rows = table[table["metric"] == "r2_shared"]
    assert rows[["p", "z", "null_mean"]].isna().all(axis=None)
    assert set(rows["kind"]) == {"hidden", "nested"}
    assert set(table.loc[table["metric"] == "r2_unique", "kind"]) == {"hidden", "nested"}


def test_the_choice_has_the_parts_of_the_layer_that_is_chosen_everywhere(table):
    """Of what `layer_00` drives it is chosen in every fold."""
    nested = table[table["kind"] == "nested"].set_index(["metric", "region"])
    for metric, region in product(("r2_unique", "r2_shared"), ("layer", "both")):
        assert nested.loc[(metric, region), "layer"] == "layer_00"
        expected = scores_of(table, metric).loc[region, "score"]
        assert_allclose(nested.loc[(metric, region), "score"], expected, atol=1e-12)


def test_intervals_of_the_parts_hold_what_was_planted(measured):
    results, without = measured
    labels = {"model": "m", "modality": "", "target": ""}
    nested = results[results["kind"] == "nested"].assign(**labels)
    table = interval_table(piece_shares(nested, without.assign(model="m")))
    told = table.set_index(["metric", "region"])
    assert set(table["metric"]) == {"r_partial", "r2_unique", "r2_shared"}
    for metric, region, truth in (
        ("r2_unique", "layer", 0.8), ("r2_shared", "layer", 0.0),
        ("r2_unique", "both", 0.44), ("r2_shared", "both", 0.44),
    ):  # fmt: skip
        low, high = told.loc[(metric, region), ["low", "high"]]
        assert low < truth < high
        assert high - low < 0.35


def test_of_hidden_layers_alone_no_part_is_told_without_pieces(rng):
    """As of a family's members, which are asked for what they add to nuisance variables alone."""
    names = pd.DataFrame({"subject": "s", "region": ["A"]})
    found = measure(
        {"layer_00": rng.standard_normal((240, 3))}, {"layer_00": "hidden"},
        rng.standard_normal((240, 1)), names, cut=CUT, lambdas=LAMBDAS,
        null=ShiftNull(CUT.folds, draw_shifts(CUT.segments, 19, 3, seed=0)),
        pieces=4, nuisance=rng.standard_normal((240, 1)),
    )  # fmt: skip
    ((results, without),) = found.parts
    assert set(without["metric"]) == {"r_partial"}
    assert "r2_shared" not in set(results["metric"])
