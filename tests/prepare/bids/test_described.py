import json
from pathlib import Path

import pytest

from stages.core.run.errors import InputError
from stages.prepare.bids.described import metadata, nearest, sidecars
from stages.prepare.bids.entities import parse_name

RUN = parse_name(Path("sub-01_task-story_run-02_bold.nii.gz"))


def files(*names, folder=Path()):
    return [parse_name(folder / name) for name in names]


def test_the_file_that_shares_most_and_says_nothing_else_is_the_nearest():
    near = ["task-story_events.tsv", "sub-01_task-story_events.tsv", "sub-01_run-2_events.tsv"]
    other = ["sub-02_task-story_run-2_events.tsv", "sub-01_task-story_run-2_physio.tsv"]
    found = nearest(RUN, files(*near[:2], *other), "events")
    assert found.path.name == near[1]
    assert nearest(RUN, files(*other), "events") is None
    with pytest.raises(InputError, match="several files for one run in sub-01_task-story_run-2"):
        nearest(RUN, files(*near), "events")


def test_what_is_nearer_says_it_last(tmp_path):
    said = {
        "sub-01_task-story_run-2_bold.json": {"a": 3},
        "task-story_bold.json": {"a": 1, "b": 1, "c": 1},
        "sub-01_bold.json": {"b": 2},
        "sub-02_bold.json": {"c": 9},
        "task-story_events.json": {"c": 8},
    }
    for name, content in said.items():
        (tmp_path / name).write_text(json.dumps(content))
    every = files(*said, folder=tmp_path)
    found = [file.path.name for file in sidecars(RUN, every)]
    assert found == [
        "task-story_bold.json",
        "sub-01_bold.json",
        "sub-01_task-story_run-2_bold.json",
    ]
    assert metadata(RUN, every) == {"a": 3, "b": 2, "c": 1}
    assert metadata(RUN, []) == {}
