"""Whether the results that a page shows are those that dvc.lock records."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

AS_RECORDED, ANOTHER, UNRECORDED = "as recorded", "another", "not recorded"


def recorded_states(paths: Iterable[Path], stages: Mapping[str, Any]) -> list[dict[str, str]]:
    """Hold files and folders against the digests that DVC recorded of them.

    Parameters
    ----------
    paths : iterable of Path
        As the stages' outputs name them.
    stages : mapping
        Stages of dvc.lock.

    Returns
    -------
    list of dict
        path and state: `AS_RECORDED`, `ANOTHER`, or `UNRECORDED` where DVC knows no digest.
    """
    outs = [out for stage in stages.values() for out in stage.get("outs", ())]
    known = {str(out["path"]): str(out["md5"]) for out in outs if "md5" in out}
    places = [place for path in paths for place in _outputs(path, known)]
    return [{"path": path.as_posix(), "state": _state(path, known)} for path in places]


def _outputs(path: Path, known: Mapping[str, str]) -> list[Path]:
    """Take a folder whose files are outputs each by themselves for these files."""
    if path.as_posix() in known or not path.is_dir():
        return [path]
    files = sorted(path.iterdir())
    return files if any(one.as_posix() in known for one in files) else [path]


def _state(path: Path, known: Mapping[str, str]) -> str:
    recorded = known.get(path.as_posix())
    if recorded is None:
        return UNRECORDED
    return AS_RECORDED if digest_of(path) == recorded else ANOTHER


def digest_of(path: Path) -> str:
    """MD5 of a file, or of a folder as DVC has it: of the list of its files with theirs."""
    if path.is_file():
        with path.open("rb") as stream:
            return hashlib.file_digest(
                stream, lambda: hashlib.md5(usedforsecurity=False)
            ).hexdigest()
    files = {one.relative_to(path).as_posix(): one for one in path.rglob("*") if one.is_file()}
    listed = [{"md5": digest_of(one), "relpath": name} for name, one in sorted(files.items())]
    text = json.dumps(listed, sort_keys=True)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest() + ".dir"
