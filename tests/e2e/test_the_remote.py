"""Sharing through S3: push, pull a layer, pull all, and errors that a person understands.

It wipes the cache of the small study, and so comes last.
"""

import hashlib
import shlex
import shutil
from pathlib import Path

import pytest

from tests.e2e.conftest import readme_blocks
from tests.e2e.s3_server import BUCKET, KEY, SECRET
from tests.house import FLOWS

pytestmark = pytest.mark.slow
MEMBER = "data/families/scene/labels/seed0-raw-step000004"
LAYER = "data/activations/simulated/minilm/layer_03.safetensors"


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of everything under data/ and plots/ that DVC tracks."""
    files = [
        path for top in ("data", "plots") for path in (folder / top).rglob("*") if path.is_file()
    ]
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def set_remote(clone, address, bucket=BUCKET, secret=SECRET):
    """Do what the README tells the user to do, over and over, for this clone alone."""
    block = next(block for block in readme_blocks() if block[0].startswith("dvc remote add"))
    words = {"s3://BUCKET/PATH": f"s3://{bucket}/study", "https://s3.example.org": address}
    words |= {"KEY": KEY, "SECRET": secret}
    for command in block:
        given = [words.get(word, word) for word in shlex.split(command)]
        if given[:3] == ["dvc", "remote", "add"]:
            given[3:3] = ["--local", "--force"]
        elif given[:3] == ["dvc", "remote", "modify"] and "--local" not in given:
            given[3:3] = ["--local"]
        if given[:2] != ["dvc", "push"]:
            clone.run(*given)


@pytest.fixture(scope="module")
def pushed(small, s3):
    set_remote(small, s3)
    small.run("dvc", "push")
    return small


def test_pull_one_layer_then_everything_and_recompute_nothing(pushed, s3, make_clone):
    clone = make_clone("clone")
    clone.folder.parent.mkdir(exist_ok=True)
    pushed.run("git", "clone", "--quiet", str(pushed.folder), str(clone.folder))
    set_remote(clone, s3)
    block = next(block for block in readme_blocks() if "dvc pull --allow-missing" in block)
    assert block[0] == "make setup"
    clone.run("python", "-m", "stages.plots", "page", ".dvc/offline.html")  # as `make setup` does
    assert f"dvc pull {LAYER}" in block
    clone.run("dvc", "pull", LAYER)
    activations = [path.name for path in (clone.folder / "data/activations").rglob("*.safetensors")]
    assert activations == [Path(LAYER).name]
    clone.run("dvc", "pull", "data/activations/simulated/minilm")
    assert len(list((clone.folder / "data/activations").rglob("*.safetensors"))) == 7
    assert oct((clone.folder / ".dvc/config.local").stat().st_mode & 0o777) == "0o600"
    clone.run("dvc", "pull", MEMBER)
    assert [path.name for path in (clone.folder / MEMBER).parent.iterdir()] == [Path(MEMBER).name]
    assert any((clone.folder / MEMBER).glob("*.safetensors"))
    assert not (clone.folder / "data/prepared/simulated").exists()
    said = {command: clone.run(*shlex.split(command)).stdout for command in block[-3:]}
    assert digests(clone.folder) == digests(pushed.folder)
    assert "Data and pipelines are up to date." in said["dvc repro"]
    assert "index.html" in said["dvc plots show"]


def test_wipe_and_pull_back(pushed):
    before = digests(pushed.folder)
    shutil.rmtree(pushed.folder / ".dvc" / "cache" / "files")
    shutil.rmtree(pushed.folder / "data" / "activations" / "simulated")
    pushed.run("dvc", "pull")
    assert digests(pushed.folder) == before
    assert "Data and pipelines are up to date." in pushed.run("dvc", "repro", *FLOWS).stdout


def test_a_wrong_secret_is_told(pushed, s3):
    set_remote(pushed, s3, secret="not the secret at all")
    told = pushed.run("dvc", "push", "--run-cache", check=False)
    set_remote(pushed, s3)
    assert told.returncode != 0
    assert "Forbidden" in told.stderr or "SignatureDoesNotMatch" in told.stderr


def test_a_missing_bucket_is_told(pushed, s3):
    set_remote(pushed, s3, bucket="nobodys-bucket")
    told = pushed.run("dvc", "push", check=False)
    set_remote(pushed, s3)
    assert told.returncode != 0
    assert "NoSuchBucket" in told.stderr or "does not exist" in told.stderr
