"""What Git knows of a file at another revision."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from stages.core.run.errors import InputError

SEPARATOR = "\x1f"


@dataclass(frozen=True)
class Commit:
    """A commit: its digest, the day on which it was made, and what it says in one line."""

    digest: str
    day: str
    subject: str


def find_commit(revision: str, folder: Path) -> Commit:
    """Look up a commit, branch or tag.

    Parameters
    ----------
    revision : str
        As Git names it.
    folder : Path
        Within the repository.

    Raises
    ------
    InputError
        If there is no such revision, no repository, or no Git.
    """
    shape = f"--format=%H{SEPARATOR}%cs{SEPARATOR}%s"
    name = f"{revision}^{{commit}}"
    line = ("log", "--max-count=1", shape, "--end-of-options", name)
    told = asked(folder, *line)
    if told is None:
        raise InputError(
            "no such revision",
            where=folder.resolve(),
            expected="a commit, branch or tag",
            got=revision or "nothing",
            do="`git log --oneline --all` shows them.",
        )
    return Commit(*told.rstrip("\n").split(SEPARATOR, 2))


def content_at(revision: str, path: Path) -> str | None:
    """Read a file as it was committed; None where that revision, or Git, does not know it."""
    return asked(path.parent, "show", "--end-of-options", f"{revision}:./{path.name}")


def names_at(revision: str, folder: Path) -> list[str]:
    """List what is in a folder at a revision that there is; nothing where the folder is not."""
    line = ("ls-tree", "-z", "--name-only", "--end-of-options", f"{revision}:./{folder.name}")
    return (asked(folder.resolve().parent, *line) or "").split("\0")[:-1]


def asked(folder: Path, *words: str) -> str | None:
    """Ask Git within a folder; None where it refuses, or is not there."""
    git = shutil.which("git")
    if git is None or not folder.is_dir():
        return None
    line = [git, "-C", str(folder.resolve()), *words]
    answer = subprocess.run(line, capture_output=True, check=False)  # noqa: S603
    return None if answer.returncode else answer.stdout.decode(errors="replace")
