import numpy as np
import pytest

from stages.calibrate.simulated_pairs import (
    ALIKE,
    APART,
    BETTER,
    GROUPED,
    IMAGES,
    NOTHING,
    draw_pair,
    score,
    true_difference,
)
from tests.align.naive import METRICS as NAIVE


def test_scores_are_those_of_the_loops(rng):
    x, y = rng.normal(size=(2, 24, 5)) + 2 * rng.normal(size=(24, 5))
    for metric in ("cka_linear", "rsa_pearson", "rsa_spearman"):
        assert score(x, y, metric) == pytest.approx(NAIVE[metric](x, y))
    near = [
        [set(np.argsort(-row)[1:11]) for row in one @ one.T]
        for one in (z / np.linalg.norm(z, axis=1, keepdims=True) for z in (x, y))
    ]
    shared = np.mean([len(a & b) / 10 for a, b in zip(*near, strict=True)])
    assert score(x, y, "mutual_knn_10") == pytest.approx(shared)


def drawn(situation, people=3, draws=40):
    """Variance of models and people, and how kernels agree, on average over draws."""
    rng, sizes, agree = np.random.default_rng(0), [], []
    for _ in range(draws):
        models, responses = draw_pair(situation, people, rng)
        assert [one.shape for one in (*models, *responses)] == [(80, 24)] * 2 + [(80, 12)] * people
        sizes.append([one.var() * one.shape[1] for one in (*models, *responses)])
        agree.append(
            [score(one, person, "cka_linear") for one in models for person in responses[:1]]
            + [score(*models, "cka_linear"), score(*responses[:2], "cka_linear")]
        )
    return np.mean(sizes, axis=0), np.mean(agree, axis=0)


def test_variances_are_those_of_signal_and_noise():
    # Of a model 8 directions of signal, 8 of its own, and noise of so many units.
    same = 16 + 24 * 0.7**2
    people = 8 + 12 * 1.5**2
    sizes, _ = drawn(BETTER)
    assert sizes == pytest.approx([same, 16 + 24 * 1.2**2, *[people] * 3], rel=0.05)
    sizes, _ = drawn(APART)
    # A person likes the two models' own parts in shares that sum to one.
    assert sizes[2:] == pytest.approx([people] * 3, rel=0.05)


def test_models_alike_are_alike_near_to_people_and_of_noise_not_at_all():
    _, alike = drawn(ALIKE)
    assert alike[0] == pytest.approx(alike[1], abs=0.02)
    assert alike[0] > 0.1
    _, better = drawn(BETTER)
    assert better[0] > better[1] + 0.03
    _, nothing = drawn(NOTHING)
    assert nothing[[0, 1, 3]] == pytest.approx([0, 0, 0], abs=0.02)
    assert nothing[2] > 0.2, "models share a signal that people do not"
    _, apart = drawn(APART)
    assert 0.05 < apart[0] == pytest.approx(apart[1], abs=0.02)


def test_images_of_a_group_are_alike():
    models, _ = draw_pair(GROUPED, 1, np.random.default_rng(0))
    kernel = np.corrcoef(models[0])
    group = np.arange(IMAGES) // 4
    within = kernel[(group[:, None] == group) & ~np.eye(IMAGES, dtype=bool)].mean()
    assert within == pytest.approx(0.7, abs=0.06)
    assert abs(kernel[group[:, None] != group].mean()) < 0.03


def test_the_true_difference_is_of_the_better_model():
    found = true_difference("cka_linear", 30, 0)
    _, better = drawn(BETTER, people=2)
    assert found == pytest.approx(better[0] - better[1], abs=0.03)
    assert true_difference("cka_linear", 3, 0) != true_difference("cka_linear", 3, 1)
