"""Published ways of scoring beside the study's own: what is picked, and where it is drawn."""

import numpy as np
import pandas as pd
import pytest

from stages.core.results.rescored_scores import RESCORED, best_layers
from stages.plots.language.rescored_dots import HEADLINE, PEOPLE, rescored_files
from tests.plots.figures import clipped, overlaps
from tests.plots.language.made_zoo import made_zoo

WAYS = {("ols", "shuffled"): 0.3, ("ols", "groups"): 0.1, ("ridge", "shuffled"): 0.4,
        ("ridge", "groups"): 0.2, ("cka", "none"): 0.7}  # fmt: skip


@pytest.fixture(scope="module")
def rescored():
    """Two layers, the second better in both regions of interest and worse in a control region."""
    rows = [
        {
            "recording": "pereira2018", "model": model, "layer": layer, "region": region,
            "estimator": estimator, "folds": folds,
            "score": worth + known + apart + gain * (1 if region != "auditory" else -50),
        }
        for (estimator, folds), worth in WAYS.items()
        for model, known in (("minilm", 0.0), ("places", 0.45))
        for layer, gain in (("layer_00", 0.0), ("layer_01", 0.01))
        for region, apart in (("language", -0.05), ("other", 0.05), ("auditory", 9.0))
    ]  # fmt: skip
    return pd.DataFrame(rows).reindex(columns=list(RESCORED))


def test_the_best_layer_is_that_of_the_mean_over_regions_without_controls(rescored):
    best = best_layers(rescored).set_index(["model", "estimator", "folds"])["score"]
    for way, worth in WAYS.items():
        assert best[("minilm", *way)] == pytest.approx(worth + 0.01)
        assert best[("places", *way)] == pytest.approx(worth + 0.46)


def test_every_way_stands_where_its_score_is_and_whole_matrices_are_no_prediction(rescored):
    scores = made_zoo(models=["minilm", "length"])["scores"]
    files = rescored_files(rescored, scores)
    table = files["rescored/rescored.csv"]
    own = table[table["recording"] == "pereira2018"].set_index(["model", "way"])["score"]
    assert own["minilm", HEADLINE] == pytest.approx(0.3)
    assert own["minilm", PEOPLE] == pytest.approx(0.15)
    assert own["minilm", "ridge, runs or blocks left out"] == pytest.approx(0.21)
    assert not np.isclose(table["score"], 0.71).any()
    # The other recordings were not scored again, and their scores have no people.
    assert set(table.loc[table["recording"] == "ucl2013", "way"]) <= {HEADLINE, PEOPLE}
    figure = files["rescored/rescored.png"].figure
    figure.draw_without_rendering()
    assert not clipped(figure)
    assert not overlaps(figure.axes)
    rows = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert rows == ["minilm", "length", "places"]
    marks = [line for line in figure.axes[0].lines if len(line.get_xdata()) == 1]
    drawn = sorted((rows[line.get_ydata()[0]], round(line.get_xdata()[0], 3)) for line in marks)
    assert drawn == sorted((model, round(score, 3)) for (model, _), score in own.items())
