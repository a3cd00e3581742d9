import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.core.run.tables import write_table
from stages.report.training_rows import TABLES, read_courses

KINDS = {"text": "x", "number": 1.0, "flag": True}


def row(name, **changed):
    return {column: KINDS[kind] for column, kind in TABLES[name].items()} | changed


@pytest.fixture
def folders(tmp_path):
    """Two studies, of which one has rows in all tables."""
    bands = [row("bands", side="alignment", subject=subject) for subject in ("group", "mean", "s1")]
    bands.append(row("bands", side="performance", subject=""))
    for study in ("story", "scene"):
        for name in TABLES:
            rows = bands if name == "bands" else [row(name, region=study)]
            rows = rows if study == "story" else []
            table = pd.DataFrame(rows, columns=[*TABLES[name]] if rows else [])
            more = table.assign(n_left_out=0.0) if rows else table
            write_table(tmp_path / study / f"{name}.parquet", more)
    return {study: tmp_path / study for study in ("story", "scene")}


def test_all_people_and_performance_are_kept_of_courses(folders):
    found = read_courses(folders)
    assert list(found) == ["courses", "leads", "rises", "controls"]
    courses = found["courses"]
    assert courses["subject"].tolist() == ["group", "mean", ""]
    assert list(courses) == [*TABLES["bands"], "study"]
    assert set(courses["study"]) == {"story"}
    assert list(courses.index) == [0, 1, 2]
    assert found["leads"]["region"].tolist() == ["story"]


def test_tables_without_rows_have_their_columns(folders):
    found = read_courses({"scene": folders["scene"]})
    for name, columns in (("leads", "leads"), ("courses", "bands"), ("rises", "rises")):
        assert found[name].empty
        assert list(found[name]) == [*TABLES[columns], "study"]


def test_a_table_that_is_lost_or_of_another_kind_is_told_with_its_stage(folders):
    write_table(folders["story"] / "leads.parquet", pd.DataFrame([row("leads", lead="soon")]))
    with pytest.raises(InputError, match=r"wrong kind of values .*column lead"):
        read_courses(folders)
    (folders["story"] / "leads.parquet").unlink()
    with pytest.raises(InputError, match=r"trajectory_story"):
        read_courses(folders)
