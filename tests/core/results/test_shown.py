"""Which subjects and models are shown, by hand."""

import numpy as np
import pandas as pd
import pytest

from stages.core.names.vocabulary import GROUP, MEAN
from stages.core.results.shown import (
    aligned,
    of_first_model,
    of_people,
    shown_subject,
    where_aligned,
)
from stages.core.run.errors import InputError


def table(*rows):
    return pd.DataFrame(rows, columns=["subject", "region"], index=range(5, 5 + len(rows)))


def test_the_average_is_shown_where_there_is_one():
    assert shown_subject(table(("S2", "a"), (GROUP, "a"))) == GROUP
    assert shown_subject(table(("S2", "a"), ("S1", "a"))) == "S2"
    with pytest.raises(InputError, match="no results.*a table without rows"):
        shown_subject(table())


def test_averages_are_left_out_of_regions_that_are_measured_in_somebody():
    given = table(("S1", "a"), (GROUP, "a"), (GROUP, "b"), (MEAN, "a"), (MEAN, "c"), ("S2", "c"))
    assert list(of_people(given).index) == [5, 7, 10]


def test_without_regions_averages_are_kept_only_where_there_is_nothing_else():
    some = pd.DataFrame({"subject": [GROUP, "S1", MEAN, GROUP]})
    assert list(of_people(some).index) == [1]
    assert list(of_people(some.iloc[[0, 2, 3]]).index) == [0, 3]


def test_the_first_model():
    given = pd.DataFrame({"model": ["b", "a", "b"]}, index=[3, 4, 5])
    assert list(of_first_model(given).index) == [3, 5]
    assert of_first_model(given[:0]).empty


def test_what_aligns_has_a_small_p_or_is_above_nothing_where_no_null_was_drawn():
    p = [0.049, 0.05, 0.9, np.nan, np.nan, np.nan, 0.01]
    score = [0.1, 0.1, 0.9, 0.1, 0.0, -0.1, -0.1]
    assert list(aligned(pd.DataFrame({"p": p, "score": score})).index) == [0, 3, 6]


def test_other_numbers_are_kept_where_the_chosen_layer_aligns():
    """In the order of the table, and not where nothing was chosen."""
    best = pd.DataFrame(
        {"model": ["m", "m", "n"], "region": ["a", "b", "a"], "p": [0.9, 0.01, 0.02], "score": 0.1}
    )
    places = [("n", "c"), ("n", "a"), ("m", "a"), ("m", "b"), ("m", "b")]
    centres = pd.DataFrame(places, columns=["model", "region"]).assign(depth=range(5))
    found = where_aligned(centres, best, ("model", "region"))
    assert list(found["depth"]) == [1, 3, 4]
    assert list(found.columns) == ["model", "region", "depth"]
    with pytest.raises(pd.errors.MergeError):
        where_aligned(centres, pd.concat([best, best]), ("model", "region"))
