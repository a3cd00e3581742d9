"""What tells nothing of the words is not found; what shifts miss, other orders of words catch."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from stages.core.params.schema import Folds
from stages.core.recording.types import Cleaning, Timeline
from stages.core.regression.folds import partition
from stages.core.regression.ridge import cross_validate, shifted
from stages.core.regression.shift_null import ShiftNull
from stages.core.stats.chance import draw_shifts
from stages.core.stats.judged import judge_metrics
from stages.core.time.sampled_features import Features, sample_features
from stages.core.time.timeline import aligner
from stages.probe import probe_controls
from stages.probe.probe_controls import (
    beyond,
    judge_beyond,
    judge_words,
    left_by_nuisance,
    make_controls,
)

LAMBDAS = np.geomspace(1e4, 1.0, 5)
CLEANING = Cleaning(detrend=True, high_pass=128.0, standardize=True)
N_FEATURES, DRAWS = 200, 99
NOMINAL = 0.05


def wehbe(rng):
    """Four runs of 320 s, a word every half second, none at first; runs are left out."""
    return _words([np.arange(16, 300, 0.5)] * 4, 160), Folds(scheme="runs", blocks=2, gap=8)


def alice(rng):
    """One run of twelve minutes, a word every third of a second but for pauses; blocks."""
    pause = np.where(rng.random(1800) < 0.1, rng.gamma(2, 0.6, 1800), 0)
    onsets = 10 + np.cumsum(rng.gamma(4, 0.07, 1800) + pause)
    return _words([onsets], 372), Folds(scheme="blocks", blocks=5, gap=8)


def _words(onsets, length):
    runs = [str(run) for run in range(len(onsets))]
    words = pd.DataFrame(
        {"run": np.repeat(runs, [len(one) for one in onsets]), "onset": np.concatenate(onsets)}
    )
    samples = pd.DataFrame(
        {"run": np.repeat(runs, length), "onset": np.tile(2.0 * np.arange(length), len(runs))}
    )
    samples["id"] = np.arange(len(samples)).astype(str)
    return words.assign(offset=words["onset"] + 0.3), Timeline(samples, 2.0, CLEANING)


def probe(layout, told, *, centre, draws=DRAWS):
    """Test every feature of a story by shifts, beyond nuisance and by other orders of the words."""
    (words, timeline), settings = layout
    layer, features, nuisance = told
    align = aligner(timeline, words, "glover", [0], centre=centre)
    sampled = sample_features(features, align)
    cut = partition(timeline.samples["run"].to_numpy(), settings)
    null = ShiftNull(cut.folds, draw_shifts(cut.segments, draws, settings.gap, 1))
    runs = words["run"].to_numpy()
    controls = make_controls(sampled, features, nuisance, runs, align, draws=draws, seed=2)
    design, series = align(layer), sampled.series
    fit = cross_validate(design, series, cut.folds, LAMBDAS)
    plain = [
        judge_metrics(fit.observed.columns(at), m) for at, (m,) in shifted([fit], series, null)
    ]
    partial = []
    for part in controls.beyond:
        left = series[:, part.features]
        rest = cross_validate(design, left, cut.folds, LAMBDAS, part.nuisance)
        partial.append(pd.DataFrame(judge_beyond(rest, left, null)["r_partial"], part.features))
    return {
        "r": pd.concat([pd.DataFrame(one["r"]) for one in plain], ignore_index=True),
        "r_partial": pd.concat(partial).sort_index(),
        "r_words": pd.DataFrame(judge_words(fit, controls.words)["r_words"]),
    }


def told_nothing(rng, n_words):
    """Units and features that know nothing of each other, and what is no feature."""
    layer = rng.standard_normal((n_words, 12)) + rng.normal(0, 1, 12)
    features = pd.DataFrame(rng.random((n_words, N_FEATURES)) < 0.3, dtype=float)
    features.columns = [f"Made/{name}" for name in features]
    nuisance = pd.DataFrame({"word_rate": np.ones(n_words), "length": rng.integers(1, 9, n_words)})
    return layer, features.assign(id="w"), nuisance.assign(id="w")


@pytest.fixture(scope="module", params=[wehbe, alice])
def found(request):
    """Features of nothing, with words centred and not, in either layout."""
    rng = np.random.default_rng(7)
    layout = request.param(rng)
    told = told_nothing(rng, len(layout[0][0]))
    return {centre: probe(layout, told, centre=centre) for centre in (True, False)}


@pytest.mark.parametrize("test", ["r", "r_partial", "r_words"])
def test_false_positives_are_as_many_as_allowed(found, test):
    """Rather fewer: of one run, by every test, in 1 to 4 % of features."""
    found_by_chance = (found[True][test]["p"] <= NOMINAL).sum()
    assert 0 < found_by_chance <= binom.ppf(0.9995, N_FEATURES, NOMINAL)


def test_what_shifts_take_for_words_other_orders_do_not(found):
    uncentred = found[False]
    assert (uncentred["r"]["p"] <= NOMINAL).mean() > 0.4
    assert uncentred["r"]["score"].mean() > 0.1
    low, high = binom.interval(0.999, N_FEATURES, NOMINAL)
    assert low <= (uncentred["r_words"]["p"] <= NOMINAL).sum() <= high


@pytest.mark.parametrize("layout", [wehbe, alice])
def test_what_a_layer_holds_survives_all(rng, layout):
    layout = layout(rng)
    layer, features, nuisance = told_nothing(rng, len(layout[0][0]))
    layer[:, 3] = features["Made/5"]
    layer[:, 7] = nuisance["length"]
    features["Made/length_too"] = nuisance["length"] + 0.2 * rng.standard_normal(len(layer))
    some = features[["id", "Made/1", "Made/5", "Made/length_too"]]
    tests = probe(layout, (layer, some, nuisance), centre=True, draws=199)
    assert (tests["r"]["p"].to_numpy() < 0.01).tolist() == [False, True, True]
    assert (tests["r_words"]["p"].to_numpy() < 0.01).tolist() == [False, True, True]
    assert (tests["r_partial"]["p"].to_numpy() < 0.01).tolist() == [False, True, False]


def test_a_nuisance_variable_is_asked_for_beyond_the_others(rng, caplog):
    known = rng.standard_normal((2, 90, 3))
    made = known[0] @ [1, -2, 0.5] + known[1] @ [1, 1, 1] + 3
    series = np.column_stack([made, *rng.standard_normal((3, 90)), known[0, :, 0]])
    names = ["A/sum", "A/new", "Visual/length", "B/new", "B/x"]
    parts = list(beyond(Features(series, names), known, ["rate", "length", "x"]))
    assert [part.features.tolist() for part in parts] == [[1, 3], [2]]
    np.testing.assert_array_equal(parts[0].nuisance, np.hstack([*known]))
    np.testing.assert_array_equal(parts[1].nuisance, np.hstack([*known[:, :, [0, 2]]]))
    assert [record.args for record in caplog.records] == [("A/sum",), ("B/x",)]


def test_the_only_nuisance_variable_leaves_itself(rng):
    series = rng.standard_normal((40, 1))
    (part,) = beyond(Features(series, ["A/x"]), series[None], ["x"])
    assert part.nuisance.shape == (40, 0)


def test_a_thousandth_is_nothing_in_any_unit():
    """A nuisance variable, and so much beside it that it does not correlate with."""
    known, other = np.tile([1.0, -1.0], 8), np.repeat([1.0, -1.0], 8)
    shares = np.array([0.0, 0.0009, 0.0011, 0.0019, 0.5])
    for unit, offset in ((1.0, 0.0), (1e-6, 1e-3), (1e6, 1e9)):
        series = unit * (known[:, None] + shares * other[:, None]) + offset
        left = left_by_nuisance(series, 3 * known[:, None] + 2)
        assert left.tolist() == [False, False, True, True, True]


def test_orders_that_score_the_same_but_for_rounding_reach_it(monkeypatch):
    null = np.array([[-1e-6, -1.5e-6, -0.4, 0.1], [0.2, 0.5, 0.3, 0.1]])
    monkeypatch.setattr(probe_controls, "pearson", lambda _: np.array([0.0, 0.4]))
    monkeypatch.setattr(probe_controls, "drawn_scores", lambda *_: null)
    fit = SimpleNamespace(observed=SimpleNamespace(n=np.array([[10, 20], [30, 50]])))
    found = judge_words(fit, None)["r_words"]
    assert found["score"].tolist() == [0, 0.4]
    np.testing.assert_allclose(found["p"], [3 / 5, 2 / 5])
    assert found["n"].tolist() == [40, 70]


@pytest.mark.parametrize("centre", [True, False])
def test_nuisance_variables_are_taken_out_as_they_are_and_centred(rng, centre):
    """Of one word in each sample, so that values are what is brought to the samples."""
    runs = np.repeat(["1", "2"], [12, 8])
    ids = [f"t{k}" for k in range(20)]
    words = pd.DataFrame({"sample": ids, "run": runs})
    timeline = Timeline(pd.DataFrame({"id": ids, "run": runs}), 2.0, None)
    align = aligner(timeline, words, "window", [0], centre=centre)
    annotated = pd.DataFrame({"id": ids, "A/x": rng.standard_normal(20), "B/y": rng.random(20)})
    nuisance = pd.DataFrame({"id": ids, "u": rng.random(20) + 3, "v": rng.random(20)})
    features = Features(align(annotated[["A/x", "B/y"]].to_numpy()), ["A/x", "B/y"])
    found = make_controls(features, annotated, nuisance, runs, align, draws=7, seed=1)
    plain = nuisance[["u", "v"]]
    centred = plain - plain.groupby(runs).transform("mean")
    (part,) = found.beyond
    expected = np.hstack([plain, centred]) if centre else plain.to_numpy()
    np.testing.assert_allclose(part.nuisance, expected, atol=1e-12)
    assert part.features.tolist() == [0, 1]
    assert found.words.taken.shape == (7, 2)
    assert make_controls(features, annotated, None, runs, align, draws=7, seed=1).beyond == ()
