"""People beside the mean of the others: regions of a film, dissimilarities of images."""

import numpy as np
import pytest
from scipy.io import savemat
from scipy.stats import spearmanr

from stages.core.run.errors import InputError
from stages.replicate import kriegeskorte2008, sherlock2017
from stages.replicate.kriegeskorte2008 import (
    IMAGES,
    PEOPLE_RDMS,
    SPECIES_RDMS,
    UPPER,
    derive_kriegeskorte,
    leave_one_out,
)
from stages.replicate.published_targets import judge_all, replication_table
from stages.replicate.sherlock2017 import (
    FAR,
    NAME,
    REGIONS,
    derive_sherlock,
    mean_of_pairs,
    with_others,
)

MODULES = {sherlock2017: "sherlock2017", kriegeskorte2008: "kriegeskorte2008"}


def test_a_person_and_the_mean_of_the_others(rng):
    courses = rng.normal(size=(50, 6)) + rng.normal(size=(50, 1))
    expected = [
        np.corrcoef(courses[:, i], np.delete(courses, i, axis=1).mean(axis=1))[0, 1]
        for i in range(6)
    ]
    np.testing.assert_allclose(with_others(courses), expected)
    pairs = [np.corrcoef(courses[:, i], courses[:, j])[0, 1] for i in range(6) for j in range(i)]
    assert mean_of_pairs(courses) == pytest.approx(np.mean(pairs))


@pytest.fixture
def film(tmp_path, rng):
    """Seven people, with their correlations stored."""
    files = {}
    for region in REGIONS:
        courses = rng.normal(size=(80, 7)) + rng.normal(size=(80, 1))
        path = tmp_path / f"{region}.mat"
        savemat(path, {"roitc": courses, "roicorr": with_others(courses)[None]})
        files[NAME.format(region)] = path
    return files


def test_stored_correlations_are_held_against_ours(film):
    found = derive_sherlock(film)
    assert found[FAR].value < 1e-12
    first = film[NAME.format("pmc_nn")]
    courses = np.random.default_rng(0).normal(size=(80, 7))
    savemat(first, {"roitc": courses, "roicorr": with_others(courses)[None] + 0.25})
    changed = derive_sherlock(film)
    assert changed[FAR].value == pytest.approx(0.25)
    assert changed["pmc_nn, one person ~ the others"].value == pytest.approx(
        with_others(courses).mean()
    )


def test_wrong_regions_are_refused(film):
    path = film[NAME.format("aud_early")]
    for content, message in (
        ({"roitc": np.ones((5, 3)), "roicorr": np.ones((1, 2))}, "other people"),
        ({"roitc": np.full((5, 3), np.nan), "roicorr": np.ones((1, 3))}, "not a finite matrix"),
        ({"roitc": np.ones((5, 3))}, "unreadable .mat file"),
    ):
        savemat(path, content)
        with pytest.raises(InputError, match=message):
            derive_sherlock(film)
    path.write_bytes(b"not a MATLAB file, but long enough to be one" * 9)
    with pytest.raises(InputError, match="unreadable .mat file"):
        derive_sherlock(film)


def symmetric(values):
    matrix = np.zeros((IMAGES, IMAGES))
    matrix[UPPER] = values
    return matrix + matrix.T


@pytest.fixture
def images(tmp_path, rng):
    """Four people of two sessions each, and two species."""
    n = len(UPPER[0])
    shared = rng.normal(size=n)
    people = {name: shared + rng.normal(size=(2, n)) for name in kriegeskorte2008.CEILINGS}
    sessions = np.array(
        [
            (symmetric(one), f"hIT | {name} | Session: {number + 1}")
            for name, each in people.items()
            for number, one in enumerate(each)
        ],
        dtype=[("RDM", object), ("name", object)],
    )
    species = np.array(
        [("mIT_674neurons", shared[None]), ("hITvisStim_316vx", people["BE"][:1])],
        dtype=[("name", object), ("RDM", object)],
    )
    files = {PEOPLE_RDMS: tmp_path / "people.mat", SPECIES_RDMS: tmp_path / "species.mat"}
    savemat(files[PEOPLE_RDMS], {"RDMs": sessions})
    savemat(files[SPECIES_RDMS], {"RDMs_mIT_hIT_fig1": species})
    return files, people, shared


def test_a_person_is_held_against_the_mean_of_the_other_people(images):
    files, people, shared = images
    found = derive_kriegeskorte(files)
    means = {name: each.mean(axis=0) for name, each in people.items()}
    for name, own in means.items():
        others = sum(one for other, one in means.items() if other != name) / 3
        expected = spearmanr(own, others)[0]
        assert found[f"{name} ~ the other people"].value == pytest.approx(expected)
    expected = np.corrcoef(shared, people["BE"][0])[0, 1]
    assert found["monkey ~ human"].value == pytest.approx(expected)
    same = leave_one_out(dict.fromkeys("abc", shared))
    assert same == pytest.approx(dict.fromkeys("abc", 1.0))


def test_other_matrices_are_refused(images):
    files, _, _ = images
    wrong = np.array([("mIT_674neurons", np.ones((1, 9)))], dtype=[("name", "O"), ("RDM", "O")])
    savemat(files[SPECIES_RDMS], {"RDMs_mIT_hIT_fig1": wrong})
    with pytest.raises(InputError, match="unexpected matrices"):
        derive_kriegeskorte(files)
    for name in ("hIT | XX | Session: 1", "nobody"):
        wrong = np.array([(np.zeros((IMAGES, IMAGES)), name)], dtype=[("RDM", "O"), ("name", "O")])
        savemat(files[PEOPLE_RDMS], {"RDMs": wrong})
        with pytest.raises(InputError, match="other people|unexpected matrices"):
            kriegeskorte2008.read_people_rdms(files[PEOPLE_RDMS])


@pytest.mark.parametrize("module", MODULES)
def test_the_real_matrices_give_what_was_published(at_source, module):
    derive = {sherlock2017: derive_sherlock, kriegeskorte2008: derive_kriegeskorte}[module]
    found = derive(at_source(MODULES[module]))
    verdicts = replication_table(list(judge_all("s", module.TARGETS, found)))["verdict"]
    assert not verdicts.eq("does not recompute").any()
    assert verdicts.eq("matches").sum() >= 6
