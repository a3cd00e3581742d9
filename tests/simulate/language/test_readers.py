"""What simulated people and readers measure, drawn again by hand."""

import numpy as np
import pytest

from stages.simulate.language.readers import (
    VOXELS,
    Network,
    bound,
    measure_network,
    reading_times,
)


def test_voxels_share_a_course_and_a_noise_and_have_one_of_their_own(rng):
    course = rng.normal(size=50)
    found = measure_network(Network("a", course), 50, 2.5, np.random.default_rng(4))
    draw = np.random.default_rng(4)
    shared, own = draw.standard_normal(50), draw.standard_normal((50, 12))
    expected = [[2.5 * course[n] + shared[n] + own[n, v] for v in range(12)] for n in range(50)]
    np.testing.assert_allclose(found, expected)
    nothing = measure_network(Network("b", None), 50, 2.5, np.random.default_rng(4))
    np.testing.assert_allclose(nothing, np.array(expected) - 2.5 * course[:, None])


@pytest.mark.parametrize("signal", [0.5, 1.0, 3.0])
def test_the_bound_is_what_many_sentences_show(signal):
    course = np.random.default_rng(1).standard_normal(60_000)
    found = measure_network(Network("a", course), 60_000, signal, np.random.default_rng(2))
    assert VOXELS == 12
    measured = np.corrcoef(found.mean(axis=1), course)[0, 1]
    assert bound(signal) == pytest.approx(measured, abs=0.005)
    assert bound(signal) == pytest.approx(signal / (signal**2 + 13 / 12) ** 0.5)


def test_reading_times_are_of_letters_surprisal_pace_and_noise():
    words, surprisal = ["a", "house", "it"] * 100, np.linspace(0, 12, 300)
    found = reading_times(words, surprisal, 7, np.random.default_rng(5))
    draw = np.random.default_rng(5)
    pace, noise = draw.standard_normal(7), draw.standard_normal((300, 7))
    unread = draw.random((300, 7)) < 0.1
    for n, (word, bits) in enumerate(zip(words, surprisal, strict=True)):
        mean = 260 + 6 * len(word) + 9 * bits
        for reader in range(7):
            if unread[n, reader]:
                assert np.isnan(found[n, reader])
            else:
                exact = mean * np.exp(0.15 * pace[reader] + 0.25 * noise[n, reader])
                assert found[n, reader] == pytest.approx(exact, abs=0.0501)
                assert round(found[n, reader], 1) == found[n, reader]
    assert 0.05 < unread.mean() < 0.15
