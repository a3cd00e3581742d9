"""Whole inputs of commands about images, and of those that draw and tell what was found."""

import json
import shutil
import zipfile
from hashlib import sha256
from pathlib import Path

import numpy as np

from tests.chaos.specimens import (
    PREPARE_SCENE,
    STORY_CEILINGS,
    Specimen,
    apart_of,
    compared,
    follow,
    line,
    specimen,
    write_params,
)
from tests.chaos.trial import Command
from tests.conftest import PROJECT

LOCK = "schema: '2.0'\nstages:\n  check:\n    cmd: c\n    outs:\n    - path: o\n      md5: '01'\n"


def _encoded_scene(folder: Path) -> None:
    """Images and responses of two people, layers that drive them, and no images alike."""
    from stages.core.recording.recording_files import write_recording
    from stages.core.run.origins import of_recording
    from stages.core.run.tables import write_table
    from tests.encode.image_recordings import make_layers, make_recording, write_model

    write_params(folder, encode_scene__min_voxels=2, encode_scene__draws=4, folds__blocks=3)
    rng = np.random.default_rng(42)
    layers = make_layers(rng)
    recording = make_recording(layers, rng)
    write_recording(folder / "recording", recording)
    write_model(folder / "activations" / "net", layers, recording.stimuli)
    groups = recording.stimuli[["id"]].assign(group=np.arange(len(recording.stimuli)))
    write_table(folder / "alike.parquet", groups, of_recording(folder / "recording"))


def _neurons(folder: Path) -> None:
    """Counts and images of macaque V4, with the checksums of these."""
    from io import BytesIO

    from PIL import Image

    from stages.prepare.cowley import IMAGES, RESPONSES, SHAPE

    write_params(folder, scene__dataset="v4_cowley2023")
    rng = np.random.default_rng(42)
    counts = rng.poisson(3.0, SHAPE).astype(float)
    counts[:, np.arange(SHAPE[2]) >= rng.integers(6, 11, SHAPE[1])[:, None]] = np.nan
    paths = {name: folder / "mirror" / name for name in (RESPONSES, IMAGES)}
    paths[IMAGES].parent.mkdir(parents=True)
    np.save(paths[RESPONSES], counts)
    with zipfile.ZipFile(paths[IMAGES], "w") as archive:
        for number in range(1, SHAPE[1] + 1):
            stored = BytesIO()
            pixels = rng.integers(0, 256, (8, 8), dtype=np.uint8)
            Image.fromarray(pixels).convert("RGB").save(stored, "JPEG")
            archive.writestr(f"image{number:04}.jpg", stored.getvalue())
    known = {
        name: {"path": name, "sha256": sha256(path.read_bytes()).hexdigest()}
        for name, path in paths.items()
    }
    about = {"repository": "made/up", "revision": "0" * 40, "files": known}
    (folder / "raw").mkdir()
    (folder / "raw" / "sources.json").write_text(json.dumps(about))


def _lab_of_images(folder: Path) -> None:
    """Betas of two people in a laboratory's dataset."""
    from tests.prepare.bids.image_lab import DERIVED, make_image_lab

    seen = {"bids__derivative": DERIVED, "bids__tasks": ["look"]}
    write_params(folder, scene__dataset="bids", bids__rows={"trial_type": ["image"]}, **seen)
    make_image_lab(folder / "raw")


def _drawn(folder: Path) -> None:
    """All tables that pictures of a story are drawn from."""
    compared(folder)
    follow(folder, STORY_CEILINGS)
    for name in ("ceilings", "points"):
        end = "_points" if name == "points" else ""
        shutil.move(folder / f"{name}.parquet", folder / f"results/ceilings_story{end}.parquet")


def _told(folder: Path) -> None:
    """Results of all studies, metrics, and what DVC recorded."""
    from tests.report.made_results import write_everything

    shutil.copy(PROJECT / "params.yaml", folder)
    write_everything(folder / "results", np.random.default_rng(42))
    for name in ("metrics", "prepared", "raw"):
        (folder / name).mkdir()
    (folder / "metrics" / "scene.json").write_text(json.dumps({"models": 8.0}))
    told = {"cases": 1.0, "encode": ["r: false positives 0.03 (calibrated)"]}
    (folder / "metrics" / "calibration.json").write_text(json.dumps(told))
    (folder / "dvc.lock").write_text(LOCK)


ENCODE_SCENE = Command(
    "encode",
    line(
        "scene --recording recording --activations activations/net --groups alike.parquet"
        " --out results/net.parquet --jackknife results/without.parquet"
    ),
)
DRAW = Command("plots", line("story --results results --out plots"))
TELL = Command(
    "report",
    line(
        "--results results --metrics metrics --prepared prepared --raw raw --lock dvc.lock"
        " --out index.html"
    ),
)

ALL: tuple[Specimen, ...] = (
    specimen(
        "encode scene",
        apart_of(_encoded_scene),
        ENCODE_SCENE,
        "recording/**/* activations/**/* alike.parquet",
        "results",
        sealed=True,
    ),
    specimen(
        "v4",
        apart_of(_neurons),
        PREPARE_SCENE,
        "mirror/v4_cowley2023/* raw/sources.json",
        "recording",
    ),
    specimen("bids images", apart_of(_lab_of_images), PREPARE_SCENE, "raw/**/*", "recording"),
    specimen("pictures of a story", _drawn, DRAW, "results/*.parquet", "plots", sealed=True),
    specimen(
        "report",
        apart_of(_told),
        TELL,
        "results/**/*.parquet metrics/*.json dvc.lock params.yaml",
        "index.html",
    ),
)
