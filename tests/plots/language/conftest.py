import pytest

from tests.plots.language.made_zoo import made_zoo


@pytest.fixture
def tables():
    """Tables of some models and recordings."""
    return made_zoo()
