import numpy as np
import pytest
from nibabel.affines import apply_affine
from scipy.ndimage import center_of_mass

from stages.core.run.errors import InputError
from stages.prepare.wehbe import affine as module
from stages.prepare.wehbe.aal_centres import CENTRES
from stages.prepare.wehbe.affine import affine_from_zero, diagonal, displacements, find_base
from stages.prepare.wehbe.subject_file import read_subject
from stages.simulate.story.atlas import REGIONS, TINY
from stages.simulate.story.brain import AFFINE, TINY_VOXELS, make_anatomy
from stages.simulate.story.release import subject_variables
from stages.simulate.story.timetable import volume_times, word_times

SHAPE = (53, 63, 50)
# From indices counted from 0; x runs from right to left, as SPM has it.
TRUTH = np.array([[-3.0, 0, 0, 78], [0, 3, 0, -112], [0, 0, 3, -66], [0, 0, 0, 1]])


def plant(rng, n_regions, jitter=2.0, shift=(0, 0, 0)):
    """Voxels and their labels: balls around displaced centres, which lose voxels at random."""
    voxels = np.argwhere(np.ones(SHAPE))
    place = apply_affine(TRUTH, voxels)
    labels = np.full(len(voxels), "Not_labelled", dtype=object)
    for name in rng.choice(list(CENTRES), n_regions, replace=False):
        direction = rng.standard_normal(3)
        centre = CENTRES[name] + jitter * direction / np.linalg.norm(direction) + shift
        inside = np.linalg.norm(place - centre, axis=1) < 9
        labels[inside & (labels == "Not_labelled")] = name
    kept = (labels != "Not_labelled") & (rng.random(len(voxels)) < 0.7)
    return voxels[kept], labels[kept].tolist()


def counting_from(base):
    """Write the true affine as a file that counts from a base does."""
    matrix = TRUTH.copy()
    matrix[:3, 3] -= base * diagonal(TRUTH)
    return matrix


@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize("n_regions", [5, 16, 66])
def test_planted_base_is_found(rng, caplog, base, n_regions):
    caplog.set_level("INFO")
    affine = affine_from_zero(counting_from(base), *plant(rng, n_regions), "matrix")
    np.testing.assert_allclose(affine, TRUTH)
    assert [record.levelname for record in caplog.records] == ["INFO"]
    assert caplog.messages[0].startswith(
        f"matrix: voxel indices count from {base}: the centres of {n_regions} regions lie "
    )


@pytest.mark.parametrize("base", [0, 1])
def test_never_decided_wrongly(rng, base):
    brains = [plant(rng, 5, jitter=4.0) for _ in range(20)]
    verdicts = [find_base(counting_from(base), *brain) for brain in brains]
    assert all(verdict.base == base for verdict in verdicts if verdict.decided)
    assert sum(verdict.decided for verdict in verdicts) > 5


@pytest.mark.parametrize("steps", [0.4, 0.5, 0.6])
def test_nothing_is_decided_half_way(rng, steps):
    verdict = find_base(TRUTH, *plant(rng, 66, shift=-steps * diagonal(TRUTH)))
    assert (verdict.base, verdict.decided, verdict.n_regions) == (1, False, 66)


def test_regions_that_lie_elsewhere_do_not_decide(rng):
    voxels, regions = plant(rng, 66)
    elsewhere = np.isin(regions, rng.choice(list(CENTRES), 16, replace=False))
    verdict = find_base(TRUTH, voxels - 2 * elsewhere[:, None], regions)
    assert (verdict.base, verdict.decided) == (0, True)


def test_displacements_agree_with_scipy(rng):
    voxels, regions = plant(rng, 16)
    names, codes = np.unique(regions, return_inverse=True)
    volume = np.zeros(SHAPE, dtype=int)
    volume[tuple(voxels.T)] = codes + 1
    centres = center_of_mass(volume > 0, volume, np.arange(len(names)) + 1)
    expected = apply_affine(TRUTH, centres) - [CENTRES[name] for name in names]
    np.testing.assert_allclose(displacements(TRUTH, voxels, regions), expected, atol=1e-10)


def test_distances_agree_with_a_loop(rng):
    voxels, regions = plant(rng, 16)
    medians = []
    for counted_from in (0, 1):
        places = apply_affine(TRUTH, voxels + counted_from)
        centres = {name: places[np.array(regions) == name].mean(axis=0) for name in set(regions)}
        medians.append(np.median([np.linalg.norm(c - CENTRES[n]) for n, c in centres.items()]))
    assert find_base(TRUTH, voxels, regions).distances == pytest.approx(medians)


def test_tiny_regions_have_no_centre(rng):
    voxels, regions = plant(rng, 16)
    first = np.flatnonzero(np.array(regions) == regions[0])
    kept = np.setdiff1d(np.arange(len(regions)), first[9:])
    assert len(displacements(TRUTH, voxels[kept], np.array(regions)[kept])) == 15


def test_ten_voxels_have_a_centre(rng):
    voxels, regions = plant(rng, 16)
    first = np.flatnonzero(np.array(regions) == regions[0])
    kept = np.setdiff1d(np.arange(len(regions)), first[10:])
    assert len(displacements(TRUTH, voxels[kept], np.array(regions)[kept])) == 16


FLAT = np.diag([3.0, 0, 0, 1])


def judged(monkeypatch, bases, aside=0.0):
    """Verdict on regions that lie where each base would have them, and so far aside in mm."""
    displaced = np.array([[-3.0 * base, aside, 0.0] for base in bases])
    monkeypatch.setattr(module, "displacements", lambda *_: displaced)
    return find_base(FLAT, np.zeros((0, 3), int), [])


@pytest.mark.parametrize(
    ("bases", "base", "decided"),
    [
        ([0.69] * 6, 1, False), ([0.71] * 6, 1, True), ([0.31] * 6, 1, False),
        ([0.29] * 6, 0, True), ([0.55, 1.55] * 3, 1, False), ([0.57, 1.57] * 3, 1, True),
        ([-0.55, 0.45] * 3, 1, False), ([-0.57, 0.43] * 3, 0, True), ([0.0] * 4, 1, False),
        ([0.0] * 5, 0, True),
    ],
)  # fmt: skip
def test_the_median_lies_two_errors_from_half_way(monkeypatch, bases, base, decided):
    """.2 where all agree; of six, half of them .5 off, 2 √(π / 2) · .5 / √5 = .5605."""
    verdict = judged(monkeypatch, bases)
    assert (verdict.base, verdict.decided, verdict.n_regions) == (base, decided, len(bases))


@pytest.mark.parametrize(("aside", "decided"), [(10.0, True), (10.1, False)])
def test_regions_lie_a_centimetre_from_the_atlas_at_most(monkeypatch, aside, decided):
    verdict = judged(monkeypatch, [0.0] * 5, aside)
    assert (verdict.base, verdict.decided) == (int(not decided), decided)
    other = np.hypot(aside, 3)
    assert verdict.distances == pytest.approx((aside, other))
    near, far = (aside, other) if decided else (other, aside)
    told = f"the centres of 5 regions lie {near:.1f} mm from the atlas, {far:.1f} mm otherwise"
    assert verdict.why == told


def check_fallback(caplog, matrix, voxels, regions, reason):
    """The affine is read as SPM's, and one warning gives the reason."""
    affine = affine_from_zero(matrix, voxels, regions, "matrix")
    assert affine[:3, 3] == pytest.approx(matrix[:3, 3] + diagonal(matrix))
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert f"taken to count from 1, as SPM does, but {reason}" in record.getMessage()


@pytest.mark.parametrize("n_known", [0, 4])
def test_unknown_regions(rng, caplog, n_known):
    voxels, regions = plant(rng, 16)
    known = sorted(set(regions))[:n_known]
    renamed = [name if name in known else f"{name}_2" for name in regions]
    reason = f"only {n_known} known regions have 10 voxels or more"
    check_fallback(caplog, TRUTH, voxels, renamed, reason)


@pytest.mark.parametrize("column", [0, 3], ids=["mirrored", "displaced"])
def test_a_matrix_of_another_space(rng, caplog, column):
    far = TRUTH.copy()
    far[0, column] *= -1
    check_fallback(caplog, far, *plant(rng, 16), "the centres of 16 regions lie ")


def test_simulated_release_counts_from_one(rng, caplog, tmp_path, save):
    caplog.set_level("INFO")
    anatomy = make_anatomy([TINY, *REGIONS], [TINY_VOXELS] + [80] * len(REGIONS), rng)
    data = rng.random((len(volume_times()), len(anatomy.labels)), dtype=np.float32)
    variables = subject_variables(1, data, anatomy, ["word"] * len(word_times()), data.shape[1])
    raw = read_subject(save(tmp_path / "subject_1.mat", variables))
    voxels = raw.targets[["i", "j", "k"]].to_numpy(int)
    places = apply_affine(raw.affine, voxels)
    np.testing.assert_allclose(places, apply_affine(AFFINE, anatomy.coordinates))
    assert [record.levelname for record in caplog.records] == ["INFO"]
    assert "count from 1: the centres of 16 regions" in caplog.text


def test_first_voxel_lies_where_the_matrix_says():
    matrix = np.diag([-3.0, 3.0, 3.0, 1.0])
    voxels = np.zeros((0, 3), dtype=int)
    assert affine_from_zero(matrix, voxels, [], "matrix")[:3, 3].tolist() == [-3.0, 3.0, 3.0]


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        (np.ones((4, 4)), "last row 0 0 0 1"),
        (np.diag([3.0, np.nan, 3, 1]), "last row"),
        (np.diag([3.0, 3.0, 0.0, 1.0]), "three axes"),
    ],
)
def test_no_affine(matrix, expected):
    with pytest.raises(InputError, match=f"no affine in matrix: expected {expected}"):
        affine_from_zero(matrix, np.zeros((0, 3), dtype=int), [], "matrix")
