import numpy as np
import pandas as pd
import pytest

from stages.ceilings.region_people import regions_of_people
from stages.core.params.read import read_params
from stages.core.recording.types import Recording, Subject
from stages.core.run.errors import InputError
from tests.conftest import PROJECT

ENCODE = read_params(PROJECT / "params.yaml").encode.model_copy(
    update={"min_voxels": 1, "regions": "all"}
)
N = 60


def subject(rng, name, regions, samples=None):
    targets = pd.DataFrame(
        {"id": [f"v{at}" for at in range(len(regions))], "region": list(regions)}
    )
    targets = targets.assign(hemisphere="", i=np.nan, j=np.nan, k=np.nan, ceiling=np.nan)
    series = rng.normal(size=(N, len(regions))).astype(np.float32)
    return Subject(name, series, targets, samples=samples)


def recording(*subjects):
    runs = np.repeat(["1", "2"], N // 2)
    samples = pd.DataFrame({"id": [f"t{at}" for at in range(N)], "run": runs, "onset": 0.0})
    return Recording("mine", "timeseries", 1.0, None, pd.DataFrame(), samples, list(subjects))


def test_people_of_a_region_and_how_they_agree(rng, caplog):
    people = [subject(rng, "x", "AB"), subject(rng, "y", "BAC"), subject(rng, "z", "BDA")]
    found = regions_of_people(recording(*people, subject(rng, "group", "AB")), ENCODE, 15)
    assert [(one.region, one.names) for one in found] == [
        ("A", ["x", "y", "z"]), ("B", ["x", "y", "z"]),
    ]  # fmt: skip
    series = [people[at].responses[:, place] for at, place in enumerate((0, 1, 2))]
    np.testing.assert_allclose(found[0].agreement.whole, np.corrcoef(series), atol=1e-6)
    assert found[0].agreement.without.shape == (4, 3, 3)
    first = np.corrcoef([one[15:] for one in series])
    np.testing.assert_allclose(found[0].agreement.without[0], first, atol=1e-6)
    assert "no ceiling where there is one subject: C, D" in caplog.text
    assert "two subjects" not in caplog.text


def test_regions_of_two_people_are_kept_and_told(rng, caplog):
    found = regions_of_people(recording(subject(rng, "x", "A"), subject(rng, "y", "A")), ENCODE, 15)
    assert [one.names for one in found] == [["x", "y"]]
    assert "nothing is extrapolated from two subjects: A" in caplog.text
    assert "no ceiling where" not in caplog.text
    assert regions_of_people(recording(subject(rng, "group", "A")), ENCODE, 15) == []


def test_two_blocks_are_needed_and_all_samples(rng):
    people = [subject(rng, "x", "A"), subject(rng, "y", "A")]
    one_run = recording(*people)
    one_run.samples["run"] = "1"
    with pytest.raises(InputError, match=r"at most 30, half of the samples, got 60"):
        regions_of_people(one_run, ENCODE, 60)
    assert len(regions_of_people(recording(*people), ENCODE, 60)) == 1, "blocks do not cross runs"
    lacking = subject(rng, "z", "A", samples=pd.DataFrame({"id": ["t0"]}))
    with pytest.raises(InputError, match="subject z: got 1 of 60"):
        regions_of_people(recording(*people, lacking), ENCODE, 15)
    with pytest.raises(InputError, match="unknown region"):
        regions_of_people(recording(*people), ENCODE.model_copy(update={"regions": ["Q"]}), 15)
