import numpy as np
import pytest
from nilearn.glm.first_level import glover_hrf
from sklearn.linear_model import Ridge

from stages.simulate.planted_model import Layer
from stages.simulate.story import drivers
from stages.simulate.story.atlas import Family
from stages.simulate.story.drivers import (
    DIGITS,
    _held_out,
    _leading_axes,
    clean_reading,
    clean_scale,
    hear_words,
    layer_directions,
    reading_volumes,
    region_courses,
    response_weights,
)
from stages.simulate.story.timetable import volume_times, word_times


@pytest.fixture(scope="module")
def weights():
    return response_weights()


@pytest.fixture(scope="module")
def heard(weights):
    """Five layers of 90 units, each the one before it, partly renewed."""
    rng = np.random.default_rng(7)
    layers = [rng.standard_normal((2588, 90))]
    for _ in range(4):
        layers.append(0.9 * layers[-1] + np.sqrt(1 - 0.81) * rng.standard_normal((2588, 90)))
    return [hear_words(layer, weights) for layer in layers]


@pytest.fixture(scope="module")
def directions(heard):
    return layer_directions(heard)


def held_out_r(design, target):
    """Correlation of leave-run-out ridge predictions, written independently of the stage."""
    runs = volume_times()["run"].to_numpy()[reading_volumes()]
    predicted = np.empty_like(target)
    for run in range(1, 5):
        rows, y = design[runs != run], target[runs != run]
        augmented = np.vstack([rows, 10 * np.eye(rows.shape[1])])
        extended = np.concatenate([y, np.zeros(rows.shape[1])])
        weights = np.linalg.lstsq(augmented, extended, rcond=None)[0]
        predicted[runs == run] = design[runs == run] @ weights
    return np.corrcoef(predicted, target)[0, 1]


def test_one_word_evokes_the_response_of_nilearn(weights):
    word, volumes = 900, volume_times()
    offset = word_times()["offset"].iloc[word]
    fine = glover_hrf(0.01, oversampling=1, time_length=32)
    onset = volumes["onset"].to_numpy()
    expected = np.interp(onset - offset, np.linspace(0, 32, len(fine)), fine, left=0, right=0)
    r = np.corrcoef(weights[:, word], expected)[0, 1]
    assert r > 0.9999
    assert not weights[volumes["run"] != 2, word].any()


def test_responses_add_up(weights):
    values = np.zeros((2588, 1))
    values[[100, 101, 2000]] = 1
    standard = (values - values.mean()) / values.std()
    assert np.allclose(hear_words(values, weights), weights @ standard)


def test_648_volumes_show_words():
    assert reading_volumes().sum() == 648


def test_directions_are_found_in_their_layer_and_less_the_farther_away(heard, directions):
    designs = [clean_reading(series) for series in heard]
    for layer, courses in enumerate(directions):
        target = clean_reading(courses)[:, 0]
        scores = np.array([held_out_r(design, target) for design in designs])
        assert scores.argmax() == layer
        assert scores[layer] > 0.9
        for near in (layer - 1, layer + 1):
            far = 2 * near - layer
            if 0 <= near < 5 and 0 <= far < 5:
                assert scores[layer] > scores[near] > scores[far]


def test_directions_have_unit_variance_and_are_uncorrelated(directions):
    for courses in directions:
        correlations = np.corrcoef(clean_reading(courses).T)
        assert np.allclose(clean_scale(courses), 1, atol=1e-3)
        assert np.abs(correlations - np.eye(len(correlations))).max() < 0.05


def test_directions_do_not_depend_on_rounding(heard, directions):
    rng = np.random.default_rng(0)
    nudged = [series * (1 + 1e-7 * rng.standard_normal(series.shape)) for series in heard]
    again = layer_directions(nudged)
    for one, other in zip(directions, again, strict=True):
        assert np.allclose(one, other, atol=1e-3)


def test_a_layers_region_shares_its_directions_and_mixes_its_units(
    directions, heard, features, weights, rng
):
    courses = region_courses(
        Layer(2), directions, heard, features=features, weights=weights, rng=rng
    )
    assert courses.shape == (704, 1 + heard[2].shape[1])
    assert (courses == courses.round(3)).all()
    assert np.allclose(clean_scale(courses), 1, atol=10**-DIGITS)
    fit = np.linalg.lstsq(directions[2], courses[:, 0], rcond=None)[0]
    assert np.allclose(directions[2] @ fit, courses[:, 0], atol=5 * 10**-DIGITS)
    assert np.all(np.abs(fit) > 0.05)
    assert np.allclose(np.corrcoef(courses[:, 5], heard[2][:, 4])[0, 1], 1)


def test_a_familys_region_is_a_mixture_of_its_planted_features(
    directions, heard, features, weights, rng
):
    courses = region_courses(
        Family("Characters"), directions, heard, features=features, weights=weights, rng=rng
    )
    design = hear_words(features.planted_values("Characters"), weights)
    fit = np.linalg.lstsq(design, courses[:, 0], rcond=None)[0]
    assert np.allclose(design @ fit, courses[:, 0], atol=5 * 10**-DIGITS)


def test_nothing_has_no_course(directions, heard, features, weights, rng):
    assert (
        region_courses(None, directions, heard, features=features, weights=weights, rng=rng) is None
    )


def test_a_run_is_predicted_by_ridge_regression_on_the_others(rng):
    design, targets = rng.standard_normal((60, 5)) + 1, rng.standard_normal((60, 3)) + 2
    runs = np.repeat([1, 2, 4], [30, 10, 20])
    found = _held_out(design, targets, runs)
    for run in (1, 2, 4):
        ridge = Ridge(alpha=100, fit_intercept=False).fit(design[runs != run], targets[runs != run])
        np.testing.assert_allclose(found[runs == run], ridge.predict(design[runs == run]))


def test_seventy_components_are_whitened(rng):
    series = rng.standard_normal((400, 90)) @ rng.standard_normal((90, 90))
    scores = series @ _leading_axes(series)
    left = np.linalg.svd(series, full_matrices=False)[0][:, :70]
    assert scores.shape == (400, 70)
    signs = np.sign((scores * left).sum(axis=0))
    np.testing.assert_allclose(scores, 20 * left * signs, atol=1e-6)


def test_a_region_mixes_directions_by_weights_of_its_own(directions, heard, features, weights):
    courses = region_courses(
        Layer(1),
        directions,
        heard,
        features=features,
        weights=weights,
        rng=np.random.default_rng(4),
    )
    rng = np.random.default_rng(4)
    signs, sizes = rng.choice([-1, 1], 8), rng.uniform(0.5, 1.5, 8)
    scaled = directions[1] / clean_reading(directions[1]).std(axis=0)
    mixed = sum(scaled[:, k] * signs[k] * sizes[k] for k in range(8))
    mixed /= clean_reading(mixed[:, None]).std()
    np.testing.assert_allclose(courses[:, 0], mixed, atol=6e-4)


def test_volumes_with_words_one_by_one():
    times = volume_times()["onset"]
    onsets = set((word_times()["onset"] // 2 * 2).tolist())
    assert reading_volumes().tolist() == [time in onsets for time in times]


def test_what_is_slower_than_128_seconds_is_removed_and_no_scale():
    times = volume_times()["onset"].to_numpy()[:, None]
    seconds = np.array([200.0, 60.0])
    waves = np.cos(2 * np.pi * times / seconds)
    slow, fast = clean_scale(waves)
    assert slow < 0.25
    assert fast == pytest.approx(np.sqrt(0.5), rel=0.1)
    np.testing.assert_allclose(clean_scale(7 * waves + times), 7 * clean_scale(waves), rtol=1e-6)


def test_directions_are_what_ridge_regressions_on_other_layers_leave_over(monkeypatch, weights):
    """Of five components by NumPy's decomposition, two directions, predicted by scikit-learn."""
    monkeypatch.setattr(drivers, "N_COMPONENTS", 5)
    monkeypatch.setattr(drivers, "N_DIRECTIONS", 2)
    rng = np.random.default_rng(11)
    first = rng.standard_normal((2588, 8))
    layers = [first, 0.9 * first + rng.standard_normal((2588, 8)), rng.standard_normal((2588, 9))]
    heard = [
        size * hear_words(layer, weights) for size, layer in zip((1, 50, 0.1), layers, strict=True)
    ]
    found = layer_directions(heard)
    scaled = [series / clean_reading(series).std(axis=0) for series in heard]
    cleaned = [clean_reading(series) for series in scaled]
    runs = volume_times()["run"].to_numpy()[reading_volumes()]
    for target, own in enumerate(cleaned):
        left, lengths, turns = np.linalg.svd(own, full_matrices=False)
        scores, covariance = np.sqrt(len(own)) * left[:, :5], np.zeros((5, 5))
        for source, design in enumerate(cleaned):
            if source == target:
                continue
            for run in range(1, 5):
                ridge = Ridge(alpha=100, fit_intercept=False)
                ridge.fit(design[runs != run], scores[runs != run])
                residual = scores[runs == run] - ridge.predict(design[runs == run])
                covariance += residual.T @ residual
        vectors = np.linalg.eigh(covariance)[1][:, ::-1][:, :2]
        weighed = np.sqrt(len(own)) * (turns[:5].T / lengths[:5]) @ vectors
        weighed *= np.sign(weighed[np.abs(weighed).argmax(axis=0), [0, 1]])
        np.testing.assert_allclose(found[target], scaled[target] @ weighed, atol=1e-6)
