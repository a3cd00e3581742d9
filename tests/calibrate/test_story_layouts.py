"""When words are heard and volumes taken, counted by hand."""

import numpy as np
import pytest

from stages.calibrate.story_layouts import LAYOUTS
from stages.core.recording.types import Cleaning


@pytest.fixture(scope="module")
def layouts():
    return {name: draw(np.random.default_rng(1)) for name, draw in LAYOUTS.items()}


@pytest.mark.parametrize("name", ["wehbe", "alice"])
def test_each_word_begins_during_its_volume(layouts, name):
    layout = layouts[name]
    assert layout.name == name
    starts = layout.samples.set_index("id")["onset"]
    since = layout.stimuli["onset"].to_numpy() - starts[layout.stimuli["sample"]].to_numpy()
    assert (since >= 0).all()
    assert (since < 2).all()
    runs = layout.samples.set_index("id")["run"]
    assert (runs[layout.stimuli["sample"]].to_numpy() == layout.stimuli["run"].to_numpy()).all()
    assert layout.stimuli["id"].tolist() == [f"w{at:05d}" for at in range(len(layout.stimuli))]
    assert layout.samples["id"].tolist() == [f"t{at:04d}" for at in range(len(layout.samples))]
    assert layout.stimuli["text"].tolist()[:2] == ["word0", "word1"]
    timeline = layout.timeline
    assert (timeline.tr, timeline.cleaning) == (2.0, Cleaning(True, 128.0, True))
    assert timeline.samples is layout.samples


def test_four_words_are_shown_in_every_volume_of_four_runs(layouts):
    layout = layouts["wehbe"]
    counts = layout.stimuli.groupby("run").size()
    assert counts.to_dict() == {"1": 1303, "2": 1351, "3": 1059, "4": 1463}
    volumes = layout.samples.groupby("run").size()
    assert volumes.to_dict() == {"1": 326, "2": 338, "3": 265, "4": 366}
    assert set(layout.stimuli["duration"]) == {0.5}
    for run, rows in layout.stimuli.groupby("run"):
        np.testing.assert_allclose(rows["onset"], 1000 * int(run) + 0.5 * np.arange(len(rows)))
    for run, rows in layout.samples.groupby("run"):
        np.testing.assert_allclose(rows["onset"], 1000 * int(run) + 2 * np.arange(len(rows)))
    each = layout.stimuli["sample"].value_counts()
    assert each.value_counts().to_dict() == {4: 1291, 3: 4}


def test_words_of_one_run_are_spoken_until_four_seconds_before_its_end(layouts):
    layout = layouts["alice"]
    words, volumes = layout.stimuli, layout.samples
    assert (len(words), len(volumes)) == (2128, 362)
    np.testing.assert_allclose(volumes["onset"], 2.0 * np.arange(362))
    assert words["onset"].iloc[0] == 0
    ends = words["onset"] + words["duration"]
    gaps = words["onset"].to_numpy()[1:] - ends.to_numpy()[:-1]
    assert (gaps > -1e-9).all()
    draw = np.random.default_rng(1)
    durations = draw.gamma(4.0, 0.07, 2128) + 0.05
    paused = draw.random(2128) < 0.1
    pauses = np.where(paused, draw.gamma(2.0, 0.25, 2128), 0)
    pace = 720 / (durations + pauses).sum()
    np.testing.assert_allclose(words["duration"], durations * pace)
    np.testing.assert_allclose(gaps, pauses[:-1] * pace, atol=1e-9)
    assert words["onset"].iloc[-1] == pytest.approx(720 - (durations[-1] + pauses[-1]) * pace)
