"""Words of other orders: made as the true ones are, and a p that is exact."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest

from stages.core.params.schema import Folds
from stages.core.recording.types import Cleaning, Timeline
from stages.core.regression.drawn_targets import drawn_scores
from stages.core.regression.folds import partition
from stages.core.regression.ridge import cross_validate
from stages.core.time.timeline import aligner
from stages.probe.probe_controls import judge_words
from stages.probe.shuffled_words import permute_within, shuffle_words

LAMBDAS = np.array([100.0, 1.0])


def story(lengths, each=3):
    """Runs of so many samples of 2 s, each with so many words, and what brings words to them."""
    runs = np.repeat([str(run) for run in range(len(lengths))], lengths)
    onset = np.concatenate([2.0 * np.arange(length) for length in lengths])
    samples = pd.DataFrame({"id": np.arange(len(runs)).astype(str), "run": runs, "onset": onset})
    words = pd.DataFrame({"run": np.repeat(runs, each), "sample": np.repeat(samples["id"], each)})
    words["offset"] = np.repeat(onset, each) + np.tile(2 / each * np.arange(1, each + 1), len(runs))
    timeline = Timeline(samples, 2.0, Cleaning(detrend=True, high_pass=0.0, standardize=True))
    return runs, words, aligner(timeline, words, "glover", [0], centre=True)


def test_words_stay_in_their_run_and_move_there(rng):
    runs = np.array(["b", "a", "b", "a", "a", "b"])
    orders = np.array([permute_within(runs, rng) for _ in range(200)])
    assert (runs[orders] == runs).all()
    assert (np.sort(orders) == np.arange(6)).all()
    assert len(np.unique(orders, axis=0)) == 36  # 3! in each run


@pytest.mark.parametrize("lengths", [(60,), (40, 30, 50)])
def test_a_variant_is_made_as_the_true_series_is(rng, lengths):
    _, words, align = story(lengths)
    values = pd.DataFrame({"a": rng.standard_normal(len(words)), "b": rng.random(len(words)) < 0.3})
    drawn = shuffle_words(values, words["run"].to_numpy(), align, 70, seed=5)
    again, true = np.random.default_rng(5), align(values.to_numpy(float))
    first = permute_within(words["run"].to_numpy(), again)
    expected = (align(values.to_numpy(float)[first]) - true.mean(axis=0)) / true.std(axis=0)
    several = len(lengths) > 1
    np.testing.assert_allclose(drawn.series[:, int(several)].T, expected, atol=1e-5)
    assert drawn.taken.shape == (70, len(lengths))
    assert drawn.series.shape[1] == (51 if several else 70)
    if several:
        standard = (true - true.mean(axis=0)) / true.std(axis=0)
        np.testing.assert_allclose(drawn.series[:, 0].T, standard, atol=1e-5)
        assert len(np.unique(drawn.taken, axis=0)) == 70
    else:
        assert (drawn.taken[:, 0] == np.arange(70)).all()


def p_of(design, values, words, align, *, folds, seed=0):
    fit = cross_validate(design, align(values.to_numpy(float)), folds, LAMBDAS)
    drawn = shuffle_words(values, words["run"].to_numpy(), align, 199, seed)
    return judge_words(fit, drawn)["r_words"]["p"], drawn_scores(fit, drawn)


def test_p_of_nothing_is_uniform(rng):
    """Of a given regularisation, in runs that share a word rate, with words not centred."""
    runs, words, align = story((60, 50, 70))
    plain = aligner(align.timeline, words, "glover", [0], centre=False)
    values = pd.DataFrame((rng.random((len(words), 300)) < 0.3).astype(float))
    folds = partition(runs, Folds(scheme="runs", blocks=2, gap=3)).folds
    ps = []
    for seed in range(2):
        units = plain(rng.standard_normal((len(words), 8)) + 1)
        fit = cross_validate(units, plain(values.to_numpy()), folds, np.array([10.0]))
        drawn = shuffle_words(values, words["run"].to_numpy(), plain, 199, seed)
        ps.append(judge_words(fit, drawn)["r_words"]["p"])
    assert kstest(np.concatenate(ps), "uniform").pvalue > 0.001
    assert np.mean(ps) == pytest.approx(0.5, abs=0.05)
    assert fit.observed.n.sum(axis=0).tolist() == [180] * 300


def test_p_is_no_less_than_few_words_allow():
    """One word of nine has the value, so that a ninth of the orders is the true one."""
    runs = np.repeat("0", 60)
    samples = pd.DataFrame({"id": np.arange(60).astype(str), "run": runs, "onset": np.arange(60.0)})
    words = pd.DataFrame({"run": "0", "sample": samples["id"][6::6].to_numpy()})
    align = aligner(Timeline(samples, 1.0, None), words, "window", [0], centre=True)
    values = pd.DataFrame({"one": (np.arange(9) == 4).astype(float)})
    folds = partition(runs, Folds(scheme="blocks", blocks=3, gap=1)).folds
    design = np.column_stack([align(values.to_numpy()), np.linspace(0, 1, 60)])
    ps = [p_of(design, values, words, align, folds=folds, seed=seed)[0][0] for seed in range(20)]
    assert min(ps) > 0.04
    assert np.mean(ps) == pytest.approx(1 / 9, abs=0.03)


def test_a_feature_that_no_order_changes_is_not_found(rng):
    runs, words, align = story((40, 30, 50))
    values = pd.DataFrame({"run": (words["run"] == "1").astype(float)})
    plain = aligner(align.timeline, words, "glover", [0], centre=False)
    design = np.column_stack([plain(values.to_numpy()), rng.standard_normal((120, 3))])
    folds = partition(runs, Folds(scheme="runs", blocks=2, gap=3)).folds
    p, null = p_of(design, values, words, plain, folds=folds)
    assert p == 1
    assert np.ptp(null) < 1e-6
