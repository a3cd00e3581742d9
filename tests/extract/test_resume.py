import numpy as np
import pytest

from stages.core.params.schema import ExtractStory
from stages.core.run.errors import ConcordError
from stages.extract import resume
from stages.extract.resume import (
    extraction_key,
    gather_layer,
    has_shard,
    shard_paths,
    shards_about,
    write_shard,
)

BASE = {
    "model": "hf:gpt2",
    "revision": "abc",
    "dtype": "torch.float32",
    "digest": "123",
    "presentation": "context",
    "context": 20,
    "pooling": "last",
    "attention": True,
}


def key(**changes):
    given = BASE | changes
    settings = ExtractStory(**{name: given[name] for name in ExtractStory.model_fields})
    content = {name: given[name] for name in given if name not in ExtractStory.model_fields}
    return extraction_key(settings, **content)


@pytest.mark.parametrize(
    "change",
    [
        {"model": "hf:gpt2+untrained"},
        {"model": "hf:gpt2+untrained:1"},
        {"revision": "abd"},
        {"dtype": "torch.bfloat16"},
        {"digest": "124"},
        {"presentation": "window"},
        {"context": 21},
        {"pooling": "mean"},
        {"attention": False},
    ],
)
def test_the_key_names_all_that_matters(change):
    assert key(**change) != key()


def test_the_key_is_stable():
    assert key() == key()


def test_the_key_has_a_version_and_knows_no_code(monkeypatch):
    before = key()
    monkeypatch.setattr(resume, "EXTRACTION", resume.EXTRACTION + 1)
    assert key() != before


def test_shards(monkeypatch, tmp_path):
    monkeypatch.setenv("CONCORD_SCRATCH", str(tmp_path))
    names = [path.name for path in shard_paths("k", 1025, 512)]
    assert names == [f"shard_000{k}.safetensors" for k in range(3)]
    assert shard_paths("k", 512, 512)[-1] == tmp_path / "k" / "shard_0000.safetensors"
    assert len(shard_paths("k", 513, 512)) == 2


def test_gathering_undoes_the_order(rng, tmp_path):
    values = rng.normal(size=(10, 3)).astype(np.float32)
    order = rng.permutation(10)
    paths = [tmp_path / f"{k}" for k in range(3)]
    for k, path in enumerate(paths):
        write_shard(path, {"layer_00": values[order][4 * k : 4 * k + 4]}, {})
    np.testing.assert_array_equal(gather_layer(paths, "layer_00", order), values)


def test_only_whole_shards_count(tmp_path):
    path = tmp_path / "shard"
    assert not has_shard(path)
    write_shard(path, {"a": np.zeros((2, 2), np.float32), "b": np.zeros((2, 2), np.float32)}, {})
    assert has_shard(path)
    whole = path.read_bytes()
    for broken in (whole[:-1], whole[:20], whole[:4], b"", b"\xff" * len(whole), whole + b"x"):
        path.write_bytes(broken)
        assert not has_shard(path)


def test_a_shard_says_what_its_layers_are(tmp_path):
    paths = [tmp_path / name for name in ("one", "two", "three")]
    for path, width in zip(paths, (9, 9, 8), strict=True):
        about = {"widths": {"a": width}, "units": {"a": 2}, "parameters": 3}
        write_shard(path, {"a": np.zeros((2, 2), np.float32)}, about)
    assert shards_about(paths[:2], "net") == {
        "widths": {"a": 9},
        "units": {"a": 2},
        "parameters": 3,
    }
    with pytest.raises(ConcordError, match="change from batch to batch in net: expected .*9.*8"):
        shards_about(paths, "net")
