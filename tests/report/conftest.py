"""Pages made of made-up results, by the command."""

import json

import pytest
from click.testing import CliRunner

from stages.report.__main__ import main
from tests.conftest import PROJECT

LOCK = """schema: '2.0'
stages:
  check:
    cmd: python -m stages.check
    params:
      params.yaml:
        model: another
    outs:
    - path: data/results/checked
      hash: md5
      md5: '0123'
      size: 26
"""


@pytest.fixture
def report(tmp_path):
    """Run the command on a folder of results; returns what it answers and the page."""
    (tmp_path / "metrics").mkdir()
    (tmp_path / "metrics" / "scene.json").write_text(json.dumps({"models": 8.0}))
    (tmp_path / "dvc.lock").write_text(LOCK)
    told = {"cases": 1.0, "encode": ["r: false positives 0.03 (calibrated)"]}
    (tmp_path / "metrics" / "calibration.json").write_text(json.dumps(told))

    def run(results, *more):
        places = {"results": results, "metrics": tmp_path / "metrics", "raw": PROJECT / "data/raw"}
        places |= {"prepared": tmp_path / "prepared", "lock": tmp_path / "dvc.lock"}
        places |= {"params": PROJECT / "params.yaml", "out": tmp_path / "report" / "index.html"}
        line = [word for name, path in places.items() for word in (f"--{name}", str(path))]
        answer = CliRunner().invoke(main, [*line, *more])
        page = places["out"]
        return answer, page.read_text(encoding="utf-8") if page.exists() else None

    return run
