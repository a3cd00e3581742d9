"""Networks of areas are those of the atlases that a package ships."""

import math
from collections import Counter

import pytest

from stages.core.names import areas
from stages.core.names.areas import AREAS, NETWORKS, is_mixed, network_of, networks_in, purity_of
from tests.area_networks import derived, most, printed, vertices

SIDES = ("L", "R", "")


@pytest.fixture(scope="module")
def counts():
    return vertices()


def test_the_table_is_the_one_that_is_derived():
    table = derived()
    assert areas._TABLE.strip() == printed(table)
    for area, places in table.items():
        for side, (network, purity) in zip(SIDES, places, strict=True):
            assert network_of(area, side) == network
            found = purity_of(area, side)
            assert found == purity if network else math.isnan(found)


def test_every_vertex_of_the_cortex_counts_once(counts):
    assert counts.to_numpy().sum() == 59412
    assert len(counts) == 2 * len(AREAS)
    assert set(counts.index.get_level_values(0)) == set(AREAS)


def test_purity_is_a_share_of_all_vertices_by_hand(counts):
    own = counts.loc["44"]
    assert own.loc["L", "DMN"] / own.loc["L"].sum() == pytest.approx(purity_of("44", "L"), abs=5e-4)
    whole = own.to_numpy().sum()
    assert own["FPN"].sum() / whole == pytest.approx(purity_of("44"), abs=5e-4)
    lost = counts.loc["PreS", ""]  # vertices without a network make an area less pure
    assert lost.sum() > 0
    assert purity_of("PreS") == pytest.approx(
        counts.loc["PreS", "VIS"].sum() / counts.loc["PreS"].to_numpy().sum(), abs=5e-4
    )


def test_of_two_networks_alike_that_of_both_hemispheres_is_taken(counts):
    left, both = counts.loc[("s32", "L")], counts.loc["s32"].sum()
    assert left["DMN"] == left["LIM"]
    assert both["DMN"] > both["LIM"]
    assert most(left, both) == ("DMN", 0.5)
    turned = both.rename({"DMN": "LIM", "LIM": "DMN"})
    assert most(left, turned) == ("LIM", 0.5)


def test_hemispheres_differ_and_some_areas_are_mixed():
    other = [area for area in AREAS if network_of(area, "L") != network_of(area, "R")]
    assert len(other) == 22
    assert [network_of("44", side) for side in SIDES] == ["DMN", "FPN", "FPN"]
    assert [area for area in AREAS if is_mixed(area)] == [
        *("55b", "POS2", "STV", "44", "a10p", "AAIC", "PreS", "PHT", "TPOJ1")
    ]
    sizes = Counter(network_of(area) for area in AREAS)
    assert [sizes[network] for network in NETWORKS] == [30, 27, 22, 24, 12, 23, 40]


def test_parietal_areas_are_dorsal_attention_on_both_sides():
    for area in ("7Am", "7PL", "7PC", "LIPv", "VIP", "MIP"):
        assert [network_of(area, side) for side in SIDES] == ["DAN"] * 3
        assert min(purity_of(area, side) for side in SIDES) > 0.75


def test_what_is_in_no_network_and_what_is_not_known():
    assert [network_of(area) for area in ("H", "Pir", "V9", "IT")] == ["", "", None, None]
    assert all(math.isnan(purity_of(area)) for area in ("H", "V9"))
    assert not is_mixed("H")
    assert network_of("7Pl") == network_of("7PL") == "DAN"


@pytest.mark.parametrize("dataset", ["bids", "table", "v4_cowley2023", "kriegeskorte2008", ""])
def test_names_of_another_atlas_tell_no_network(dataset):
    regions = ["44", "1", "V4", "FEF"]  # of Brodmann, or a macaque
    assert networks_in("nsd", regions) == dict(zip(regions, map(network_of, regions), strict=True))
    assert networks_in(dataset, regions) == dict.fromkeys(regions, "")


def test_areas_of_no_network_are_in_none():
    assert networks_in("nsd", ["H", "V1", "hV4"]) == {"H": "", "V1": "VIS", "hV4": ""}
