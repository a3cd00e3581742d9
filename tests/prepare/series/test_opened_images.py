import nibabel
import numpy as np
import pytest

from stages.core.run.errors import InputError
from stages.prepare.series import opened_images
from stages.prepare.series.opened_images import affine_of, open_image, readable, require_image


def test_links_to_what_is_not_here_are_told_apart(tmp_path):
    annexed, broken = tmp_path / "annexed.nii", tmp_path / "broken.nii"
    annexed.symlink_to("../.git/annex/objects/xx/a.nii")
    broken.symlink_to("elsewhere.nii")
    with pytest.raises(InputError, match=r"git-annex pointer.*datalad get"):
        require_image(annexed)
    with pytest.raises(InputError, match=r"got a broken link to elsewhere.nii.*Obtain"):
        require_image(broken)


def test_small_texts_that_stand_for_a_file_are_told(tmp_path):
    path = tmp_path / "a.nii"
    path.write_text("/annex/objects/MD5E-s1--x\n")
    with pytest.raises(InputError, match="git-annex pointer"):
        require_image(path)
    path.write_text("something\n/annex/objects/MD5E-s1--x\n")
    assert require_image(path) == path
    path.write_bytes(b"/annex/objects/x" + bytes(32768 - 16))
    with pytest.raises(InputError, match="git-annex pointer"):
        require_image(path)
    path.write_bytes(b"/annex/objects/x" + bytes(32769 - 16))
    assert require_image(path) == path
    link = tmp_path / "link.nii"
    link.symlink_to(path)
    assert require_image(link) == link
    with pytest.raises(InputError):
        require_image(tmp_path / "none.nii")


def image_of(tmp_path, shape):
    path = tmp_path / "a.nii"
    nibabel.save(nibabel.Nifti1Image(np.zeros(shape, np.uint8), np.eye(4)), path)
    return path


def test_volumes_may_have_a_number_of_voxels_and_runs_more(tmp_path, monkeypatch):
    monkeypatch.setattr(opened_images, "MOST_VOXELS", 24)
    assert open_image(image_of(tmp_path, (2, 3, 4, 9))).shape == (2, 3, 4, 9)
    with pytest.raises(InputError, match="huge volume in .*at most 24 voxels, got 5 × 5 × 1"):
        open_image(image_of(tmp_path, (5, 5, 1)))
    assert opened_images.MOST_VOXELS == 24
    monkeypatch.undo()
    assert opened_images.MOST_VOXELS > 364 * 436 * 364, "MNI152 at half a millimetre"


def test_a_file_that_claims_more_than_it_can_hold_is_refused(tmp_path):
    path = image_of(tmp_path, (1, 1, 1, 1))
    image = nibabel.load(path)
    for length, most in (("f8", 8), ("u1", 1)):
        header = image.header.copy()
        header.set_data_shape((1000, 1000, 20, 30))
        header.set_data_dtype(length)
        path.write_bytes(header.binaryblock + bytes(4))
        with pytest.raises(InputError, match=f"more claimed than is stored .*got {6 * most}000000"):
            open_image(path)


@pytest.mark.parametrize(("sform", "qform"), [(1, 0), (0, 1), (4, 1), (0, 0)])
def test_either_code_says_where_voxels_are(tmp_path, sform, qform):
    image = nibabel.Nifti1Image(np.zeros((2, 2, 2)), None)
    affine = np.diag([2.0, 2, 2, 1])
    image.set_qform(affine, qform)
    image.set_sform(affine, sform)
    nibabel.save(image, tmp_path / "a.nii")
    found = nibabel.load(tmp_path / "a.nii")
    if sform or qform:
        np.testing.assert_allclose(affine_of(found, tmp_path), affine)
    else:
        with pytest.raises(InputError, match="voxels without a place .*got both 0"):
            affine_of(found, tmp_path)


def test_whatever_is_raised_is_said_of_the_image(tmp_path):
    message = "truncated or unreadable image .*got 'oh'"
    with pytest.raises(InputError, match=message), readable(tmp_path):
        raise KeyError("oh")
    with pytest.raises(InputError, match="own"), readable(tmp_path):
        raise InputError("own", where=tmp_path)
