"""Repositories whose parameters and metrics changed after they were committed."""

import json
import subprocess

PERSON = ("-c", "user.name=a", "-c", "user.email=a@b")
METRICS = {
    "story": {"score": 0.5, "gone": 1.0, "same": 0.25, "deep": {"n": 3}, "lines": ["one", "two"]},
    "old": {"x": 1.0},
}


def git(folder, *words):
    subprocess.run(["git", "-C", str(folder), *PERSON, *words], check=True)


def commit_study(folder, params):
    """Commit parameters and metrics to a repository of their own; then write others."""
    folder.mkdir()
    (folder / "params.yaml").write_text(params)
    write_metrics(folder, METRICS)
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "As <b>before</b>")
    git(folder, "tag", "first")
    (folder / "metrics" / "old.json").unlink()
    story = {"new": 2.0} | METRICS["story"] | {"score": 0.75, "lines": ["two", "three"]}
    write_metrics(folder, {"story": {key: story[key] for key in story if key != "gone"}})


def write_metrics(folder, metrics):
    (folder / "metrics").mkdir(exist_ok=True)
    for name, content in metrics.items():
        (folder / "metrics" / f"{name}.json").write_text(json.dumps(content))
