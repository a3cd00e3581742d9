import pytest

from stages.core.run.errors import InputError
from stages.report.git_revisions import content_at, find_commit, names_at
from stages.report.other_revision import beside
from tests.conftest import PROJECT
from tests.report.committed_study import commit_study, git
from tests.report.made_results import write_story
from tests.report.unpacked import content_of


@pytest.fixture
def study(tmp_path):
    commit_study(tmp_path / "study", "model: minilm\nfolds: {gap: 8}\n")
    (tmp_path / "study" / "params.yaml").write_text("model: gpt2\nfolds: {gap: 8}\n")
    return tmp_path / "study"


def told(study, revision):
    return beside(revision, study / "params.yaml", study / "metrics")


@pytest.mark.parametrize("revision", ["HEAD", "main", "first"])
def test_what_differs_stands_beside_each_other(study, revision):
    found = told(study, revision)
    assert found["revision"] == revision
    assert found["subject"] == "As <b>before</b>"
    assert len(found["digest"]) == 40
    assert found["parameters"] == [{"key": "model", "here": "gpt2", "there": "minilm"}]
    rows = {
        (row["file"], row["key"]): (row["before"], row["after"], row["difference"])
        for row in found["numbers"]
    }
    assert rows == {
        ("story.json", "score"): (0.5, 0.75, 0.25),
        ("story.json", "new"): (None, 2.0, None),
        ("story.json", "gone"): (1.0, None, None),
        ("old.json", "x"): (1.0, None, None),
    }
    assert next(iter(rows)) == ("story.json", "score"), "numbers of both sides come first"
    assert found["same"] == 2
    assert [(row["side"], row["line"]) for row in found["lines"]] == [
        ("before", "one"),
        ("after", "three"),
    ]


def test_nothing_differs_from_what_was_just_committed(study):
    git(study, "add", "--all")
    git(study, "commit", "--quiet", "--message", "After")
    found = told(study, "HEAD")
    assert (found["parameters"], found["numbers"], found["lines"]) == ([], [], [])
    assert found["same"] == 4
    assert len(told(study, "HEAD~1")["numbers"]) == 4


def test_names_that_git_would_quote_are_read_as_they_are(study):
    (study / "metrics" / "été.json").write_text('{"x": 1}')
    git(study, "add", "--all")
    git(study, "commit", "--quiet", "--message", "After")
    assert "été.json" in names_at("HEAD", study / "metrics")
    assert told(study, "HEAD")["numbers"] == []


@pytest.mark.parametrize("revision", ["gone", "", "HEAD~9", "--all", "--output=x", "first:metrics"])
def test_a_revision_that_is_not_there_is_named_in_one_line(study, revision):
    with pytest.raises(InputError, match="no such revision in .*study: expected a commit") as error:
        told(study, revision)
    assert "\n" not in str(error.value)
    assert (revision or "nothing") in str(error.value)
    assert not (study / "x").exists()


def test_without_a_repository_or_git_there_is_no_revision(study, tmp_path, monkeypatch):
    (tmp_path / "lone").mkdir()
    with pytest.raises(InputError, match="no such revision"):
        find_commit("HEAD", tmp_path / "lone")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InputError, match="no such revision"):
        told(study, "HEAD")


def test_files_that_a_revision_lacks(study):
    assert content_at("HEAD", study / "gone.yaml") is None
    assert names_at("HEAD", study / "gone") == []
    git(study, "rm", "--quiet", "--cached", "params.yaml")
    git(study, "commit", "--quiet", "--message", "Without parameters")
    assert told(study, "HEAD")["parameters"] is None


@pytest.mark.parametrize(
    ("name", "what"), [("params.yaml", "YAML"), ("metrics/story.json", "JSON")]
)
def test_files_of_a_revision_that_cannot_be_read_are_named(study, name, what):
    kept = (study / name).read_text()
    (study / name).write_text("{")
    git(study, "commit", "--quiet", "--all", "--message", "Damaged")
    (study / name).write_text(kept)
    with pytest.raises(InputError, match=f"no {what} in {name.rpartition('/')[2]} of [0-9a-f]+"):
        told(study, "HEAD")


def test_the_command_puts_a_revision_into_the_page(report, tmp_path, rng, study):
    write_story(tmp_path / "results", rng)
    assert content_of(report(tmp_path / "results")[1])["against"] is None
    answer, _ = report(tmp_path / "results", "--against", "gone")
    assert answer.exit_code == 2
    assert answer.output.splitlines()[-1].startswith("error: no such revision in")
    here = ("--metrics", str(study / "metrics"), "--against", "HEAD")
    answer, _ = report(tmp_path / "results", *here)
    assert answer.exit_code == 2
    assert f"no such revision in {study}" in answer.output, "params.yaml is of another repository"
    (study / "params.yaml").write_text((PROJECT / "params.yaml").read_text())
    answer, page = report(tmp_path / "results", *here, "--params", str(study / "params.yaml"))
    assert answer.exit_code == 0, answer.output
    told = content_of(page)["against"]
    assert told["numbers"][0]["difference"] == 0.25
    changed = {row["key"] for row in told["parameters"]}
    assert "scene.dataset" in changed
    assert not {"model", "folds.gap"} & changed
