import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import ipc

from stages.core.results.benchmarks import (
    COLUMNS,
    LEADERBOARD,
    SIZE,
    read_benchmarks,
    read_elo,
    read_imagenet,
    read_leaderboard,
)
from stages.core.run.errors import InputError

HEADER = "model,top1,param_count\n"


@pytest.fixture
def csv(tmp_path):
    path = tmp_path / "results-imagenet-a.csv"
    path.write_text(HEADER + 'eva_giant.x,90.5,"1,013.01"\nResNet18.a1,70.0,11.7\n')
    return path


@pytest.fixture
def arrow(tmp_path):
    table = pd.DataFrame(
        {
            "fullname": ["o/A", "o/a", "o/B", "o/C"],
            "Flagged": [False, False, True, False],
            SIZE: [7.0, 7.0, 1.0, -1.0],
        }
        | {name: [10.0, 20.0, 99.0, 5.0] for name in LEADERBOARD}
    )
    path = tmp_path / "data.arrow"
    content = pa.Table.from_pandas(table)
    with ipc.new_stream(str(path), content.schema) as sink:
        sink.write_table(content)
    return path


def test_imagenet(csv):
    table = read_imagenet(csv, "imagenet-a")
    assert table["key"].tolist() == ["eva_giant.x", "resnet18.a1"]
    assert table["value"].tolist() == [90.5, 70.0]
    assert table["parameters"].tolist() == [1013.01, 11.7]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("model,top5\na,1\n", "column missing"),
        (HEADER + "a,1,2\na,2,3\n", "duplicate id .* got a"),
        (HEADER + "a,high,2\n", "imagenet that is not a number .* got that of a"),
        (HEADER + "a,1,2,3,4\nb,1\n,,,,,,,\n", "table|column|number"),
    ],
)
def test_wrong_imagenet(tmp_path, content, message):
    path = tmp_path / "results-imagenet.csv"
    path.write_text(content)
    with pytest.raises(InputError, match=message):
        read_imagenet(path, "imagenet")


def test_leaderboard(arrow, caplog):
    with caplog.at_level("INFO"):
        table = read_leaderboard(arrow)
    bbh = table[table["benchmark"] == "BBH"].set_index("key")
    assert bbh["value"].to_dict() == {"o--a": 15.0, "o--c": 5.0}
    assert bbh.loc["o--a", "parameters"] == 7000
    assert np.isnan(bbh.loc["o--c", "parameters"])
    assert "left out: o/B" in caplog.text


def test_leaderboard_that_is_no_arrow(tmp_path):
    path = tmp_path / "data.arrow"
    path.write_bytes(b"\x80\x04pickled")
    with pytest.raises(InputError, match="unreadable Arrow"):
        read_leaderboard(path)


def test_elo(tmp_path):
    path = tmp_path / "elo_results.json"
    path.write_text(json.dumps({"internlm_internlm2_5-20b-chat": 1149.0, "google_gemma-7b": 1037}))
    table = read_elo(path)
    assert table["key"].tolist() == ["internlm--internlm2_5-20b-chat", "google--gemma-7b"]
    assert table["value"].tolist() == [1149.0, 1037.0]


def test_all_tables_by_name(csv, arrow):
    files = {"x/results-imagenet-a.csv": csv, "x/data.arrow": arrow, "x/other.csv": csv}
    table = read_benchmarks(files)
    assert set(table["benchmark"]) == {"imagenet-a", *LEADERBOARD}
    assert tuple(table.columns) == COLUMNS
    assert list(table.index) == list(range(len(table)))


def test_no_tables():
    assert read_benchmarks({}).empty
    assert tuple(read_benchmarks({}).columns) == COLUMNS
