"""Clones of one repository that share DVC's cache and nothing else: docs/running.md."""

import subprocess
import sys

import pytest

from tests.cluster.small_repository import environment, fan, make_repository

AUTHOR = ("-c", "user.name=a", "-c", "user.email=a@example.org")


@pytest.mark.slow
def test_what_clones_made_is_collected_and_not_made_again(tmp_path):
    """Both at the same time; the main one takes what they made from the run cache."""
    made = tmp_path / "made"
    flow = fan(f"echo ${{item.part}} >> {made}; cat first > middle-${{item.part}}")
    main = make_repository(tmp_path, flow)

    def begin(folder, *words):
        return subprocess.Popen(words, cwd=folder, env=environment(tmp_path), stdout=sys.stderr)

    def run(folder, *words):
        assert begin(folder, *words).wait() == 0, words

    def dvc(*words):
        return sys.executable, "-m", "dvc", *words

    run(main, *dvc("cache", "dir", str(tmp_path / "cache")))
    run(main, *dvc("repro", "--quiet", "first"))
    run(main, "git", "add", "--all")
    run(main, "git", *AUTHOR, "commit", "--quiet", "--message", "first")
    jobs = []
    for part in "xy":
        clone = tmp_path / part
        run(tmp_path, "git", "clone", "--quiet", main, clone)
        steps = f"'{sys.executable}' -m dvc checkout first && exec '{sys.executable}' -m dvc"
        jobs.append(begin(clone, "sh", "-c", f"{steps} repro --single-item middle@{part}"))
    assert [job.wait() for job in jobs] == [0, 0]
    assert not (main / "middle-x").exists()
    run(main, *dvc("repro", "--quiet"))
    assert sorted(made.read_text().split()) == ["x", "y"]
    assert (main / "last").read_text() == "in\nin\n"
