"""Ceilings from repeats recover what is planted, also where voxels share noise."""

from dataclasses import replace

import numpy as np
import pytest

from stages.align.ceiling_table import ceiling_table
from stages.align.engine import measure
from stages.align.model import with_ceilings
from stages.align.repeat_ceilings import repeat_metrics, split_half
from stages.core.stats.backend import make_backend
from stages.core.stats.reliability import spearman_brown
from tests.align.recordings import N_SHARED, REGIONS, SETTINGS, make_events, make_layers

BACKEND = make_backend(None, "float64", 2**28)
METRICS = ["cka_linear", "rsa_pearson", "rsa_spearman"]
N, VOXELS, LATENT = 150, 100, 10


def measured(seed, share, noise_of):
    """Three measurements whose mean has a share of signal, and that signal."""
    rng = np.random.default_rng(seed)
    signal = rng.standard_normal((N, LATENT)) @ rng.standard_normal((LATENT, VOXELS))
    signal /= signal.std(axis=0)
    size = np.sqrt(3 * (1 - share) / share)
    return signal, np.stack([signal + size * noise_of(rng) for _ in range(3)])


def everywhere(rng):
    """Half of the noise is the same in all voxels."""
    alone = rng.standard_normal((N, VOXELS))
    return np.sqrt(0.5) * (rng.standard_normal((N, 1)) + alone)


def neighbours(rng):
    """Noise that correlates by .9 between neighbours."""
    fresh = rng.standard_normal((N, VOXELS))
    made = fresh.copy()
    for voxel in range(1, VOXELS):
        made[:, voxel] = 0.9 * made[:, voxel - 1] + np.sqrt(1 - 0.81) * fresh[:, voxel]
    return made


def averages(share, noise_of, draws=5):
    """What the signal scores with the mean, and what is found, means over draws, by metric."""
    rows = np.arange(N)[None]
    true, found = [], []
    for seed in range(draws):
        signal, single = measured(seed, share, noise_of)
        scores = measure([signal], [single.mean(axis=0)], METRICS, rows, BACKEND)
        true.append([float(scores[name][0, 0, 0]) for name in METRICS])
        bounds = split_half(single, METRICS, BACKEND)
        found.append([bounds[name] for name in METRICS])
    return np.mean(true, axis=0), np.mean(found, axis=0)


@pytest.mark.parametrize(("share", "noise_of"), [(0.6, everywhere), (0.4, neighbours)])
def test_what_is_planted_is_recovered_where_voxels_share_noise(share, noise_of):
    true, found = averages(share, noise_of)
    np.testing.assert_allclose(found, true, atol=0.04)


def test_dissimilarities_are_bounded_where_noise_that_is_everywhere_hides_the_kernel():
    """The case of which the analytic ceiling said .03: rsa_pearson .71, at 20 % signal."""
    true, found = averages(0.2, everywhere, draws=3)
    assert true[1] == pytest.approx(0.71, abs=0.02)
    assert 0 < found[1] - true[1] < 0.05
    assert 0 < found[2] - true[2] < 0.05
    assert np.isnan(found[0])  # of the kernel, single measurements do not tell


@pytest.mark.parametrize("noise_of", [everywhere, neighbours])
def test_averages_of_fewer_measurements_have_a_lower_ceiling(noise_of):
    """As where few sessions are studied: most images were seen less often than three times."""
    numbers = np.random.default_rng(0).choice([1, 2, 3], N, p=[0.2, 0.2, 0.6])
    kept, rows = np.arange(3)[:, None, None] < numbers[:, None], np.arange(N)[None]
    true, found = [], []
    for seed in range(5):
        signal, single = measured(seed, 0.6, noise_of)
        means = (single * kept).sum(axis=0) / numbers[:, None]
        scores = measure([signal], [means], METRICS, rows, BACKEND)
        true.append([float(scores[name][0, 0, 0]) for name in METRICS])
        averaged = N / (1 / numbers).sum()
        bounds = split_half(single[:, numbers == 3], METRICS, BACKEND, averaged)
        found.append([bounds[name] for name in METRICS])
    np.testing.assert_allclose(np.mean(found, axis=0), np.mean(true, axis=0), atol=0.05)


def test_the_formula_of_one_term_is_too_low():
    signal, single = measured(0, 0.4, neighbours)
    rows = np.arange(N)[None]
    scores = measure(list(single), list(single), ["cka_linear"], rows, BACKEND)["cka_linear"]
    one = float(scores[..., 0][~np.eye(3, dtype=bool)].mean())
    true = measure([signal], [single.mean(axis=0)], ["cka_linear"], rows, BACKEND)["cka_linear"]
    assert np.sqrt(spearman_brown(one, 3)) < float(true[0, 0, 0]) - 0.1


def test_noise_and_measurements_of_other_stimuli_have_no_ceiling(rng):
    _, single = measured(0, 0.6, neighbours)
    noise = rng.standard_normal(single.shape)
    shuffled = np.stack([one[rng.permutation(N)] for one in single])
    for values in (noise, shuffled):
        assert all(np.isnan(bound) for bound in split_half(values, METRICS, BACKEND).values())
    same = np.stack([single[0]] * 3)
    assert list(split_half(same, METRICS, BACKEND).values()) == pytest.approx([1, 1, 1])


@pytest.mark.parametrize("metric", ["rsa_pearson_euclidean", "rsa_spearman_euclidean"])
def test_dissimilarities_of_stimuli_far_from_all_others_have_to_agree_more(metric):
    """By chance, distances agree more where some stimuli are far out, though by other stimuli."""
    rng, rows = np.random.default_rng(0), np.arange(N)[None]
    agreed = []
    for _ in range(20):
        size = np.exp(rng.standard_normal((3, N, 1)))
        noise = size * rng.standard_normal((3, N, VOXELS))
        assert np.isnan(split_half(noise, [metric], BACKEND)[metric])
        scores = measure(list(noise), list(noise), [metric], rows, BACKEND)[metric]
        agreed.append(scores[..., 0][~np.eye(3, dtype=bool)].mean())
    assert np.mean(np.array(agreed) > 4 * np.sqrt(2 / (N * (N - 3)))) > 0.05
    signal, single = measured(0, 0.6, neighbours)
    found = split_half(single, [metric], BACKEND)[metric]
    true = measure([signal], [single.mean(axis=0)], [metric], rows, BACKEND)[metric]
    assert found == pytest.approx(float(true[0, 0, 0]), abs=0.06)


def test_order_of_measurements_voxels_and_stimuli_does_not_matter(rng):
    _, single = measured(1, 0.5, neighbours)
    found = split_half(single, METRICS, BACKEND)
    rows, columns = rng.permutation(N), rng.permutation(VOXELS)
    again = split_half(single[::-1][:, rows][:, :, columns], METRICS, BACKEND)
    assert again == pytest.approx(found)


def test_metrics_that_are_no_correlations_of_centred_matrices_have_none():
    names = ["cka_linear", "cka_linear_biased", "cka_rbf_1", "mutual_knn_5", "cknna_5", "svcca"]
    names += ["rsa_pearson", "rsa_spearman_euclidean", "rsa_cosine"]
    assert repeat_metrics(names) == [
        *("cka_linear", "cka_rbf_1", "rsa_pearson", "rsa_spearman_euclidean")
    ]


@pytest.fixture
def repeated(rng):
    """A recording of which the first person's shared images were measured three times."""
    recording = make_events(make_layers(rng), rng)
    first, second = recording.subjects
    shared = first.samples["id"].isin(recording.samples["id"][:N_SHARED])
    means = first.responses[shared.to_numpy()]
    single = means + 0.5 * rng.standard_normal((3, *means.shape)).astype(np.float32)
    single = single.reshape(-1, means.shape[1])
    known = replace(first, samples=first.samples.assign(single=shared), single=single)
    return replace(recording, subjects=[known, second])


def test_whoever_was_measured_again_has_ceilings_by_region(repeated):
    table = ceiling_table(repeated, SETTINGS)
    rows = table[table["ceiling_kind"] == "split_half"]
    assert set(rows["subject"]) == {"subj01"}
    assert set(rows["region"]) == set(REGIONS)
    assert set(rows["metric"]) == {"cka_linear", "rsa_spearman"}
    assert set(rows["split"]) == {"test"}
    assert set(rows["n"]) == {float(N_SHARED)}
    assert rows["score"].between(0.8, 1).all()


def test_the_ceiling_is_of_the_averages_that_are_scored(repeated):
    first, second = repeated.subjects
    seen = np.where(np.arange(len(first.samples)) % 2, 3, 1)
    fewer = replace(first, samples=first.samples.assign(repeats=seen))
    tables = [
        ceiling_table(one, SETTINGS).query("ceiling_kind == 'split_half'")["score"].to_numpy()
        for one in (repeated, replace(repeated, subjects=[fewer, second]))
    ]
    assert (tables[1] < tables[0]).all()


def test_each_split_has_the_ceilings_of_its_own_images(repeated, rng):
    """Of images for training that were seen three times too, in whatever order."""
    first, second = repeated.subjects
    means = first.responses
    noise = np.where(first.samples["single"].to_numpy()[:, None], 0.2, 2.0)
    single = means + noise * rng.standard_normal((3, *means.shape))
    known = replace(
        first,
        samples=first.samples.assign(single=True),
        single=single.reshape(-1, means.shape[1]).astype(np.float32),
    )
    table = ceiling_table(replace(repeated, subjects=[known, second]), SETTINGS)
    rows = table[table["ceiling_kind"] == "split_half"].set_index(["split", "metric", "region"])
    assert set(rows["n"]["test"]) == {float(N_SHARED)}
    assert set(rows["n"]["train"]) == {float(len(means) - N_SHARED)}
    lower = rows["score"]["train"]  # of one region, none is clearly there
    assert len(lower) >= 4
    assert (lower < rows["score"]["test"].reindex(lower.index)).all()
    shared = first.samples["single"].to_numpy()
    columns = first.targets["region"].eq("V1").to_numpy()
    own = split_half(single[:, shared][..., columns], ["cka_linear"], BACKEND)["cka_linear"]
    assert rows["score"]["test", "cka_linear", "V1"] == pytest.approx(own, abs=1e-4)


def test_where_repeats_tell_no_other_ceiling_stands_beside_scores(repeated):
    table = ceiling_table(repeated, SETTINGS)
    table = table[~(table["region"].eq("V1") & table["ceiling_kind"].eq("split_half"))]
    scores = table.drop_duplicates(["subject", "region", "metric", "split"])
    found = with_ceilings(scores.drop(columns=["ceiling", "ceiling_kind"]), table)
    assert len(found) == len(scores)
    kinds = found.set_index(["subject", "split", "metric", "region"])["ceiling_kind"]
    assert kinds["subj01", "test", "cka_linear", "FFC"] == "split_half"
    assert kinds["subj01", "test", "rsa_spearman", "FFC"] == "split_half"
    assert kinds["subj01", "test", "cka_linear", "V1"] == ""
    assert kinds["subj01", "test", "cka_linear_biased", "FFC"] == "ncsnr"
    assert kinds["subj01", "train", "cka_linear", "FFC"] == "ncsnr"
