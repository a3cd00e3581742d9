import pytest

from stages.core.params.read import read_params
from tests.conftest import PROJECT
from tests.prepare.bids.lab import make_lab


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """The laboratory's dataset; tests that change it take a copy."""
    return make_lab(tmp_path_factory.mktemp("lab"))


@pytest.fixture
def settings():
    """The section `bids` of params.yaml, as committed, with these words."""
    bids = read_params(PROJECT / "params.yaml").bids
    return bids.model_copy(update={"rows": {"trial_type": ["word"]}})


@pytest.fixture
def prepare():
    """story.prepare."""
    return read_params(PROJECT / "params.yaml").story.prepare
