"""Rows of results tell which stage they are of."""

import pandas as pd
import pytest

from stages.core.results.results import read_results, results_table, write_results
from stages.core.results.stage_rows import STAGE_ROWS, foreign
from stages.core.run.errors import InputError

PLACE = {"dataset": "toy", "subject": "s1", "region": "IFG"}
MODEL = {"model": "m", "layer": "layer_00"}
# A row of each stage, as it stands in the tables of a whole study.
ROWS = {
    "encode": PLACE | MODEL | {"kind": "nested"},
    "probe": {"dataset": "toy", "target": "noun", "family": "syntax"} | MODEL | {"kind": "head"},
    "decode": PLACE | {"target": "noun", "family": "syntax", "kind": "frem"},
    "profile": PLACE | MODEL | {"family": "syntax", "kind": "attention"},
    "align": PLACE | {"model": "m", "kind": "ceiling"},
    "ceilings": PLACE | {"kind": "ceiling"},
}


def table(stage, **changes):
    return results_table([ROWS[stage] | {"metric": "r", "score": 0.5} | changes])


@pytest.mark.parametrize("stage", STAGE_ROWS)
def test_every_kind_of_a_stage_is_its_own(stage):
    for kind in STAGE_ROWS[stage].kinds:
        assert not foreign(table(stage, kind=kind), stage).any()
    assert foreign(table(stage, kind="other"), stage).all()
    assert foreign(table(stage, kind=""), stage).all()


@pytest.mark.parametrize("stage", STAGE_ROWS)
@pytest.mark.parametrize("name", ["dataset", "subject", "region", "target", "family", *MODEL])
def test_what_a_stage_names_and_what_it_does_not(stage, name):
    lacking = foreign(table(stage, **{name: ""}), stage).all()
    besides = foreign(table(stage, **{name: "something"}), stage).all()
    assert lacking == (name in STAGE_ROWS[stage].named)
    assert besides == (name in STAGE_ROWS[stage].empty)
    assert lacking <= (name in ROWS[stage])


@pytest.mark.parametrize("stage", STAGE_ROWS)
@pytest.mark.parametrize("other", STAGE_ROWS)
def test_the_rows_of_another_stage_are_told(stage, other):
    assert foreign(table(other), stage).all() == (stage != other)


def test_the_rows_that_are_foreign_are_told_one_by_one():
    mixed = pd.concat([table("encode"), table("probe"), table("encode")], ignore_index=True)
    assert list(foreign(mixed, "encode")) == [False, True, False]


def test_a_table_in_the_place_of_another_is_refused_in_one_line(tmp_path):
    mixed = pd.concat([table("encode"), table("probe")], ignore_index=True)
    write_results(tmp_path / "encode.parquet", mixed)
    match = (
        r"row that encode does not write in .*encode\.parquet: expected dataset, .*; no family; "
        r"hidden/.*surprisal, got dataset 'toy', subject '', region '', .*kind 'head'\. Do it"
    )
    with pytest.raises(InputError, match=match):
        read_results(tmp_path / "encode.parquet", "encode", "Do it.")
