"""Relations are read as they were written, and what breaks their contract is named."""

import pandas as pd
import pytest

from stages.core.results.relations import RELATION_COLUMNS, read_relations
from stages.core.run.errors import InputError
from stages.core.run.tables import write_table
from stages.relate.relation_rows import relations_table

ROW = {"source": "zoo", "benchmark": "imagenet", "statistic": "pearson", "value": 0.5, "p": 0.01}


@pytest.mark.parametrize("rows", [[], [ROW, ROW | {"benchmark": "elo", "p": None}]])
def test_relations_are_read_as_they_were_written(tmp_path, rows):
    table = relations_table(rows)
    assert list(table) == list(RELATION_COLUMNS)
    write_table(tmp_path / "relate.parquet", table)
    pd.testing.assert_frame_equal(read_relations(tmp_path / "relate.parquet"), table)


def test_what_breaks_the_contract_is_named(tmp_path):
    path, table = tmp_path / "relate.parquet", relations_table([ROW])
    with pytest.raises(InputError, match=r"file not found.*Run `dvc repro relate`.$"):
        read_relations(path)
    write_table(path, table.drop(columns="statistic"))
    with pytest.raises(InputError, match=r"column missing in .*relate.parquet.*'statistic'"):
        read_relations(path)
    write_table(path, table.assign(value="0.5"))
    with pytest.raises(InputError, match=r"relate.parquet, column value: expected numbers.*relate"):
        read_relations(path)
