from stages.simulate.story.atlas import AAL_NAMES, REGIONS, Layer


def test_there_are_116_names_in_the_order_of_the_atlas():
    assert len(AAL_NAMES) == len(set(AAL_NAMES)) == 116
    numbers = {name: number for number, name in enumerate(AAL_NAMES, start=1)}
    known = {
        "Precentral_L": 1, "Frontal_Inf_Oper_L": 11, "Frontal_Inf_Orb_R": 16,
        "SupraMarginal_L": 63, "Angular_R": 66, "Pallidum_L": 75, "Temporal_Sup_L": 81,
        "Temporal_Inf_R": 90, "Cerebelum_10_R": 108, "Vermis_10": 116,
    }  # fmt: skip
    assert {name: numbers[name] for name in known} == known


def test_regions_lie_in_the_hemisphere_of_their_name():
    for region in REGIONS:
        assert (region.centre[0] < 0) == region.name.endswith("_L")


def test_layers_are_named_as_in_the_activations():
    assert Layer(3).name == "layer_03"


def test_every_layer_drives_a_region():
    numbers = {region.driver.number for region in REGIONS if isinstance(region.driver, Layer)}
    assert numbers == set(range(7))
