"""Parameters and metrics of another revision, beside those that are here."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from stages.core.params.strict_yaml import load_yaml
from stages.core.run.errors import InputError
from stages.core.run.files import read_json
from stages.report.git_revisions import content_at, find_commit, names_at
from stages.report.provenance import differences, flat

Numbers = dict[tuple[str, str], float]
Lines = set[tuple[str, str, str]]


def beside(revision: str, params: Path, metrics: Path) -> dict[str, Any]:
    """Put what another revision says beside what is said here.

    Parameters
    ----------
    revision : str
        A commit, branch or tag.
    params : Path
        params.yaml.
    metrics : Path
        Folder of the metrics (JSON).

    Returns
    -------
    dict
        revision, and its digest, day and subject; `parameters` that differ (None where that
        revision has none); `numbers` that differ, each with file, key, before (there), after (here)
        and difference, missing where one side has none; `same`, how many do not; and `lines` of
        text that one side alone has.

    Raises
    ------
    InputError
        If there is no such revision, or one of its files cannot be read.
    """
    commit = find_commit(revision, params.parent)
    find_commit(commit.digest, metrics.parent)  # of the same repository
    before, after = _there(commit.digest, metrics), _here(metrics)
    old, new = _numbers(before), _numbers(after)
    changed = list(_changed(old, new))
    return {
        "revision": revision,
        **asdict(commit),
        "parameters": _parameters(commit.digest, params),
        "numbers": changed,
        "same": len({*old, *new}) - len(changed),
        "lines": [
            *_alone(_lines(before) - _lines(after), "before"),
            *_alone(_lines(after) - _lines(before), "after"),
        ],
    }


def _parameters(digest: str, path: Path) -> list[dict[str, Any]] | None:
    told = content_at(digest, path)
    if told is None:
        return None
    try:
        there = flat(YAML(typ="safe", pure=True).load(told))
    except YAMLError as error:
        problem = str(error).partition("\n")[0]
        raise InputError("no YAML", where=f"{path.name} of {digest}", got=problem) from error
    return differences(flat(load_yaml(path)), there)


def _here(metrics: Path) -> dict[str, Any]:
    do = "Run `git checkout` on it."
    return {path.name: read_json(path, do) for path in sorted(metrics.glob("*.json"))}


def _there(digest: str, metrics: Path) -> dict[str, Any]:
    names = [name for name in names_at(digest, metrics) if name.endswith(".json")]
    return {name: _parsed(digest, metrics / name) for name in names}


def _parsed(digest: str, path: Path) -> Any:
    try:
        return json.loads(content_at(digest, path) or "")
    except json.JSONDecodeError as error:
        raise InputError("no JSON", where=f"{path.name} of {digest}", got=error) from error


def _numbers(metrics: Mapping[str, Any]) -> Numbers:
    values = ((file, *one) for file, content in metrics.items() for one in flat(content).items())
    return {(file, key): float(value) for file, key, value in values if _is_number(value)}


def _is_number(value: object) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value)  # type: ignore[arg-type]


def _lines(metrics: Mapping[str, Any]) -> Lines:
    return {
        (file, key, str(line))
        for file, content in metrics.items()
        for key, value in flat(content).items()
        if not _is_number(value)
        for line in (value if isinstance(value, list) else [value])
    }


def _alone(lines: Lines, side: str) -> list[dict[str, str]]:
    return [
        {"file": file, "key": key, "line": line, "side": side} for file, key, line in sorted(lines)
    ]


def _changed(before: Numbers, after: Numbers) -> Iterator[dict[str, Any]]:
    """List the numbers that differ: first those that both sides have."""
    known = dict.fromkeys((*after, *before))
    for file, key in sorted(known, key=lambda one: (one not in before) or (one not in after)):
        old, new = before.get((file, key)), after.get((file, key))
        if old != new:
            apart = None if old is None or new is None else new - old
            yield {"file": file, "key": key, "before": old, "after": new, "difference": apart}
