import subprocess
import sys

import pytest

from stages.core.nets import torchvision_operators
from stages.core.nets.torchvision_operators import declare_operators


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_torchvision_works_beside_this_torch():
    """What timm and transformers import; the entry point has been called by then."""
    done = run("import torch, torchvision.transforms, torchvision.ops; torch.ops.torchvision.nms")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "spec", [None, type("Spec", (), {"origin": None})], ids=["absent", "of no file"]
)
def test_nothing_is_declared_without_torchvision(monkeypatch, spec):
    import torch

    def never(*args):
        raise AssertionError("called")

    monkeypatch.setattr(torchvision_operators, "find_spec", lambda name: spec)
    monkeypatch.setattr(torch.ops, "load_library", never)
    monkeypatch.setattr(torch.library, "define", never)
    declare_operators()


@pytest.mark.parametrize("loads", [True, False])
def test_operators_are_declared_only_where_they_do_not_load(monkeypatch, tmp_path, loads):
    import torch

    loaded, declared = [], []

    def load(path):
        loaded.append(path)
        if not loads:
            raise OSError("libcudart.so.13: cannot open shared object file")

    spec = type("Spec", (), {"origin": str(tmp_path / "__init__.py")})
    monkeypatch.setattr(torchvision_operators, "find_spec", lambda name: spec)
    monkeypatch.setattr(torch.ops, "load_library", load)
    monkeypatch.setattr(torch.library, "define", lambda name, schema: declared.append(name))
    declare_operators()
    assert loaded == [tmp_path / "_C.so"]
    assert declared == ([] if loads else ["torchvision::nms", "torchvision::qnms"])
