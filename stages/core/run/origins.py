"""What a table was made from: by name, the digests of recordings and activations.

They are those that `recording.json` and `activations.json` hold of themselves, which cover the
files beside them. A table hands on what it was made from to the tables that are made of it, so that
two of them tell whether they belong together.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from stages.core.run.errors import InputError
from stages.core.run.files import require_file, sha256
from stages.core.run.sealed_parquet import read_origin
from stages.core.run.seals import read_sealed, seal_of

Origin = Mapping[str, str]
RERUN, RERUN_TRAINING = "Run `dvc repro`.", "Run `dvc repro data/training/dvc.yaml`."
RECORDING, ACTIVATIONS, FAMILY = "recording ", "activations ", "family "


def of_recording(folder: Path) -> dict[str, str]:
    """Name a recording, by its dataset.

    Raises
    ------
    InputError
        If its description is missing, or was edited.
    """
    path = folder / "recording.json"
    dataset = read_sealed(path, RERUN).get("dataset", "")
    return {f"{RECORDING}{dataset}": seal_of(path, RERUN)}


def of_layers(recording: Path, *models: Path) -> dict[str, str]:
    """Name a recording and the activations of models that ran; raises like `of_recording`.

    Parameters
    ----------
    recording : Path
        Folder of the recording.
    *models : Path
        Folders of models; one that could not be run is not named.
    """
    found = of_recording(recording)
    (dataset,) = (name.removeprefix(RECORDING) for name in found)
    for folder in models:
        path = folder / "activations.json"
        if path.is_file():
            found[f"{ACTIVATIONS}{dataset}/{folder.name}"] = seal_of(path, RERUN)
    return found


def of_family(folder: Path) -> dict[str, str]:
    """Name a family, by the tables of its members and of their performance."""
    paths = [folder / f"{name}.parquet" for name in ("members", "performance")]
    whole = "".join(sha256(require_file(path, RERUN_TRAINING)) for path in paths)
    return {f"{FAMILY}{folder.name}": hashlib.sha256(whole.encode()).hexdigest()}


def together(*sources: Path | Origin, do: str = RERUN) -> dict[str, str]:
    """Put together what tables were made from, if they belong together.

    Parameters
    ----------
    *sources : Path or mapping of str to str
        Tables, or what something else was made from.
    do : str
        What the user can do about tables that do not.

    Returns
    -------
    dict of str to str
        All that any of them was made from.

    Raises
    ------
    InputError
        If they were made from different recordings, or from different activations of one model; or
        if a table is missing or was edited.
    """
    found: dict[str, str] = {}
    first: dict[str, object] = {}
    recordings: set[str] | None = None
    for source in sources:
        is_table = isinstance(source, Path)
        place = source if is_table else "the files at hand"
        origin = read_origin(source, do) if isinstance(source, Path) else source
        own = {name for name in origin if name.startswith(RECORDING)}
        if is_table or own:
            if recordings is not None and own != recordings:
                expected = f"{_named(recordings)}, as {first['']}"
                raise _apart(place, expected, _named(own), do)
            recordings = own
            first.setdefault("", place)
        for name, digest in origin.items():
            if found.setdefault(name, digest) != digest:
                expected = f"{name} {found[name][:12]}, as {first[name]}"
                raise _apart(place, expected, digest[:12], do)
            first.setdefault(name, place)
    return found


def _named(recordings: set[str]) -> str:
    return ", ".join(sorted(recordings)) or "no recording"


def _apart(where: object, expected: str, got: str, do: str) -> InputError:
    return InputError("made from something else", where=where, expected=expected, got=got, do=do)
