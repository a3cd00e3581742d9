"""What is done at the real size, or at a part of it that is said."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from stages.core.names.aal import AAL_NAMES
from stages.core.names.areas import AREAS
from tests.benchmarks import test_survey_growth as zoo_results
from tests.prepare.nsd_full_size import Size, write_release
from tests.scale.measured import Cost, Line, cost_of, in_words, run_dvc, run_stage
from tests.scale.models_of_a_zoo import write_params, write_zoo
from tests.scale.people_of_nsd import LAYERS, UNITS, VOXELS, write_person
from tests.scale.readers_of_wehbe import FEATURES, write_readers
from tests.scale.readers_of_wehbe import UNITS as READ

Case = Callable[[Path], Iterator[Line]]
PEOPLE, WEHBES, MODELS = 4, 8, 600
# Layers and regions: few of both, more layers, more regions.
PARTS = ((1, 4), (2, 4), (1, 16))
# Voxels of a person of Wehbe, and how many are measured; regions whose ceilings are.
WHOLE, FEW, SOME, SHIFTS, FEW_SHIFTS, SOME_REGIONS = 30_000, 1000, 500, 1000, 20, 6


def prepare(folder: Path, size: Size) -> Iterator[Line]:
    """Prepare one person of NSD, then again, once its sessions are kept."""
    cost_of(_release, folder / "raw", size)
    write_params(folder / "params.yaml", {"scene.dataset": "nsd", "scene.sessions": "all"})
    words = ("prepare", "scene", "--raw", folder / "raw", "--params", folder / "params.yaml")
    said = f"1 person, {size(40)} sessions, {size(33_000):,} voxels, {size(10_000):,} images"
    for name in ("first", "again, sessions kept"):
        out = folder / name.partition(",")[0]
        cost = cost_of(run_stage, folder / "scratch", 1, *words, "--out", out)
        note = f"{PEOPLE} people: {in_words(PEOPLE * cost.cpu)}, at most" if name == "first" else ""
        yield Line(f"NSD prepare, {name}", said, cost, note)


def _release(root: Path, size: Size) -> None:
    write_release(root, size, np.random.default_rng(0))


def align(
    folder: Path,
    images: int,
    *,
    split: str,
    memory: float,
    regions: int = len(AREAS),
    layers: int = LAYERS,
) -> Iterator[Line]:
    """Align a model with a person, by the metrics and nulls of params.yaml."""
    made = partial(write_person, split=split, regions=regions, layers=layers)
    cost_of(made, folder, images)
    outs = ("--out", folder / "scores.parquet", "--jackknife", folder / "without.parquet")
    cost = cost_of(
        run_stage, folder / "scratch", memory, "align", "align", "--recording",
        folder / "recording", "--activations", folder / "net",
        "--ceilings", folder / "ceilings.parquet", *outs,
    )  # fmt: skip
    pieces = ", without each of 10 pieces too" if split == "test" else ""
    size = f"n = {images:,}, {layers} layers × {UNITS:,}, {regions} regions{pieces}"
    read = images * 4 * (layers * UNITS + regions * VOXELS) / 1e9
    yield Line("align", size, cost, f"{memory:g} GiB allowed, {read:.2f} GB of features")


def align_part(folder: Path, images: int, memory: float) -> Iterator[Line]:
    """Align few layers with few regions, more layers and more regions, and add up what each costs.

    What a pair of a layer and a region costs beside is left out: a product of two vectors.
    """
    (layers, regions), (more, _), (_, others) = PARTS
    found = []
    for some, areas in PARTS:
        place = folder / f"{some}-{areas}"
        told = {"split": "train", "memory": memory, "regions": areas, "layers": some}
        found += align(place, images, **told)
        shutil.rmtree(place)
    start, with_more, with_others = (line.cost.cpu for line in found)
    of_layer, of_region = (
        (with_more - start) / (more - layers),
        (with_others - start) / (others - regions),
    )
    whole = start + (LAYERS - layers) * of_layer + (len(AREAS) - regions) * of_region
    note = f"a layer {in_words(of_layer)}, a region {in_words(of_region)}; "
    note += f"{LAYERS} layers and {len(AREAS)} regions: {in_words(whole)}"
    yield from found[:-1]
    yield replace(found[-1], note=note)


def ceilings(folder: Path, images: int, memory: float) -> Iterator[Line]:
    """Find ceilings of some regions from the noise of their voxels."""
    cost_of(partial(write_person, split="train", regions=SOME_REGIONS, layers=1), folder, images)
    words = ("align", "ceilings", "--recording", folder / "recording")
    cost = cost_of(run_stage, folder / "scratch", memory, *words, "--out", folder / "out.parquet")
    whole = cost.cpu * len(AREAS) / SOME_REGIONS
    size = f"n = {images:,}, {SOME_REGIONS} regions of {VOXELS} voxels"
    yield Line("ceilings", size, cost, f"{len(AREAS)} regions: {in_words(whole)}, start included")


def survey(folder: Path, *counts: int) -> Iterator[Line]:
    """Survey models whose results, of 622,080 rows each, are made one after the other."""
    costs = {n: cost_of(zoo_results.run, n, AREAS, folder / str(n)) for n in counts}
    few, most = min(costs), max(costs)
    for n, cost in costs.items():
        note = ""
        if n == most != few:
            whole = beyond(costs[few], cost, (MODELS - few) / (most - few))
            note = f"{MODELS} models: {in_words(whole.cpu)}, {whole.peak:.1f} GB"
        yield Line("survey", f"{n} models of 622,080 rows, made and read", cost, note)


def beyond(few: Cost, many: Cost, times: float) -> Cost:
    """Go on along a line through two costs, so many times their distance from the first."""
    return Cost(few.cpu + times * (many.cpu - few.cpu), few.peak + times * (many.peak - few.peak))


def _encode(folder: Path, people: int, voxels: int, shifts: int) -> Cost:
    cost_of(write_readers, folder, people, voxels)
    params = folder / "params.yaml"
    write_params(params, {"encode.targets": "voxel", "chance.draws": shifts})
    outs = ("--out", folder / "scores.parquet", "--jackknife", folder / "without.parquet")
    read = ("--recording", folder / "recording", "--activations", folder / "net")
    return cost_of(
        run_stage, folder / "scratch", 1, "encode", "model", *read, *outs, "--params", params
    )


def encode(folder: Path) -> Iterator[Line]:
    """Encode some voxels of a person, each from all layers, by 1,000 shifts."""
    cost = _encode(folder / "some", 1, SOME, SHIFTS)
    rate = cost.cpu / SOME
    size = f"{SOME} voxels × {len(READ)} layers (3 controls, 7 partial), {SHIFTS:,} shifts"
    note = f"{rate:.2f} s a voxel; {WHOLE:,} voxels: {in_words(rate * WHOLE / 2)} on two cores"
    yield Line("encode, voxels", size, cost, note)


def encode_people(folder: Path) -> Iterator[Line]:
    """Find how memory of encoding grows with the voxels of people, and with people beyond two."""
    costs = {}
    for people, voxels in ((2, FEW), (2, 3 * FEW), (WEHBES, FEW)):
        cost = _encode(folder / f"{people}-{voxels}", people, voxels, FEW_SHIFTS)
        costs[people, voxels], note = cost, ""
        if people > 2:
            first = costs[2, FEW].peak
            own = (costs[2, 3 * FEW].peak - first) / (2 * FEW)
            others = (cost.peak - first) / ((WEHBES - 2) * FEW)
            whole = first + (WHOLE - FEW) * own + (WEHBES - 2) * WHOLE * others
            note = f"{1e3 * own:.3f} MB a voxel of two people, {1e3 * others:.3f} of each other; "
            note += f"{WEHBES} people × {WHOLE:,}: {whole:.1f} GB"
        size = f"{people} × {voxels:,} voxels, {FEW_SHIFTS} shifts"
        yield Line("encode, people", size, cost, note)


def decode(folder: Path, voxels: int) -> Iterator[Line]:
    """Decode all features from every region of a person, by 1,000 shifts."""
    cost_of(partial(write_readers, regions=AAL_NAMES), folder, 1, voxels)
    params = folder / "params.yaml"
    write_params(params, {"decode.regions": "all", "chance.draws": SHIFTS})
    outs = ("--out", folder / "scores.parquet", "--maps", folder / "maps")
    cost = cost_of(
        run_stage, folder / "scratch", 1, "decode", "--recording", folder / "recording",
        *outs, "--summary", folder / "summary.json", "--params", params,
    )  # fmt: skip
    size = f"{voxels:,} voxels in {len(AAL_NAMES)} regions, {FEATURES} features, {SHIFTS:,} shifts"
    yield Line("decode, all regions", size, cost)


def dvc(folder: Path, models: int) -> Iterator[Line]:
    """Ask DVC of a flow of many models that is up to date."""
    cost_of(write_zoo, folder / "clone", models)
    for words in (("status",), ("repro",), ("metrics", "show")):
        cost = cost_of(run_dvc, folder / "clone", *words)
        yield Line(f"dvc {' '.join(words)}", f"{models} models in `zoo`, nothing to do", cost)


CASES: Mapping[str, Case] = {
    "prepare": partial(prepare, size=Size()),
    "align-1000": partial(align, images=1000, split="test", memory=1),
    "align-2000": partial(align, images=2000, split="train", memory=1),
    "align-5000": partial(align, images=5000, split="train", memory=2),
    "align-9000": partial(align, images=9000, split="train", memory=8),
    "align-5000-part": partial(align_part, images=5000, memory=2),
    "align-9000-part": partial(align_part, images=9000, memory=3),
    "ceilings-5000": partial(ceilings, images=5000, memory=1),
    "ceilings-9000": partial(ceilings, images=9000, memory=1),
    "survey": lambda folder: survey(folder, 4, 24),
    "encode": encode,
    "encode-people": encode_people,
    "decode": partial(decode, voxels=WHOLE),
    "dvc": partial(dvc, models=60),
}
