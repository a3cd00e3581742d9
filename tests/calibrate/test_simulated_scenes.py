"""Voxels, pairs of models and areas are what they are said to be."""

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file

from stages.align.engine import measure
from stages.calibrate.simulated_areas import (
    DRIFT,
    NOISE,
    PLANTED,
    SIGNAL,
    SITUATIONS,
    TREND,
    TRIAL,
    write_areas,
)
from stages.calibrate.simulated_images import ALONE, GROUP, GROUPED
from stages.calibrate.simulated_pairs import (
    ALIKE,
    APART,
    BETTER,
    IMAGES,
    METRICS,
    NOTHING,
    draw_pair,
    score,
    true_difference,
)
from stages.calibrate.simulated_pairs import GROUPED as GROUPED_PAIR
from stages.calibrate.simulated_repeats import REPEATS, unit
from stages.calibrate.simulated_scenes import DRIFT as WITHIN
from stages.calibrate.simulated_scenes import (
    KNOWN,
    RELIABLE,
    SKEWED,
    UNKNOWN,
    VOXELS,
    WHITE,
    write_scenes,
)
from stages.core.recording.recording_files import read_recording
from stages.core.stats.backend import make_backend


def _responses(recording, kind):
    (subject,) = recording.subjects
    mine = subject.targets["region"].str.startswith(f"{kind}/").to_numpy()
    return subject.responses[:, mine], subject.targets[mine]


def test_voxels_follow_layers_as_far_as_is_said(tmp_path):
    write_scenes(tmp_path, ALONE, 30, 0, apart=True)
    recording = read_recording(tmp_path / "recording")
    assert recording.samples["split"].eq("test").sum() == 30
    series, targets = _responses(recording, "0.4")
    names = targets["region"].str.split("/").str[1].to_numpy()
    (layer,) = load_file(tmp_path / "layers" / "layer_00.safetensors").values()
    design = np.column_stack([np.ones(len(layer)), layer])
    some = series[:, names == "layer_00"]
    left = some - design @ np.linalg.lstsq(design, some, rcond=None)[0]
    share = 1 - left.var(axis=0).sum() / some.var(axis=0).sum()
    adjusted = 1 - (1 - share) * (len(some) - 1) / (len(some) - 17)
    clear = RELIABLE / (RELIABLE + (1 - RELIABLE) / REPEATS)
    assert adjusted == pytest.approx(0.4 * clear, abs=0.04)
    ncsnr = targets["ncsnr"].to_numpy(float)
    assert np.median(ncsnr) == pytest.approx(np.sqrt(RELIABLE / (1 - RELIABLE)), abs=0.1)


def test_of_nothing_some_images_drive_most_or_all_voxels_drift(tmp_path):
    write_scenes(tmp_path, ALONE, 12, 0, apart=False)
    recording = read_recording(tmp_path / "recording")
    parts = {kind: _responses(recording, kind)[0] for kind in (WHITE, SKEWED, WITHIN)}
    centred = {kind: values - values.mean(axis=0) for kind, values in parts.items()}
    skew = {kind: (one**3).mean() / one.var() ** 1.5 for kind, one in centred.items()}
    assert abs(skew[WHITE]) < 0.2
    assert skew[SKEWED] > 0.5
    common = {}
    for kind, one in centred.items():
        regions = one.reshape(len(one), -1, VOXELS)
        agree = [np.corrcoef(regions[:, at].T)[np.triu_indices(VOXELS, 1)] for at in range(12)]
        common[kind] = np.mean(agree)
    assert common[WITHIN] > common[WHITE] + 0.1


def test_images_in_groups_are_known_or_not(tmp_path):
    write_scenes(tmp_path, GROUPED, 4, 0, apart=False)
    known, unknown = (pd.read_parquet(tmp_path / f"{name}.parquet") for name in (KNOWN, UNKNOWN))
    assert known["group"].value_counts().eq(GROUP).all()
    assert unknown["group"].is_unique
    assert list(known["id"]) == list(unknown["id"])


def test_scores_of_pairs_are_those_of_the_engine():
    rng = np.random.default_rng(0)
    (one, other), (person, _) = draw_pair(BETTER, 2, rng)
    backend, rows = make_backend(None, "float64", 2**28), np.arange(IMAGES)[None]
    found = measure([one, other], [person], METRICS, rows, backend)
    for metric in METRICS:
        expected = [score(model, person, metric) for model in (one, other)]
        assert found[metric][:, 0, 0] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("situation", [NOTHING, ALIKE, APART])
def test_models_alike_are_as_near_on_average(situation):
    rng = np.random.default_rng(1)
    apart = []
    for _ in range(60):
        (one, other), (person,) = draw_pair(situation, 1, rng)
        apart.append(score(one, person, "cka_linear") - score(other, person, "cka_linear"))
    assert abs(np.mean(apart)) < 3.5 * np.std(apart) / np.sqrt(60)


def test_the_better_model_is_nearer():
    for metric in METRICS:
        assert true_difference(metric, 20, 0) > 0.005
    (one, _), _ = draw_pair(GROUPED_PAIR, 1, np.random.default_rng(0))
    within = np.corrcoef(one[::4].ravel(), one[1::4].ravel())[0, 1]
    assert within > 0.5


def test_areas_share_what_they_are_said_to(tmp_path):
    write_areas(tmp_path, 4, 0)
    people = read_recording(tmp_path / "recording").subjects
    same, apart, between, others = {}, {}, {}, {}
    for situation in SITUATIONS:
        one, other = (_showings(subject, situation) for subject in people)
        same[situation] = _alike(one[:, 0], one[:, 0])
        apart[situation] = _alike(one[:, 0], one[:, -1])
        between[situation] = _alike(one[:, 0], other[:, 0])
        others[situation] = _alike(one[:, 0], other[:, -1])
    assert all(one[NOISE] < 0.03 for one in (same, apart, between, others))
    assert all(one[PLANTED] > 0.05 for one in (same, apart, between, others))
    assert same[TRIAL] > 0.05 > max(apart[TRIAL], between[TRIAL], others[TRIAL])
    assert min(same[DRIFT], between[DRIFT]) > others[DRIFT] + 0.02
    assert min(same[TREND], between[TREND]) > others[TREND] + 0.01
    first = _showings(people[0], NOISE)
    again = np.corrcoef(first[:, 0].ravel(), first[:, 2].ravel())[0, 1]
    assert again == pytest.approx(SIGNAL, abs=0.05)


def _showings(subject, situation):
    """Single responses, areas × showings × images × voxels."""
    mine = subject.targets["region"].str.startswith(f"{situation}/").to_numpy()
    single = subject.single[:, mine].reshape(REPEATS, -1, 4, VOXELS)
    return single.transpose(2, 0, 1, 3)


def _alike(left, right):
    """Mean debiased CKA of an area and others."""
    pairs = [(at, to) for at in range(4) for to in range(4) if at != to]
    return np.mean([unit(left[a], "cka_linear") @ unit(right[b], "cka_linear") for a, b in pairs])
