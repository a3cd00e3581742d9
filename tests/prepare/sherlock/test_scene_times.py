import logging

import numpy as np
import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.prepare.sherlock import scene_times as module
from stages.prepare.sherlock.scene_times import new_scenes, read_scenes, scenes_of_segments
from stages.prepare.sherlock.segments import START, STOP

FIRST, SECOND = [[1, 3], [4, 4], [8, 10]], [[2, 5], [6, 9]]


@pytest.fixture
def seen(monkeypatch, tmp_path):
    """Read the scenes that each of some people saw in two runs, of ten and nine scans."""

    def read(*people):
        struct = np.empty(1, dtype=[(f"p{at}", object) for at in range(len(people))])
        monkeypatch.setattr(module, "read_mat", lambda *given: {"ev": struct})
        runs = {f"p{at}": [np.array(run) for run in own] for at, own in enumerate(people)}
        monkeypatch.setattr(module, "_seen_by", lambda name, *given: runs[name])
        return read_scenes(tmp_path / "ev.mat", [10, 9], 1.5)

    return read


def test_scenes_have_scans_throughout_and_seconds_within_runs(seen):
    table = seen((FIRST, SECOND), (FIRST, SECOND))
    assert list(table) == ["id", "run", "onset", "end", "first", "last"]
    assert table.to_numpy().tolist() == [
        ["scene01", "1", 0.0, 4.5, 0, 2], ["scene02", "1", 4.5, 6.0, 3, 3],
        ["scene03", "1", 10.5, 15.0, 7, 9], ["scene04", "2", 1.5, 7.5, 11, 14],
        ["scene05", "2", 7.5, 13.5, 15, 18],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("run", "wrong"),
    [(0, [[0, 3]]), (0, [[1, 11]]), (0, [[3, 2]]), (0, [[1, 3], [3, 4]]), (0, [[4, 5], [1, 2]]),
     (0, [[1, 3], [5, 4], [8, 10]]), (0, [[1, 2], [3, 4], [4, 5]]), (0, [[1, 3], [4, 11]]),
     (0, np.empty((0, 2), int)), (1, [[1, 10]])],
)  # fmt: skip
def test_scenes_are_stretches_of_scans_one_after_the_other(seen, run, wrong):
    scenes = [FIRST, SECOND]
    scenes[run] = wrong
    with pytest.raises(InputError, match=f"wrong scenes .*from 1 to {(10, 9)[run]}, one after"):
        seen(scenes)


def test_everybody_saw_the_same(seen):
    with pytest.raises(InputError, match="another film in .*p1: expected that of p0"):
        seen((FIRST, SECOND), (FIRST, [[2, 5], [6, 8]]), (FIRST, SECOND))


SCENES = pd.DataFrame(
    {"id": ["s1", "s2", "s3"], "run": ["1", "1", "2"],
     "onset": [0.0, 4.0, 3.0], "end": [4.0, 8.0, 9.0]}
)  # fmt: skip


def segments(*rows):
    return pd.DataFrame(rows, columns=["run", START, STOP])


def test_segments_belong_to_the_scene_that_their_middle_is_in():
    rows = segments(
        ("1", 0, 2), ("1", 3, 5), ("1", 2, 5.9), ("1", 7, 9), ("1", 7, 9.1), ("2", 2, 3.9),
        ("2", 2, 4), ("2", 3, 4),
    )  # fmt: skip
    found = scenes_of_segments(rows, SCENES)
    assert found == ["s1", "s2", "s1", "", "", "", "s3", "s3"]
    with pytest.raises(InputError, match="scene without a segment .*s2"):
        scenes_of_segments(rows[rows[STOP] != 5], SCENES)


def test_scenes_that_every_run_begins_with_are_left_out(monkeypatch, caplog):
    caplog.set_level(logging.INFO, "concord")
    beginning = {"1": 4.0, "2": 0.0}
    monkeypatch.setattr(module, "shared_beginning", lambda table: beginning)
    found = new_scenes(SCENES, segments())
    assert found["id"].tolist() == ["s2", "s3"]
    assert list(found.index) == [0, 1]
    assert list(found) == list(SCENES)
    assert "1 of 3 scenes are left out" in caplog.text
    caplog.clear()
    monkeypatch.setattr(module, "shared_beginning", lambda table: {"1": 0.0, "2": 0.0})
    assert len(new_scenes(SCENES, segments())) == 3
    assert not caplog.records
