from dataclasses import replace

import nibabel
import numpy as np
import pytest

from stages.core.run.errors import InputError
from stages.prepare.series.grayordinates import cifti_places
from stages.prepare.series.run_series import header_tr, read_series, series_length
from tests.prepare.series.made_images import (
    LAS,
    SHAPE,
    grayordinates,
    write_cifti,
    write_run,
)

N = 8


@pytest.fixture
def run(tmp_path, rng):
    axis = grayordinates()
    return write_cifti(
        tmp_path / "a.dtseries.nii", rng.normal(size=(N, len(axis))), axis, step=0.72
    )


def test_grayordinates_are_vertices_and_voxels(run):
    places = cifti_places([run, run])
    assert places.table["id"].tolist() == [
        *("L-00000", "L-00002", "L-00003", "L-00009", "R-00001", "R-00002", "R-00008"),
        *("3-2-1", "3-3-1", "2-1-0", "2-1-1", "2-1-2"),
    ]
    assert places.table["hemisphere"].tolist() == ["L"] * 4 + ["R"] * 3 + ["L"] * 2 + [""] * 3
    assert places.table["structure"].iloc[[0, 6, 8, 11]].tolist() == [
        "CIFTI_STRUCTURE_CORTEX_LEFT",
        "CIFTI_STRUCTURE_CORTEX_RIGHT",
        "CIFTI_STRUCTURE_PUTAMEN_LEFT",
        "CIFTI_STRUCTURE_BRAIN_STEM",
    ]
    assert (places.kind, places.shape, places.vertices) == ("cifti", SHAPE, {"L": 10, "R": 10})
    np.testing.assert_array_equal(places.affine, LAS)
    np.testing.assert_allclose(places.xyz[0], LAS[:3, :3] @ [3, 2, 1] + LAS[:3, 3])
    found = read_series(run, places)
    np.testing.assert_array_equal(found, np.asarray(nibabel.load(run).dataobj))
    assert (found.dtype, series_length(run), header_tr(run)) == (np.float32, N, 0.72)


def test_the_layout_of_the_human_connectome_project(tmp_path, rng):
    left, right = (np.sort(rng.choice(32492, size, False)) for size in (29696, 29716))
    axis = grayordinates(left, right, 32492)
    values = rng.normal(size=(5, len(axis))).astype(np.float32)
    path = write_cifti(tmp_path / "a.dtseries.nii", values, axis)
    places = cifti_places([path])
    np.testing.assert_array_equal(read_series(path, places), values)
    assert places.vertices == {"L": 32492, "R": 32492}
    assert places.table["vertex"].iloc[29696] == right[0]
    assert places.table["id"].is_unique
    assert len(places) == 29696 + 29716 + 5


def test_other_grayordinates_are_refused(tmp_path, run, rng):
    def write(name, axis, **options):
        return write_cifti(
            tmp_path / f"{name}.dtseries.nii", rng.normal(size=(N, len(axis))), axis, **options
        )

    for name, axis in (
        ("fewer", grayordinates(left=(0, 2, 3))),
        ("others", grayordinates(left=(0, 2, 4, 9))),
        ("mesh", grayordinates(n_vertices=11)),
    ):
        got = "11 gray" if name == "fewer" else "12 grayordinates, others or in another order"
        told = f"runs of different grayordinates .*{name}.* expected 12 as in the first, got {got}"
        with pytest.raises(InputError, match=told):
            cifti_places([run, write(name, axis)])
        with pytest.raises(InputError, match="other grayordinates"):
            read_series(tmp_path / f"{name}.dtseries.nii", cifti_places([run]))
    cerebellum = nibabel.cifti2.BrainModelAxis.from_surface(np.arange(3), 5, "Cerebellum")
    with pytest.raises(InputError, match="other surface .*CEREBELLUM"):
        cifti_places([write("cerebellum", cerebellum)])
    assert header_tr(write("hz", grayordinates(), unit="HERTZ")) is None
    with pytest.raises(InputError, match=r"not grayordinates .*expected .dtseries.nii"):
        cifti_places([write_run(tmp_path / "x.nii.gz", rng.normal(size=(3, 3, 3, N)))])
    scalars = nibabel.cifti2.ScalarAxis(["a"] * N)
    path = tmp_path / "b.dtseries.nii"
    values = np.zeros((N, 12), np.float32)
    nibabel.save(nibabel.Cifti2Image(values, (scalars, grayordinates())), path)
    with pytest.raises(InputError, match="not a series of grayordinates"):
        series_length(path)


def test_voxels_elsewhere_are_others(tmp_path, run):
    places = cifti_places([run])
    for affine in (LAS + np.eye(4, k=3), None):
        with pytest.raises(InputError, match="other grayordinates .*got 12, or others"):
            read_series(run, replace(places, affine=affine))
    near = replace(places, affine=LAS * (1 + 1e-9))
    assert read_series(run, near).shape == (N, 12)


def test_a_cortex_alone_has_no_voxels(tmp_path, rng):
    axis = nibabel.cifti2.BrainModelAxis
    cortex = axis.from_surface(np.arange(4), 9, "CortexRight")
    values = rng.normal(size=(3, 4)).astype(np.float32)
    path = write_cifti(tmp_path / "a.dtseries.nii", values, cortex)
    places = cifti_places([path])
    assert (places.affine, places.vertices) == (None, {"R": 9})
    assert list(places.table.index) == [0, 1, 2, 3]
    np.testing.assert_array_equal(read_series(path, places), values)
    with pytest.raises(InputError, match="other grayordinates"):
        read_series(path, replace(places, affine=LAS))


def test_a_truncated_file_is_refused(run):
    places = cifti_places([run])
    run.write_bytes(run.read_bytes()[:-40])
    with pytest.raises(InputError, match="truncated or unreadable image"):
        read_series(run, places)
