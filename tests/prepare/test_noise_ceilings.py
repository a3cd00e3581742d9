import numpy as np
import pytest

from stages.prepare.noise_ceilings import repeats_ncsnr, sum_by


def trials_of(rng, n_images, repeats, signal):
    """Trials of targets whose signal has this standard deviation, and their noise 1."""
    shown = rng.permutation(np.repeat(np.arange(n_images), repeats))
    trials = signal * rng.normal(size=(n_images, 400))[shown]
    trials = trials + rng.normal(size=trials.shape)
    return (trials - trials.mean(axis=0)) / trials.std(axis=0), shown


@pytest.mark.parametrize("signal", [0.0, 0.3, 1.0])
def test_the_ratio_of_repeats_is_that_planted(rng, signal):
    trials, shown = trials_of(rng, 300, 3, signal)
    found = repeats_ncsnr(trials, shown)
    assert np.median(found**2) == pytest.approx(signal**2, abs=0.02)
    assert (found >= 0).all()


def test_the_ratio_is_that_of_a_loop(rng):
    trials, shown = trials_of(rng, 40, 3, 0.5)
    noise = np.mean([trials[shown == k].var(axis=0, ddof=1) for k in range(40)], axis=0)
    naive = np.sqrt(np.clip(1 - noise, 0, None) / noise)
    assert repeats_ncsnr(trials, shown) == pytest.approx(naive)


def test_too_few_repeats_tell_nothing(rng):
    trials, shown = trials_of(rng, 100, 1, 0.5)
    assert repeats_ncsnr(trials, shown) is None


def test_sums_are_those_of_a_loop(rng):
    trials, shown = rng.normal(size=(12, 5)), np.array([2, 0, 1, 2, 2, 0, 1, 1, 0, 0, 2, 1])
    naive = [trials[shown == k].sum(axis=0) for k in range(3)]
    assert sum_by(trials, shown) == pytest.approx(np.array(naive))


def test_fifty_repeats_tell_and_fewer_do_not(rng):
    trials, shown = trials_of(rng, 50, 2, 0.5)
    assert repeats_ncsnr(trials, shown) is not None
    assert repeats_ncsnr(trials[:-1], shown[:-1]) is None


def test_numbers_of_stimuli_that_no_trial_showed_change_nothing(rng):
    trials, shown = trials_of(rng, 40, 3, 0.5)
    assert repeats_ncsnr(trials, 2 * shown + 1) == pytest.approx(repeats_ncsnr(trials, shown))
