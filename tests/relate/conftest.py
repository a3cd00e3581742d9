from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tests.conftest import PROJECT

SOURCES = PROJECT / "data" / "raw" / "brainalign"
FAMILIES = ("vit", "resnet", "convnext", "efficientnet", "deit", "swin")


@pytest.fixture
def zoo(rng):
    """A survey of 24 trained vision models whose size drives alignment and performance alike.

    With them two language models, an untrained twin, noise and a model that failed.
    """
    names = [f"{family}_{number}" for family in FAMILIES for number in range(4)]
    size = rng.normal(size=24)
    about = pd.DataFrame(
        {
            "model": [f"short-{name}" for name in names],
            "string": [f"timm:{name}.in1k" for name in names],
            "modality": "vision",
            "trained": True,
            "parameters": 10 ** (7 + size),
            "width": (10 ** (3 + 0.5 * size + rng.normal(size=24))).round(),
            "error": "",
        }
    )
    others = [
        ("gpt2", "hf:gpt2", "language", True, 1e8, 768, ""),
        ("bert", "hf:bert", "language", True, 1e8, 768, ""),
        ("twin", "timm:vit_0.in1k+untrained:0", "vision", False, 1e7, 100, ""),
        ("noise", "noise:512-8192", "noise", False, np.nan, 8192, ""),
        ("lost", "hf:lost", "", True, np.nan, np.nan, "no such repository"),
    ]
    models = pd.concat([about, pd.DataFrame(others, columns=about.columns)], ignore_index=True)
    models = models.astype({"width": "Int64"})
    alignment = dict(zip(about["model"], size + 0.2 * rng.normal(size=24), strict=True))
    alignment |= {"gpt2": 0.1, "bert": 0.2, "twin": 0.0, "noise": 0.0}
    best = pd.DataFrame(
        [
            (
                model,
                "language" if model in ("gpt2", "bert") else "vision",
                subject,
                region,
                metric,
                score + shift,
            )
            for model, score in alignment.items()
            for subject, shift in (("subj01", -0.5), ("subj02", 0.5))
            for region, metric in (("V1", "cka_linear"), ("FFC", "cka_linear"), ("V1", "rsa"))
        ],
        columns=["model", "modality", "subject", "region", "metric", "score"],
    )
    top1 = 70 + 5 * size + rng.normal(size=24)
    benchmarks = pd.DataFrame(
        {
            "modality": "vision",
            "benchmark": "imagenet",
            "key": [f"{name}.in1k" for name in names],
            "value": top1,
            "parameters": np.nan,
        }
    )
    return SimpleNamespace(
        models=models, best=best, benchmarks=benchmarks, size=size, alignment=alignment, top1=top1
    )
