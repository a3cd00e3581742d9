"""What is drawn has what it is said to have: correlations, variances, widths, by large samples."""

import numpy as np
import pandas as pd
import pytest
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.distance import pdist, squareform
from scipy.stats import spearmanr, t

from stages.calibrate import family_cases, interval_cases, map_cases, part_cases, seed_cases
from stages.calibrate.observed import Case, observed, of_results
from stages.calibrate.stage_runs import Study
from stages.core.params.read import read_params
from stages.core.params.schema import Folds
from stages.core.regression.folds import partition
from stages.core.regression.ridge import cross_validate
from stages.core.stats.correlation import Correlation
from stages.core.stats.jackknife import over_stimuli
from stages.core.stats.scores import explained, r_squared
from tests.conftest import PROJECT


def test_values_of_p_are_small_at_the_level_itself():
    p = [0.05, 0.0500001, 0.04, 1.0, 0.05 + 1e-13]
    table = observed(p, Case("a", "b", "c"))
    assert table["value"].tolist() == [1, 0, 1, 0, 1]
    assert table["left"].tolist() == list("01234")
    assert (table["claim"] == 0.05).all()
    power = observed(p, Case("a", "b", "c", asks="power"), list("xxyyz"), [1, 2, 3, 4, 5])
    assert power["value"].tolist() == [1, 0, 1, 0, 1]
    assert power["left"].tolist() == list("xxyyz")
    assert power["right"].tolist() == list("12345")
    assert power["claim"].isna().all()


def test_what_holds_and_what_is_estimated_stay_as_they_are():
    held = observed([True, False], Case("a", "b", "c", asks="coverage"))
    assert held["value"].tolist() == [1, 0]
    assert (held["claim"] == 0.95).all()
    found = observed([0.01, 0.3], Case("a", "b", "c", asks="recovery", truth=0.2))
    assert found["value"].tolist() == [0.01, 0.3]
    assert (found["claim"] == 0.2).all()
    rows = pd.DataFrame({"p": [0.5], "q": [0.01], "left": ["x"], "right": ["y"]})
    assert of_results(rows, Case("a", "b", "c"))["value"].tolist() == [0]
    assert of_results(rows, Case("a", "b", "c"), "q")["value"].tolist() == [1]


def test_models_of_a_family_are_alike_and_quantities_are_related(monkeypatch):
    drawn = []

    def kept(x, y, families, **how):
        drawn.append((x, y, families, how))
        return Correlation(*[0.0] * len(Correlation.__dataclass_fields__))

    monkeypatch.setattr(family_cases, "correlate", kept)
    families = np.repeat([f"f{at}" for at in range(400)], 5)
    for truth in (0.0, 0.6):
        family_cases._correlate(families, truth, np.random.default_rng(0))
        x, y, same, how = drawn.pop()
        assert (same is families, how["ranked"], how["resamples"]) == (True, False, 499)
        assert np.corrcoef(x, y)[0, 1] == pytest.approx(truth, abs=0.06)
        for values in (x, y):
            assert values.var() == pytest.approx(1, abs=0.12)
            assert values.reshape(400, 5).mean(axis=1).var() == pytest.approx(0.76, abs=0.12)
        left = [one.reshape(400, 5) for one in (x, y)]
        inner = [(one - one.mean(axis=1, keepdims=True)).ravel() for one in left]
        assert np.corrcoef(*inner)[0, 1] == pytest.approx(truth, abs=0.06)


def test_families_are_asked_for_power_and_models_alone_only_where_unrelated(monkeypatch):
    numbers = dict.fromkeys(Correlation.__dataclass_fields__, 0.0)
    numbers |= {"p": 0.5, "p_independent": 0.01, "low": 0.3, "high": 0.6}
    monkeypatch.setattr(family_cases, "_correlate", lambda *_: Correlation(**numbers))
    table = pd.concat(list(family_cases.family_cases(2, 0)))
    told = table.drop_duplicates(["test", "situation", "layout", "method", "asks"])
    assert len(told) == 3 * (3 + 2 + 2)
    assert len(table) == 2 * len(told)
    one = told[told["layout"].eq("three families")]
    held = one["test"].eq("interval of pearson")
    tests = one[~held].groupby(["situation", "asks"])["value"].agg(sorted).to_dict()
    assert tests == {
        ("unrelated", "false positives"): [0.0, 1.0],
        ("related, r = 0.3", "power"): [0.0], ("related, r = 0.6", "power"): [0.0],
    }  # fmt: skip
    intervals = one[held].set_index("situation")["value"].to_dict()
    assert intervals == {"unrelated": 0.0, "related, r = 0.3": 1.0, "related, r = 0.6": 1.0}


def test_pieces_are_those_of_the_correlation_of_slow_series(monkeypatch):
    monkeypatch.setattr(interval_cases, "SAMPLES", 40_000)
    pieces = interval_cases._pieces(0.6, np.random.default_rng(0))
    assert pieces.shape == (20,)
    assert pieces.mean() == pytest.approx(0.6, abs=0.02)
    fast = interval_cases._pieces(1.0, np.random.default_rng(0))
    np.testing.assert_allclose(fast, 1)


def test_maps_are_as_smooth_as_they_are_said_to_be(rng):
    places = 30 * rng.normal(size=(25, 3))
    maps = np.concatenate([map_cases._smooth(places, 20.0, rng) for _ in range(2000)])
    assert maps.shape == (20_000, 25)
    expected = np.exp(-(squareform(pdist(places)) ** 2) / (2 * 20.0**2))
    np.testing.assert_allclose(maps.T @ maps / len(maps), expected, atol=0.05)


def test_maps_rise_to_the_front_by_as_much_as_is_planted(monkeypatch):
    calls = []

    def kept(maps, line, places, draws, rng):
        calls.append((maps, line, places, draws))
        rho = np.array([spearmanr(one, line).statistic for one in maps])
        return rho, np.full(len(maps), 0.2), np.zeros(len(maps))

    monkeypatch.setattr(map_cases, "spatial_spearman", kept)
    table = pd.concat(list(map_cases.map_cases(11, 0)))
    assert len(calls) == 2 * (3 + 3), "ten maps at a time: two sets of places"
    maps, line, places, draws = calls[1]
    np.testing.assert_allclose(((places / map_cases.HEAD) ** 2).sum(axis=1), 1)
    np.testing.assert_array_equal(line, places[:, 1])
    assert draws == 999
    for at, size in ((2, 0.5), (3, 1.0), (4, 1.5)):
        rise = calls[at][0] - maps
        np.testing.assert_allclose(rise, np.tile(size * line / line.std(), (10, 1)), atol=1e-9)
    alone = table[table["method"].eq(map_cases.PERMUTED)]["value"].to_numpy()[10:20]
    rho = np.array([spearmanr(one, line).statistic for one in maps])
    p = 2 * t.sf(abs(rho) * np.sqrt(118 / (1 - rho**2)), 118)
    np.testing.assert_array_equal(alone, p <= 0.05)
    assert table["left"].unique().tolist() == ["0", "1"]
    assert table["right"].nunique() == 20


def test_responses_hold_what_is_planted_in_layer_and_nuisance():
    rng = np.random.default_rng(0)
    nuisance, layer, targets = part_cases._series(rng, 20_000, 0.7, 0.0, True)
    assert (nuisance.shape[1], layer.shape[1], targets.shape[1]) == (4, 40, 6)
    weights, *_ = np.linalg.lstsq(nuisance, targets, rcond=None)
    np.testing.assert_allclose(np.linalg.norm(weights, axis=0), 0.7, atol=0.04)
    left = targets - nuisance @ weights
    np.testing.assert_allclose(left.std(axis=0), 1, atol=0.03)
    lagged = [np.corrcoef(one[1:], one[:-1])[0, 1] for one in left.T]
    np.testing.assert_allclose(lagged, 0.4, atol=0.03)
    for held, other in ((True, 0.8), (False, 0.0)):
        rng = np.random.default_rng(0)
        nuisance, layer, targets = part_cases._series(rng, 20_000, 0.0, 0.7, held)
        shared = [abs(np.corrcoef(layer[:, 4 + at], nuisance[:, at])[0, 1]) for at in range(4)]
        np.testing.assert_allclose(shared, 2 / 5**0.5 if other else 0, atol=0.07)
        weights, *_ = np.linalg.lstsq(layer[:, :4], targets, rcond=None)
        np.testing.assert_allclose(np.linalg.norm(weights, axis=0), 0.7 * 2 / 5, atol=0.04)


@pytest.mark.parametrize(("simulations", "recordings"), [(20, 1), (21, 2), (40, 2)])
def test_recordings_are_drawn_for_twenty_simulations_each(monkeypatch, simulations, recordings):
    params, judged = read_params(PROJECT / "params.yaml"), []
    settings = params.calibrate.model_copy(update={"simulations": simulations})
    monkeypatch.setattr(part_cases, "_series", lambda *given: given[2:])
    monkeypatch.setattr(part_cases, "_parts", lambda series, *given: series)
    monkeypatch.setattr(part_cases, "_judged", lambda *given: [judged.append(given)])
    list(part_cases.part_cases(Study(params, settings, ())))
    assert [(situation, layout) for _, situation, layout in judged] == [
        (situation, layout) for layout in ("wehbe", "alice") for situation in part_cases.SITUATIONS
    ]
    for found, situation, _ in judged:
        assert found == [part_cases.SITUATIONS[situation]] * recordings


def test_parts_are_told_without_each_piece(rng):
    runs = np.repeat(["1", "2", "3"], 40)
    cut = partition(runs, Folds(scheme="runs", blocks=2, gap=0))
    series = part_cases._series(rng, 120, 0.7, 0.7, True)
    lambdas = np.array([1.0, 100.0])
    parts, without, share = part_cases._parts(series, cut, lambdas, 7)
    assert (parts.shape, without.shape) == ((2, 6), (2, 6, 9)), "three pieces of each fold"
    assert share == pytest.approx(3 * 40 / 80)
    known, layer, targets = series
    plain, beyond = (
        cross_validate(layer, targets, cut.folds, lambdas, given, pieces=3).pieces
        for given in (None, known)
    )
    np.testing.assert_allclose(parts.sum(axis=0), r_squared(plain))
    total = ((targets - targets.mean(axis=0)) ** 2).sum(axis=0)
    np.testing.assert_allclose(parts[0], explained(beyond, total))
    np.testing.assert_allclose(without.mean(axis=-1), parts, atol=0.05)


@pytest.mark.parametrize(("apart", "ours", "once"), [(0.5, 1, 1), (1.1, 1, 0), (1.9, 0, 0)])
def test_intervals_of_parts_are_wider_by_what_is_fitted(apart, ours, once):
    """Two recordings, whose scores lie as far above and below the truth, in reaches of ONCE."""
    moved = np.array([-0.01, 0.0, 0.01, 0.02, -0.02])
    reach = t.ppf(0.975, 4) * np.std(4 * moved, ddof=1) / 5**0.5
    found = []
    for sign in (1, -1):
        scores = np.full((2, part_cases.TARGETS), 0.3 + sign * apart * reach)
        found.append((scores, scores[..., None] + moved, 0.4))
    table = pd.concat(list(part_cases._judged(found, "noise", "wehbe")))
    assert len(table) == 2 * 2 * 2 * part_cases.TARGETS
    told = table.groupby("method")["value"].agg(set).to_dict()
    # Times the root of 1 + 2 × .4, which is 1.34.
    assert told == {"ours": {ours}, part_cases.ONCE: {once}}


def test_series_are_as_smooth_as_they_are_said_to_be():
    series = part_cases._smooth(np.random.default_rng(0), 20_000, 3)
    np.testing.assert_allclose(series.std(axis=0), 1)
    kernel = gaussian_filter1d(np.eye(41)[20], 1.5)
    expected = (kernel[1:] * kernel[:-1]).sum() / (kernel**2).sum()
    lagged = [np.corrcoef(one[1:], one[:-1])[0, 1] for one in series.T]
    np.testing.assert_allclose(lagged, expected, atol=0.02)


def test_pieces_of_seeds_average_to_their_differences():
    scores = np.random.default_rng(0).normal(size=(2000, 3))
    shares = seed_cases._differences(scores, np.random.default_rng(1))
    assert shares.shape == (2000, 2, 10)
    np.testing.assert_allclose(shares.mean(axis=-1), scores[:, :1] - scores[:, 1:], atol=1e-12)
    error = shares.std(axis=-1, ddof=1) / np.sqrt(10)
    assert np.sqrt((error**2).mean()) == pytest.approx(0.2 * np.sqrt(2), rel=0.03)


def test_beyond_each_twin_is_the_largest_p_of_those_ahead(rng):
    shares = rng.normal(0.5, 1, size=(30, 2, 10))
    found = seed_cases._beyond_each(shares)
    for one, p in zip(shares, found, strict=True):
        each = [over_stimuli(piece[None]) for piece in one]
        expected = max(float(e.p) if float(e.mean) > 0 else 1.0 for e in each)
        assert p == pytest.approx(expected)
