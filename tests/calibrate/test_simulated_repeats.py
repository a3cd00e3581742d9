import numpy as np
import pytest
from scipy.spatial.distance import pdist
from scipy.stats import pearsonr, spearmanr

from stages.calibrate.simulated_repeats import (
    ALONE,
    NOTHING,
    SHARED,
    agreements,
    draw_repeats,
    repeated,
    signal_share,
    true_ceilings,
    unit,
)
from tests.align.naive import cka, hsic_unbiased


def test_products_of_units_are_the_scores(rng):
    x, y = rng.normal(size=(2, 20, 6)) + 2 * rng.normal(size=(20, 6))
    expected = {
        "cka_linear": cka(x @ x.T, y @ y.T, hsic_unbiased),
        "rsa_pearson": pearsonr(pdist(x, "correlation"), pdist(y, "correlation")).statistic,
        "rsa_spearman": spearmanr(pdist(x, "correlation"), pdist(y, "correlation")).statistic,
    }
    for metric, score in expected.items():
        assert unit(x, metric) @ unit(y, metric) == pytest.approx(score), metric
        assert np.linalg.norm(unit(x, metric)) == pytest.approx(1)


def test_measurements_agree_pair_by_pair(rng):
    single = rng.normal(size=(3, 20, 6)) + 2 * rng.normal(size=(20, 6))
    one, two, three = (unit(measured, "rsa_pearson") for measured in single)
    expected = (one @ two + one @ three + two @ three) / 3
    assert agreements(single, "rsa_pearson") == pytest.approx(expected)


@pytest.mark.parametrize("situation", [ALONE, SHARED, NOTHING])
def test_noise_is_as_large_and_as_shared_as_is_said(situation):
    signal, single = draw_repeats(situation, 40, 0)
    assert (signal.shape, single.shape) == ((40, 100, 40), (40, 3, 100, 40))
    noise = single - signal[:, None]
    assert noise.mean(axis=1).var() == pytest.approx(1, abs=0.05), "half the variance of means"
    assert signal.var() == pytest.approx(0 if situation == NOTHING else 1, abs=0.02)
    flat = noise.reshape(-1, 40)
    beside = np.mean([np.corrcoef(flat[:, at], flat[:, at + 1])[0, 1] for at in range(39)])
    assert beside == pytest.approx(0.9 if situation == SHARED else 0, abs=0.02)
    across = np.corrcoef(noise[:, 0].ravel(), noise[:, 1].ravel())[0, 1]
    assert across == pytest.approx(0, abs=0.02)
    values = np.linalg.svd(signal[0] - signal[0].mean(axis=0), compute_uv=False)
    assert (values > 1e-9).sum() == (0 if situation == NOTHING else 8)


def test_the_share_of_signal_is_found(rng):
    signal = rng.normal(size=(20_000, 2)) * [1.0, 0.0]
    single = signal + np.sqrt(3) * rng.normal(size=(3, 20_000, 2))
    assert signal_share(single) == pytest.approx([0.5, 0], abs=0.03)
    by_hand = np.array([[[0.0], [1.0]], [[1.0], [3.0]], [[2.0], [5.0]]])
    # Variances over repeats are 1 and 4, whose mean over 3 is 5/6; means 1 and 3 vary by 2.
    assert signal_share(by_hand) == pytest.approx([1 - 5 / 12])


def test_true_ceilings_are_what_the_signal_scores_against_means():
    signal, _ = draw_repeats(ALONE, 2, 0)
    found = true_ceilings(ALONE, signal, 0)
    rng = np.random.default_rng(9)
    for metric, values in found.items():
        for one, value in zip(signal, values, strict=True):
            scores = [
                unit(one + rng.normal(size=one.shape), metric) @ unit(one, metric)
                for _ in range(30)
            ]
            assert value == pytest.approx(np.mean(scores), abs=0.02)


def test_a_person_has_all_responses_and_their_means(rng):
    single = rng.normal(size=(3, 5, 6)) + rng.normal(size=(5, 6))
    person = repeated("x", single, ["A", "B"])
    np.testing.assert_allclose(person.responses, single.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(person.single, single.reshape(15, 6), atol=1e-6)
    assert person.targets["region"].tolist() == list("AAABBB")
    np.testing.assert_allclose(person.targets["ceiling"], np.sqrt(signal_share(single)))
    assert person.samples["repeats"].tolist() == [3] * 5
    assert person.shape == (6, 1, 1)
