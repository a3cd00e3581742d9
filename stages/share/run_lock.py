"""What DVC keeps of the last run of every stage."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from stages.core.run.errors import InputError
from stages.core.run.files import require_file

DO = "Run `dvc repro`."


@dataclass(frozen=True)
class Entry:
    """A file or folder that a stage read or made.

    Attributes
    ----------
    path : str
        From the root of the project, with slashes.
    digest : str
        `algorithm:hexadecimal`; empty where DVC keeps none.
    size, files : int or None
        Bytes, and for a folder the number of files.
    """

    path: str
    digest: str
    size: int | None
    files: int | None

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return self.files is not None or self.digest.endswith(".dir")


@dataclass(frozen=True)
class Run:
    """The last run of a stage."""

    stage: str
    command: str
    deps: tuple[Entry, ...]
    outs: tuple[Entry, ...]
    params: Mapping[str, Mapping[str, Any]]


def read_lock(path: Path) -> list[Run]:
    """Read a `dvc.lock`.

    Raises
    ------
    InputError
        If it is missing or no such file, or names a path outside the project.
    """
    require_file(path, DO)
    try:
        content = YAML(typ="safe").load(path)
        stages = content["stages"]
        return [_run(str(name), stage, path) for name, stage in stages.items()]
    except (YAMLError, UnicodeDecodeError) as error:
        problem = str(getattr(error, "problem", None) or error).partition("\n")[0]
        raise InputError("unreadable YAML", where=path, got=problem[:160], do=DO) from error
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise InputError("no lock of DVC", where=path, got=repr(error)[:160], do=DO) from error


def _run(name: str, stage: Mapping[str, Any], where: Path) -> Run:
    command = stage["cmd"]
    return Run(
        stage=name,
        command=command if isinstance(command, str) else " && ".join(map(str, command)),
        deps=tuple(_entry(one, where) for one in stage.get("deps", ())),
        outs=tuple(_entry(one, where) for one in stage.get("outs", ())),
        params=stage.get("params", {}),
    )


def _entry(given: Mapping[str, Any], where: Path) -> Entry:
    path = str(given["path"])
    parts = PurePosixPath(path)
    odd = not path.strip() or any(sign in path for sign in ("\\", "://"))
    if odd or parts.is_absolute() or ".." in parts.parts:
        raise InputError("path outside the project", where=where, got=repr(path))
    algorithm = str(given.get("hash", "md5"))
    digest = f"{algorithm}:{given[algorithm]}" if algorithm in given else ""
    size, files = given.get("size"), given.get("nfiles")
    return Entry(
        str(parts),
        digest,
        None if size is None else int(size),
        None if files is None else int(files),
    )
