"""The stage as a whole: from what is shown to a model to a folder of its layers."""

import logging
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from stages.core.activations.activations import (
    ROW_COLUMNS,
    Activations,
    is_whole,
    write_about,
    write_failure,
    write_layer,
)
from stages.core.names.layers import ATTENTION_STATISTICS, layer_kind
from stages.core.names.models import CONTROL, UNNETWORKED, ModelSpec
from stages.core.names.vocabulary import NOISE
from stages.core.params.schema import ExtractScene, ExtractStory
from stages.core.pictures.images import open_images
from stages.core.recording.recorded_captions import read_captions, with_all_captions
from stages.core.recording.recorded_images import require_images
from stages.core.recording.recording_files import read_stimuli
from stages.core.recording.types import captions_digest, stimuli_digest
from stages.core.run.digests import known_sha256
from stages.core.run.errors import ConcordError
from stages.core.run.locks import locked
from stages.core.run.settings import read_settings
from stages.extract.failures import model_code
from stages.extract.images.random_pixels import open_random_pixels
from stages.extract.noise import open_noise
from stages.extract.resume import (
    extraction_key,
    gather_layer,
    has_shard,
    remove_stale,
    shard_paths,
    shards_about,
    write_shard,
)
from stages.extract.returned import (
    check_alone,
    check_layers,
    check_varies,
    same_for_all,
    warn_of_copies,
)
from stages.extract.sharing import share_out
from stages.extract.towers import Ints, OpenedModel, Replica, Stimuli, Tower
from stages.extract.words.passages import make_passages

log = logging.getLogger("concord.extract")

SMALLER = "Use a smaller model, or a machine with more memory."


@dataclass(frozen=True)
class Extraction:
    """What is extracted, and where to.

    Attributes
    ----------
    spec : ModelSpec
    rows : DataFrame
        Columns `ROW_COLUMNS`: one row per passage, caption or image.
    stimuli_digest : str
    folder : Path
        The model's own folder; layers of an earlier extraction in it are replaced.
    captions : DataFrame or None
        All captions of the stimuli, where they are what models of words are shown.
    """

    spec: ModelSpec
    rows: pd.DataFrame
    stimuli_digest: str
    folder: Path
    captions: pd.DataFrame | None = None


def extract_story(
    stimuli: pd.DataFrame,
    spec: ModelSpec,
    settings: ExtractStory,
    folder: Path,
    *,
    required: bool = False,
    begun: bool = False,
) -> str | None:
    """Write the activations of one model that reads a story, or why there are none.

    Parameters
    ----------
    stimuli : DataFrame
        A recording's stimuli.
    spec : ModelSpec
    settings : ExtractStory
        The section `story.extract` of params.yaml.
    folder : Path
        The model's own folder.
    required : bool
        Whether what is wrong with the model is raised instead of recorded.
    begun : bool
        Whether passages begin with a special token, as
        `stages.extract.words.text_tower.Reading` has it.

    Returns
    -------
    str or None
        What is wrong with the model, as `failure.json` has it; None if it could be run.

    Raises
    ------
    InputError
        If the stimuli, or what the environment says of devices, are wrong.
    ConcordError
        What is wrong with a model that is required.
    """
    passages = make_passages(stimuli, settings.presentation, settings.context)
    opener = _story_opener(spec, begun=begun)
    rows = passages[list(ROW_COLUMNS)]
    one = Extraction(spec, rows, stimuli_digest(stimuli), folder)

    def run() -> None:
        with model_code(spec.string, SMALLER):
            model = opener(spec, passages, settings)
        key = extraction_key(
            settings,
            context=model.context,
            model=spec.string,
            revision=model.revision,
            dtype=model.dtype,
            stimuli_digest=one.stimuli_digest,
            **({"begun": True} if begun else {}),
        )
        extract(one, model, key)

    if not required:
        return _recorded(run, one)
    run()
    return None


def _story_opener(
    spec: ModelSpec, *, begun: bool
) -> Callable[[ModelSpec, pd.DataFrame, ExtractStory], OpenedModel]:
    """From a model string and passages to a model; the devices are looked at here."""
    if spec.scheme in UNNETWORKED:
        from stages.extract.statics.static_tower import open_static  # noqa: PLC0415 (rarely needed)

        return open_static
    from stages.core.nets.hardware import read_hardware  # noqa: PLC0415 (PyTorch takes seconds)
    from stages.extract.open_transformers import open_reader  # noqa: PLC0415

    hardware = read_hardware()
    return partial(open_reader, hardware=hardware, begun=begun)


def extract_scene(
    recording: Path, spec: ModelSpec, settings: ExtractScene, folder: Path
) -> str | None:
    """Write the activations of one model that is shown images or captions, or why there are none.

    Parameters
    ----------
    recording : Path
        Folder of the recording: its stimuli and their images.
    spec : ModelSpec
    settings : ExtractScene
        The section `scene.extract` of params.yaml.
    folder : Path
        The model's own folder.

    Returns
    -------
    str or None
        As of `extract_story`.

    Raises
    ------
    InputError
        If the recording, or what the environment says of devices, is wrong.
    """
    stimuli = read_stimuli(recording / "stimuli.parquet")
    captions = read_captions(recording, stimuli) if settings.captions == "all" else None
    opener, path = _opener(spec), require_images(recording)
    one = Extraction(spec, _rows(stimuli), stimuli_digest(stimuli), folder, captions)
    table = stimuli if captions is None else with_all_captions(stimuli, captions)
    with open_images(path, list(stimuli["id"])) as images:
        shown = Stimuli(table, images, units_kept(settings, len(stimuli)))

        def run() -> None:
            with model_code(spec.string, SMALLER):
                model = opener(spec, shown)
            seen = model.modality in ("vision", "both")
            read = _captions_read(one, model)
            key = extraction_key(
                shown.settings,
                model=spec.string,
                revision=model.revision,
                dtype=model.dtype,
                stimuli_digest=one.stimuli_digest,
                images_digest=known_sha256(path) if seen else None,
                **({"captions_digest": read} if read else {}),
            )
            extract(one, model, key)

        return _recorded(run, one)


def _captions_read(one: Extraction, model: OpenedModel) -> str:
    """Digest of all captions, where there are such and the model reads."""
    reads = model.modality in ("language", "both")
    return captions_digest(one.captions) if reads else ""


def units_kept(settings: ExtractScene, n_stimuli: int) -> ExtractScene:
    """Keep every unit of layers where there are few stimuli: at most `whole`."""
    few = n_stimuli <= settings.whole
    return settings.model_copy(update={"units": sys.maxsize}) if few else settings


def _opener(spec: ModelSpec) -> Callable[[ModelSpec, Stimuli], OpenedModel]:
    """From a model string and what is shown to a model; the devices are looked at here."""
    if spec.scheme == NOISE:
        return open_noise
    if spec.scheme == CONTROL:
        return open_random_pixels
    from stages.core.nets.hardware import read_hardware  # noqa: PLC0415 (PyTorch takes seconds)
    from stages.extract.open_model import open_network  # noqa: PLC0415

    hardware = read_hardware()
    return lambda spec, shown: open_network(spec, shown, hardware)


def _rows(stimuli: pd.DataFrame) -> pd.DataFrame:
    rows = stimuli.assign(offset=stimuli["onset"] + stimuli["duration"])
    return rows[list(ROW_COLUMNS)].reset_index(drop=True)


def _recorded(run: Callable[[], None], one: Extraction) -> str | None:
    """Run an extraction, and leave in its folder either layers or the reason why there are none."""
    failure = one.folder / "failure.json"
    try:
        run()
    except ConcordError as error:
        remove_stale(one.folder, [])
        for name in ("activations.json", "rows.parquet"):
            (one.folder / name).unlink(missing_ok=True)
        write_failure(one.folder, one.spec.string, one.spec.label, str(error))
        return str(error)
    failure.unlink(missing_ok=True)
    return None


def extract(one: Extraction, model: OpenedModel, key: str) -> None:
    """Write the layers of all towers, going on with what an interrupted run has finished.

    A second run of the same extraction waits for the first, and then finds its layers.
    """
    with locked(read_settings().scratch / f"{key}.lock"):
        if is_whole(one.folder, key):
            log.info("kept all layers in %s", one.folder)
            return
        # A folder between two extractions must not look finished.
        (one.folder / "activations.json").unlink(missing_ok=True)
        _write(one, model, key)
        shutil.rmtree(shard_paths(key, 1, 1)[0].parent, ignore_errors=True)


def _write(one: Extraction, model: OpenedModel, key: str) -> None:
    """Compute the shards of all towers, and put their layers together."""
    folder, parameters = one.folder, 0
    widths: dict[str, int] = {}
    units: dict[str, int] = {}
    same: dict[str, bool] = {}
    for tower in model.towers:
        shards = shard_paths(f"{key}/{tower.prefix}", len(one.rows), tower.shard)
        _compute(tower, shards, model.dtype, one.spec.string)
        about = shards_about(shards, one.spec.string)
        parameters += about["parameters"]
        for name, width in about["widths"].items():
            layer = f"{tower.prefix}{name}"
            widths[layer], units[layer] = width, about["units"][name]
            values = gather_layer(shards, name, tower.order)
            if about["parameters"] and layer_kind(name) == "hidden":
                same[layer] = same_for_all(values)
            write_layer(folder / f"{layer}.safetensors", values)
    check_varies(same, one.spec.string)
    remove_stale(folder, list(units))
    done = _describe(one, model, key, parameters=parameters, units=units, widths=widths)
    warn_of_copies(write_about(folder, done, one.rows).digests, one.spec.string)


def _compute(tower: Tower, shards: list[Path], dtype: str, where: str) -> None:
    """Compute the shards that are not there yet, and check what was returned."""
    todo = [k for k, path in enumerate(shards) if not has_shard(path)]
    if len(todo) < len(shards):
        log.info("kept %d of %d shards", len(shards) - len(todo), len(shards))
    if not todo:
        return

    def work(replica: Replica, number: int) -> None:
        rows: Ints = tower.order[number * tower.shard : (number + 1) * tower.shard]
        layers = replica.run(rows)
        check_layers(layers, len(rows), where)
        check_alone(replica.run, rows, layers, dtype, where)
        units = {name: values.shape[1] for name, values in layers.arrays.items()}
        about = {"parameters": replica.parameters, "widths": layers.widths, "units": units}
        write_shard(shards[number], layers.arrays, about)

    share_out(tower.replicas(), todo, work, f"extract {tower.prefix.rstrip('.')}".rstrip())


def _describe(
    one: Extraction,
    model: OpenedModel,
    key: str,
    *,
    parameters: int,
    units: dict[str, int],
    widths: dict[str, int],
) -> Activations:
    described = [count for name, count in units.items() if layer_kind(name) == "attention"]
    return Activations(
        model=one.spec.string,
        label=one.spec.label,
        revision=model.revision,
        modality=model.modality,
        parameters=parameters,
        tokenizer=model.tokenizer,
        seed=one.spec.seed,
        presentation=model.presentation,
        context=model.context,
        pooling=model.pooling,
        dtype=model.dtype,
        stimuli_digest=one.stimuli_digest,
        key=key,
        layers=units,
        widths=widths,
        heads=described[0] // len(ATTENTION_STATISTICS) if described else 0,
        attention_statistics=list(ATTENTION_STATISTICS) if described else [],
        captions_digest=_captions_read(one, model),
    )
