import dataclasses

import pytest

from stages.prepare.assemblies.contents import PUBLISHED

# As the paper and its supplement tell them (Schrimpf et al. 2021): sentences of both experiments,
# words, volumes; voxels of the language network, electrodes, people by regions, readers; people.
TOLD = {
    "pereira2018-243": (243 + 384, 13_553, 10),
    "pereira2018-384": (243 + 384, 13_553, 10),
    "fedorenko2016": (52 * 8, 47 + 8 + 9 + 15 + 18, 5),
    "blank2014": (1_317, 5 * 12, 5),
    "futrell2018": (10_256, 180, None),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_assemblies_are_as_large_as_they_are_told_to_be(name):
    assert dataclasses.astuple(PUBLISHED[name]) == TOLD[name]
