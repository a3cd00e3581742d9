"""A lock to commit has no stages that draw, and all others as they were."""

from click.testing import CliRunner
from dvc.utils.serialize import load_yaml

from tests.committed_lock import drawing, main

LOCK = """schema: '2.0'
stages:
  encode:
    cmd: python -m stages.encode
    outs:
    - path: data/results/encode.parquet
      md5: a
  plots_story:
    cmd: python -m stages.plots story
    outs:
    - path: plots/encode
      md5: b
  headline_story:
    cmd: python -m stages.headline
"""


def test_stages_that_draw_are_taken_out_and_the_others_stay(tmp_path):
    path = tmp_path / "dvc.lock"
    path.write_text(LOCK)
    assert drawing(load_yaml(str(path))) == ["plots_story"]
    for _ in range(2):  # a second time changes nothing
        assert CliRunner().invoke(main, [str(path)]).exit_code == 0
        before, after = LOCK.split("  plots_story:")
        assert path.read_text() == before + after[after.index("  headline_story:") :]
