import json

import numpy as np
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML
from scipy.io import loadmat

from stages.core.recording.recording_files import read_recording
from stages.prepare.nsd.load import Selection, load_nsd
from stages.prepare.scenes import write_scenes
from stages.simulate.__main__ import main
from stages.simulate.scene import planted_blocks as blocks
from stages.simulate.scene import study as scene_study
from stages.simulate.story import study as story_study
from tests.conftest import PROJECT


@pytest.fixture(scope="module")
def params(tmp_path_factory):
    yaml = YAML(typ="safe", pure=True)
    content = yaml.load(PROJECT / "params.yaml")
    content["story"]["simulate"]["subjects"] = 1
    content["scene"]["simulate"] |= {"subjects": 2, "shared": 50, "own": 200}
    path = tmp_path_factory.mktemp("params") / "params.yaml"
    yaml.dump(content, path)
    return path


@pytest.fixture(scope="module")
def write_release(tmp_path_factory, params):
    """Write a release; noise stands for the layers of the models."""
    names = [f"blocks.{number}" for number in range(7)]

    def write():
        rng, out = np.random.default_rng(0), tmp_path_factory.mktemp("scene") / "nsd"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                scene_study,
                "mean_token_states",
                lambda texts: rng.random((7, len(texts), 30), "f4"),
            )
            patch.setattr(
                blocks,
                "block_outputs",
                lambda images, _: {name: rng.random((len(images), 30), "f4") for name in names},
            )
            words = ["scene", "--params", str(params), "--out", str(out)]
            done = CliRunner().invoke(main, words)
        assert done.exit_code == 0, done.output
        return out

    return write


@pytest.fixture(scope="module")
def release(write_release):
    return write_release()


def test_writes_the_release_and_the_truth(tmp_path, params, monkeypatch):
    states = np.random.default_rng(0).standard_normal((7, 2588, 90)).astype(np.float32)
    monkeypatch.setattr(story_study, "last_token_states", lambda texts: states[:, : len(texts)])
    out = tmp_path / "simulated"
    done = CliRunner().invoke(main, ["story", "--params", str(params), "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in out.iterdir()) == [
        "story_features.mat", "subject_1.mat", "truth.json",
    ]  # fmt: skip
    assert json.loads((out / "truth.json").read_text())["seed"] == 2014
    assert set(loadmat(out / "subject_1.mat")) >= {"data", "time", "words", "meta"}


def test_an_unknown_parameter_stops_it_before_any_work(tmp_path, params):
    wrong, out = tmp_path / "params.yaml", tmp_path / "out"
    wrong.write_text(params.read_text().replace("signal", "signl"))
    done = CliRunner().invoke(main, ["story", "--params", str(wrong), "--out", str(out)])
    assert done.exit_code == 2
    assert "Did you mean 'signal'?" in done.output
    assert not out.exists()


def test_writes_a_release_that_the_loader_reads(tmp_path, release, monkeypatch):
    monkeypatch.setenv("CONCORD_SCRATCH", str(tmp_path / "scratch"))
    truth = json.loads((release / "truth.json").read_text())
    assert (truth["seed"], truth["sessions"]) == (2022, 1)
    loaded = load_nsd(release, "nsd-simulated", Selection("all", [1], "all"))
    write_scenes(tmp_path / "prepared", loaded)
    recording = read_recording(tmp_path / "prepared")
    assert [one.name for one in recording.subjects] == ["subj01", "subj02"]
    assert len(recording.stimuli) == 450
    assert (recording.samples["split"] == "test").sum() == 50
    assert len(recording.captions) == 5 * 450
    assert recording.features.drop(columns="id").to_numpy().sum(axis=1).min() >= 1
    for one in recording.subjects:
        assert set(one.samples["repeats"]) == {3}
        counts = one.targets["region"].value_counts()
        assert set(truth["order"]) <= set(counts.index)
        assert {name for name in counts.index if counts[name] < 10} == (
            {"EC"} if one.name == "subj02" else set()
        )
        place = one.targets[["i", "j", "k"]].to_numpy() @ one.affine[:3, :3].T + one.affine[:3, 3]
        means = [place[one.targets["region"] == name, 1].mean() for name in truth["order"]]
        assert (np.diff(means) > 0).all()
    labels = release / "nsddata" / "freesurfer" / "fsaverage" / "label"
    assert {path.name for path in labels.iterdir()} == {
        "HCP_MMP1.mgz.ctab", "lh.HCP_MMP1.mgz", "rh.HCP_MMP1.mgz",
    }  # fmt: skip


def test_the_same_parameters_write_the_same_bytes(release, write_release):
    again = write_release()
    for path in release.rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (again / path.relative_to(release)).read_bytes()
