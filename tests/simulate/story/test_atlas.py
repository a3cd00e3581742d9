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


def test_layers_rise_from_where_words_are_heard_to_the_front():
    drivers = {region.name: region.driver for region in REGIONS}
    ways = (
        ("Temporal_Sup_L", "SupraMarginal_L", "Angular_L"),
        ("Temporal_Sup_R", "Angular_R"),
        ("Frontal_Inf_Oper_L", "Frontal_Inf_Tri_L", "Frontal_Inf_Orb_L"),
    )
    found = [[drivers[name].number for name in way] for way in ways]
    assert found == [[0, 2, 3], [1, 4], [3, 5, 6]]
