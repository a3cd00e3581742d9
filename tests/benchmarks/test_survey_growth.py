"""How time and memory of the survey grow with the models, each of the size that NSD makes it.

A model has 622,080 rows: 12 layers, 180 regions, 12 metrics, 4 subjects, 2 splits and 3 kinds.
"""

from time import process_time

import numpy as np
import pandas as pd
import pytest

from stages.core.activations.activations import Activations
from stages.core.names.areas import AREAS
from stages.core.names.models import parse_model
from stages.core.params import schema
from stages.core.results.results import COLUMNS, TEXT
from stages.survey.scene.places import Place
from stages.survey.scene.survey_tables import Aligned, survey
from stages.survey.zoo_models import Model
from tests.benchmarks.conftest import peak_memory
from tests.survey.planted import without

pytestmark = pytest.mark.benchmark

LAYERS = [f"blocks.{k}" for k in range(12)]
SUBJECTS = ["subj01", "subj02", "subj05", "subj07"]
METRICS = [
    *("cka_linear", "cka_linear_biased", "cka_rbf_0.25", "cka_rbf_0.5", "cka_rbf_1", "cka_rbf_2"),
    *("cka_rbf_4", "cknna_10", "mutual_knn_10", "cycle_knn_10", "rsa_pearson", "rsa_spearman"),
]
SIZES = (2, 4, 12, 30)
HELD = 25  # MB that a model may add: p of its layers, its rows of the map and of what leads


def zoo(n):
    """Trained models of both modalities in turn."""
    models = []
    for k in range(n):
        scheme, modality = (("timm", "vision"), ("st", "language"))[k % 2]
        spec = parse_model(f"model-{k:03}", {f"model-{k:03}": f"{scheme}:model-{k:03}"})
        widths = dict.fromkeys(LAYERS, 768)
        about = Activations(
            model=spec.string, label=spec.label, revision="r", modality=modality, parameters=10**8,
            tokenizer="", seed=None, presentation="image", context=None, pooling="mean",
            dtype="float32", stimuli_digest="d", key="key", layers=widths, widths=widths,
            heads=0, attention_statistics=[],
        )  # fmt: skip
        models.append(Model(spec, about))
    return models


def aligned(models, regions, rng):
    """Results of one model after the other."""
    names = ["layer", "kind", "region", "metric", "subject", "split"]
    kinds = ["layer", "noise", "projected"]
    levels = [LAYERS, kinds, regions, METRICS, SUBJECTS, ["train", "test"]]
    table = pd.MultiIndex.from_product(levels, names=names).to_frame(index=False)
    table = table.reindex(columns=list(COLUMNS))
    blank = [name for name in TEXT if name not in names]
    table[blank] = pd.DataFrame("", table.index, blank, dtype=str)
    table = table.assign(dataset="nsd", null_mean=0.0, null_sd=0.01, z=1.0, ceiling=0.6, n=1000.0)
    for model in models:
        score, p = rng.normal(0.1, 0.05, len(table)), rng.uniform(size=len(table))
        results = table.assign(model=model.name, score=score, p=p)
        yield Aligned(model.name, results, without(results))


def region_places(regions):
    """Regions in a row, of everybody."""
    rows = [{"subject": subject, "region": region} for subject in SUBJECTS for region in regions]
    table = pd.DataFrame(rows).assign(network="VIS", voxels=100, reliability=0.5)
    table[["x", "z", "aside"]] = 0.0
    return Place("nsd", "d", table.assign(y=np.tile(np.arange(float(len(regions))), len(SUBJECTS))))


def run(n, regions, folder):
    """Seconds of the processor, and peak of memory in MB."""
    settings = schema.Survey(metric="cka_linear", bins=8, neighbours=5, seed=0)
    models, start = zoo(n), process_time()
    tables = aligned(models, regions, np.random.default_rng(0))
    survey(models, tables, region_places(regions), settings, folder)
    return process_time() - start, peak_memory()


def test_growth(alone, capsys, tmp_path):
    found = {n: alone(run, n, AREAS, tmp_path / str(n))[2] for n in SIZES}
    with capsys.disabled():
        print("\nsurvey of models with 622,080 rows each")
        for n, (seconds, memory) in found.items():
            print(f"{n:4d} models {seconds:6.1f} s  peak {memory:6.0f} MB")
    least, most = SIZES[0], SIZES[-1]
    assert found[most][1] - found[least][1] < HELD * (most - least)
