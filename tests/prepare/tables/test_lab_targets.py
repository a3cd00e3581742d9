"""What the columns of responses are, and their order."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.prepare.tables.lab_responses import Measured
from stages.prepare.tables.lab_targets import describe_targets, read_targets
from stages.prepare.usable_targets import NAMED


@pytest.fixture
def targets(write_lines):
    return lambda *lines: read_targets(write_lines("targets.csv", *lines))


def test_a_ceiling_may_be_unknown(targets):
    table = targets("id,region,hemisphere,ceiling", "a,T,L,0.5", "b,T,,", "c,U,R,1", "d,U,R,0")
    assert table["id"].to_list() == ["a", "b", "c", "d"]
    assert table["hemisphere"].to_list() == ["L", "", "R", "R"]
    np.testing.assert_array_equal(table["ceiling"], [0.5, np.nan, 1.0, 0.0])


def test_hemispheres_and_ceilings_may_be_left_out(targets):
    table = targets("id,region", "b,T", "a,U")
    assert table[["id", "region", "hemisphere"]].to_numpy().tolist() == [
        ["b", "T", ""], ["a", "U", ""],
    ]  # fmt: skip
    assert table[["ceiling", "i"]].isna().all(axis=None)
    assert targets("id,region,ceiling", "b,T,0.25")["hemisphere"].tolist() == [""]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["id,region", "a,T", "b,U", "a,U"], "duplicate id"),
        (["id,region,hemisphere", "a,T,L", "b,T,left"], "line 3, hemisphere: .*got 'left'"),
        (["id,region", "a,T", "b,all"], "name of a region in .*line 3, region: .*the mean over"),
        (["id,region,ceiling", "a,T,1", "b,T,1.001"], "line 3, ceiling: .*0 to 1, got 1.001"),
        (["id,region,ceiling", "a,T,-0.001", "b,T,1"], "line 2, ceiling: .*got -0.001"),
    ],
)
def test_what_cannot_be_is_told_with_its_cell(targets, lines, message):
    with pytest.raises(InputError, match=message):
        targets(*lines)


def measured(names, n=3, name="responses.csv"):
    series = np.arange(2.0 * n).reshape(2, n)
    return Measured(Path(name), series, names, None)


def table_of(*ids):
    return pd.DataFrame(
        {"id": ids, "region": "R", "hemisphere": "", "i": pd.NA, "j": pd.NA, "k": pd.NA}
    ).assign(ceiling=np.arange(len(ids)) / 10, more="")


def test_columns_come_in_the_order_of_the_table_and_what_lacks_is_told(caplog):
    shared = Path("targets.csv"), table_of("z", "c", "b", "a")
    own = Path("s2/targets.csv"), table_of("b", "a", "c")
    people = {name: measured(["a", "b", "c"]) for name in ("s1", "s2")}
    found = describe_targets(people, shared, {"s2": own})
    for name, ids, order in (
        ("s1", ["c", "b", "a"], [2, 1, 0]),
        ("s2", ["b", "a", "c"], [1, 0, 2]),
    ):
        got, table = found[name]
        assert got.names == table["id"].tolist() == ids
        np.testing.assert_array_equal(got.series, people[name].series[:, order])
        assert list(table.index) == [0, 1, 2]
        assert "more" not in table
    assert found["s1"][1]["ceiling"].tolist() == [0.1, 0.2, 0.3]
    assert caplog.messages == ["s1 lacks 1 of 4 targets: z"]


@pytest.mark.parametrize("more", [0, 1])
def test_of_many_that_lack_some_are_named(caplog, more):
    names = [f"t{at}" for at in range(NAMED + more)]
    describe_targets({"s1": measured(["a"], 1)}, (Path("t"), table_of(*names, "a")), {})
    end = ", …" if more else ""
    assert caplog.messages == [
        f"s1 lacks {len(names)} of {len(names) + 1} targets: {', '.join(names[:NAMED])}{end}"
    ]


def test_columns_without_names_are_those_of_the_table():
    shared = Path("targets.csv"), table_of("c", "b", "a")
    people = {"s1": measured(None)}
    got, table = describe_targets(people, shared, {})["s1"]
    assert got is people["s1"]
    assert table["id"].tolist() == ["c", "b", "a"]
    with pytest.raises(InputError, match="unequal targets in targets.csv: expected 3, got 2 col"):
        describe_targets({"s1": measured(None, 2)}, shared, {})


def test_a_column_of_no_table_is_refused():
    with pytest.raises(InputError, match="target in no table of targets .*got 'q'"):
        describe_targets({"s1": measured(["a", "q", "b"])}, (Path("t"), table_of("a", "b")), {})


def test_without_a_table_a_target_is_a_region_and_everybody_has_the_same(caplog):
    people = {"s1": measured(["b", "a", "c"]), "s2": measured(["c", "b", "a"])}
    found = describe_targets(people, None, {})
    for name, order in (("s1", [0, 1, 2]), ("s2", [1, 2, 0])):
        got, table = found[name]
        assert table["id"].tolist() == table["region"].tolist() == ["b", "a", "c"]
        np.testing.assert_array_equal(got.series, people[name].series[:, order])
    assert not caplog.messages
    for odd, names in (("d", ["a", "b", "c", "d"]), ("b", ["a", "c"])):
        other = measured(names, len(names), "s2.csv")
        told = f"unequal targets in responses.csv and s2.csv: got '{odd}' in one of them only"
        with pytest.raises(InputError, match=told):
            describe_targets({"s1": people["s1"], "s2": other}, None, {})
    with pytest.raises(InputError, match="targets without names in responses.csv"):
        describe_targets({"s1": measured(None)}, None, {})
    with pytest.raises(InputError, match="name of a region in responses.csv: got 'all'"):
        describe_targets({"s1": measured(["a", "all", "b"])}, None, {})
