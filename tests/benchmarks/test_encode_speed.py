"""Speed and memory of encoding voxels at Wehbe's size: 1291 samples, 7 + 6 layers, 4 runs."""

from time import perf_counter

import numpy as np
import pandas as pd
import pytest
import torch

from stages.core.params.schema import Folds, Lambdas
from stages.core.regression.folds import partition
from stages.core.regression.ridge import cross_validate, lambda_grid, shifted
from stages.core.regression.shift_null import ShiftNull
from stages.core.stats.backend import GIB, make_backend
from stages.core.stats.chance import draw_shifts
from stages.encode.encoding import measure

pytestmark = pytest.mark.benchmark

RUNS = np.repeat([1, 2, 3, 4], [325, 337, 264, 365])
UNITS = {f"layer_{k:02}": 384 for k in range(7)} | {f"attention_{k:02}": 96 for k in range(1, 7)}
VOXELS, WHOLE, SHIFTS, SAMPLE = 1000, 30_000, 1000, 12
CUT = partition(RUNS, Folds(scheme="runs", blocks=5, gap=8))
LAMBDAS = lambda_grid(Lambdas(low=1.0, high=1e6, count=20))
WIDTHS = {384: 7, 96: 6}  # designs of each number of units
ON = {"cpu": (48, 1), "cuda": (512, 16)}  # voxels, and GiB allowed
ORDERS = draw_shifts(CUT.segments, SHIFTS, 8, seed=0)


def ours(voxels):
    """Rows of the results and significant ones among them of the planted layer and another."""
    rng = np.random.default_rng(0)
    designs = {name: rng.standard_normal((len(RUNS), units)) for name, units in UNITS.items()}
    signal = designs["layer_03"] @ rng.standard_normal((384, voxels)) / np.sqrt(384)
    noise = rng.standard_normal(signal.shape)
    table = measure(
        designs,
        {name: "hidden" if name.startswith("layer") else "attention" for name in designs},
        (signal + noise).astype(np.float32),
        pd.DataFrame({"subject": "s", "target": [f"v{k}" for k in range(voxels)]}),
        cut=CUT,
        lambdas=LAMBDAS,
        null=ShiftNull(CUT.folds, ORDERS),
        pieces=20,
    ).results
    r = table[(table["metric"] == "r") & (table["kind"] == "hidden")]
    significant = (r["p"] < 0.05).groupby(r["layer"]).mean()
    return len(table), significant["layer_03"], significant["layer_05"]


def seconds_of_products():
    """Seconds of one voxel and layer by a product per draw: mean over a sample, on one core."""
    rng = np.random.default_rng(1)
    hats = [
        rng.standard_normal((len(fold.outer.test), len(fold.outer.train)), dtype=np.float32)
        for fold in CUT.folds
    ]
    start = perf_counter()
    for _ in range(SAMPLE):
        shifted = rng.standard_normal(len(RUNS), dtype=np.float32)[ORDERS.T]
        for hat, fold in zip(hats, CUT.folds, strict=True):
            predicted, left = hat @ shifted[fold.outer.train], shifted[fold.outer.test]
            np.einsum("ij,ij->j", predicted, predicted)
            np.einsum("ij,ij->j", left, predicted)
    return (perf_counter() - start) / SAMPLE


def nulls_on(device, voxels, memory):
    """Seconds of a layer and voxel, mean over all; sums; what the fits took of a card, in GiB."""
    rng = np.random.default_rng(2)
    backend = make_backend(device, "float32", memory * GIB)
    null = ShiftNull(CUT.folds, ORDERS, [backend])
    seconds, sums = 0.0, []
    for units, n_designs in WIDTHS.items():
        design = rng.standard_normal((len(RUNS), units))
        targets = design @ rng.standard_normal((units, voxels)) / np.sqrt(units)
        targets += rng.standard_normal(targets.shape) * np.geomspace(0.3, 30, voxels)
        fit = cross_validate(design, targets, CUT.folds, LAMBDAS)
        list(shifted([fit.columns(slice(2))], targets[:, :2], null))  # the first takes longer
        start = perf_counter()
        found = [own.yd[:, :8] for _, (own,) in shifted([fit], targets, null)]
        seconds += (perf_counter() - start) / voxels * n_designs / sum(WIDTHS.values())
        sums.append(found[0])
    card = torch.cuda.max_memory_allocated() / GIB if device == "cuda" else 0.0
    return seconds, sums, card


@pytest.mark.parametrize("device", ON)
def test_null_on_a_device_beside_numpy(device, alone, report):
    """`pytest -m benchmark tests/benchmarks/test_encode_speed.py -k device`, also on a card."""
    if device == "cuda" and not torch.cuda.is_available():
        pytest.skip("no CUDA here")
    voxels, allowed = ON[device]
    _, memory, (ours, found, card) = alone(nulls_on, device, voxels, allowed)
    _, _, (numpys, expected, _) = alone(nulls_on, None, ON["cpu"][0], allowed)
    note = (
        f"a voxel and layer; {1 / ours / len(UNITS):.3g} voxels of {len(UNITS)} layers a second, "
        f"{WHOLE} in {ours * WHOLE * len(UNITS) / 60:.3g} min, extrapolated from {voxels}; "
        f"{card:.2g} GiB of a card, of {allowed} allowed"
    )
    report(f"encode, null on {device}, beside NumPy", ours, numpys, memory, note)
    if voxels == ON["cpu"][0]:  # otherwise they are others
        for one, other in zip(found, expected, strict=True):
            assert np.abs(one - other).max() < 2e-6 * np.abs(other).max()
    assert card <= allowed


def test_voxels_beside_a_product_per_draw(alone, report):
    _, few, _ = alone(ours, VOXELS // 5)
    seconds, memory, (n_rows, planted, other) = alone(ours, VOXELS)
    theirs = seconds_of_products() * VOXELS * len(UNITS)
    note = (
        f"extrapolated from {SAMPLE} voxels and layers on one core, without fit and scores; "
        f"{WHOLE} voxels in {seconds * WHOLE / VOXELS / 60:.0f} min"
    )
    report("encode, voxels, beside a product per draw", seconds, theirs, memory, note)
    assert n_rows == VOXELS * (2 * len(UNITS) + 3)
    assert planted > 0.9
    assert other < 0.1
    assert memory - few < 600
