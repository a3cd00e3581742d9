from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import pearsonr
from threadpoolctl import threadpool_limits

from stages.align.ceiling_table import ceiling_table
from stages.align.matrix_ceilings import mean_reliability
from stages.align.representation import Dissimilarities
from stages.core.recording.types import Subject
from stages.core.stats.backend import make_backend
from stages.prepare.kriegeskorte import BRAIN, SUPPLEMENT, load_kriegeskorte
from tests.align import recordings
from tests.align.recordings import REGIONS, SETTINGS, make_events, make_layers, make_matrices

BACKEND = make_backend(None, "float64", 2**28)


@pytest.fixture
def layers(rng):
    return make_layers(rng)


def test_every_region_of_every_subject_has_a_noise_ceiling(layers, rng):
    table = ceiling_table(make_events(layers, rng), SETTINGS)
    noise = table[table["ceiling_kind"] == "ncsnr"]
    kernels = {"cka_linear", "cka_linear_biased"}
    assert set(noise["metric"]) == kernels  # of the others it is no bound
    assert len(noise) == 2 * 2 * len(REGIONS) * len(kernels)
    assert (noise["score"] == noise["ceiling"]).all()
    assert set(table["kind"]) == {"ceiling"}
    assert noise["score"].between(0, 1).all()


def test_a_region_that_is_all_noise_or_unknown_has_no_noise_ceiling(layers, rng, caplog):
    recording = make_events(layers, rng)
    ceilings = recording.subjects[0].targets["ceiling"]
    region = recording.subjects[0].targets["region"]
    ceilings = ceilings.mask(region == "4", 0.0).mask(region == "V1", np.nan)
    changed = replace(
        recording.subjects[0], targets=recording.subjects[0].targets.assign(ceiling=ceilings)
    )
    table = ceiling_table(replace(recording, subjects=[changed]), SETTINGS)
    assert set(table["region"]) == {"FFC"}
    assert "region 4 of subject subj01 has no ceiling: it is all noise" in caplog.text
    assert "region V1 of subject subj01: voxels without a noise ceiling" in caplog.text


def test_people_who_saw_the_same_bound_each_other(layers, rng):
    table = ceiling_table(make_events(layers, rng), SETTINGS)
    between = table[table["ceiling_kind"] == "between_subject"]
    assert set(between["split"]) == {"test"}
    scores = between[between["metric"] == "cka_linear"].groupby("region")["score"].mean()
    assert scores["FFC"] > 0.5
    assert abs(scores["4"]) < 0.15


def test_one_person_has_no_ceiling_between_people(layers, rng):
    recording = make_events(layers, rng)
    table = ceiling_table(replace(recording, subjects=recording.subjects[:1]), SETTINGS)
    assert set(table["ceiling_kind"]) == {"ncsnr"}


def test_images_that_not_everybody_saw_do_not_count(layers, rng):
    recording = make_events(layers, rng)
    first, second = recording.subjects
    fewer = replace(second, responses=second.responses[7:], samples=second.samples.iloc[7:])
    table = ceiling_table(replace(recording, subjects=[first, fewer]), SETTINGS)
    between = table[table["ceiling_kind"] == "between_subject"]
    assert set(between["n"]) == {33.0}
    scores = between[between["metric"] == "cka_linear"].groupby("region")["score"].mean()
    assert scores["FFC"] > 0.5


def test_matrices_have_bounds_and_their_mean_a_reliability(layers, rng):
    recording = make_matrices(layers, rng)
    group = np.mean([one.responses.mean(axis=1) for one in recording.subjects], axis=0)
    mean = Subject("group", group[:, None], recording.subjects[0].targets.iloc[:1])
    monkey = replace(mean, name="monkey", targets=mean.targets.assign(region="monkey_IT"))
    everyone = replace(recording, subjects=[*recording.subjects, mean, monkey])
    table = ceiling_table(everyone, SETTINGS)
    alone = table[table["subject"] == "monkey"].set_index("metric")
    assert set(alone["ceiling_kind"]) == {"between_regions"}
    assert alone["score"]["rsa_spearman"] == pytest.approx(1)
    people = table[table["ceiling_kind"].str.startswith("nili")]
    assert set(people["subject"]) == {"one", "two"}
    assert set(people["region"]) == {"human_IT"}
    bounds = people.pivot_table(index=["subject", "metric"], columns="ceiling_kind", values="score")
    assert (bounds["nili_lower"] < bounds["nili_upper"]).all()
    whole = table[table["ceiling_kind"] == "spearman_brown"]
    assert list(whole["subject"]) == ["group"]
    assert list(whole["metric"]) == ["rsa_spearman"]


def test_the_reliability_of_a_mean_is_that_of_the_formula_and_of_the_truth(rng):
    """Planted: four people are one truth and independent noise."""
    n = 60
    upper = np.triu_indices(n, 1)

    def matrix(values):
        full = np.zeros((n, n))
        full[upper] = values
        return full + full.T

    truth = 5 + rng.standard_normal(len(upper[0]))
    people = [truth + 1.5 * rng.standard_normal(truth.size) for _ in range(4)]
    known = [Dissimilarities(matrix(np.maximum(one, 0.01))) for one in people]
    found = mean_reliability(known, ["rsa_pearson"], n, BACKEND)["rsa_pearson"]
    assert found == pytest.approx(pearsonr(np.mean(people, axis=0), truth)[0], abs=0.03)
    unrelated = [rng.permutation(one) for one in people]
    noise = [Dissimilarities(matrix(np.maximum(one, 0.01))) for one in unrelated]
    assert mean_reliability(noise, ["rsa_pearson"], n, BACKEND)["rsa_pearson"] < 0.25
    assert mean_reliability([known[0], known[0]], ["rsa_pearson"], n, BACKEND)[
        "rsa_pearson"
    ] == pytest.approx(1)


def test_the_92_images(mirror):
    """The monkey with the mean of people: .491 (Kriegeskorte et al. 2008), Spearman .439."""
    files = {name: mirror / name for name in (BRAIN, SUPPLEMENT)}
    settings = SETTINGS.model_copy(update={"metrics": ["rsa_pearson", "rsa_spearman"]})
    table = ceiling_table(load_kriegeskorte(files, "all").recording, settings)
    scores = table.set_index(["subject", "metric", "ceiling_kind"])["score"]
    assert scores["monkey", "rsa_pearson", "between_regions"] == pytest.approx(0.4912, abs=1e-4)
    assert scores["monkey", "rsa_spearman", "between_regions"] == pytest.approx(0.4389, abs=1e-4)
    lower = [scores[name, "rsa_spearman", "nili_lower"] for name in ("BE", "KO", "SN", "TI")]
    assert lower == pytest.approx([0.431, 0.296, 0.452, 0.335], abs=0.01)


@pytest.mark.parametrize("kind", ["events", "rdm"])
def test_the_threads_of_linear_algebra_change_no_byte(rng, monkeypatch, kind):
    """Sums of products of this size are split between two threads, where two are allowed."""
    monkeypatch.setattr(recordings, "N_IMAGES", 300)
    monkeypatch.setattr(recordings, "N_SHARED", 200)
    layers = make_layers(rng, 300)
    recording = make_events(layers, rng) if kind == "events" else make_matrices(layers, rng, 300)
    settings = SETTINGS.model_copy(update={"metrics": ["cka_linear", "rsa_pearson"]})
    found = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            found.append(ceiling_table(recording, settings))
    pd.testing.assert_frame_equal(*found, check_exact=True)
