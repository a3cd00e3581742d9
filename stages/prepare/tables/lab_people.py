"""Everybody's responses, with what their columns are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from stages.core.run.errors import InputError
from stages.core.run.files import sha256
from stages.prepare.inner_paths import UNSEEN
from stages.prepare.subjects import select_subjects
from stages.prepare.tables.lab_folder import FILES, RESPONSES, find_subjects, find_tables
from stages.prepare.tables.lab_responses import Measured, read_measured
from stages.prepare.tables.lab_targets import describe_targets, read_targets

README = f"data/raw/table/README.md says what the folder holds. {UNSEEN}"


@dataclass(frozen=True)
class Lab:
    """The files of a folder.

    Attributes
    ----------
    root : Path
    tables : dict of str to Path
        Of everybody, by name.
    people : dict of str to dict of str to Path
        Of each subject, by name.
    """

    root: Path
    tables: Mapping[str, Path]
    people: Mapping[str, Mapping[str, Path]]

    def table(self, name: str) -> Path:
        """Path of a table that must be there.

        Raises
        ------
        InputError
            If it is not.
        """
        if name not in self.tables:
            raise InputError("file not found", where=self.root, expected=f"{name}.csv", do=README)
        return self.tables[name]

    def sources(self, names: Iterable[str]) -> dict[str, str]:
        """Digests of all tables but those of other subjects, by path in the folder."""
        own = [path for name in names for path in self.people[name].values()]
        paths = [*self.tables.values(), *own]
        return {str(path.relative_to(self.root)): sha256(path) for path in paths}


def open_lab(root: Path) -> Lab:
    """Find the files of a folder.

    Raises
    ------
    InputError
        If there is no such folder, or something in it has a name that is none of its.
    """
    if not root.is_dir():
        raise InputError("folder not found", where=root, do=README)
    tables = find_tables(root, FILES)
    return Lab(root, tables, find_subjects(root, tables))


def read_people(
    lab: Lab, requested: Literal["all"] | list[str], key: str
) -> dict[str, tuple[Measured, pd.DataFrame]]:
    """Read the responses of the subjects requested, by name, and their tables of targets.

    Raises
    ------
    InputError
        If a subject is unknown, or a file is damaged.
    """
    names = select_subjects(requested, list(lab.people), key)
    measured = {
        name: read_measured(lab.people[name].get(RESPONSES, lab.tables.get(RESPONSES, lab.root)))
        for name in names
    }
    own = {name: lab.people[name]["targets"] for name in names if "targets" in lab.people[name]}
    path = lab.tables.get("targets")
    return describe_targets(
        measured,
        None if path is None else (path, read_targets(path)),
        {name: (file, read_targets(file)) for name, file in own.items()},
    )
