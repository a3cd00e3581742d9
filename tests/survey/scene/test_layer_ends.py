"""First and last layers are those of the depth, and the best is what the others choose."""

import numpy as np
import pandas as pd
import pytest
from pandas.errors import MergeError

from stages.core.results.area_alignment import CURVES, ENDS, LAYERS
from stages.survey.scene.layer_ends import layer_curves, layer_ends
from stages.survey.zoo_models import call_roll, list_layers
from tests.survey.planted import SUBJECTS, model

MODELS = [model("net"), model("net-untrained-0"), model("clip", "hf:clip"), model("noise")]
AREAS = [("whole", "V1", ""), ("hemispheres", "V1", "L"), ("hemispheres", "V1", "R")]


def scores_of(rng, subjects=SUBJECTS):
    rows = [
        {"model": name, "layer": layer, "subject": subject, "parts": parts, "second": region}
        | {"hemisphere": side, "second_model": "", "score": rng.random(), "ceiling": 0.9}
        for name, layer in list_layers(MODELS)[["model", "layer"]].itertuples(index=False)
        for subject in subjects
        for parts, region, side in AREAS
    ]
    beside = {"subject": "", "second_model": "net", "second": "blocks.0", "parts": ""}
    rows += [rows[0] | beside | {"hemisphere": ""}]
    table = pd.DataFrame(rows).assign(dataset="toy", metric="cka_linear", split="test", n=9.0)
    return table.sample(frac=1, random_state=0)[list(LAYERS)]


def ends_of(scores):
    return layer_ends(scores, list_layers(MODELS), call_roll(MODELS))


def test_ends_are_those_of_a_loop(rng):
    scores = scores_of(rng)
    table = ends_of(scores)
    assert list(table) == list(ENDS)
    towers = {("net", "vision"): "blocks.{}", ("net-untrained-0", "vision"): "blocks.{}"}
    towers |= {("clip", tower): tower + ".{}" for tower in ("vision", "language")}
    assert len(table) == len(towers) * len(SUBJECTS) * len(AREAS) * 3
    at = scores.set_index(["model", "layer", "subject", "parts", "hemisphere"])["score"]
    for row in table.to_dict("records"):
        name = towers[row["model"], row["modality"]]
        layers = [name.format(k) for k in range(3 if row["model"] == "clip" else 6)]
        place = row["parts"], row["hemisphere"]
        others = [who for who in SUBJECTS if who != row["subject"]]
        chosen = [np.mean([at[row["model"], one, who, *place] for who in others]) for one in layers]
        expected = {"first": layers[0], "last": layers[-1], "best": layers[np.argmax(chosen)]}
        assert row["layer"] == expected[row["end"]]
        assert row["score"] == at[row["model"], row["layer"], row["subject"], *place]
    about = table.drop_duplicates("model").set_index("model")
    assert about["trained"].to_dict() == {"net": True, "net-untrained-0": False, "clip": True}
    assert about.loc["net-untrained-0", "architecture"] == "net"


def test_the_best_of_noise_is_not_better_than_any(rng):
    """Scores that are all chance have a mean of .5, and .86 if the best choose themselves."""
    gains = []
    for _ in range(12):
        table = ends_of(scores_of(rng))
        best = table[(table["end"] == "best") & (table["model"] == "net")]
        gains.append(best["score"].mean())
    assert 0.35 < np.mean(gains) < 0.65


def test_one_person_has_no_best_layer(rng, caplog):
    table = ends_of(scores_of(rng, ["subj01"]))
    assert set(table["end"]) == {"first", "last"}
    assert "no best layers: expected other people" in caplog.text


def test_the_best_is_by_the_mean_of_the_others_who_have_the_layer_and_of_equals_the_first(rng):
    scores = scores_of(rng, ["a", "b", "c"])
    scores = scores[scores["model"].isin(["net", "clip"]) & scores["subject"].ne("")]
    told = {"blocks.0": 0.1, "blocks.1": 0.6, "blocks.2": 0.6, "blocks.3": 0.9}
    scores["score"] = scores["layer"].map(told).fillna(0.0)
    lost = scores["subject"].eq("b") & scores["layer"].eq("blocks.3")
    best = ends_of(scores[~lost]).query("end == 'best'").set_index(["model", "subject"])
    for who, layer in (("a", "blocks.3"), ("c", "blocks.3"), ("b", "blocks.1")):
        assert set(best.loc[("net", who), "layer"]) == {layer}, "one of two others has it"
    equal = scores["layer"].eq("blocks.3")
    best = ends_of(scores[~equal]).query("end == 'best'").set_index("model")
    assert set(best.loc["net", "layer"]) == {"blocks.1"}
    assert set(best.loc["clip", "layer"]) == {"vision.0", "language.0"}


def test_two_people_choose_for_each_other(rng, caplog):
    scores = scores_of(rng, ["a", "b"])
    table = ends_of(scores)
    assert set(table["end"]) == {"first", "best", "last"}
    assert list(table.index) == list(range(len(table)))
    assert not caplog.messages
    best = table.query("end == 'best' and model == 'net' and parts == 'whole'").set_index("subject")
    whole = scores.query("model == 'net' and parts == 'whole'")
    for one, other in ("ab", "ba"):
        theirs = whole[whole["subject"].eq(other)]
        assert best.loc[one, "layer"] == theirs.loc[theirs["score"].idxmax(), "layer"]
    curves = layer_curves(scores, list_layers(MODELS), call_roll(MODELS))
    assert list(curves.index) == list(range(len(curves)))


def test_a_layer_that_is_listed_twice_is_refused(rng):
    listed = list_layers(MODELS)
    with pytest.raises(MergeError):
        layer_curves(scores_of(rng), pd.concat([listed, listed.iloc[:1]]), call_roll(MODELS))


def test_curves_are_all_layers_beside_whole_areas_in_order_of_depth(rng):
    scores = scores_of(rng)
    table = layer_curves(scores, list_layers(MODELS), call_roll(MODELS))
    assert list(table) == list(CURVES)
    whole = scores[(scores["parts"] == "whole") & (scores["model"] != "noise")]
    assert len(table) == len(whole)
    at = whole.set_index(["model", "layer", "subject"])["score"]
    for (name, _, who), rows in table.groupby(["model", "modality", "subject"]):
        assert list(rows["depth"]) == sorted(rows["depth"])
        np.testing.assert_array_equal(rows["score"], [at[name, one, who] for one in rows["layer"]])
