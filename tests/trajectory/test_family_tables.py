import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.core.run.tables import write_table
from stages.trajectory.family_tables import (
    families_origin,
    members_of,
    performance_of,
    read_pieces,
    read_scores,
)
from tests.trajectory.planted_scores import planted_scores, write_family


@pytest.fixture
def written(tmp_path):
    """Two families of one run each: of `part` a checkpoint is set aside, of `none` all are."""
    for name in ("none", "part"):
        scores, performance = planted_scores(1, 1.0, of=name)
        write_family(tmp_path, name, scores, performance)
        path = tmp_path / "activations" / name / "members.parquet"
        members = pd.read_parquet(path)
        aside = members["step"].eq(8) if name == "part" else members["step"].ge(0)
        members.loc[aside, "set_aside"] = "same weights as another"
        write_table(path, members)
    return tmp_path / "scores", tmp_path / "activations", scores


def test_members_set_aside_are_left_out_and_families_without_others(written, caplog):
    folder, activations, scores = written
    found = read_scores(folder, activations, ["none", "part"])
    assert set(found["of"]) == {"part"}
    assert set(found["step"]) == set(scores["step"]) - {8}
    assert "none: left out: no member has scores" in caplog.text
    assert set(members_of(activations, ["part"])["step"]) == set(scores["step"]) - {8}
    with pytest.raises(InputError, match="no member has scores"):
        read_scores(folder, activations, ["none"])


def test_a_family_without_a_table_is_told(written):
    folder, activations, _ = written
    with pytest.raises(InputError, match="no family in .*scores: expected a table"):
        read_scores(folder, activations, ["other"])
    with pytest.raises(InputError, match="no family"):
        families_origin(folder, activations, ["other"])


def test_pieces_are_those_of_the_members_and_in_the_order_of_the_families(written):
    folder, activations, _ = written
    scores = pd.concat([read_scores(folder, activations, ["part"])] * 2, ignore_index=True)
    scores.loc[: len(scores) // 2 - 1, "of"] = "none"
    scores["member"] = scores["of"] + scores["member"].str.removeprefix("part")
    found = read_pieces(folder, scores[::-1])
    assert list(found["of"].unique()) == ["part", "none"]
    assert set(found["step"]) == set(scores["step"])
    assert list(found.index) == list(range(len(scores) * 5))


def test_performance_of_the_members_that_are_not_left_out(written):
    _, activations, scores = written
    found = performance_of(activations, ["part", "none"])
    expected = ["of", "size", "seed", "weights", "step", "seen", "measure", "value"]
    assert list(found) == expected
    assert list(found.index) == list(range(2 * (scores["step"].nunique() - 1)))
    assert (set(found["of"]), set(found["step"])) == ({"part"}, set(scores["step"]) - {8})


@pytest.mark.parametrize("table", ["scores", "pieces", "performance"])
def test_two_values_of_one_member_are_refused_where_they_are(written, table):
    folder, activations, _ = written
    paths = {
        "scores": folder / "part.parquet",
        "pieces": folder / "part.pieces.parquet",
        "performance": activations / "part" / "performance.parquet",
    }
    scores = read_scores(folder, activations, ["part"])
    rows = pd.read_parquet(paths[table])
    twice = rows[rows["step"].eq(4)].iloc[:1]
    write_table(paths[table], pd.concat([rows, twice], ignore_index=True))
    reads = {
        "scores": lambda: read_scores(folder, activations, ["part"]),
        "pieces": lambda: read_pieces(folder, scores),
        "performance": lambda: performance_of(activations, ["part"]),
    }
    where = paths[table].parent if table == "performance" else paths[table]
    told = f"two values of one kind in {where}: expected one a member, got part-0-4"
    with pytest.raises(InputError, match=told):
        reads[table]()


@pytest.mark.parametrize(("step", "seen"), [(4, -1.0), (4, float("nan")), (0, 1.0), (0, -1.0)])
def test_what_was_seen_counts_from_the_first_update(written, step, seen):
    """Nothing was seen before it; that later members saw nothing is not refused."""
    _, activations, _ = written
    path = activations / "part" / "performance.parquet"
    rows = pd.read_parquet(path)
    rows.loc[rows["step"].eq(16), "seen"] = 0.0
    write_table(path, rows)
    assert 0.0 in set(performance_of(activations, ["part"]).query("step == 16")["seen"])
    rows.loc[rows["step"].eq(step), "seen"] = seen
    write_table(path, rows)
    told = f"what was seen is wrong in .*part, part-0-{step}: expected >= 0, got {seen:g}"
    with pytest.raises(InputError, match=told):
        performance_of(activations, ["part"])
