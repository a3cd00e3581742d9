"""params.yaml with changes."""

import pytest
from ruamel.yaml import YAML

from tests.conftest import PROJECT


@pytest.fixture
def changed(tmp_path):
    """Write params.yaml with changes given by dotted key; a value of None removes the key."""

    def write(**changes):
        content = YAML(typ="safe").load(PROJECT / "params.yaml")
        for dotted, value in changes.items():
            *sections, key = dotted.split("__")
            section = content
            for name in sections:
                section = section[name]
            if value is None:
                del section[key]
            else:
                section[key] = value
        path = tmp_path / "params.yaml"
        YAML().dump(content, path)
        return path

    return write
