"""Regions are where their voxels are."""

import numpy as np
import pandas as pd
import pytest

from stages.core.names.areas import purity_of
from stages.core.recording.types import captions_digest
from stages.core.run.errors import InputError
from stages.core.run.tables import write_table
from stages.survey.scene.places import read_place, region_table
from tests.recorded import describe
from tests.survey.planted import REGIONS, place


def test_centroids_are_in_millimetres_and_ceilings_are_medians(rng):
    targets = pd.DataFrame(rng.integers(0, 80, size=(60, 3)), columns=list("ijk"))
    targets = targets.assign(region=rng.choice(["V1", "OFC", "odd"], 60), ceiling=rng.random(60))
    affine = np.vstack([rng.normal(size=(3, 4)), [0, 0, 0, 1]])
    table = region_table("nsd", {"s": targets}, {"s": affine}).set_index("region")
    for region, rows in targets.groupby("region"):
        points = [affine @ (*voxel, 1) for voxel in rows[list("ijk")].to_numpy()]
        found = table.loc[region]
        np.testing.assert_allclose(found[list("xyz")].astype(float), np.mean(points, axis=0)[:3])
        assert found["voxels"] == len(rows)
        assert found["reliability"] == np.median(rows["ceiling"])
    assert table["network"].to_dict() == {"V1": "VIS", "OFC": "LIM", "odd": ""}
    assert table["purity"].drop("odd").to_dict() == {"V1": 1, "OFC": purity_of("OFC")}
    assert np.isnan(table.loc["odd", "purity"])


def test_people_and_regions_come_in_their_order_and_sides_do_not_cancel():
    """By hand: voxels of 2 mm whose first is 3 mm left of the midline."""
    affine = np.diag([2.0, 2, 2, 1])
    affine[0, 3] = -3
    voxels = {"j": [0, 0, 4], "k": 1, "ceiling": [0.25, 0.75, 0.5]}
    first = pd.DataFrame({"region": ["z", "a", "z"], "i": [0, 1, 4]} | voxels)
    second = pd.DataFrame({"region": ["a", "z", "a"], "i": [0, 1, 4]} | voxels)
    table = region_table("nsd", {"t": first, "s": second}, {"t": affine, "s": affine})
    columns = ["subject", "region", "voxels", "x", "y", "z", "aside", "reliability"]
    assert table[columns].to_numpy().tolist() == [
        ["t", "z", 2, 1.0, 4.0, 2.0, 4.0, 0.375], ["t", "a", 1, -1.0, 0.0, 2.0, 1.0, 0.75],
        ["s", "a", 2, 1.0, 4.0, 2.0, 4.0, 0.375], ["s", "z", 1, -1.0, 0.0, 2.0, 1.0, 0.75],
    ]  # fmt: skip
    assert list(table.index) == [0, 1, 2, 3]
    none = region_table("nsd", {}, {})
    assert none.empty
    assert list(none) == list(table)


def test_what_has_no_place_has_no_coordinates():
    bare = {"region": ["human_IT"] * 2, "i": np.nan, "j": np.nan, "k": np.nan, "ceiling": np.nan}
    table = region_table("nsd", {"BE": pd.DataFrame(bare)}, {"BE": None})
    assert table["voxels"].item() == 0
    assert table[["x", "y", "z", "reliability"]].isna().all(axis=None)
    voxels = pd.DataFrame(bare | {"i": 1, "j": 2, "k": 3, "ceiling": [0.2, np.nan]})
    table = region_table("nsd", {"s": voxels}, {"s": None})
    assert table[["x", "y", "z"]].isna().all(axis=None)
    assert table[["voxels", "reliability"]].iloc[0].tolist() == [2, 0.2]


def test_a_recording_is_read_without_its_responses(tmp_path):
    affine = {"affine": np.eye(4).tolist()}
    (tmp_path / "s").mkdir()
    path = tmp_path / "s" / "targets.parquet"
    targets = {"id": ["a"], "region": ["V1"], "hemisphere": ["L"], "i": [1], "j": [2], "k": [3]}
    write_table(path, pd.DataFrame(targets | {"ceiling": [0.5]}))
    describe(tmp_path, stimuli_digest="d", subjects={"s": affine})
    found = read_place(tmp_path)
    assert (found.dataset, found.digest, found.captions) == ("toy", "d", "")
    assert found.regions["network"].tolist() == [""]  # a toy's V1 is not of HCP-MMP1
    assert np.isnan(found.regions["purity"]).all()
    assert found.regions[["x", "y", "z"]].iloc[0].tolist() == [1, 2, 3]
    captions = pd.DataFrame({"id": ["i"], "number": [0], "text": ["a dog"]})
    write_table(tmp_path / "captions.parquet", captions)
    describe(tmp_path, stimuli_digest="d", subjects={"s": affine})
    assert read_place(tmp_path).captions == captions_digest(captions)
    write_table(path, pd.DataFrame(targets | {"ceiling": [0.9]}))
    with pytest.raises(InputError, match=r"another file than was described in .*targets\.parquet"):
        read_place(tmp_path)
    path.unlink()
    with pytest.raises(InputError, match="file not found"):
        read_place(tmp_path)


def test_the_made_up_regions_go_from_back_to_front():
    assert list(place().regions["region"][:8]) == REGIONS
    assert place().regions["y"][:8].is_monotonic_increasing
