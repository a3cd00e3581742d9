"""How often inner folds choose each layer, counted by hand."""

import pandas as pd

from stages.core.names.vocabulary import GROUP
from stages.core.results.language_scores import PREFERENCES
from stages.survey.words.preferred_layers import preference_rows

COLUMNS = ["model", "subject", "region", "layer", "kind", "metric"]


def table(*rows):
    return pd.DataFrame([[*row, "nested", "r"][: len(COLUMNS)] for row in rows], columns=COLUMNS)


def test_people_are_counted_and_not_their_average():
    rows = [("m", f"s{at}", "A", layer) for at, layer in enumerate(["l2", "l1", "l2", "l2"])]
    rows += [("m", "s1", "B", "l1"), ("n", "s1", "A", "l1"), ("m", GROUP, "A", "l9")]
    others = [("m", "s9", "A", "l5", "layer", "r"), ("m", "s9", "A", "l5", "nested", "r_partial")]
    found = preference_rows(pd.concat([table(*rows), pd.DataFrame(others, columns=COLUMNS)]))
    assert found.to_dict("split")["data"] == [
        ["m", "A", "l1", 1, 0.25],
        ["m", "A", "l2", 3, 0.75],
        ["m", "B", "l1", 1, 1.0],
        ["n", "A", "l1", 1, 1.0],
    ]
    assert found.columns.tolist() == ["model", "region", "layer", "targets", "share"]


def test_the_average_is_counted_where_there_is_nobody_else():
    found = preference_rows(table(("m", GROUP, "A", "l1")))
    assert found[["layer", "targets", "share"]].to_numpy().tolist() == [["l1", 1, 1.0]]


def test_without_choices_there_are_the_columns_alone():
    found = preference_rows(table(("m", "s", "A", "l", "layer", "r")).iloc[:0])
    assert found.columns.tolist() == list(PREFERENCES)
    assert found.empty
