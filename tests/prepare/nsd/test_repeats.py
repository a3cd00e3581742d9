"""Responses are z-scores by session, averaged over the repeats of every image."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import zscore

from stages.prepare.nsd import repeats
from stages.prepare.nsd.repeats import (
    block_size,
    percent_change,
    standardize,
    stream_responses,
    stream_single,
)
from stages.prepare.nsd.tree import Tree
from stages.prepare.usable_targets import target_table
from tests.prepare.nsd_release import LOST, SESSIONS, SHAPES

SHAPE = SHAPES[1]
INSIDE = np.argwhere(np.ones(SHAPE))
INSIDE = INSIDE[(INSIDE[:, 0] > 0) & (INSIDE[:, 2] > 0)]
SOME = np.array([voxel for voxel in INSIDE if tuple(voxel) != LOST][::4])


@pytest.fixture
def paths(nsd):
    return [Tree(nsd.root).session("subj01", session) for session in SESSIONS]


@pytest.fixture
def stream(nsd, scratch):
    """Images of the first subject, their responses in some sessions, and the targets."""

    def run(paths, targets, **options):
        images, rows = np.unique(nsd.design.shown(1, SESSIONS), return_inverse=True)
        parts = list(stream_responses(paths, targets, rows, SHAPE, scratch, **options))
        responses = np.hstack([part for part, _ in parts])
        return images, responses, pd.concat([table for _, table in parts])

    return run


def make_targets(voxels):
    names = [f"{x}.{y}.{z}" for x, y, z in voxels]
    return target_table(names, ["V1"] * len(voxels), ["L"] * len(voxels), np.asarray(voxels))


def naive(nsd, voxels):
    """Z-score every voxel in every session and average over repeats, one number at a time."""
    shown = nsd.design.shown(1, SESSIONS)
    columns = []
    for voxel in voxels:
        sessions = [(nsd.betas[1, s][:, *voxel] * 300).round() / 300 for s in SESSIONS]
        scores = np.concatenate([zscore(values) for values in sessions])
        columns.append([scores[shown == image].mean() for image in np.unique(shown)])
    return np.array(columns).T


def test_stored_numbers_are_percent_signal_change_times_300():
    found = percent_change(np.array([[300, -150, 1]] * 2, np.int16))
    assert (found.dtype, found.flags.c_contiguous) == (np.float32, True)
    np.testing.assert_array_equal(found[:, 0], np.float32([1, -0.5, 1 / 300]))


def test_standardising_is_a_z_score_and_says_what_does_not_vary(rng):
    trials = rng.normal(3, 5, (750, 4)).astype(np.float32)
    trials[:, 2] = 1.5
    found, valid = standardize(trials)
    assert valid.tolist() == [True, True, False, True]
    np.testing.assert_allclose(found[:, valid], zscore(trials[:, valid].astype(float)), atol=1e-5)
    assert not found[:, 2].any()


@pytest.mark.parametrize("columns", [1, 7, 1000])
def test_responses_are_z_scores_by_session_averaged_over_repeats(nsd, paths, stream, columns):
    memory = columns * (16 * 800 + 24 * 750)
    _, found, targets = stream(paths, make_targets(SOME), memory=memory)
    assert targets[["i", "j", "k"]].to_numpy().tolist() == SOME.tolist()
    np.testing.assert_allclose(found, naive(nsd, SOME), atol=1e-5)


def test_what_was_planted_is_found_image_by_image(nsd, paths, stream):
    images, found, _ = stream(paths, make_targets(SOME))
    planted = nsd.patterns[1][images][:, *SOME.T]
    agree = [np.corrcoef(a, b)[0, 1] for a, b in zip(found.T, planted.T, strict=True)]
    assert min(agree) > 0.9
    shifted = np.roll(planted, 1, axis=0)
    assert max(np.corrcoef(a, b)[0, 1] for a, b in zip(found.T, shifted.T, strict=True)) < 0.2


def test_sessions_in_another_order_are_another_result(paths, stream):
    targets = make_targets(SOME)
    _, right, _ = stream(paths, targets)
    _, wrong, _ = stream(paths[::-1], targets)
    assert abs(np.corrcoef(right.ravel(), wrong.ravel())[0, 1]) < 0.8


def test_voxels_lost_in_a_session_are_dropped_with_a_message(nsd, paths, stream, caplog):
    caplog.set_level("INFO")
    voxels = np.array([LOST, (2, 1, 1), (0, 1, 1)])
    _, found, targets = stream(paths, make_targets(voxels))
    assert targets["id"].tolist() == ["2.1.1"]
    assert found.shape == (len(np.unique(nsd.design.shown(1, SESSIONS))), 1)
    assert "2 of 3 voxels dropped, constant within a session" in caplog.text


BLOCK = 16 * 800 + 24 * 750  # bytes of one voxel


@pytest.fixture
def averaged(monkeypatch):
    """Voxels that were averaged, session by session."""
    counts = []

    def counted(trials):
        counts.append(trials.shape[1])
        return standardize(trials)

    monkeypatch.setattr(repeats, "standardize", counted)
    return counts


def test_averages_are_made_once(paths, stream, averaged, scratch):
    targets = make_targets(SOME)
    _, first, kept = stream(paths, targets, memory=20 * BLOCK)
    n = len(averaged)
    _, second, again = stream(paths, targets, memory=20 * BLOCK)
    assert len(averaged) == n == 3 * -(-len(SOME) // 20)
    np.testing.assert_array_equal(first, second)
    pd.testing.assert_frame_equal(kept, again)
    file = scratch / "averages_000020.safetensors"
    file.write_bytes(file.read_bytes()[:-1])
    np.testing.assert_array_equal(stream(paths, targets, memory=20 * BLOCK)[1], first)
    assert averaged[n:] == [min(20, len(SOME) - 20)] * 3


@pytest.mark.parametrize("memory", [20 * BLOCK, 1 << 30])
def test_single_responses_are_those_of_the_first_three_times(nsd, paths, scratch, memory):
    shown = nsd.design.shown(1, SESSIONS)
    images, rows, counts = np.unique(shown, return_inverse=True, return_counts=True)
    repeated = np.flatnonzero(counts >= 3)[::7]
    targets, n = make_targets(np.vstack([SOME[:30], [LOST]])), len(repeated)
    given = {"repeated": repeated, "memory": memory}
    parts = list(stream_responses(paths, targets, rows, SHAPE, scratch, **given))
    sizes = len(targets), len(images), n
    found = np.hstack(list(stream_single(*sizes, scratch, memory=memory)))
    assert found.shape == (3 * n, 30)  # without the lost voxel
    sessions = [(nsd.betas[1, s] * 300).round() / 300 for s in SESSIONS]
    for column, voxel in enumerate(SOME[:30]):
        scores = np.concatenate([zscore(values[:, *voxel]) for values in sessions])
        expected = [scores[shown == images[image]][:3] for image in repeated]
        np.testing.assert_allclose(found[:, column].reshape(3, n).T, expected, atol=1e-5)
    responses = np.hstack([part for part, _ in parts])
    exactly = counts[repeated] == 3
    means = found.reshape(3, n, -1).mean(axis=0)
    np.testing.assert_allclose(means[exactly], responses[repeated][exactly], atol=1e-5)


def test_other_averages_take_the_place(nsd, paths, averaged, scratch):
    targets = make_targets(SOME)
    _, rows = np.unique(nsd.design.shown(1, SESSIONS), return_inverse=True)
    for memory, count in ((20 * BLOCK, -(-len(SOME) // 20)), (1 << 30, 1)):
        list(stream_responses(paths, targets, rows, SHAPE, scratch, memory=memory))
        assert len(list(scratch.glob("averages_*"))) == count
    for other in (rows[::-1], rows):
        averaged.clear()
        (found,) = stream_responses(paths, targets, other, SHAPE, scratch)
        assert averaged == [len(SOME)] * 3
        (expected,) = stream_responses(paths, targets, other, SHAPE, scratch / "new")
        np.testing.assert_array_equal(found[0], expected[0])


def test_voxels_that_are_dropped_are_dropped_of_what_is_kept(paths, stream):
    targets = make_targets(np.array([LOST, (2, 1, 1), (0, 1, 1)]))
    for _ in range(2):
        _, found, kept = stream(paths, targets)
        assert kept["id"].tolist() == ["2.1.1"]
        assert found.shape[1] == 1


def test_a_block_fits_in_the_memory():
    assert block_size(10000, 1 << 30) == (1 << 30) // 178000
    assert block_size(10000, 1) == 1
    assert block_size(10000, 1 << 30, 500) == (1 << 30) // (160000 + 8 * 3 * 500 + 18000)
