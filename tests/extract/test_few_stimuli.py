import sys

import pytest

from stages.extract.extraction import units_kept


@pytest.mark.parametrize(("n", "units"), [(92, sys.maxsize), (100, sys.maxsize), (101, 64)])
def test_few_stimuli_keep_every_unit(scene_settings, n, units):
    settings = scene_settings.model_copy(update={"whole": 100})
    assert units_kept(settings, n).units == units
