"""Ceilings of dissimilarities, against SciPy on vectors: of people, of their mean, of one alone."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.spatial.distance import squareform
from scipy.stats import pearsonr, spearmanr

from stages.align.matrix_ceilings import matrix_rows, matrix_tasks, mean_reliability
from stages.align.representation import Dissimilarities
from stages.align.sides import RegionSet
from stages.core.names.vocabulary import GROUP
from stages.core.recording.types import Subject
from tests.align.recordings import target_table

N, PAIRS = 9, 36
METRICS = ["rsa_pearson", "rsa_spearman", "rsa_cosine"]


@pytest.fixture
def vectors(rng):
    """Of several people, regions, and what stands beside them."""
    common = rng.uniform(1, 3, PAIRS)
    keys = [
        ("a", "IT"),
        ("b", "IT"),
        ("c", "IT"),
        (GROUP, "IT"),
        (GROUP, "V4"),
        ("monkey", "TE"),
        ("a", "V4"),
    ]
    return {key: common + rng.uniform(0, 1.5, PAIRS) for key in keys}


def tasks_of(vectors):
    subjects, regions = ([key[k] for key in vectors] for k in (0, 1))
    sources = []
    for (name, region), values in vectors.items():
        subject = Subject(
            name, values[:, None].astype(np.float32), target_table(region, 1, voxels=False)
        )
        sources.append((subject, np.arange(PAIRS), np.arange(1)))
    ids = [f"i{k}" for k in range(N)]
    side = RegionSet("all", np.arange(N), ids, subjects, regions, sources, True)
    return {task.region: task for task in matrix_tasks(side)}


def rows_of(vectors, region, exact, metrics=METRICS):
    return matrix_rows(tasks_of(vectors)[region], metrics=metrics, backend=exact)


def test_regions_are_tasks_in_their_order(vectors):
    assert list(tasks_of(vectors)) == ["IT", "V4", "TE"]


def test_people_are_bounded_by_each_other(vectors, exact):
    rows = rows_of(vectors, "IT", exact)
    people = [vectors[name, "IT"] for name in "abc"]
    lower = {
        row["subject"]: row
        for row in rows
        if row["ceiling_kind"] == "nili_lower" and row["metric"] == "rsa_pearson"
    }
    assert list(lower) == ["a", "b", "c"]
    z = [(one - one.mean()) / one.std() for one in people]
    for place, name in enumerate("abc"):
        others = np.mean(np.delete(z, place, axis=0), axis=0)
        assert_allclose(lower[name]["score"], pearsonr(z[place], others)[0], rtol=1e-5)
        assert (lower[name]["region"], lower[name]["split"], lower[name]["n"]) == ("IT", "all", N)
    upper = [
        row["score"]
        for row in rows
        if row["ceiling_kind"] == "nili_upper" and row["metric"] == "rsa_pearson"
    ]
    assert_allclose(upper, [pearsonr(one, np.mean(z, axis=0))[0] for one in z], rtol=1e-5)
    assert {row["metric"] for row in rows if row["ceiling_kind"] == "nili_lower"} == set(METRICS)


def test_the_mean_is_as_reliable_as_spearman_and_brown_say(vectors, exact):
    rows = [row for row in rows_of(vectors, "IT", exact) if row["ceiling_kind"] == "spearman_brown"]
    assert [(row["subject"], row["metric"]) for row in rows] == [
        (GROUP, "rsa_pearson"),
        (GROUP, "rsa_spearman"),
    ]
    people = [vectors[name, "IT"] for name in "abc"]
    for row, correlate in zip(rows, (pearsonr, spearmanr), strict=True):
        r = np.mean([correlate(people[i], people[j])[0] for i, j in ((0, 1), (0, 2), (1, 2))])
        assert_allclose(row["score"], np.sqrt(3 * r / (1 + 2 * r)), rtol=1e-5)
        assert (row["region"], row["n"]) == ("IT", N)


def test_without_the_mean_nothing_is_said_of_it(vectors, exact):
    alone = {key: values for key, values in vectors.items() if key[0] != GROUP}
    kinds = {row["ceiling_kind"] for row in rows_of(alone, "IT", exact)}
    assert kinds == {"nili_lower", "nili_upper"}


def test_who_is_alone_is_held_against_means_elsewhere(vectors, exact):
    """The best of the means of people in other regions; not that of the region itself."""
    rows = rows_of(vectors, "TE", exact, METRICS[:2])
    assert [(row["subject"], row["ceiling_kind"]) for row in rows] == [
        ("monkey", "between_regions")
    ] * 2
    own = vectors["monkey", "TE"]
    others = [vectors[GROUP, region] for region in ("IT", "V4")]
    for row, correlate in zip(rows, (pearsonr, spearmanr), strict=True):
        assert_allclose(row["score"], max(correlate(own, other)[0] for other in others), rtol=1e-5)
    (row,) = rows_of(vectors, "V4", exact, METRICS[:1])
    expected = pearsonr(vectors["a", "V4"], vectors[GROUP, "IT"])[0]
    assert row["subject"] == "a"
    assert_allclose(row["score"], expected, rtol=1e-5)


@pytest.mark.parametrize("gone", [("monkey", "TE"), GROUP])
def test_where_there_is_nobody_to_compare_there_is_no_ceiling(vectors, exact, caplog, gone):
    caplog.set_level("INFO")
    if gone == GROUP:
        vectors = {key: values for key, values in vectors.items() if key[0] != GROUP}
    else:
        vectors = {(GROUP, "TE"): vectors[gone], (GROUP, "IT"): vectors[GROUP, "IT"]}
    assert rows_of(vectors, "TE", exact) == []
    assert "region TE has no ceiling" in caplog.text


def test_reliability_of_no_metric_is_none(vectors, exact):
    known = [Dissimilarities(squareform(vectors[name, "IT"])) for name in "ab"]
    assert mean_reliability(known, [], N, exact) == {}
    (found,) = mean_reliability(known, ["rsa_pearson"], N, exact).values()
    r = pearsonr(vectors["a", "IT"], vectors["b", "IT"])[0]
    assert_allclose(found, np.sqrt(2 * r / (1 + r)))
