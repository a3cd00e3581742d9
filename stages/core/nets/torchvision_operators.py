"""Let torchvision, which timm and transformers import, work beside a build of torch for CPUs.

The torchvision of the package index is compiled against CUDA. Beside a torch without CUDA its
operators do not load, and its import then fails on two that it takes for granted. Nothing here uses
them: declared without a body, they let the rest of torchvision work. PyTorch calls
`declare_operators` at the end of its own import (the entry point `torch.backends` of the project).
"""

from importlib.util import find_spec
from pathlib import Path

ASSUMED = ("nms", "qnms")
SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"


def declare_operators() -> None:
    """Load torchvision's operators, or where that fails declare those whose absence it dislikes."""
    import torch  # noqa: PLC0415 (it is being imported when this runs)

    found = find_spec("torchvision")
    if found is None or found.origin is None:
        return
    compiled = Path(found.origin).with_name("_C.so")
    try:
        torch.ops.load_library(compiled)  # type: ignore[no-untyped-call]
    except OSError:
        for name in ASSUMED:
            torch.library.define(f"torchvision::{name}", SCHEMA)
