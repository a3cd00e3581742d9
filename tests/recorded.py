"""Recordings of which a test needs no more than their description."""

from pathlib import Path
from typing import Any

from stages.core.run.files import sha256, write_json
from stages.core.run.seals import sealed


def describe(folder: Path, dataset: str = "toy", **about: Any) -> None:
    """Write `recording.json` of the files that lie in a folder, whatever they are."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        str(path.relative_to(folder)): sha256(path)
        for path in sorted(folder.rglob("*.*"))
        if path.is_file() and path.name != "recording.json"
    }
    parts = {"dataset": dataset, "kind": "events", "tr": None, "cleaning": None}
    found = parts | {"sources": {}, "subjects": {}, "files": files} | about
    write_json(folder / "recording.json", sealed(found))
