"""Sharing through S3: push, pull a layer, pull all, and errors that a person understands."""

import hashlib
import shutil
from pathlib import Path

import pytest

from tests.e2e.conftest import BUCKET, KEY, SECRET

pytestmark = pytest.mark.slow
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
    """Do what the README tells the user to do."""
    clone.run(
        "dvc", "remote", "add", "--local", "--force", "--default", "storage", f"s3://{bucket}/study"
    )
    clone.run("dvc", "remote", "modify", "--local", "storage", "endpointurl", address)
    clone.run("dvc", "remote", "modify", "--local", "storage", "access_key_id", KEY)
    clone.run("dvc", "remote", "modify", "--local", "storage", "secret_access_key", secret)


@pytest.fixture(scope="module")
def pushed(study, s3):
    set_remote(study, s3)
    study.run("dvc", "push")
    return study


def test_pull_one_layer_then_everything_and_recompute_nothing(pushed, s3, make_clone):
    clone = make_clone("clone")
    clone.folder.parent.mkdir(exist_ok=True)
    pushed.run("git", "clone", "--quiet", str(pushed.folder), str(clone.folder))
    set_remote(clone, s3)
    clone.run("dvc", "pull", LAYER)
    activations = [path.name for path in (clone.folder / "data/activations").rglob("*.safetensors")]
    assert activations == [Path(LAYER).name]
    clone.run("dvc", "pull", "data/activations/simulated/minilm")
    assert len(list((clone.folder / "data/activations").rglob("*.safetensors"))) == 13
    assert not (clone.folder / "data/prepared/simulated").exists()
    clone.run("dvc", "pull")
    assert digests(clone.folder) == digests(pushed.folder)
    assert "Data and pipelines are up to date." in clone.run("dvc", "repro").stdout


def test_wipe_and_pull_back(pushed):
    before = digests(pushed.folder)
    shutil.rmtree(pushed.folder / ".dvc" / "cache")
    shutil.rmtree(pushed.folder / "data" / "activations" / "simulated")
    pushed.run("dvc", "pull")
    assert digests(pushed.folder) == before
    assert "Data and pipelines are up to date." in pushed.run("dvc", "repro").stdout


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
