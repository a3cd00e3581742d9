"""What `tests.models_compared` draws is as it says, and both ways are asked for the same."""

import numpy as np
import pytest
from scipy.spatial.distance import squareform
from scipy.stats import pearsonr

from stages.core.params.read import read_params
from stages.core.stats.pieces import number_pieces
from tests.conftest import PROJECT
from tests.models_compared import ours, scores, simulated, theirs


def test_people_lean_to_neither_or_to_the_first(rng):
    everything = np.arange(60)
    for lean, expected in ((0.0, 0.0), (1.0, 0.2)):
        found = []
        for _ in range(60):
            models, brains = simulated(rng, 60, 2, lean)
            one, other = scores(models, brains, "pearson", everything).mean(axis=1)
            found.append(one - other)
        assert np.mean(found) == pytest.approx(expected, abs=0.05)


def test_both_ways_find_the_same_difference(rng, monkeypatch):
    monkeypatch.setenv("TQDM_DISABLE", "1")
    models, brains = simulated(rng, 60, 3, 1.0)
    settings = read_params(PROJECT / "params.yaml").align
    mine = ours(
        models,
        brains,
        "pearson",
        number_pieces(np.arange(60), settings.pieces, "rows", settings.seed),
    )
    by_hand = [
        np.mean([pearsonr(squareform(one), squareform(brain)).statistic for brain in brains])
        for one in models
    ]
    assert mine["ours, both"]["difference"] == pytest.approx(by_hand[0] - by_hand[1])
    np.random.seed(0)  # noqa: NPY002 (rsatoolbox draws from the global state)
    found = theirs(models, brains, "pearson")
    assert set(found) == {"theirs, stimuli", "theirs, both"}
    for way, row in found.items():
        mine_too = mine[way.replace("theirs", "ours")]
        assert row["difference"] == pytest.approx(mine_too["difference"], abs=0.05)
        assert row["sd"] == pytest.approx(mine_too["sd"], rel=0.6)
