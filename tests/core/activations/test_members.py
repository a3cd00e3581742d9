import pandas as pd
import pytest

from stages.core.activations.members import (
    MEMBER_COLUMNS,
    PERFORMANCE_COLUMNS,
    member_table,
    performance_table,
    read_members,
    read_performance,
    usable,
    write_members,
)
from stages.core.run.errors import InputError


def row(step, **more):
    place = {"family": "f", "member": f"step{step:06d}", "size": "", "seed": 0, "weights": ""}
    return place | {"step": step, "seen": 2.0 * step} | more


def make_members():
    about = {"unit": "tokens", "string": "hf:a", "parameters": 7, "digest": "d"}
    return member_table(
        [
            row(0, **about, error="", set_aside=""),
            row(2, **about, error="gone", set_aside=""),
            row(4, **about, error="", set_aside="a copy"),
            row(8, **about, error="", set_aside=""),
        ]
    )


def test_what_is_written_is_read(tmp_path):
    members = make_members()
    performance = performance_table([row(0, measure="top1", value=1)])
    write_members(tmp_path, members, performance)
    assert tuple(members.columns) == MEMBER_COLUMNS
    assert tuple(performance.columns) == PERFORMANCE_COLUMNS
    pd.testing.assert_frame_equal(read_members(tmp_path), members, check_dtype=False)
    read = read_performance(tmp_path)
    pd.testing.assert_frame_equal(read, performance, check_dtype=False)
    kinds = {"seed": "int64", "step": "int64", "seen": "float64"}
    assert {name: str(read_members(tmp_path)[name].dtype) for name in kinds} == kinds
    assert read["value"].dtype == "float64"


def test_a_family_of_which_nothing_was_measured(tmp_path):
    write_members(tmp_path, make_members(), performance_table([]))
    assert read_performance(tmp_path).empty


def test_failed_members_and_those_set_aside_are_left_out():
    left = usable(make_members())
    assert list(left["step"]) == [0, 8]
    assert list(left.index) == [0, 1]
    assert list(left.columns) == list(make_members().columns)


@pytest.mark.parametrize("read", [read_members, read_performance])
def test_tables_that_are_not_there_or_are_others(tmp_path, read):
    with pytest.raises(InputError, match="dvc repro"):
        read(tmp_path)
    for name in ("members", "performance"):
        pd.DataFrame({"a": [1]}).to_parquet(tmp_path / f"{name}.parquet")
    with pytest.raises(InputError, match="dvc repro"):
        read(tmp_path)


def test_columns_have_their_order_whatever_that_of_the_rows():
    about = {"error": "", "set_aside": "", "unit": "", "string": "", "digest": "", "parameters": 1}
    made = member_table([about | row(0)])
    assert tuple(made.columns) == tuple(member_table([]).columns) == MEMBER_COLUMNS
    assert made["parameters"].dtype == "float64"
