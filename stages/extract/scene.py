"""The stage for images and captions: from a recording to a model's folder of layers."""

import logging
import shutil
import sys
from pathlib import Path
from typing import Any

import pandas as pd

from stages.core.activations.activations import (
    ROW_COLUMNS,
    Activations,
    has_layer,
    write_about,
    write_failure,
    write_layer,
)
from stages.core.names.models import ModelSpec
from stages.core.params.schema import ExtractScene
from stages.core.pictures.images import open_images
from stages.core.recording.files import read_stimuli
from stages.core.recording.types import stimuli_digest
from stages.core.run.errors import ConcordError
from stages.core.run.files import read_json, sha256
from stages.extract.noise import open_noise
from stages.extract.resume import (
    extraction_key,
    gather_layer,
    has_shard,
    remove_stale,
    shard_about,
    shard_paths,
    write_shard,
)
from stages.extract.sharing import share_out
from stages.extract.towers import Ints, Replica, Shown, Tower, ZooModel

log = logging.getLogger("concord.extract")


def extract_scene(
    recording: Path, spec: ModelSpec, settings: ExtractScene, folder: Path
) -> str | None:
    """Write the activations of one model, or why there are none.

    Parameters
    ----------
    recording : Path
        Folder of the recording: its stimuli and their images.
    spec : ModelSpec
    settings : ExtractScene
        The section `scene.extract` of params.yaml.
    folder : Path
        The model's own folder; layers of an earlier extraction in it are replaced.

    Returns
    -------
    str or None
        What is wrong with the model, as `failure.json` has it; None if it could be run.

    Raises
    ------
    InputError
        If the recording, or what the environment says of devices, is wrong.
    """
    stimuli = read_stimuli(recording / "stimuli.parquet")
    opener = _opener(spec)
    path = recording / "images.hdf5"
    with open_images(path, list(stimuli["id"])) as images:
        shown = Shown(stimuli, images, units_kept(settings, len(stimuli)))
        try:
            model = opener(spec, shown)
            _extract(model, spec, shown, _key(model, spec, shown, path), folder)
        except ConcordError as error:
            _clear(folder)
            write_failure(folder, spec.string, spec.label, str(error))
            return str(error)
    (folder / "failure.json").unlink(missing_ok=True)
    return None


def units_kept(settings: ExtractScene, n_stimuli: int) -> ExtractScene:
    """Keep every unit of layers where there are few stimuli: at most `whole`."""
    few = n_stimuli <= settings.whole
    return settings.model_copy(update={"units": sys.maxsize}) if few else settings


def _opener(spec: ModelSpec) -> Any:
    """From a model string and what is shown to a model; the devices are looked at here."""
    if spec.scheme == "noise":
        return open_noise
    from stages.core.nets.hardware import read_hardware  # noqa: PLC0415 (PyTorch takes seconds)
    from stages.extract.open_model import open_network  # noqa: PLC0415

    hardware = read_hardware()
    return lambda spec, shown: open_network(spec, shown, hardware)


def _key(model: ZooModel, spec: ModelSpec, shown: Shown, images: Path) -> str:
    """Name all that determines the result."""
    seen = model.modality in ("vision", "both")
    return extraction_key(
        shown.settings,
        model=spec.string,
        revision=model.revision,
        dtype=model.dtype,
        stimuli_digest=stimuli_digest(shown.stimuli),
        images_digest=sha256(images) if seen else None,
    )


def _extract(model: ZooModel, spec: ModelSpec, shown: Shown, key: str, folder: Path) -> None:
    """Write the layers of all towers, keeping what an interrupted run has finished."""
    if _is_finished(folder, key):
        log.info("kept all layers in %s", folder)
        return
    (folder / "activations.json").unlink(missing_ok=True)
    widths: dict[str, int] = {}
    units: dict[str, int] = {}
    parameters = 0
    for tower in model.towers:
        shards = shard_paths(f"{key}/{tower.prefix}", len(shown.stimuli), tower.shard)
        _compute(tower, shards)
        about = shard_about(shards[0])
        parameters += about["parameters"]
        for name, width in about["widths"].items():
            layer = f"{tower.prefix}{name}"
            widths[layer] = width
            units[layer] = about["units"][name]
            target = folder / f"{layer}.safetensors"
            if not has_layer(target, key):
                write_layer(target, gather_layer(shards, name, tower.order), key)
    remove_stale(folder, list(units))
    done = _describe(model, spec, shown, parameters=parameters, units=units, widths=widths)
    write_about(folder, done, _rows(shown.stimuli))
    shutil.rmtree(shard_paths(key, 1, 1)[0].parent, ignore_errors=True)


def _is_finished(folder: Path, key: str) -> bool:
    """Whether the same extraction has been finished there."""
    about = folder / "activations.json"
    if not about.is_file() or not (folder / "rows.parquet").is_file():
        return False
    layers = read_json(about, "Remove it.")["layers"]
    return all(has_layer(folder / f"{name}.safetensors", key) for name in layers)


def _compute(tower: Tower, shards: list[Path]) -> None:
    """Compute the shards that are not there yet."""
    todo = [k for k, path in enumerate(shards) if not has_shard(path)]
    if len(todo) < len(shards):
        log.info("kept %d of %d shards", len(shards) - len(todo), len(shards))
    if not todo:
        return

    def work(replica: Replica, number: int) -> None:
        rows: Ints = tower.order[number * tower.shard : (number + 1) * tower.shard]
        layers = replica.run(rows)
        units = {name: values.shape[1] for name, values in layers.arrays.items()}
        about = {"parameters": replica.parameters, "widths": layers.widths, "units": units}
        write_shard(shards[number], layers.arrays, about)

    share_out(tower.replicas(), todo, work, f"extract {tower.prefix.rstrip('.')}".rstrip())


def _describe(
    model: ZooModel,
    spec: ModelSpec,
    shown: Shown,
    *,
    parameters: int,
    units: dict[str, int],
    widths: dict[str, int],
) -> Activations:
    return Activations(
        model=spec.string,
        label=spec.label,
        revision=model.revision,
        modality=model.modality,
        parameters=parameters,
        tokenizer=model.tokenizer,
        seed=spec.seed,
        presentation=model.presentation,
        context=None,
        pooling=model.pooling,
        dtype=model.dtype,
        stimuli_digest=stimuli_digest(shown.stimuli),
        layers=units,
        widths=widths,
        heads=0,
        attention_statistics=[],
    )


def _rows(stimuli: pd.DataFrame) -> pd.DataFrame:
    rows = stimuli.assign(offset=stimuli["onset"] + stimuli["duration"])
    return rows[list(ROW_COLUMNS)].reset_index(drop=True)


def _clear(folder: Path) -> None:
    """Remove the layers of an earlier extraction, which a failed one must not pass for."""
    remove_stale(folder, [])
    for name in ("activations.json", "rows.parquet"):
        (folder / name).unlink(missing_ok=True)
