"""Which regions are decoded: those recorded voxel by voxel, whoever has them."""

import logging
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from stages.core.params.read import read_params
from stages.core.recording.types import Recording, Subject
from stages.core.run.errors import ConcordError
from stages.decode.decoded_regions import cut_region, find_regions, why_skipped
from tests.conftest import PROJECT

VOXELS, AVERAGE = "Angular_L", "aud_early"


def person(name, regions):
    """Make a subject of these regions, three voxels of the first kind, one average of the other."""
    rows = []
    for region in regions:
        for k in range(3 if region == VOXELS else 1):
            placed = k if region == VOXELS else pd.NA
            rows.append({"id": f"{region}.{k}", "region": region, "i": placed, "j": 0, "k": 0})
    targets = pd.DataFrame(rows).assign(hemisphere="", ceiling=np.nan)
    targets["i"] = targets["i"].astype("Int64")
    return Subject(name, np.zeros((4, len(rows)), np.float32), targets)


def recording(*people):
    empty = pd.DataFrame()
    return Recording("some", "timeseries", 2.0, None, empty, empty, list(people))


@pytest.fixture
def settings():
    decode = read_params(PROJECT / "params.yaml").decode
    return decode.model_copy(update={"regions": "all", "min_voxels": 1})


def test_averages_beside_voxels_are_skipped_by_name(settings, caplog):
    people = person("p1", [AVERAGE, VOXELS]), person("p2", [AVERAGE])
    with caplog.at_level(logging.WARNING, "concord.decode"):
        found = find_regions(recording(*people), settings)
    assert {region: list(of) for region, of in found.items()} == {VOXELS: ["p1"]}
    assert list(found[VOXELS]["p1"]) == [1, 2, 3]
    assert "skipped, of which there are only averages: aud_early" in caplog.text


def test_a_region_with_a_voxel_that_has_no_place_is_skipped(settings):
    whole, lacking = person("p1", [VOXELS]), person("p2", [VOXELS])
    lacking.targets.loc[1, "i"] = pd.NA
    assert list(find_regions(recording(whole, lacking), settings)[VOXELS]) == ["p1"]


def test_where_there_are_only_averages_nothing_is_left(settings):
    with pytest.raises(ConcordError, match="no region left"):
        find_regions(recording(person("p1", [AVERAGE])), settings)


def test_why_nothing_can_be_decoded():
    """Of two people it is enough that one has voxels with their places, averages beside or not."""
    features, averages = pd.DataFrame({"word_length": [1.0]}), person("p1", [AVERAGE])
    both, lost = person("p2", [VOXELS, AVERAGE]), person("p2", [VOXELS])
    lost.targets["i"] = pd.array([pd.NA] * 3, dtype="Int64")

    def why(*people):
        return why_skipped(replace(recording(*people), features=features))

    assert why_skipped(recording(both)) == "no features"
    assert why(averages, both) is None
    assert why(averages) == "no voxels, only averages of regions"
    assert why(averages, lost) == "voxels without their places i, j, k in targets.parquet"


@pytest.mark.parametrize("affine", [None, "turned"])
def test_a_region_is_cut_with_the_volume_of_its_voxels(affine):
    """2 by 3 by 4 mm, one axis the other way round, moved; 1 where nothing is known."""
    turned = np.array([[0, -3, 0, 90.0], [2, 0, 0, -126], [0, 0, 4, -72], [0, 0, 0, 1]])
    subject = person("p1", [AVERAGE, VOXELS])
    responses = np.arange(16, dtype=np.float32).reshape(4, 4)
    subject = replace(subject, responses=responses, affine=None if affine is None else turned)
    region = cut_region(subject, np.array([1, 3]))
    assert region.rows.tolist() == [[1, 3], [5, 7], [9, 11], [13, 15]]
    assert region.rows.dtype == np.float64
    assert region.voxels.tolist() == [[0, 0, 0], [2, 0, 0]]
    assert region.volume == pytest.approx(1 if affine is None else 24)
