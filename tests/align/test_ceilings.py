"""Ceilings are those of the paper between people, and what a planted signal scores."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.io import loadmat
from scipy.spatial.distance import pdist, squareform
from scipy.stats import pearsonr, rankdata, spearmanr

from stages.align.ceilings import between_subjects, ncsnr_ceiling, nili, subject_bounds
from stages.align.engine import measure
from stages.align.representation import Dissimilarities
from stages.core.run.errors import InputError
from stages.core.stats.backend import make_backend
from tests.align import naive
from tests.align.planted import plant
from tests.align.rsa_toolbox import METHODS, toolbox_bounds, toolbox_held_out_bounds

GRADED = ["rsa_pearson", "rsa_spearman", "rsa_cosine", "rsa_spearman_euclidean"]
AVERAGED = ["cka_linear", "cka_linear_biased", "cka_rbf_0.5", "mutual_knn_5", "cycle_knn_5"]
PAIRED = ["cknna_5", "svcca"]
PEOPLE, N = 4, 40


def compare(one, other, comparison):
    if comparison == "cosine":
        return one @ other / np.sqrt((one @ one) * (other @ other))
    return (pearsonr if comparison == "pearson" else spearmanr)(one, other).statistic


TRANSFORMS = {
    "pearson": lambda rdm: (rdm - rdm.mean()) / rdm.std(),
    "spearman": rankdata,
    "cosine": lambda rdm: rdm / np.sqrt((rdm**2).sum()),
}


@pytest.fixture
def people(rng):
    """One latent seen by four people, each with voxels of their own, the last with most noise."""
    latent = rng.standard_normal((N, 4))
    return [
        latent @ rng.standard_normal((4, width)) + noise * rng.standard_normal((N, width))
        for width, noise in zip((20, 35, 50, 30), (0.5, 0.5, 1, 3), strict=True)
    ]


@pytest.fixture
def rdms(people):
    return np.stack([pdist(one, "correlation") for one in people])


@pytest.mark.parametrize("comparison", TRANSFORMS)
@pytest.mark.parametrize("transformed", [True, False])
def test_bounds_are_those_of_the_paper(rdms, comparison, transformed):
    ready = [TRANSFORMS[comparison](rdm) if transformed else rdm for rdm in rdms]
    found = nili(rdms, comparison, transformed=transformed)
    for place, rdm in enumerate(rdms):
        others = [one for number, one in enumerate(ready) if number != place]
        lower = compare(rdm, np.mean(others, axis=0), comparison)
        assert_allclose(found.lower[place], lower, atol=1e-12)
        assert_allclose(found.upper[place], compare(rdm, np.mean(ready, axis=0), comparison))


@pytest.mark.parametrize("comparison", METHODS)
@pytest.mark.parametrize("bounds", [toolbox_bounds, toolbox_held_out_bounds])
def test_bounds_are_those_of_rsatoolbox(rdms, comparison, bounds):
    found = nili(rdms, comparison)
    theirs = bounds(rdms, comparison)
    assert_allclose([found.lower.mean(), found.upper.mean()], theirs, atol=1e-12)


@pytest.mark.parametrize("comparison", TRANSFORMS)
def test_no_matrix_scores_above_the_upper_bound(rdms, rng, comparison):
    best = nili(rdms, comparison).upper.mean()
    mean = np.mean([TRANSFORMS[comparison](rdm) for rdm in rdms], axis=0)
    for size in (0.01, 0.1, 1):
        for _ in range(20):
            other = mean + size * mean.std() * rng.standard_normal(mean.shape)
            assert np.mean([compare(other, rdm, comparison) for rdm in rdms]) < best


def test_bounds_of_four_people_and_92_images(mirror):
    """Published: lower .431 .296 .452 .335, of matrices averaged as they are.

    Averages of ranks, as Nili et al. would have them, give .422 .292 .448 .327.
    """
    file = mirror / "kriegeskorte2008" / "92_brainRDMs.mat"
    sessions = loadmat(file)["RDMs"]["RDM"][0]
    rdms = np.stack([squareform(np.mean([*row], axis=0), checks=False) for row in sessions])
    found = nili(rdms, "spearman", transformed=False)
    assert_allclose(found.lower, [0.431, 0.296, 0.452, 0.335], atol=5e-4)
    ranked = nili(rdms, "spearman")
    assert_allclose(ranked.lower, [0.4223, 0.2915, 0.4484, 0.3271], atol=5e-5)
    assert ranked.upper.mean() > found.upper.mean()
    assert (found.lower < found.upper).all()


@pytest.mark.parametrize("name", GRADED)
def test_bounds_of_rsa_start_from_features(people, exact, name):
    comparison = name.split("_")[1]
    rdms = np.stack(
        [naive.rdm(one, "euclidean" if "euc" in name else "correlation") for one in people]
    )
    found, expected = subject_bounds(people, [name], exact)[name], nili(rdms, comparison)
    assert_allclose(found.lower, expected.lower, atol=1e-10)
    assert_allclose(found.upper, expected.upper, atol=1e-10)


def mean_of(people, distance):
    matrices = [squareform(pdist(one, distance)) for one in people]
    return np.mean([matrix / matrix.mean() for matrix in matrices], axis=0)


def neighbours(matrix, k):
    return [
        np.argsort(np.where(np.arange(N) == i, np.inf, row))[:k] for i, row in enumerate(matrix)
    ]


def score(name, mean, own):
    """One person with a mean of others, from dissimilarities, by the definitions."""
    if name.endswith("knn_5"):
        there, back = neighbours(own, 5), neighbours(mean, 5)
        if name.startswith("mutual"):
            return np.mean([len({*a} & {*b}) / 5 for a, b in zip(there, back, strict=True)])
        return np.mean([any(i in back[j] for j in there[i]) for i in range(N)])
    if "rbf" in name:
        medians = [np.median(np.sqrt(d[np.triu_indices(N, 1)])) for d in (mean, own)]
        kernels = [
            np.exp(-d / (2 * (0.5 * median) ** 2))
            for d, median in zip((mean, own), medians, strict=True)
        ]
    else:
        kernels = [-mean, -own]
    return naive.cka(*kernels, naive.hsic_biased if "biased" in name else naive.hsic_unbiased)


@pytest.mark.parametrize("name", AVERAGED)
def test_each_person_is_held_against_the_mean_of_the_others(people, exact, name):
    distance = "cosine" if "knn" in name else "sqeuclidean"
    found = subject_bounds(people, [name], exact)[name]
    for place, one in enumerate(people):
        own = squareform(pdist(one, distance))
        others = mean_of([x for x in people if x is not one], distance)
        assert_allclose(found.lower[place], score(name, others, own), atol=1e-9)
        assert_allclose(found.upper[place], score(name, mean_of(people, distance), own), atol=1e-9)
    between = between_subjects(people, [name], exact)[name]
    assert_allclose(between, found.lower)


def test_a_mean_of_squared_distances_is_that_of_linear_kernels(people, exact):
    """So that the mean of others is a person with all their voxels side by side."""
    centred = [one - one.mean(axis=0) for one in people]
    alike = [one / np.sqrt((one**2).sum()) for one in centred]
    found = subject_bounds(people, ["cka_linear"], exact)["cka_linear"].lower
    for place in range(PEOPLE):
        others = np.hstack([one for number, one in enumerate(alike) if number != place])
        expected = naive.METRICS["cka_linear"](alike[place], others)
        assert_allclose(found[place], expected, atol=1e-10)


@pytest.mark.parametrize(
    ("name", "define"),
    [
        ("cknna_5", lambda x, y: naive.cknna(x, y, 5)),
        ("svcca", naive.svcca),
    ],
)
def test_what_needs_features_is_averaged_over_pairs(people, exact, name, define):
    found = between_subjects(people, [name], exact)[name]
    for place in range(PEOPLE):
        scores = [define(people[other], people[place]) for other in range(PEOPLE) if other != place]
        assert_allclose(found[place], np.mean(scores), atol=1e-9)


def test_the_order_of_people_and_metrics_is_kept(people, exact):
    names = ["svcca", "mutual_knn_5", "rsa_pearson", "cka_linear", "cknna_5"]
    found = between_subjects(people, names, exact)
    assert list(found) == names
    turned = between_subjects(people[::-1], names, exact)
    for name in names:
        assert_allclose(turned[name], found[name][::-1], atol=1e-10)


def test_equal_people_are_at_1_and_strangers_at_chance(people, rng, exact):
    names = [name for name in AVERAGED if not name.startswith("cycle")] + GRADED + PAIRED
    for name, scores in between_subjects([people[0]] * 3, names, exact).items():
        assert_allclose(scores, 1, atol=1e-9, err_msg=name)
    strangers = [rng.standard_normal((200, 30)) for _ in range(4)]
    chance = {"cka_linear": 0, "cka_rbf_1": 0, "rsa_pearson": 0, "mutual_knn_10": 10 / 199}
    for name, scores in between_subjects(strangers, list(chance), exact).items():
        assert_allclose(scores, chance[name], atol=0.025, err_msg=name)


def test_more_noise_lowers_the_ceiling(people, exact):
    found = between_subjects(people, AVERAGED + GRADED + PAIRED, exact)
    for name, scores in found.items():
        assert scores.argmin() == PEOPLE - 1, name


def test_features_and_their_dissimilarities_have_the_same_bounds(people, exact):
    matrices = [Dissimilarities(squareform(pdist(one, "sqeuclidean"))) for one in people]
    names = ["cka_linear", "cka_rbf_0.5"]
    found, expected = (subject_bounds(side, names, exact) for side in (matrices, people))
    for name in names:
        assert_allclose(found[name].lower, expected[name].lower, atol=1e-10)
        assert_allclose(found[name].upper, expected[name].upper, atol=1e-10)


def test_ceilings_need_company_and_features(people, exact):
    with pytest.raises(InputError, match="no ceiling between subjects: expected 2 .*, got 1"):
        between_subjects(people[:1], ["cka_linear"], exact)
    with pytest.raises(InputError, match="no ceiling between subjects"):
        nili(np.ones((1, 6)), "pearson")
    with pytest.raises(InputError, match="cknna_5 needs features"):
        subject_bounds(people, ["cknna_5"], exact)
    matrices = [Dissimilarities(squareform(pdist(one))) for one in people]
    with pytest.raises(InputError, match="svcca needs features"):
        between_subjects(matrices, ["svcca"], exact)


def test_single_precision_agrees(people, exact):
    names = AVERAGED + PAIRED
    single = between_subjects(people, names, make_backend(None, "float32", 2**28))
    for name, scores in between_subjects(people, names, exact).items():
        assert_allclose(single[name], scores, atol=1e-4, err_msg=name)


MEASURED = [
    *("cka_linear", "cka_linear_biased", "cka_rbf_1", "rsa_pearson"),
    *("cka_rbf_0.25", "cknna_10", "mutual_knn_10", "cycle_knn_10", "rsa_spearman"),
]
ROWS = 200


def truth(signal, measured, backend):
    found = measure([signal], [measured], MEASURED, np.arange(len(signal))[None], backend)
    return np.array([found[name].item() for name in MEASURED])


@pytest.mark.parametrize(("width", "rank"), [(60, None), (60, 6), (300, None), (300, 6)])
@pytest.mark.parametrize("mean_share", [0.1, 0.3, 0.6])
def test_it_is_what_the_signal_scores(exact, width, rank, mean_share):
    """Means over three regions, within .04: .02 of them the three regions' own scatter."""
    errors = []
    for seed in range(3):
        signal, measured, share = plant(np.random.default_rng(seed), width, mean_share, rank)
        found = ncsnr_ceiling(measured, share, MEASURED, seed=0, backend=exact)
        errors.append(np.array(list(found.values())) - truth(signal, measured, exact))
    mean = np.abs(np.mean(errors, axis=0))
    assert (mean[:4] < 0.04).all(), mean
    assert (mean[4:] < 0.07).all(), mean


def test_shrinking_alone_would_be_far_off(exact):
    """The reason for `signal_like`: noise has a geometry of its own."""
    rng = np.random.default_rng(0)
    signal, measured, share = plant(rng, 300, 0.1, rank=6)
    shrunk = measured * np.sqrt(share)
    noise = rng.standard_normal(shrunk.shape) * np.sqrt(1 - share)
    simple = truth(shrunk, shrunk + noise, exact)
    assert (truth(signal, measured, exact) - simple)[0] > 0.3


def test_without_noise_a_perfect_model_is_at_1(rng, exact):
    measured = rng.standard_normal((60, 20))
    names = [name for name in MEASURED if not name.startswith("cycle")]
    found = ncsnr_ceiling(measured, np.ones(20), names, seed=0, backend=exact)
    assert_allclose(list(found.values()), 1, atol=1e-9)


def test_with_hardly_any_signal_it_is_at_chance(rng, exact):
    measured = rng.standard_normal((ROWS, 60))
    chance = {"cka_linear": 0, "rsa_pearson": 0, "mutual_knn_10": 10 / (ROWS - 1)}
    share = np.full(60, 1e-6)
    found = ncsnr_ceiling(measured, share, list(chance), seed=0, backend=exact)
    for name, expected in chance.items():
        assert_allclose(found[name], expected, atol=0.02, err_msg=name)


def test_a_voxel_without_signal_counts_as_noise(exact):
    """Of 60 voxels 30 carry nothing: as if planted with a share of 0."""
    rng = np.random.default_rng(1)
    signal, measured, share = plant(rng, 60, 0.6, rank=6)
    signal[:, 30:], share[30:] = 0, 0
    measured[:, 30:] = rng.standard_normal((ROWS, 30))
    found = ncsnr_ceiling(measured, share, MEASURED[:4], seed=0, backend=exact)
    assert_allclose(list(found.values()), truth(signal, measured, exact)[:4], atol=0.04)


def test_units_and_means_of_voxels_do_not_matter(exact):
    _, measured, share = plant(np.random.default_rng(3), 40, 0.4)
    one, other = (
        ncsnr_ceiling(rows, share, ["cka_linear", "cka_rbf_1"], seed=5, backend=exact)
        for rows in (measured, 100 * measured + 7)
    )
    assert_allclose(list(one.values()), list(other.values()), atol=1e-6)


def test_equal_seeds_draw_equal_noise(exact):
    _, measured, share = plant(np.random.default_rng(3), 40, 0.4)
    one, two, other = (
        ncsnr_ceiling(measured, share, ["cka_linear"], seed=seed, backend=exact)["cka_linear"]
        for seed in (0, 0, 1)
    )
    assert one == two != other


def test_shared_noise_passes_for_signal(exact):
    """The stated limit: where neighbours share noise, the ceiling is too high."""
    rng = np.random.default_rng(4)
    signal, measured, share = plant(rng, 100, 0.3)
    distance = np.abs(np.subtract.outer(np.arange(100), np.arange(100)))
    shared = np.linalg.cholesky(np.exp(-distance / 1.5)) @ rng.standard_normal((100, ROWS))
    measured = signal + shared.T * np.sqrt(1 - share)
    found = ncsnr_ceiling(measured, share, ["cka_linear"], seed=0, backend=exact)
    assert 0.03 < found["cka_linear"] - truth(signal, measured, exact)[0] < 0.3


def test_directions_have_no_ceiling(exact, rng):
    rows = rng.standard_normal((40, 12))
    found = ncsnr_ceiling(rows, np.full(12, 0.5), ["svcca", "cka_linear"], seed=0, backend=exact)
    assert list(found) == ["cka_linear"]


def test_what_is_no_ceiling_is_named(rng, exact):
    rows = rng.standard_normal((40, 3))
    for wrong, message in (
        (np.array([0.5, np.nan, 0.5]), "no share of signal in voxel 1: expected 0 to 1, got nan"),
        (np.array([0.5, 0.5, 1.2]), "no share of signal in voxel 2: expected 0 to 1, got 1.2"),
        (np.zeros(3), "no voxel with signal"),
        (np.ones(4), r"other voxels in share: expected \(3,\), got \(4,\)"),
    ):
        with pytest.raises(InputError, match=message):
            ncsnr_ceiling(rows, wrong, ["cka_linear"], seed=0, backend=exact)
