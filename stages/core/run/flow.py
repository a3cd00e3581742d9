"""The commands of the flow, as examples of how each stage is called."""

from collections.abc import Mapping
from pathlib import Path

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[3]
FLOWS = ("dvc.yaml", "*/dvc.yaml", "*/*/dvc.yaml")


def flow(root: Path) -> dict[str, str]:
    """Read the commands of all flows, by what `dvc repro` takes; each command once.

    Parameters
    ----------
    root : Path
        Folder of the project.
    """
    found: dict[str, str] = {}
    for path in (path for pattern in FLOWS for path in sorted(root.glob(pattern))):
        prefix = "" if path.parent == root else f"{path.relative_to(root).as_posix()}:"
        for target, content in YAML(typ="safe").load(path).get("stages", {}).items():
            found.setdefault(str(content.get("cmd", "")), f"{prefix}{target}")
    return {target: command for command, target in found.items()}


def calls(name: str, commands: Mapping[str, str], study: str = "") -> dict[str, str]:
    """Keep the commands that run a stage.

    Parameters
    ----------
    name : str
        Of its package.
    commands : mapping of str to str
        From `flow`.
    study : str
        The command within the package; empty for any.
    """
    wanted = [f"stages.{name}", *([study] if study else [])]
    words = {target: command.split() for target, command in commands.items()}
    return {target: commands[target] for target in words if _holds(words[target], wanted)}


def _holds(words: list[str], wanted: list[str]) -> bool:
    return wanted[0] in words and words[words.index(wanted[0]) :][: len(wanted)] == wanted


def over_lines(command: str) -> str:
    """Put every option of a command on a line of its own."""
    return command.replace(" --", " \\\n      --")
