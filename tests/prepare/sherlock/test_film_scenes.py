"""Scenes of a small release with planted patterns, and of the published one."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.io import savemat
from scipy.stats import spearmanr

from stages.core.recording.checks import check_recording
from stages.core.run.errors import InputError
from stages.core.run.fetch import fetch
from stages.core.time.timeline import aligner, word_rows
from stages.prepare.sherlock import film_scenes
from stages.prepare.sherlock.film_recording import SEGMENTS
from stages.prepare.sherlock.film_scenes import load_film_scenes
from stages.prepare.sherlock.scene_times import WHOLE, read_scenes, scenes_of_segments
from stages.prepare.sherlock.segments import START, STOP
from tests.conftest import PROJECT
from tests.prepare.sherlock.film_release import SCANS, release, save_segments, segment_rows

RAW = PROJECT / "data" / "raw" / "sherlock2017-scenes"
# First and last scans of each run, counted from 1; the second scene of each run ends late.
FILM = ([[1, 10], [11, 20], [22, 29]], [[1, 12], [13, 40]])


def save_scenes(path, film=FILM, **others):
    """Write the scenes that three people saw; of some, other ones."""
    people = {f"s{k}": film for k in (1, 2, 3)} | others
    cells = {
        name: {key: np.array(run, np.uint16) for key, run in zip(WHOLE, one, strict=True)}
        for name, one in people.items()
    }
    savemat(path, {"ev": cells})
    return path


@pytest.fixture
def files(tmp_path, monkeypatch, rng):
    """Make the release, whose voxels are replaced by their scenes' patterns and noise."""
    found, data = release(tmp_path, monkeypatch, rng)
    monkeypatch.setattr(film_scenes, "SCANS", SCANS)
    found[film_scenes.SCENES] = save_scenes(tmp_path / "events.mat")
    return found, data


def test_a_small_release(files):
    found, data = files
    recording = load_film_scenes(found, "some")
    check_recording(recording, "some")
    assert list(recording.samples["id"]) == [f"scene0{k}" for k in range(1, 6)]
    assert list(recording.samples["run"]) == ["1"] * 3 + ["2"] * 2
    assert list(recording.samples["onset"]) == [0, 15, 31.5, 0, 18]
    (subject,) = recording.subjects
    assert subject.name == "s3"
    expected = [data[:, 0:10], data[:, 10:20], data[:, 21:29], data[:, 30:42], data[:, 42:70]]
    assert_allclose(subject.responses, [one.mean(axis=1) for one in expected], rtol=1e-5)
    # Segments last 2 and 3 s by turns: the middle of the sixth is at 13.5 s, of the seventh at 16.
    first = recording.stimuli[recording.stimuli["run"] == "1"]
    assert list(first["sample"][:8]) == ["scene01"] * 6 + ["scene02"] * 2
    middle = (first["onset"] + first["duration"] / 2).to_numpy()
    assert set(first["sample"][(middle >= 30) & (middle < 31.5)]) <= {""}
    assert list(recording.sources)[:3] == [SEGMENTS, film_scenes.SCENES, film_scenes.MASK]


def test_a_scene_is_the_mean_of_its_segments(files):
    recording = load_film_scenes(files[0], "some")
    align = aligner(recording.timeline, word_rows(recording.stimuli), "glover", [0], centre=True)
    values = np.arange(float(len(recording.stimuli)))
    means = [values[recording.stimuli["sample"] == name].mean() for name in recording.samples["id"]]
    assert_allclose(align(values[:, None])[:, 0], means)


def test_what_both_runs_begin_with_is_left_out(files, caplog):
    caplog.set_level("INFO")
    found, _ = files
    rows = segment_rows()
    second = next(at for at, row in enumerate(rows) if at and row[START] == 0)
    for at in range(4):  # 2 + 3 + 2 + 3 s
        for part in (0, second):
            rows[part + at]["Scene Details - A Level"] = f"A cartoon, {at}."
    save_segments(found[SEGMENTS], rows)
    assert rows[3][STOP] < 15
    recording = load_film_scenes(found, "some")
    assert list(recording.samples["id"]) == ["scene02", "scene03", "scene05"]
    assert "2 of 5 scenes are left out" in caplog.text
    assert set(recording.stimuli["sample"][:4]) == {""}


@pytest.mark.parametrize(
    ("film", "others", "said"),
    [
        (([[1, 10], [10, 20]], FILM[1]), {}, r"wrong scenes in .*fullSL1: .*from 1 to 30, one"),
        ((FILM[0], [[1, 12], [13, 41]]), {}, r"wrong scenes in .*fullSL2: .*from 1 to 40"),
        ((FILM[0], [[0, 12], [13, 40]]), {}, "wrong scenes"),
        ((FILM[0], [[12, 1], [13, 40]]), {}, "wrong scenes"),
        ((FILM[0], [[1, 12, 13, 40]]), {}, "wrong shape in .*expected any × 2"),
        (FILM, {"s2": (FILM[0], FILM[1][:1])}, r"another film in .*s2: expected that of s1"),
    ],
)
def test_scenes_that_are_none(tmp_path, film, others, said):
    path = save_scenes(tmp_path / "events.mat", film, **others)
    with pytest.raises(InputError, match=said):
        read_scenes(path, SCANS, 1.5)


def test_a_file_of_something_else(tmp_path):
    savemat(tmp_path / "events.mat", {"ev": np.ones(3)})
    with pytest.raises(InputError, match="wrong variable"):
        read_scenes(tmp_path / "events.mat", SCANS, 1.5)


def test_a_scene_that_nobody_described(tmp_path):
    scenes = read_scenes(save_scenes(tmp_path / "events.mat"), SCANS, 1.5)
    rows = pd.DataFrame(segment_rows()).assign(run="1")
    with pytest.raises(InputError, match="scene without a segment .*got scene04"):
        scenes_of_segments(rows, scenes)


@pytest.fixture(scope="module")
def published(mirror):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONCORD_DATA_MIRROR", str(mirror))
        recording = load_film_scenes(fetch(RAW), "sherlock2017-scenes")
    check_recording(recording, "sherlock2017-scenes")
    return recording


def test_the_published_scenes(published):
    assert [one.name for one in published.subjects] == ["s2", "s6", "s12", "s17"]
    assert {one.responses.shape for one in published.subjects} == {(48, 481)}
    ids = list(published.samples["id"])
    assert ids == [f"scene{k:02d}" for k in range(1, 51) if k not in (1, 28)]
    assert (published.stimuli["sample"] != "").sum() == 965


def test_people_share_published_scenes_and_no_others(published):
    """Four people are at hand; of seventeen, .307 and -.006 were found."""
    patterns = np.stack([one.responses for one in published.subjects]).astype(float)
    n = patterns.shape[1]
    alike = []
    for one in range(4):
        others = np.delete(patterns, one, axis=0).mean(axis=0)
        alike.append(np.corrcoef(patterns[one], others)[:n, n:])
    own = np.mean([np.diag(one).mean() for one in alike])
    other = np.mean([one[~np.eye(n, dtype=bool)].mean() for one in alike])
    assert own == pytest.approx(0.389, abs=0.001)
    assert other == pytest.approx(-0.006, abs=0.001)
    # Scenes of one person and those after them of the others are not as much alike.
    turned = np.mean([np.diag(one, 1).mean() for one in alike])
    assert turned < 0.15
    triangles = [np.corrcoef(one)[np.triu_indices(n, 1)] for one in patterns]
    pairs = [spearmanr(triangles[a], triangles[b])[0] for a in range(4) for b in range(a)]
    assert min(pairs) > 0.2
