"""People are compared on the images that all of them saw, whatever the order of their rows."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.spatial.distance import pdist
from scipy.stats import pearsonr

from stages.align.people_ceilings import people_rows, people_tasks
from stages.align.sides import RegionSet
from stages.core.recording.types import Subject
from stages.core.run.shared import Shared
from tests.align import naive
from tests.align.recordings import target_table

COMMON = [3, 5, 8, 9, 12, 20]
N = len(COMMON)
SEEN = {"one": [9, 3, 12, 5, 20, 8], "two": [*COMMON, 21, 22], "three": [1, *COMMON[::-1]]}


@pytest.fixture
def people(rng):
    """What three people gave to each image, by its number; more images than all of them saw."""
    return {name: rng.standard_normal((30, 5)) for name in SEEN}


def sides(people):
    made = []
    for name, images in SEEN.items():
        subject = Subject(name, people[name][images], target_table("V1", 5, voxels=True))
        sources = [(subject, np.arange(len(images)), np.arange(5))]
        ids = [f"image{image}" for image in images]
        made.append(
            Shared(RegionSet("test", np.array(images), ids, [name], ["V1"], sources, False))
        )
    return made


def scores(people, exact, metrics):
    (task,) = people_tasks(sides(people))
    assert task.common.tolist() == COMMON
    return people_rows(task, metrics=metrics, backend=exact)


def test_each_person_meets_the_others_in_the_same_images(people, exact):
    rows = scores(people, exact, ["rsa_pearson", "cknna_3"])
    standard = {}
    for name, one in people.items():
        rdm = pdist(one[COMMON], "correlation")
        standard[name] = (rdm - rdm.mean()) / rdm.std()
    for row in rows:
        mine, others = row["subject"], [name for name in SEEN if name != row["subject"]]
        if row["metric"] == "cknna_3":
            pairs = [
                naive.cknna(people[other][COMMON], people[mine][COMMON], 3) for other in others
            ]
            expected = np.mean(pairs)
        else:
            mean = np.mean([standard[other] for other in others], axis=0)
            expected = pearsonr(standard[mine], mean).statistic
        assert_allclose(row["score"], expected, atol=1e-9)
    assert len(rows) == 2 * len(SEEN)
    assert {row["n"] for row in rows} == {float(N)}


def test_as_many_neighbours_as_there_are_images_are_no_neighbours(people, exact):
    """Of six images each has five others: six neighbours nobody has, and five are all of them."""
    rows = scores(people, exact, [f"mutual_knn_{N - 1}", f"mutual_knn_{N}"])
    assert {row["metric"] for row in rows} == {f"mutual_knn_{N - 1}"}
    assert {row["score"] for row in rows} == {1.0}
