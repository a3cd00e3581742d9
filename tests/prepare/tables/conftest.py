import pytest


@pytest.fixture
def write_lines(tmp_path):
    """Write a table of these lines under a name."""

    def to(name, *lines):
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n")
        return path

    return to
