"""The picture of how metrics rank models alike."""

import numpy as np
import pandas as pd

from stages.plots.scene.metric_map import metric_map

PAIRS = pd.DataFrame([("a", "b_2", 0.5), ("a", "c", -0.2)], columns=["first", "second", "rho"])


def test_both_orders_are_drawn_and_what_was_not_compared_is_missing():
    figure = metric_map(PAIRS, "title")
    ax = figure.axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b 2", "c"]
    shown = ax.images[0].get_array()
    assert shown[0, 1] == shown[1, 0] == 0.5
    assert shown[0, 2] == shown[2, 0] == -0.2
    assert np.ma.getmaskarray(shown).sum() == 5
    assert sorted(text.get_text() for text in ax.texts) == ["-0.20", "-0.20", "0.50", "0.50"]


def test_of_one_metric_there_is_no_picture():
    assert metric_map(PAIRS.iloc[:0], "title") is None
