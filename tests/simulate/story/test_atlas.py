from stages.simulate.planted_model import Layer
from stages.simulate.story.atlas import REGIONS


def test_regions_lie_in_the_hemisphere_of_their_name():
    for region in REGIONS:
        assert (region.centre[0] < 0) == region.name.endswith("_L")


def test_layers_are_named_as_in_the_activations():
    assert Layer(3).name == "layer_03"


def test_every_layer_drives_a_region():
    numbers = {region.driver.number for region in REGIONS if isinstance(region.driver, Layer)}
    assert numbers == set(range(7))
