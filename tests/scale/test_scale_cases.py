"""What is measured at the real size is what it is called, and costs are those of the work."""

import subprocess
import sys

import numpy as np
import pytest

from stages.core.activations.activations import read_about, read_layer
from stages.core.names.areas import AREAS
from stages.core.recording.recording_files import read_recording
from stages.core.recording.types import stimuli_digest
from stages.core.results.results import read_results
from tests.scale import cases
from tests.scale.measured import GB, Cost, Line, cost_of, in_words, run_stage
from tests.scale.people_of_nsd import write_person
from tests.scale.readers_of_wehbe import write_readers

MEGABYTES = 300
ALLOWED = 0.2  # GiB
BUSY = f"""
from time import process_time
held = bytes(range(256)) * {MEGABYTES * 4000}
while process_time() < .6: pass
"""


def keep_busy():
    subprocess.run([sys.executable, "-c", BUSY], check=True)


def test_time_and_memory_of_child_processes_count():
    cost = cost_of(keep_busy)
    assert 0.6 <= cost.cpu < 3
    assert MEGABYTES / 1000 < cost.peak < 2 * MEGABYTES / 1000


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.44, "0.4 s"), (119, "119 s"), (120, "2.0 min"), (7199, "120.0 min"), (9000, "2.5 h")],
)
def test_times_have_the_unit_that_suits_them(seconds, said):
    assert in_words(seconds) == said


def test_a_line_is_one_of_a_table():
    line = Line("align", "n = 9", Cost(12.3, 1.234), "a note")
    assert str(line) == "| align | n = 9 | 12 s | 1.23 GB | a note |"


def test_what_grows_is_followed_along_a_line():
    found = cases.beyond(Cost(12.0, 0.5), Cost(60.0, 0.7), (600 - 12) / (60 - 12))
    assert (found.cpu, found.peak) == pytest.approx((600.0, 0.5 + 0.2 * 12.25))


def test_a_person_and_a_model_belong_together(tmp_path):
    write_person(tmp_path, 12, split="test", layers=2, units=7, voxels=3)
    recording = read_recording(tmp_path / "recording")
    (person,) = recording.subjects
    assert person.responses.shape == (12, 3 * len(AREAS))
    assert person.targets["region"].nunique() == 180
    assert set(recording.samples["split"]) == {"test"}
    about, rows = read_about(tmp_path / "net", stimuli_digest(recording.stimuli))
    layers = [read_layer(tmp_path / "net", name, about, len(rows)) for name in about.layers]
    assert [layer.shape for layer in layers] == [(12, 7)] * 2
    assert read_results(tmp_path / "ceilings.parquet", "ceilings", "").empty


def test_layers_and_areas_have_something_in_common(tmp_path):
    write_person(tmp_path, 300, split="train", regions=1, layers=1, units=200, voxels=150)
    (person,) = read_recording(tmp_path / "recording").subjects
    recorded = read_recording(tmp_path / "recording")
    about, rows = read_about(tmp_path / "net", stimuli_digest(recorded.stimuli))
    layer = read_layer(tmp_path / "net", "blocks.0", about, len(rows))
    likeness = [np.corrcoef(one)[np.triu_indices(300, 1)] for one in (layer, person.responses)]
    assert 0.1 < np.corrcoef(*likeness)[0, 1] < 0.9


def test_readers_see_every_word_while_a_sample_is_taken(tmp_path):
    write_readers(tmp_path, 2, 5, runs=(4, 6))
    recording = read_recording(tmp_path / "recording")
    assert [one.responses.shape for one in recording.subjects] == [(10, 5)] * 2
    words = recording.stimuli.merge(recording.samples, left_on="sample", right_on="id")
    late = words["onset_x"] - words["onset_y"]
    assert len(words) == len(recording.stimuli) == 40
    assert late.between(0, 2, inclusive="left").all()
    assert (words["run_x"] == words["run_y"]).all()
    about, rows = read_about(tmp_path / "net", stimuli_digest(recording.stimuli))
    assert len(about.layers) == 13
    assert len(rows) == 40
    assert recording.features.shape == (40, 196)


def test_regions_of_readers_share_the_voxels_and_do_not_touch_each_other(tmp_path):
    write_readers(tmp_path, 1, 203, runs=(4, 6), regions=("Angular_L", "Angular_R"))
    (person,) = read_recording(tmp_path / "recording").subjects
    targets = person.targets
    assert targets["region"].value_counts().to_dict() == {"Angular_L": 102, "Angular_R": 101}
    assert not targets.duplicated(["i", "j", "k"]).any()
    first, second = (part["i"] for _, part in targets.groupby("region"))
    assert first.max() < second.min()
    assert (targets[["i", "j", "k"]].max().to_numpy() < person.shape).all()


def test_a_model_and_a_person_take_no_more_than_a_fifth_above_what_is_allowed(tmp_path):
    """Everything counted, but for the interpreter and its libraries."""
    costs = {}
    for images, units, voxels, memory in ((40, 20, 12, 1.0), (1100, 2000, 100, ALLOWED)):
        place = tmp_path / str(images)
        write_person(place, images, split="train", regions=12, layers=6, units=units, voxels=voxels)
        outs = ("--out", place / "scores.parquet", "--jackknife", place / "without.parquet")
        read = ("--recording", place / "recording", "--activations", place / "net")
        last = ("--ceilings", place / "ceilings.parquet", *outs)
        words = ("align", "align", *read, *last)
        costs[images] = cost_of(run_stage, tmp_path / "scratch", memory, *words)
    assert 0.1 * ALLOWED < (costs[1100].peak - costs[40].peak) * GB / 2**30 <= 1.2 * ALLOWED
