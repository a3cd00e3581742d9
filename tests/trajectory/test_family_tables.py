import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.core.run.tables import write_table
from stages.trajectory.family_tables import families_origin, members_of, read_scores
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
