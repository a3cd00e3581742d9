import pytest

from stages.core.run.fetch import fetch
from tests.conftest import PROJECT

RAW = PROJECT / "data" / "raw"


@pytest.fixture
def at_source(mirror, monkeypatch):
    """The public files of a source."""
    monkeypatch.setenv("CONCORD_DATA_MIRROR", str(mirror))
    return lambda name: fetch(RAW / name)


@pytest.fixture
def files(at_source):
    """The published tables of correlations."""
    return at_source("brainalign")
