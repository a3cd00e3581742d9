"""What is simulated is what it is said to be."""

from itertools import combinations

import numpy as np
import pytest

from stages.calibrate.simulated_layers import carrying, draw_layers, draw_nuisance, remembered
from stages.calibrate.simulated_stories import write_regions, write_story
from stages.calibrate.story_layouts import LAYOUTS, TR, alice, wehbe
from stages.calibrate.story_responses import (
    DRIFT,
    DRIFT_ALONE,
    DRIVEN,
    LATE,
    ONSET,
    SIZES,
    SLOW,
    draw_drifting,
    draw_late,
    draw_responses,
    late,
    planted,
)
from stages.calibrate.word_features import BINARY, DEALT, draw_features
from stages.core.activations.activations import read_about, read_layer
from stages.core.recording.recording_files import read_recording
from stages.core.recording.types import stimuli_digest
from stages.core.time.timeline import aligner, word_rows


@pytest.fixture(scope="module")
def story():
    """A story in Wehbe's layout: layout, nuisance, layers and responses."""
    rng = np.random.default_rng(0)
    layout = wehbe(rng)
    nuisance = draw_nuisance(layout.stimuli["id"], rng)
    layers = draw_layers(nuisance, 3, rng)
    return layout, nuisance, layers, draw_responses(layout, layers, nuisance, 30, rng)


def test_layouts_are_those_of_the_recordings(rng):
    one, other = wehbe(rng), alice(rng)
    assert one.stimuli.groupby("run").size().tolist() == [1303, 1351, 1059, 1463]
    assert one.stimuli.groupby("sample").size().value_counts().idxmax() == 4
    assert (one.samples.groupby("run")["onset"].diff().dropna() == TR).all()
    assert (len(other.samples), len(other.stimuli), other.stimuli["run"].nunique()) == (
        362,
        2128,
        1,
    )
    ends = other.stimuli["onset"] + other.stimuli["duration"]
    assert (ends.to_numpy()[:-1] <= other.stimuli["onset"].to_numpy()[1:] + 1e-9).all()
    assert ends.iloc[-1] < 362 * TR
    for layout in (one, other):
        begun = layout.samples.set_index("id")["onset"][layout.stimuli["sample"]].to_numpy()
        since = layout.stimuli["onset"].to_numpy() - begun
        assert ((since >= 0) & (since < TR)).all()


@pytest.mark.parametrize("share", [0.4, 0.9])
def test_remembered_series_are_autoregressive(rng, share):
    series = remembered(rng.normal(size=(20_000, 5)), share)
    np.testing.assert_allclose(series.std(axis=0), 1, atol=0.1)
    lag = [np.corrcoef(one[1:], one[:-1])[0, 1] for one in series.T]
    np.testing.assert_allclose(lag, share, atol=0.03)
    each = remembered(rng.normal(size=(20_000, 2)), np.array([share, 0.1]))
    assert np.corrcoef(each[1:, 1], each[:-1, 1])[0, 1] == pytest.approx(0.1, abs=0.03)


def test_what_is_planted_is_there_at_its_size(story):
    """Responses of two sizes share what is planted, and nothing else; so do those with nuisance."""
    *_, responses = story
    situations = np.array(responses.situations)
    series = {
        (size, beside): responses.series[:, situations == planted(size, beside=beside)]
        for size in SIZES
        for beside in (False, True)
    }
    for one, other in combinations(SIZES, 2):
        shared = _correlations(series[one, False], series[other, False])
        assert shared.mean() == pytest.approx(one * other, abs=0.015)
        beside = _correlations(series[one, True], series[other, False])
        assert beside.mean() == pytest.approx(one * other / np.sqrt(2), abs=0.03)


def _correlations(one, other):
    return np.array([np.corrcoef(x, y)[0, 1] for x, y in zip(one.T, other.T, strict=True)])


def test_it_is_in_the_layer_that_the_name_says(story):
    layout, _, layers, responses = story
    align = aligner(layout.timeline, word_rows(layout.stimuli), "glover", [0], centre=True)
    designs = dict(zip(layers.names, map(align, layers.own), strict=True))
    own, others = [], []
    for column in np.flatnonzero(np.array(responses.situations) == planted(0.4)):
        y = responses.series[:, column]
        for name, design in designs.items():
            left = y - design @ np.linalg.lstsq(design, y)[0]
            mine = responses.names[column].startswith(f"{name}/")
            (own if mine else others).append(1 - left @ left / (y @ y))
    assert np.mean(own) - np.mean(others) == pytest.approx(0.16, abs=0.03)


def test_responses_of_nothing_are_nuisance_or_nothing(story):
    layout, nuisance, _, responses = story
    align = aligner(layout.timeline, word_rows(layout.stimuli), "glover", [0], centre=False)
    known = align(nuisance.drop(columns="id").to_numpy(float))
    situations = np.array(responses.situations)
    explained = {}
    for situation in (SLOW, ONSET, DRIFT):
        y = responses.series[:, situations == situation]
        left = y - known @ np.linalg.lstsq(known, y)[0]
        explained[situation] = 1 - (left**2).sum() / (y**2).sum()
    assert explained[SLOW] < 0.02
    assert explained[ONSET] > 0.1
    assert 0.1 < explained[DRIFT] < 0.5


def test_nuisance_alone_drifts(story, rng):
    """It explains nearly all of a minute, and of the whole only what does not drift."""
    layout, nuisance, *_ = story
    found = draw_drifting(layout, nuisance, 20, rng)
    align = aligner(layout.timeline, word_rows(layout.stimuli), "glover", [0], centre=False)
    known = align(nuisance.drop(columns="id").to_numpy(float))
    explained = {}
    for name, rows in (("whole", slice(None)), ("minute", slice(150, 180))):
        design = np.column_stack([np.ones(len(known[rows])), known[rows]])
        y = found.series[rows]
        left = y - design @ np.linalg.lstsq(design, y)[0]
        explained[name] = 1 - (left**2).sum() / ((y - y.mean(axis=0)) ** 2).sum()
    assert explained["minute"] > 0.7
    assert explained["whole"] < explained["minute"] - 0.1
    assert set(found.situations) == {DRIFT_ALONE}


@pytest.mark.parametrize("seconds", LATE)
def test_nuisance_alone_acts_when_it_is_said_to(story, rng, seconds):
    """Four fifths of the variance is theirs, moved by so much, and less is where they stand."""
    layout, nuisance, *_ = story
    found = draw_late(layout, nuisance, 20, rng)
    own = found.series[:, np.array(found.situations) == late(seconds)]
    explained = {}
    for at in (0.0, seconds):
        stimuli = layout.stimuli.assign(onset=layout.stimuli["onset"] + at)
        align = aligner(layout.timeline, word_rows(stimuli), "glover", [0], centre=False)
        known = align(nuisance.drop(columns="id").to_numpy(float))
        left = own - known @ np.linalg.lstsq(known, own)[0]
        explained[at] = 1 - (left**2).sum() / (own**2).sum()
    assert explained[seconds] == pytest.approx(DRIVEN, abs=0.12)
    assert explained[0.0] < explained[seconds] - 0.03


def test_layers_carry_the_words_before(story, rng):
    """Of which they know nothing else: words are drawn one by one."""
    _, nuisance, layers, _ = story
    length = nuisance["word_length"].to_numpy()
    before = np.column_stack([np.roll(length, back) for back in (1, 2, 3)])[3:]
    explained = []
    for each in (layers, carrying(layers, nuisance, rng)):
        units = np.column_stack([each.values[0][3:], np.ones(len(before))])
        left = before - units @ np.linalg.lstsq(units, before)[0]
        explained.append(1 - left.var(axis=0) / before.var(axis=0))
    assert (explained[0] < 0.05).all()
    assert (explained[1] > 0.2).all()
    same = carrying(layers, nuisance, rng).own
    np.testing.assert_array_equal(same, layers.own)


def test_features(story, rng):
    layout, nuisance, layers, _ = story
    runs = layout.stimuli["run"].to_numpy()
    table = draw_features(layers, nuisance, runs, 6, rng)
    assert table.drop(columns="id").columns.is_unique
    assert set(np.unique(table[f"{BINARY}/f000"])) == {0, 1}
    strong = table[f"{planted(0.4)}/layer_01.1"].to_numpy()
    dealt = table[f"{DEALT}/f001"].to_numpy()
    design = layers.own[1]
    for values, share in ((strong, 0.16), (dealt, 0.0)):
        y = values - values.mean()
        left = y - design @ np.linalg.lstsq(design, y)[0]
        assert 1 - left @ left / (y @ y) == pytest.approx(share, abs=0.04)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_recordings_are_those_of_the_seed_and_can_be_read(layout, tmp_path):
    folders = [tmp_path / name for name in ("one", "same", "other")]
    for folder, seed in zip(folders, (1, 1, 2), strict=True):
        write_story(folder, layout, 6, seed)
    one, same, other = (read_recording(folder / "recording") for folder in folders)
    assert (one.subjects[0].responses == same.subjects[0].responses).all()
    assert (one.subjects[0].responses != other.subjects[0].responses).mean() > 0.99
    about, rows = read_about(folders[0] / "layers", stimuli_digest(one.stimuli))
    assert read_layer(folders[0] / "layers", "layer_05", about, len(rows)).shape[1] == 48


def test_regions_are_voxels_of_which_half_are_driven(tmp_path):
    write_regions(tmp_path, "alice", 3, 0)
    recording = read_recording(tmp_path / "recording")
    targets = recording.subjects[0].targets
    assert targets.groupby("region").size().tolist() == [24] * 6
    assert not targets[["i", "j", "k"]].duplicated().any()
