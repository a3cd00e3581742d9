"""Which ceilings there are, by how many people there are and what a recording gives."""

import numpy as np
import pandas as pd
import pytest

from stages.ceilings.region_people import RegionPeople
from stages.ceilings.story_tables import given_rows, region_rows, story_ceilings
from stages.core.params.read import read_params
from stages.core.recording.types import Recording, Subject
from stages.core.results.story_ceilings import (
    CEILING_COLUMNS,
    GIVEN,
    LIMIT,
    OTHERS,
    POINT_COLUMNS,
    SPLIT_HALF,
)
from stages.core.stats.two_way_jackknife import agreement
from tests.conftest import PROJECT

PARAMS = read_params(PROJECT / "params.yaml")
ENCODE = PARAMS.encode.model_copy(update={"min_voxels": 1, "regions": "all"})
SETTINGS = PARAMS.ceilings_story.model_copy(update={"draws": 10, "subsets": 20, "block": 20})
N = 120


def people(rng, n, noise=1.0):
    series = rng.standard_normal(N) + noise * rng.standard_normal((n, N))
    return RegionPeople("A", list("wxyz")[:n], agreement(series, np.arange(N) // 12))


@pytest.mark.parametrize("n", [2, 3, 4])
def test_from_three_people_on_ceilings_are_extrapolated(rng, n):
    rows, points = region_rows(people(rng, n), settings=SETTINGS)
    kinds = [row["kind"] for row in rows]
    assert kinds[: n + 2] == [SPLIT_HALF, *[OTHERS] * (n + 1)]
    assert (LIMIT in kinds) == bool(points) == (n > 2)


def test_who_has_no_limit_is_named(caplog):
    same = np.random.default_rng(1).standard_normal((3, N))
    same[2] = -same[0] - same[1]
    of = RegionPeople("A", list("xyz"), agreement(same, np.arange(N) // 12))
    rows, _ = region_rows(of, settings=SETTINGS)
    lost = [row["subject"] for row in rows if row["kind"] == LIMIT and np.isnan(row["ceiling"])]
    assert lost
    said = "region A: nothing to extrapolate from, others do not agree or no curve fits"
    assert f"{said}: {', '.join(lost)}" in caplog.text


def test_of_people_who_agree_nobody_is_named(rng, caplog):
    region_rows(people(rng, 4, 0.5), settings=SETTINGS)
    assert "nothing to extrapolate" not in caplog.text


def targets(*rows):
    table = pd.DataFrame(rows, columns=["region", "ceiling"])
    return table.assign(
        id=[f"v{k}" for k in range(len(table))], hemisphere="", i=np.nan, j=np.nan, k=np.nan
    )


def test_what_is_given_is_passed_on_where_it_is_asked_for():
    table = targets(("B", 0.5), ("A", 0.25), ("C", np.nan), ("D", 0.1), ("D", 0.2))
    one = Subject("s", np.zeros((4, 5), np.float32), table)
    found = given_rows(one, "all")
    assert [(row["region"], row["ceiling"], row["subject"], row["kind"]) for row in found] == [
        ("B", 0.5, "s", GIVEN),
        ("A", 0.25, "s", GIVEN),
    ]
    assert all(np.isnan(row["subjects"]) for row in found)
    assert [row["region"] for row in given_rows(one, ["A", "C"])] == ["A"]
    assert given_rows(one, []) == []


def recording(rng, n, ceiling=np.nan):
    samples = pd.DataFrame(
        {"id": [f"t{i}" for i in range(N)], "run": "1", "onset": np.arange(N) * 1.0}
    )
    signal, subjects = rng.standard_normal(N), []
    for name in list("wxyz")[:n]:
        values = (signal + rng.standard_normal(N))[:, None].astype(np.float32)
        subjects.append(Subject(name, values, targets(("AUD", ceiling))))
    return Recording("alice", "timeseries", 1.0, None, samples, samples, subjects)


def test_tables_have_the_columns_they_declare(rng, caplog):
    found = story_ceilings(recording(rng, 3, 0.5), ENCODE, SETTINGS)
    assert list(found.ceilings) == list(CEILING_COLUMNS)
    assert list(found.points) == list(POINT_COLUMNS)
    for table, columns in ((found.ceilings, CEILING_COLUMNS), (found.points, POINT_COLUMNS)):
        assert set(table["dataset"]) == {"alice"}
        texts = [name for name, kind in columns.items() if kind == "text"]
        assert table[texts].notna().all(axis=None)
    given = found.ceilings[found.ceilings["kind"] == GIVEN]
    assert list(given["subject"]) == ["w", "x", "y"]
    assert (given["curve"] == "").all()
    assert given["low"].isna().all()
    assert "no ceiling of" not in caplog.text


def test_where_there_is_none_that_is_told(rng, caplog):
    found = story_ceilings(recording(rng, 1), ENCODE, SETTINGS)
    assert len(found.ceilings) == len(found.points) == 0
    assert list(found.ceilings) == list(CEILING_COLUMNS)
    assert "no ceiling of alice" in caplog.text
