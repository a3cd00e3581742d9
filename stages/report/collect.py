"""Everything that a page shows, gathered from what is there."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from stages.core.params.schema import Params
from stages.core.pictures.surfaces import read_surfaces
from stages.core.run.errors import InputError
from stages.core.run.files import lies_there, read_json
from stages.report.bibliography import bibtex
from stages.report.claim_rows import limits_of, read_claims, with_chance
from stages.report.cortex_pictures import cortex_of
from stages.report.decode_volumes import read_volumes
from stages.report.methods_text import (
    AREAS,
    LADDER,
    LANGUAGE,
    SCENE,
    STORY,
    VOXELS,
    cited,
    methods,
)
from stages.report.model_rows import (
    NESTED,
    read_all_relations,
    read_language_models,
    read_roll,
    read_story_models,
    tidy,
)
from stages.report.one_recording import check_recordings, other_training
from stages.report.other_revision import beside
from stages.report.packed_tables import embedded_all
from stages.report.parts import PARTS, called, is_there
from stages.report.planted_regions import planted_regions
from stages.report.provenance import (
    hashes,
    parameters,
    read_stages,
    sources,
    studied,
    versions,
)
from stages.report.recorded_state import recorded_states
from stages.report.recording_rows import read_language
from stages.report.scene_rows import read_scene
from stages.report.story_rows import (
    read_decoding,
    read_encoding,
    read_heads,
    read_probing,
    read_profiles,
)
from stages.report.template_anatomy import SOURCE, anatomy_of
from stages.report.training_rows import read_courses
from stages.report.training_text import SCENE_TRAINING, STORY_TRAINING
from stages.report.trust_rows import (
    read_calibration,
    read_replication,
    read_scene_limits,
    read_story_limits,
    read_told,
)
from stages.report.words_text import BOUNDED, DECODED, ENCODED, PROBED, PROFILED

Tables = dict[str, pd.DataFrame]
_READ_PLAIN: dict[str, Callable[[Path], pd.DataFrame]] = {
    "encode": read_encoding,
    "probe": read_probing,
    "decode": read_decoding,
    "profile": read_profiles,
    "story_ceilings": read_story_limits,
    "scene_ceilings": read_scene_limits,
    "calibration": read_calibration,
    "replication": read_replication,
}
# Which part shows what was done, if it has rows: a part that was skipped has none.
_DONE = {
    ENCODED: "encode",
    PROBED: "probe",
    DECODED: "decode",
    PROFILED: "profile",
    BOUNDED: "story_ceilings",
    SCENE: "survey",
    LANGUAGE: "language",
    STORY_TRAINING: "trajectory_story",
    SCENE_TRAINING: "trajectory_scene",
    LADDER: "ladder",
}
_OF_STORY = (ENCODED, PROBED, DECODED)
_STUDIES = (*_OF_STORY, SCENE, LANGUAGE, STORY_TRAINING, SCENE_TRAINING)
# Whose headlines each file of metrics has: those of other results, as committed, are left out.
_HEADLINES = {
    STORY: ("encode",),
    SCENE: ("survey",),
    LANGUAGE: ("language",),
    "trajectory": ("trajectory_story", "trajectory_scene"),
    LADDER: ("ladder",),
    "ladder_training": ("ladder_training",),
}
# What is done beside the study of scenes, and the table that shows it.
_BESIDE = {VOXELS: "encoding.parquet", AREAS: "areas/areas.parquet"}


@dataclass(frozen=True)
class Folders:
    """Where things are: results, metrics, prepared recordings, raw data, params.yaml, dvc.lock.

    Parts of the results that are of other recordings (`others`) count as not there.
    """

    results: Path
    metrics: Path
    prepared: Path
    raw: Path
    params: Path
    locks: Sequence[Path]
    others: Mapping[str, str] = field(default_factory=dict)


def collect(at: Folders, params: Params, against: str | None = None) -> dict[str, Any]:
    """Gather the content of a page.

    Parameters
    ----------
    at : Folders
    params : Params
    against : str, optional
        The revision whose parameters and metrics stand beside those of here.

    Raises
    ------
    InputError
        If no study was run, or what is there is damaged or of different recordings; or if there is
        no such revision.
    """
    at = replace(at, others=other_training(at.results, params))
    if not any(_has(at)(_DONE[study]) for study in _STUDIES):
        do = "Run `dvc repro`, or a stage of one study such as `dvc repro headline_scene`."
        raise InputError("no results", where=at.results, do=do)
    check_recordings(at.results, params)
    lock, tables = read_stages(at.locks), gather_tables(at, params)
    told = methods(params, _done(at, tables))
    volumes = _volumes(at, params)
    anatomy = [SOURCE] if "levels" in volumes.get("anatomy", {}) else []
    named = [*sources(studied(params), at.raw), *anatomy]
    known = [key for one in named for key in one["cited"]]
    return {
        "parts": called(at.results, at.others),
        "metric": params.survey.metric,
        "metrics": _headlines(at),
        "tables": embedded_all(tables),
        "cortex": _cortex(at, params) if _has(at)("survey") else {},
        "volumes": volumes,
        "planted": _planted(at, params),
        "parameters": parameters(at.params, lock),
        "hashes": hashes(lock),
        "recorded": recorded_states(_shown(at), lock),
        "versions": versions(),
        "sources": named,
        "methods": [one.text for one in told],
        "bibtex": bibtex([*cited(told), *known]),
        "against": None if against is None else beside(against, at.params, at.metrics),
    }


def _done(at: Folders, tables: Tables) -> set[str]:
    """Say what was done: parts that are there, but for those whose table has no rows."""
    parts = {name for name, part in _DONE.items() if _has(at)(part)}
    done = {name for name in parts if _DONE[name] not in tables or len(tables[_DONE[name]])}
    beside = {name for name, file in _BESIDE.items() if lies_there(at.results / file)}
    return done | beside | ({STORY} if done & {*_OF_STORY} else set())


def gather_tables(at: Folders, params: Params) -> Tables:
    """Read the tables of the parts that are there, by name."""
    has, where = _has(at), _where(at)
    tables = {name: read(where(name)) for name, read in _READ_PLAIN.items() if has(name)}
    for name, file in (("calibration", "calibration.json"), ("replication", "replicate.json")):
        if name not in tables and lies_there(at.metrics / file):
            tables[f"{name}_told"] = read_told(at.metrics / file)
    if has("probe"):
        tables["heads"] = read_heads(where("probe"))
    tables |= _models(at, params, tables) | _courses(at)
    if has("language"):
        tables |= read_language(where("language").parent)
    ladders = [where(name) for name in ("ladder", "ladder_training") if has(name)]
    limits = [tables.pop("scene_limits")] if "scene_limits" in tables else []
    tables |= _claims(ladders, tables, limits) if ladders else {}
    notes = [tables.pop(name) for name in list(tables) if name.endswith("_left_out")]
    return tables | ({"left_out": pd.concat(notes, ignore_index=True)} if notes else {})


def _claims(folders: Sequence[Path], tables: Tables, limits: list[pd.DataFrame]) -> Tables:
    """Read the ladders, and put chance and ceilings beside the claims."""
    made = read_claims(folders)
    if "encode" in tables:
        encode = tables["encode"]
        limits = [*limits, limits_of(STORY, encode[encode["kind"] == NESTED])]
    if made and limits:
        made["claims"] = with_chance(made["claims"], pd.concat(limits, ignore_index=True))
    return made


def _models(at: Folders, params: Params, tables: Tables) -> Tables:
    has, where = _has(at), _where(at)
    made: Tables = {}
    models: list[pd.DataFrame] = []
    if has("models") and "encode" in tables:
        models.append(read_story_models(where("models"), tables["encode"]))
    if has("survey"):
        scene = read_scene(where("survey"), params.survey.metric)
        of_scene = scene.pop("scene_models")
        models.append(tidy(of_scene.assign(study=SCENE, recording=params.scene.dataset)))
        made |= scene
    if has("language"):
        models.append(read_language_models(where("language").parent))
    if models:
        made["models"] = pd.concat(models, ignore_index=True)
    related = {SCENE: "scene_relations", LANGUAGE: "language_relations"}
    paths = {study: where(name) for study, name in related.items() if has(name)}
    return made | ({"relations": read_all_relations(paths)} if paths else {})


def _courses(at: Folders) -> Tables:
    named = {study: f"trajectory_{study}" for study in (STORY, SCENE)}
    folders = {study: _where(at)(name) for study, name in named.items() if _has(at)(name)}
    return read_courses(folders) if folders else {}


def _cortex(at: Folders, params: Params) -> dict[str, Any]:
    return cortex_of(read_surfaces(at.prepared / params.scene.dataset))


def _planted(at: Folders, params: Params) -> dict[str, Any]:
    """Read what was planted in simulated recordings, by study; empty where it was measured."""
    recordings = {STORY: params.story.dataset, SCENE: params.scene.dataset}
    rolls = {STORY: _where(at)("models"), SCENE: _where(at)("survey") / "models.parquet"}
    return {
        study: planted_regions(at.raw / dataset, read_roll(rolls[study], study), study)
        for study, dataset in recordings.items()
        if lies_there(rolls[study])
    }


def _volumes(at: Folders, params: Params) -> dict[str, Any]:
    """Read weights of decoders, and the anatomy behind them; empty where nothing was decoded."""
    if not (_has(at)("decode_maps") and _has(at)("decode")):
        return {}
    volumes = read_volumes(_where(at)("decode_maps"), _where(at)("decode"))
    dataset = params.story.dataset
    return volumes and volumes | {"anatomy": anatomy_of(dataset, at.prepared / dataset)}


def _shown(at: Folders) -> list[Path]:
    """List the files and folders that the page is made of."""
    return [*(_where(at)(name) for name in PARTS if _has(at)(name)), *_metrics(at).values()]


def _metrics(at: Folders) -> dict[str, Path]:
    made = [
        name
        for name, parts in _HEADLINES.items()
        if any(map(_has(at), parts)) and not at.others.keys() & {*parts}
    ]
    paths = {name: at.metrics / f"{name}.json" for name in made}
    return {name: path for name, path in paths.items() if lies_there(path)}


def _headlines(at: Folders) -> dict[str, Any]:
    """Read the few numbers of each study, as they were committed."""
    do = "Run `git checkout` on it."
    return {name: read_json(path, do) for name, path in _metrics(at).items()}


def _has(at: Folders) -> Callable[[str], bool]:
    return lambda name: name not in at.others and is_there(at.results, name)


def _where(at: Folders) -> Callable[[str], Path]:
    return lambda name: at.results / PARTS[name].path
