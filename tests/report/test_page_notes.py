"""What a page leaves out is logged, and a table of it is made."""

from stages.report.page_notes import left_out


def test_lines_are_logged_and_listed(caplog):
    table = left_out("view", "one", "two")
    assert table.to_dict("list") == {"view": ["view", "view"], "line": ["one", "two"]}
    assert caplog.messages == ["view: one", "view: two"]


def test_nothing_is_a_table_without_rows():
    table = left_out("view")
    assert table.columns.tolist() == ["view", "line"]
    assert [str(kind) for kind in table.dtypes] == [str(kind) for kind in left_out("v", "l").dtypes]
    assert table.empty
