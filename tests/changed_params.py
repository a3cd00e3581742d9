"""Parameters of the project with other values."""

from pathlib import Path

from ruamel.yaml import YAML

from tests.conftest import PROJECT


def write_params(path: Path, changes: dict[str, object]) -> None:
    """Write params.yaml, with others in the place of some values, named as `section.key`."""
    yaml = YAML()
    content = yaml.load(PROJECT / "params.yaml")
    for dotted, value in changes.items():
        *sections, key = dotted.split(".")
        section = content
        for name in sections:
            section = section[name]
        section[key] = value
    yaml.dump(content, path)
