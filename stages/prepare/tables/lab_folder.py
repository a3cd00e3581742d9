"""What lies in a folder of tables: one file of each name, and nothing that leads out of it."""

import re
from collections.abc import Collection
from pathlib import Path

from stages.core.names.vocabulary import GROUP
from stages.core.run.errors import InputError, did_you_mean
from stages.prepare.inner_paths import inside
from stages.prepare.tables.lab_cells import PARQUET, SEPARATORS

TABLES = (*SEPARATORS, PARQUET)
RESPONSES = "responses"
IMAGES = "images"
ONLY = "subject_1"  # who has the responses that lie in no folder of their own
# Files that say something about a table and are no table.
BESIDE = (".json", ".md", ".txt")
# By name, the endings that a table may have.
FILES = {
    **dict.fromkeys(("stimuli", "samples", "targets", "features", "nuisance", "captions"), TABLES),
    RESPONSES: (*TABLES, ".npz"),
}
OWN_FILES = {name: FILES[name] for name in (RESPONSES, "targets")}
_SUBJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
# Names under which results are those of everybody together.
RESERVED = (GROUP, "mean", "models")


def find_tables(folder: Path, known: dict[str, tuple[str, ...]]) -> dict[str, Path]:
    """Find the tables of a folder, by name.

    Parameters
    ----------
    folder : Path
    known : dict of str to tuple of str
        Endings that each name may have.

    Raises
    ------
    InputError
        If a table has a name or an ending that is unknown, or there are two of one name.
    """
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        ending = path.suffix
        if path.name.startswith(".") or ending.lower() in BESIDE or path.is_dir():
            continue
        if path.stem not in known:
            do = did_you_mean(path.stem, known)
            raise InputError("unknown file", where=folder, got=repr(path.name), do=do)
        if ending not in known[path.stem]:
            expected = ", ".join(known[path.stem])
            raise InputError("unknown format", where=path, expected=expected, got=repr(ending))
        if path.stem in found:
            got = f"{found[path.stem].name} and {path.name}"
            raise InputError("two files of one table", where=folder, got=got, do="Remove one.")
        found[path.stem] = inside(path, folder)
    return found


def find_subjects(root: Path, tables: Collection[str]) -> dict[str, dict[str, Path]]:
    """Find the tables of every subject, by name: those of their own folders, or of the root.

    Parameters
    ----------
    root : Path
    tables : collection of str
        Names of the tables that lie in the root.

    Raises
    ------
    InputError
        If there are no responses, responses in two places, or a folder that is no subject's.
    """
    folders = [
        path for path in sorted(root.iterdir()) if path.is_dir() and not path.name.startswith(".")
    ]
    people = {}
    for folder in folders:
        if folder.name == IMAGES:
            continue
        if not _SUBJECT.fullmatch(folder.name):
            expected = "letters, digits, `.`, `_` and `-`"
            raise InputError("name of a subject", where=root, expected=expected, got=folder.name)
        if folder.name in RESERVED:
            do = "Give the folder another name."
            raise InputError("name that means an average", where=root, got=folder.name, do=do)
        people[folder.name] = find_tables(inside(folder, root), OWN_FILES)
        if RESPONSES not in people[folder.name]:
            raise InputError("no responses", where=folder, expected="responses.csv, .tsv, …")
    if people and RESPONSES in tables:
        got = f"those in the folder itself and those of {next(iter(people))}"
        raise InputError("responses in two places", where=root, got=got)
    if not people and RESPONSES not in tables:
        expected = "responses.csv, or a folder with one for every subject"
        raise InputError("no responses", where=root, expected=expected)
    return people or {ONLY: {}}
