import json

import pytest
from click.testing import CliRunner

from stages.core.run.files import write_json
from stages.headline.__main__ import main
from stages.headline.story_numbers import PARTS


def run(folder):
    words = ["story", "--summary", folder, "--out", folder / "story.json"]
    return CliRunner().invoke(main, [str(word) for word in words])


def test_the_headline_is_written(tmp_path):
    for name in PARTS:
        write_json(tmp_path / f"{name}.json", {"A": {"score": 0.5}})
    assert run(tmp_path).exit_code == 0
    assert json.loads((tmp_path / "story.json").read_text()) == {
        "encode_score": 0.5, "decode_score": 0.5, "profile_score": 0.5,
    }  # fmt: skip


@pytest.mark.parametrize("missing", PARTS)
def test_a_part_that_is_missing_is_named(tmp_path, missing):
    for name in PARTS:
        write_json(tmp_path / f"{name}.json", {})
    (tmp_path / f"{missing}.json").unlink()
    done = run(tmp_path)
    assert done.exit_code == 2
    assert f"{missing}.json" in done.output
