"""People who follow a film together, by NumPy's correlations one after the other."""

import numpy as np
import pytest
from scipy.io import savemat

from stages.core.run.errors import InputError
from stages.replicate.sherlock2017 import (
    FAR,
    NAME,
    REGIONS,
    TARGETS,
    derive_sherlock,
    mean_of_pairs,
    with_others,
)


def courses(rng, n_samples=60, people=5):
    """Time courses of unlike scale and offset that share something."""
    shared = rng.normal(size=(n_samples, 1))
    mixed = shared + rng.normal(size=(n_samples, people))
    return mixed * rng.uniform(0.1, 9, people) + rng.normal(size=people) * 30


def by_loops(values):
    n = values.shape[1]
    return [
        np.corrcoef(values[:, at], np.delete(values, at, axis=1).mean(axis=1))[0, 1]
        for at in range(n)
    ]


def test_each_is_correlated_with_the_mean_of_the_others(rng):
    values = courses(rng)
    np.testing.assert_allclose(with_others(values), by_loops(values))


def test_the_mean_of_pairs_is_over_all_two_people(rng):
    values = courses(rng)
    pairs = [
        np.corrcoef(values[:, one], values[:, two])[0, 1]
        for one in range(5)
        for two in range(one + 1, 5)
    ]
    assert mean_of_pairs(values) == pytest.approx(np.mean(pairs))


@pytest.fixture
def files(rng, tmp_path):
    """A file of each region, of more people the later it comes; the third is off by 0.02 once."""
    made = {}
    for number, region in enumerate(REGIONS):
        values = courses(rng, people=4 + number)
        stored = np.array(by_loops(values))
        if number == 2:
            stored[1] -= 0.02
        path = tmp_path / f"{region}.mat"
        savemat(path, {"roitc": values, "roicorr": stored[:, None]})
        made[NAME.format(region)] = path
    return made


def test_regions_are_derived_with_their_reliability(files):
    from scipy.io import loadmat

    found = derive_sherlock(files)
    assert found[FAR].value == pytest.approx(0.02)
    assert found[FAR].n == 6
    for number, region in enumerate(REGIONS):
        n = 4 + number
        values = loadmat(files[NAME.format(region)])["roitc"]
        one = found[f"{region}, one person ~ the others"]
        assert (one.value, one.n) == (pytest.approx(np.mean(by_loops(values))), n)
        r = np.corrcoef(values.T)
        pairs = (r.sum() - n) / (n * (n - 1))
        whole = found[f"{region}, reliability of the mean"]
        assert (whole.value, whole.n) == (pytest.approx(n * pairs / (1 + (n - 1) * pairs)), n)
    assert len(found) == 13


def test_correlations_of_other_people_are_refused(files, rng, tmp_path):
    path = tmp_path / "aud_early.mat"
    savemat(path, {"roitc": courses(rng), "roicorr": np.zeros((4, 1))})
    with pytest.raises(InputError, match="other people in .*expected 4, got .60, 5."):
        derive_sherlock(files)


def test_published_numbers_are_those_of_the_paper_s_files():
    told = {one.quantity: (one.published, one.tolerance) for one in TARGETS}
    assert told["aud_early, one person ~ the others"] == (".655", 0.001)
    assert told["aud_early, reliability of the mean"] == (".93", 0.02)
    assert told["bilateral_hipp, one person ~ the others"] == (".269", 0.001)
    assert told["bilateral_hipp, reliability of the mean"] == (".66", 0.02)
    assert told[FAR] == ("0", 1e-6)
    assert len(told) == 13
