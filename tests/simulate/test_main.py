import json

import numpy as np
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML
from scipy.io import loadmat

from stages.simulate import layers
from stages.simulate.__main__ import main


@pytest.fixture
def params(tmp_path, request):
    yaml = YAML(typ="safe", pure=True)
    content = yaml.load(request.config.rootpath / "params.yaml")
    content["simulate"]["subjects"] = 1
    path = tmp_path / "params.yaml"
    yaml.dump(content, path)
    return path


def test_writes_the_release_and_the_truth(tmp_path, params, monkeypatch):
    states = np.random.default_rng(0).standard_normal((7, 5176, 90)).astype(np.float32)
    monkeypatch.setattr(layers, "last_token_states", lambda texts: states[:, : len(texts)])
    out = tmp_path / "simulated"
    done = CliRunner().invoke(main, ["--params", str(params), "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in out.iterdir()) == [
        "story_features.mat", "subject_1.mat", "truth.json",
    ]  # fmt: skip
    assert json.loads((out / "truth.json").read_text())["seed"] == 2014
    assert set(loadmat(out / "subject_1.mat")) >= {"data", "time", "words", "meta"}


def test_an_unknown_parameter_stops_it_before_any_work(tmp_path, params):
    params.write_text(params.read_text().replace("signal", "signl"))
    done = CliRunner().invoke(main, ["--params", str(params), "--out", str(tmp_path / "out")])
    assert done.exit_code == 2
    assert "Did you mean 'signal'?" in done.output
    assert not (tmp_path / "out").exists()
