"""Where the numbers of a report come from: parameters, runs, versions and sources."""

from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from stages.core.params.schema import Params
from stages.core.params.strict_yaml import load_yaml
from stages.core.run.errors import InputError
from stages.core.run.files import lies_there, read_json, require_file
from stages.report.bibliography import OWN, RECORDINGS
from stages.report.git_revisions import content_at

PACKAGES = (
    *("concord", "numpy", "scipy", "pandas", "scikit-learn", "nilearn", "torch", "transformers"),
    *("sentence-transformers", "timm", "dvc"),
)
DO = "Run `dvc repro`."
ABSENT = None


def flat(content: object, prefix: str = "") -> dict[str, Any]:
    """Flatten nested mappings: by dotted key, numbers, texts and lists."""
    if not isinstance(content, Mapping):
        return {prefix: content}
    parts: dict[str, Any] = {}
    for name, value in content.items():
        parts |= flat(value, f"{prefix}.{name}" if prefix else str(name))
    return parts


def differences(here: Mapping[str, Any], there: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List the keys whose values differ, those that one side lacks among them.

    Returns
    -------
    list of dict
        key, here and there, the values as text; None on the side that lacks the key.
    """
    keys = [*here, *(key for key in there if key not in here)]
    return [
        {"key": key, "here": _shown(here, key), "there": _shown(there, key)}
        for key in keys
        if (key in here) != (key in there) or here.get(key) != there.get(key)
    ]


def _shown(values: Mapping[str, Any], key: str) -> str | None:
    return str(values[key]) if key in values else ABSENT


def committed_params(path: Path) -> dict[str, Any] | None:
    """Read the parameters as they were last committed; None where Git does not know them."""
    told = content_at("HEAD", path)
    return None if told is None else flat(YAML(typ="safe", pure=True).load(told))


def parameters(path: Path, lock: Mapping[str, Any]) -> dict[str, Any]:
    """Tell the parameters, and how they differ from the committed ones and from those of the run.

    Parameters
    ----------
    path : Path
        params.yaml.
    lock : mapping
        Stages of dvc.lock; the last run of `check` has all parameters.
    """
    here = flat(load_yaml(path))
    committed = committed_params(path)
    run = lock.get("check", {}).get("params", {}).get("params.yaml")
    return {
        "values": [{"key": key, "value": str(value)} for key, value in here.items()],
        "committed": None if committed is None else differences(here, committed),
        "run": None if run is None else differences(here, flat(run)),
    }


def read_stages(locks: Iterable[Path]) -> dict[str, Any]:
    """Read the stages of each dvc.lock; none where there is no such file.

    Raises
    ------
    InputError
        If one is no lock of DVC.
    """
    stages: dict[str, Any] = {}
    for path in locks:
        stages |= _stages(path)
    return stages


def _stages(path: Path) -> dict[str, Any]:
    if not lies_there(path):
        return {}
    require_file(path, DO)
    try:
        stages = YAML(typ="safe").load(path)["stages"]
    except (YAMLError, UnicodeDecodeError, KeyError, TypeError) as error:
        problem = str(getattr(error, "problem", None) or repr(error)).partition("\n")[0]
        raise InputError("no lock of DVC", where=path, got=problem[:160], do=DO) from error
    if not isinstance(stages, dict):
        raise InputError("no lock of DVC", where=path, got=type(stages).__name__, do=DO)
    return stages


def hashes(stages: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List what every stage wrote, with its digest and size."""
    return [
        {"stage": str(name), "path": str(out["path"]), "digest": _digest(out)}
        | {"size": out.get("size")}
        for name, stage in stages.items()
        for out in stage.get("outs", ())
    ]


def _digest(entry: Mapping[str, Any]) -> str:
    algorithm = str(entry.get("hash", "md5"))
    return f"{algorithm}:{entry[algorithm]}" if algorithm in entry else ""


def versions() -> list[dict[str, str | None]]:
    """List the versions of the packages that numbers depend on; None for one that is not here."""
    return [{"package": name, "version": _version(name)} for name in PACKAGES]


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def studied(params: Params) -> list[str]:
    """Name the recordings of the parameters, each once."""
    names = [params.story.dataset, params.scene.dataset, *params.language.recordings]
    return list(dict.fromkeys(names))


def sources(names: list[str], raw: Path) -> list[dict[str, Any]]:
    """Tell of each recording where it was obtained, under which licence, and what it cites."""
    made = []
    for name in names:
        about = RECORDINGS.get(name, OWN)
        listed = raw / name / "sources.json"
        known = read_json(listed, "Restore it from Git.") if lies_there(listed) else {}
        made.append(
            {"recording": name, "licence": about.licence, "cited": list(about.cited)}
            | {"repository": known.get("repository"), "revision": known.get("revision")}
        )
    return made
