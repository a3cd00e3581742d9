"""Members are scored once, whatever interrupts it, and again where anything about them changes."""

import pandas as pd
import pytest

from stages.core.activations.members import member_table
from stages.core.results import family_scores
from stages.core.results.family_scores import (
    FAMILY_COLUMNS,
    PIECE_COLUMNS,
    folder_digest,
    score_members,
)
from stages.core.results.left_out_scores import jackknife_table
from stages.core.results.results import COLUMNS, results_table
from stages.core.run.errors import InputError
from stages.core.run.tables import read_table, write_table

STEPS = (0, 4, 16)


@pytest.fixture(autouse=True)
def _own_scratch(monkeypatch, tmp_path):
    monkeypatch.setenv("CONCORD_SCRATCH", str(tmp_path / "scratch"))


@pytest.fixture
def members(tmp_path):
    """Three members, whose layers are their names."""
    rows = [
        {
            "family": "fam",
            "member": f"seed1-step{step:06d}",
            "size": "",
            "seed": 1,
            "weights": "raw",
            "step": step,
            "seen": 32.0 * step,
            "error": "",
            "set_aside": "",
        }
        for step in STEPS
    ]
    for row in rows:
        folder = tmp_path / "fam" / row["member"]
        folder.mkdir(parents=True)
        (folder / "activations.json").write_text(row["member"])
    return member_table(rows)


@pytest.fixture
def score(members, tmp_path):
    """Score the members: each by its step, in two layers; `score.asked` lists who was scored."""

    def measure(folder):
        score.asked.append(folder.name)
        if folder.name == score.stop:
            raise KeyboardInterrupt
        step = int(folder.name[-6:])
        names = {"model": folder.name, "metric": "r", "kind": "hidden"}
        scores = results_table(
            names | {"layer": f"layer_{k}", "score": step + k / 10} for k in range(2)
        )
        pieces = [names | {"layer": "layer_1", "piece": k, "score": step + k} for k in range(3)]
        return scores, jackknife_table([pd.DataFrame(pieces)])

    def score(table=members, **content):
        return score_members(table, tmp_path / "fam", measure, **content)[0]

    def both():
        return score_members(members, tmp_path / "fam", measure)

    score.both = both

    score.asked, score.stop = [], None
    return score


def test_every_member_s_scores_and_place(score, members):
    table = score(settings={"a": 1})
    assert tuple(table.columns) == FAMILY_COLUMNS
    assert FAMILY_COLUMNS[: len(COLUMNS)] == COLUMNS
    assert list(table["score"]) == [0.0, 0.1, 4.0, 4.1, 16.0, 16.1]
    assert list(table["member"]) == [name for name in members["member"] for _ in range(2)]
    assert list(table["model"]) == list(table["member"])
    assert (table["family"] == "").all()
    assert set(table["of"]) == {"fam"}
    assert list(table["step"]) == [0, 0, 4, 4, 16, 16]
    assert list(table["seen"]) == [0.0, 0.0, 128.0, 128.0, 512.0, 512.0]
    assert (set(table["seed"]), set(table["weights"]), set(table["size"])) == ({1}, {"raw"}, {""})


def test_every_member_s_scores_without_each_piece(score, members):
    """They are kept beside the scores, and read when these are."""
    for _ in range(2):
        scores, without = score.both()
        assert tuple(without.columns) == PIECE_COLUMNS
        assert list(without["score"]) == [step + k for step in STEPS for k in range(3)]
        assert list(without["piece"]) == [0.0, 1.0, 2.0] * 3
        assert list(without["member"]) == [name for name in members["member"] for _ in range(3)]
        assert set(without["of"]) == set(scores["of"])
    assert len(score.asked) == 3


def test_the_table_is_what_is_read_back(score, tmp_path):
    table = score()
    write_table(tmp_path / "scores.parquet", table)
    again = read_table(tmp_path / "scores.parquet", FAMILY_COLUMNS, "Run again.")
    assert again["step"].dtype == "int64"
    pd.testing.assert_frame_equal(again, table, check_dtype=False)


def test_what_is_scored_is_kept(score):
    first = score(settings={"a": 1})
    assert len(score.asked) == 3
    pd.testing.assert_frame_equal(score(settings={"a": 1}), first)
    assert len(score.asked) == 3


def test_an_interrupted_run_goes_on(score, members):
    score.stop = members["member"][1]
    with pytest.raises(KeyboardInterrupt):
        score()
    score.stop = None
    score()
    names = list(members["member"])
    assert score.asked == [names[0], names[1], names[1], names[2]]


@pytest.mark.parametrize("content", [{"settings": {"a": 2}}, {"settings": {"a": 1}, "more": ""}])
def test_other_settings_score_again(score, content):
    score(settings={"a": 1})
    score(**content)
    assert len(score.asked) == 6


def test_other_layers_of_a_member_score_it_again(score, members, tmp_path):
    score()
    (tmp_path / "fam" / members["member"][1] / "activations.json").write_text("other")
    score()
    assert score.asked[3:] == [members["member"][1]]


def test_a_finer_grid_scores_what_is_new(score, members):
    score(members.iloc[[0, 2]])
    score(members)
    assert score.asked[2:] == [members["member"][1]]


def test_another_version_of_the_scores_begins_again(score, monkeypatch):
    score()
    monkeypatch.setattr(family_scores, "SCORES", family_scores.SCORES + 1)
    score()
    assert len(score.asked) == 6


def test_a_member_without_layers_is_no_silent_gap(score, members, tmp_path):
    (tmp_path / "fam" / members["member"][1] / "activations.json").unlink()
    with pytest.raises(InputError, match=r"file not found in .*activations\.json"):
        score()


def test_no_member_left(score, members, tmp_path):
    table = score(members.iloc[:0])
    assert (len(table), tuple(table.columns)) == (0, FAMILY_COLUMNS)
    write_table(tmp_path / "none.parquet", table)
    assert read_table(tmp_path / "none.parquet", FAMILY_COLUMNS, "Run again.").empty


def test_a_table_of_other_columns_is_refused(score, tmp_path):
    score()
    path = next((tmp_path / "scratch" / "scores").glob("*.parquet"))
    write_table(path, pd.DataFrame({"a": [1]}))
    with pytest.raises(InputError, match="Remove it"):
        score()


def test_the_digest_of_a_folder_knows_names_places_and_contents(tmp_path):
    def digest(**files):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        for name, content in files.items():
            path = folder / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        return folder_digest(folder)

    same = digest(a="1", b__c="2")
    assert digest(b__c="2", a="1") == same
    others = [digest(a="2", b__c="1"), digest(a="1", c="2"), digest(a="1", b__c="3"), digest(a="1")]
    assert len({same, *others}) == 5
