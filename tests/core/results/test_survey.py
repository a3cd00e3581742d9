"""The survey is read as it was written, and what breaks its contract is named."""

from dataclasses import fields

import numpy as np
import pandas as pd
import pytest

from stages.core.results.survey import (
    TABLES,
    Survey,
    read_survey,
    read_tables,
    write_survey,
)
from stages.core.results.typed_tables import empty_table
from stages.core.run.errors import InputError
from stages.core.run.tables import write_table
from tests.plots.survey_tables import fill, survey_of


def test_every_table_has_a_field():
    assert [field.name for field in fields(Survey)] == list(TABLES)


def test_a_survey_is_read_as_it_was_written(rng, tmp_path):
    made = survey_of(rng)
    write_survey(tmp_path, made)
    read = read_survey(tmp_path)
    for name in TABLES:
        found, expected = (getattr(one, name) for one in (read, made))
        pd.testing.assert_frame_equal(found, expected, check_dtype=False)


def test_rows_are_neither_sorted_nor_rounded(tmp_path):
    regions = fill("regions", {"region": list("CAB"), "x": [np.pi, -1e-300, np.nan]})
    empty = {name: empty_table(columns) for name, columns in TABLES.items()}
    write_survey(tmp_path, Survey(**empty | {"regions": regions}))
    pd.testing.assert_frame_equal(read_survey(tmp_path).regions, regions, check_exact=True)


def test_a_survey_without_rows_is_a_survey(tmp_path):
    made = Survey(**{name: empty_table(columns) for name, columns in TABLES.items()})
    write_survey(tmp_path, made)
    for name, table in vars(read_survey(tmp_path)).items():
        pd.testing.assert_frame_equal(table, getattr(made, name))


def test_some_tables_are_read_without_the_others(tmp_path):
    for name in ("best", "models"):
        write_table(tmp_path / f"{name}.parquet", fill(name, [{"model": "m"}]))
    found = read_tables(tmp_path, ("best", "models"))
    assert list(found) == ["best", "models"]
    assert found["best"]["model"].tolist() == ["m"]
    with pytest.raises(InputError, match=r"regions.parquet. Run `dvc repro survey_scene`.$"):
        read_survey(tmp_path)


def test_a_table_without_a_column_is_named(rng, tmp_path):
    made = survey_of(rng)
    for name in TABLES:
        table = getattr(made, name)
        write_table(tmp_path / f"{name}.parquet", table.drop(columns="q", errors="ignore"))
    with pytest.raises(InputError, match=r"column missing in .*scores.parquet: expected \['q'\]"):
        read_survey(tmp_path)


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("error", ["", None], "strings, none of them missing, got str, 1 missing"),
        ("error", [None, None], "strings, none of them missing, got object, 2 missing"),
        ("modality", [1, 2], "strings, none of them missing, got int64"),
        ("modality", pd.Categorical(["a", "b"]), "strings, none of them missing, got category"),
        ("layers", ["7", "8"], "numbers, got str"),
        ("layers", [True, False], "numbers, got bool"),
        ("parameters", [None, None], "numbers, got object"),
        ("trained", [1.0, 0.0], "booleans, none of them missing, got float64"),
        (
            "trained",
            pd.array([True, None]),
            "booleans, none of them missing, got boolean, 1 missing",
        ),
    ],
)
def test_values_of_another_kind_are_refused(tmp_path, column, values, message):
    path = tmp_path / "models.parquet"
    table = fill("models", [{"model": "a"}, {"model": "b"}])
    write_table(path, table)
    assert len(read_tables(tmp_path, ["models"])["models"]) == 2
    write_table(path, table.assign(**{column: values}))
    where = f"wrong kind of values in {path}, column {column}: expected {message}"
    with pytest.raises(InputError, match=where) as caught:
        read_tables(tmp_path, ["models"])["models"]
    assert str(caught.value).endswith(". Run `dvc repro survey_scene`.")


def test_numbers_may_be_missing_and_of_any_type(tmp_path):
    path = tmp_path / "models.parquet"
    table = fill("models", [{"model": "a"}, {"model": "b"}])
    table = table.assign(seed=pd.array([0, None], "Int64"), layers=[1, 2], parameters=np.nan)
    write_table(path, table)
    pd.testing.assert_frame_equal(read_tables(tmp_path, ["models"])["models"], table)


def test_only_rows_that_are_asked_for_are_read(rng, tmp_path):
    made = survey_of(rng)
    write_survey(tmp_path, made)
    found = read_survey(tmp_path, {"metric": ["cka_linear"], "kind": ["layer", "nested"]})
    for name in ("scores", "best", "control", "umap"):
        expected = getattr(made, name)
        for column, values in {"metric": ["cka_linear"], "kind": ["layer", "nested"]}.items():
            if column in expected:
                expected = expected[expected[column].isin(values)]
        expected = expected.reset_index(drop=True)
        pd.testing.assert_frame_equal(getattr(found, name), expected, check_dtype=False)
        assert len(expected) > 0
