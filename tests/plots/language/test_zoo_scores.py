"""What is drawn of every model and recording is what the tables hold."""

import numpy as np
import pandas as pd
import pytest

from stages.core.results.language_scores import EVERYWHERE
from stages.core.run.errors import InputError
from stages.plots.language.zoo_scores import (
    NORMALISED,
    PLAIN,
    failures,
    model_scores,
    row_order,
)
from tests.plots.language.made_zoo import BEYOND, MODELS, NUISANCE, made_zoo


def of(tables, recording, model):
    table = model_scores(tables["scores"], tables["words"])
    return table.set_index(["recording", "model"]).loc[recording, model]


def test_a_recording_with_a_ceiling_is_normalised_with_all_its_marks(tables):
    row = of(tables, "pereira2018", "smollm")
    assert row["scale"] == NORMALISED
    assert row["value"] == pytest.approx(0.45 / 0.5)
    assert (row["low"], row["high"]) == pytest.approx((0.4 / 0.5, 0.5 / 0.5))
    assert row["nuisance"] == pytest.approx(NUISANCE / 0.5)
    assert row["beyond"] == pytest.approx(BEYOND * 0.45 / 0.5)
    assert (row["band_low"], row["band_high"]) == pytest.approx((0.22 / 0.25, 0.3 / 0.25))
    assert row["people_value"] == pytest.approx(0.9 * 0.45 / 0.5)


def test_a_recording_without_a_ceiling_is_plain(tables):
    row = of(tables, "ucl2013", "smollm")
    assert (row["scale"], row["value"], row["nuisance"]) == (PLAIN, 0.45, NUISANCE)


def test_marks_are_divided_over_the_regions_that_have_a_ceiling(tables):
    """By hand: two regions with ceilings .5 and .25, one without."""
    scores = tables["scores"]
    own = scores[scores["recording"].eq("ucl2013") & scores["model"].eq("minilm")].copy()
    own["ceiling"], own["beyond"] = [0.5, 0.25, np.nan, 0.375], [0.2, 0.1, 0.9, 0.4]
    own["normalised"] = own["score"] / own["ceiling"]
    found = model_scores(own, tables["words"])
    assert found["beyond"].item() == pytest.approx(0.15 / 0.375)


def test_control_regions_do_not_count(tables):
    scores = tables["scores"]
    scores.loc[scores["region"].eq("auditory"), ["ceiling", "normalised", "beyond"]] = 0.9
    assert of(tables, "pereira2018", "smollm")["beyond"] == pytest.approx(BEYOND * 0.45 / 0.5)


def test_controls_are_told_by_their_strings_and_come_last(tables):
    table = model_scores(tables["scores"], tables["words"])
    assert set(table.loc[table["control"], "model"]) == {"length"}
    assert row_order(table) == ["smollm", "minilm", "glove", "length"]
    best = table.assign(value=table["value"].where(table["model"] != "length", 2.0))
    assert row_order(best) == ["smollm", "minilm", "glove", "length"]


def test_a_model_that_occurs_twice_is_refused(tables):
    twice = pd.concat([tables["scores"], tables["scores"].tail(1)])
    with pytest.raises(InputError, match="duplicate id.*all regions.*got futrell2018, length"):
        model_scores(twice, tables["words"])


def test_a_twin_alone_has_a_row(tables):
    table = model_scores(tables["scores"], tables["words"])
    assert "smollm" in row_order(table[table["model"] != "smollm"])


def test_failures_are_told_shortly(tables):
    assert failures(tables["words"]) == ""
    assert failures(made_zoo(failed=("glove",))["words"]) == "Not run: glove (no weights)."
    assert "and 4 others" in failures(made_zoo(failed=tuple(MODELS))["words"])


def test_no_scores_give_no_rows():
    empty = made_zoo(failed=tuple(MODELS))
    table = model_scores(empty["scores"], empty["words"])
    assert isinstance(table, pd.DataFrame)
    assert table.empty
    assert row_order(table) == []
    assert EVERYWHERE not in table
