"""The page on the engines as a library: its blocks, in order, and the numbers that it names."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from tests.align.naive import METRICS
from tests.conftest import PROJECT
from tests.pages import fenced

PAGE = PROJECT / "docs" / "library.md"
PLANTED = 10


@pytest.fixture(scope="module")
def names():
    """What the blocks of the page make, one after the other."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(PROJECT)
        made = {}
        for block in fenced(PAGE.read_text(), "python"):
            exec(block, made)
    return made


def said(number):
    """How the page writes a number below 1."""
    return f"{number:.2f}".removeprefix("0")


def test_alignment_is_that_of_a_naive_loop(names):
    text = PAGE.read_text()
    for name in ("cka_linear", "cka_linear_biased"):
        naive = METRICS[name](names["layer"], names["region"])
        assert names["found"][name].score[0, 0] == pytest.approx(naive, abs=1e-4)
    assert names["p"] < 1e-9
    assert f"is {said(names['cka'])} here" in text
    assert f"is {said(names['biased'])}, of which {said(names['by_chance'])} are chance" in text


def test_what_is_held_out_is_predicted_as_by_scikit_learn(names):
    """Where the strength is the one chosen, of a voxel that is driven and of one that is not."""
    layer, region, fit = names["layer"], names["region"], names["fit"]
    for voxel in (0, PLANTED):
        predicted = np.empty(len(region))
        for fold, strengths in zip(names["cut"].folds, fit.lambdas, strict=True):
            train, test = fold.outer.train, fold.outer.test
            mean, sd = layer[train].mean(axis=0), layer[train].std(axis=0)
            ridge = Ridge(alpha=strengths[voxel]).fit(
                (layer[train] - mean) / sd, region[train, voxel]
            )
            predicted[test] = ridge.predict((layer[test] - mean) / sd)
        r = np.corrcoef(predicted, region[:, voxel])[0, 1]
        assert names["r"][voxel] == pytest.approx(r, abs=1e-6)


def test_what_was_planted_is_found(names):
    assert (names["p_of_voxels"][:PLANTED] < 0.05).all()
    assert (names["p_of_voxels"][PLANTED:] < 0.05).mean() < 0.15
    found = names["p_of_features"] < 0.05
    assert found[:PLANTED].all()
    assert found[PLANTED:].sum() == 1  # as the page says
    assert names["weights"].shape == (50, 30)
    own = np.diag(names["weights"][:PLANTED, :PLANTED])
    assert (own > 0).all()
    assert own.mean() > 3 * np.abs(names["weights"][PLANTED:]).mean()
