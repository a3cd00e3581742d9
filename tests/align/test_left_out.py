"""Scores without pieces: those of the rows that are left, paired over subjects and models."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from stages.align import left_out
from stages.align.engine import measure
from stages.align.left_out import align_without_pieces
from stages.align.sides import cut_sides
from stages.core.run.errors import InputError
from stages.core.stats.backend import make_backend
from stages.core.stats.jackknife import over_stimuli, pseudo_values
from stages.core.stats.pieces import number_pieces
from tests.align.recordings import (
    LAYERS,
    REGIONS,
    SETTINGS,
    make_events,
    make_layers,
    make_matrices,
    write_activations,
)
from tests.core.run.engines import use_pickling


@pytest.fixture
def events(rng, tmp_path):
    layers = make_layers(rng)
    recording = make_events(layers, rng)
    write_activations(tmp_path / "tiny", layers, recording.stimuli)
    return recording, tmp_path / "tiny", layers


def numbered(n, settings):
    return number_pieces(np.arange(n), settings.pieces, settings.permute, settings.seed)


def test_each_score_is_that_of_the_rows_that_are_left(events):
    recording, folder, layers = events
    table = align_without_pieces(recording, folder, SETTINGS)
    assert set(table["metric"]) == set(SETTINGS.compared)
    sides = [one for one in cut_sides(recording, 5) if one.split == "test"]
    side, seen = sides[0], np.unique(np.concatenate([one.stimuli for one in sides]))
    number = numbered(len(seen), SETTINGS)
    kept = number[np.searchsorted(seen, side.stimuli)] != 2
    left = [values[side.stimuli][kept] for values in layers.values()]
    right = [values[kept] for values in side.features()]
    exact = make_backend(None, "float64", 2**28)
    for metric in SETTINGS.compared:
        found = measure(left, right, [metric], np.arange(kept.sum())[None], exact)[metric][..., 0]
        rows = table[(table["metric"] == metric) & (table["piece"] == 2)]
        rows = rows[rows["subject"] == side.subjects[0]]
        assert list(rows["layer"]) == np.repeat(list(LAYERS), len(REGIONS)).tolist()
        assert_allclose(rows["score"], found.ravel(), atol=1e-4)


def test_only_images_kept_apart_are_left_out(events):
    recording, folder, _ = events
    table = align_without_pieces(recording, folder, SETTINGS)
    n = 2 * SETTINGS.pieces * len(LAYERS) * len(REGIONS) * len(SETTINGS.compared)
    assert len(table) == n


def test_matrices_lose_rows_and_columns(rng, tmp_path):
    layers = make_layers(rng)
    recording = make_matrices(layers, rng)
    write_activations(tmp_path / "tiny", layers, recording.stimuli)
    table = align_without_pieces(recording, tmp_path / "tiny", SETTINGS)
    means = table.groupby(["subject", "metric", "layer"])["score"].mean().reset_index()
    best = means.loc[means.groupby(["subject", "metric"])["score"].idxmax()]
    assert set(best["layer"]) == {"blocks.2"}


def test_a_piece_that_nobody_saw_is_refused(events):
    recording, folder, _ = events
    many = SETTINGS.model_copy(update={"pieces": 90})
    with pytest.raises(InputError, match=r"piece without a stimulus.*Lower align.pieces"):
        align_without_pieces(recording, folder, many)


@pytest.mark.parametrize("permute", ["rows", "blocks"])
def test_images_for_testing_that_come_last_are_cut_into_equal_pieces(events, permute, monkeypatch):
    """Pieces are of what is scored, and not of all images."""
    recording, folder, _ = events
    seen = []
    monkeypatch.setattr(left_out, "_check_pieces", lambda task, *_: seen.append(task.pieces))
    align_without_pieces(recording, folder, SETTINGS.model_copy(update={"permute": permute}))
    for pieces in seen:
        assert np.bincount(pieces, minlength=5).tolist() == [8] * 5


def test_neighbours_that_are_too_few_without_a_piece_are_named(events):
    recording, folder, _ = events
    many = SETTINGS.model_copy(
        update={"metrics": ["mutual_knn_35"], "compared": ["mutual_knn_35"], "pieces": 5}
    )
    with pytest.raises(InputError, match=r"too few stimuli.*mutual_knn_35.*align.compared"):
        align_without_pieces(recording, folder, many)


def test_other_stimuli_are_refused(events):
    recording, folder, _ = events
    other = replace(recording, stimuli=recording.stimuli.assign(text="another"))
    with pytest.raises(InputError, match="stimuli changed after extraction"):
        align_without_pieces(other, folder, SETTINGS)


def test_tasks_that_travel_find_the_same(events, monkeypatch, tmp_path):
    recording, folder, _ = events
    here = align_without_pieces(recording, folder, SETTINGS)
    use_pickling(monkeypatch, tmp_path / "scratch", "stages.align.left_out")
    there = align_without_pieces(recording, folder, SETTINGS)
    pd.testing.assert_frame_equal(there, here, check_exact=True)


@pytest.mark.parametrize(
    ("metric", "least", "most"),
    [("cka_linear", 0.7, 1.35), ("rsa_spearman", 0.7, 1.35), ("mutual_knn_5", 1.0, 2.2)],
)
def test_the_spread_over_pieces_is_that_over_stimuli(metric, least, most):
    """The difference of two layers' scores varies over images as its pieces say.

    Of neighbours they say more, since those that are left get others in place of those left out.
    """
    rng, backend = np.random.default_rng(1), make_backend(None, "float32", 2**28)
    mixing = rng.standard_normal((6, 12))
    observed, told = [], []
    for _ in range(60):
        latent = rng.standard_normal((90, 6))
        brain = latent @ mixing + 2 * rng.standard_normal((90, 12))
        sides = [latent + s * rng.standard_normal(latent.shape) for s in (0.5, 1.0)]

        def difference(rows, sides=sides, brain=brain):
            some = [one[rows] for one in sides]
            order = np.arange(len(rows))[None]
            first, second = measure(some, [brain[rows]], [metric], order, backend)[metric][:, 0, 0]
            return first - second

        number = numbered(90, SETTINGS.model_copy(update={"pieces": 10}))
        without = [difference(np.flatnonzero(number != piece)) for piece in range(10)]
        observed.append(difference(np.arange(90)))
        told.append(over_stimuli(pseudo_values(observed[-1], without)[None]).sd)
    assert least < np.sqrt(np.square(told).mean()) / np.std(observed) < most


def test_metrics_that_are_not_measured_are_not_compared(events):
    recording, folder, _ = events
    fewer = SETTINGS.model_copy(update={"metrics": ["cka_linear"]})
    assert set(align_without_pieces(recording, folder, fewer)["metric"]) == {"cka_linear"}
