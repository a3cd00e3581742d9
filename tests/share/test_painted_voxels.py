"""Values lie at their voxels, by a naive loop and by nibabel's own reading."""

from dataclasses import replace

import nibabel
import numpy as np
import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.share.painted_voxels import (
    ALIGNED,
    STANDARD,
    has_voxels,
    paint,
    paint_labels,
    paint_mask,
    region_legend,
    region_numbers,
    spread,
)
from tests.share.conftest import REGIONS, SHAPE

ROWS = pd.DataFrame({"region": REGIONS[:3], "target": "", "score": [0.25, -1.5, np.float64(1 / 3)]})


def naive(subject, values):
    volume = np.zeros(SHAPE)
    for row in subject.targets.to_dict("records"):
        if row["region"] in values:
            volume[row["i"], row["j"], row["k"]] = values[row["region"]]
    return volume


@pytest.mark.parametrize("code", [ALIGNED, STANDARD])
def test_a_region_is_painted_at_its_voxels(subjects, code, tmp_path):
    for subject in subjects:
        image = paint(subject, spread(subject, ROWS, "score"), code)
        nibabel.save(image, tmp_path / "a.nii.gz")
        image = nibabel.load(tmp_path / "a.nii.gz")
        expected = naive(subject, dict(zip(ROWS["region"], ROWS["score"], strict=True)))
        np.testing.assert_array_equal(image.get_fdata(), expected.astype(np.float32))
        assert image.get_data_dtype() == np.float32
        np.testing.assert_allclose(image.affine, subject.affine, atol=1e-6)
        np.testing.assert_allclose(image.get_qform(), subject.affine, atol=1e-5)
        assert image.header["sform_code"] == image.header["qform_code"] == code
        assert image.header.get_xyzt_units()[0] == "mm"


def test_left_is_left(subjects):
    for subject in subjects:
        for region, side in (("Angular_L", -1), ("Angular_R", 1)):
            row = pd.DataFrame({"region": [region], "target": "", "score": [1.0]})
            image = paint(subject, spread(subject, row, "score"), ALIGNED)
            places = np.argwhere(image.get_fdata())
            x = nibabel.affines.apply_affine(image.affine, places)[:, 0]
            assert (np.sign(x) == side).all()
            assert len(x) == (subject.targets["region"] == region).sum()


def test_each_voxel_has_its_own_score(subjects, rng):
    subject = subjects[0]
    some = rng.permutation(len(subject.targets))[:20]
    rows = subject.targets.iloc[some].rename(columns={"id": "target"})
    rows = rows[["region", "target"]].assign(score=rng.standard_normal(20))
    volume = paint(subject, spread(subject, rows, "score"), ALIGNED).get_fdata()
    assert np.count_nonzero(volume) == 20
    for column, score in zip(some, rows["score"], strict=True):
        voxel = tuple(subject.targets[["i", "j", "k"]].iloc[column].astype(int))
        assert volume[voxel] == np.float32(score)


def test_masks_labels_and_their_legend(subjects):
    numbers = region_numbers(subjects, ["zeta"])
    assert list(numbers.values()) == [1, 2, 3, 4, 5]
    for subject in subjects:
        inside = (subject.targets["region"] == "Angular_R").to_numpy()
        mask = paint_mask(subject, inside, ALIGNED)
        np.testing.assert_array_equal(mask.get_fdata(), naive(subject, {"Angular_R": 1}))
        assert mask.get_data_dtype() == np.uint8
        keys = subject.targets["region"].map(numbers).to_numpy(float)
        labels = paint_labels(subject, keys, ALIGNED)
        np.testing.assert_array_equal(labels.get_fdata(), naive(subject, numbers))
        legend = region_legend(subject, numbers)
        assert dict(zip(legend["name"], legend["index"], strict=True)) == {
            name: numbers[name] for name in REGIONS
        }
        assert dict(zip(legend["name"], legend["voxels"], strict=True))["Angular_R"] == 15
        assert dict(zip(legend["name"], legend["hemisphere"], strict=True))["Angular_R"] == "R"


def test_what_does_not_fit_is_refused(subjects):
    subject = subjects[0]
    with pytest.raises(InputError, match="unknown place in subject subject_1: got Nowhere"):
        spread(subject, ROWS.assign(region=["Angular_L", "Angular_R", "Nowhere"]), "score")
    with pytest.raises(InputError, match="two values of one place .* got Angular_L"):
        spread(subject, pd.concat([ROWS, ROWS.iloc[:1]]), "score")
    values = np.zeros(len(subject.targets))
    far = replace(subject, targets=subject.targets.assign(k=SHAPE[2]))
    with pytest.raises(InputError, match="outside the volume"):
        paint(far, values, ALIGNED)
    below = replace(subject, targets=subject.targets.assign(i=-1))
    with pytest.raises(InputError, match="outside the volume"):
        paint(below, values, ALIGNED)
    same = replace(subject, targets=subject.targets.assign(i=1, j=1, k=1))
    with pytest.raises(InputError, match="two targets in one voxel"):
        paint(same, values, ALIGNED)


def test_who_has_no_voxels(subjects):
    assert has_voxels(subjects[0])
    assert not has_voxels(replace(subjects[0], affine=None))
    missing = subjects[0].targets.assign(i=np.nan, j=np.nan, k=np.nan)
    assert not has_voxels(replace(subjects[0], targets=missing))
