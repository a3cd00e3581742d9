from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stages.core.recording.types import SAMPLE_COLUMNS, TARGET_COLUMNS
from stages.core.run.errors import InputError
from stages.prepare.assemblies.netcdf import Assembly
from stages.prepare.assemblies.people import events, people_of, plain, regions_of


def test_numbers_and_texts_are_one_name():
    assert [plain(name) for name in (18, 18.0, "18", "18.0", "s1", "1.05", "0.10")] == [
        "18", "18", "18", "18", "s1", "1.05", "0.10",
    ]  # fmt: skip


def test_hemispheres_are_those_that_names_say():
    regions = pd.Series(["language_LH_IFG", "MD_RH_x", "LH_x", "plain"])
    table = regions_of(regions, pd.Series(list("abcd")))
    assert table["hemisphere"].tolist() == ["L", "R", "", ""]
    assert table["region"].tolist() == regions.tolist()
    assert table["id"].tolist() == list("abcd")


def assembly(measured, people, tmp_path=Path()):
    stimuli = pd.DataFrame({"sentence": [f"s{at}" for at in range(len(measured))]})
    units = pd.DataFrame({"subject": people})
    return Assembly(tmp_path / "a.nc", np.asarray(measured, dtype=float), stimuli, units)


def targets(n):
    return regions_of(pd.Series(["A"] * n), pd.Series([f"v{at}" for at in range(n)]))


def test_units_are_gathered_by_person_in_the_order_of_the_file(rng):
    measured = rng.normal(size=(6, 5))
    measured[0, 4] = np.nan
    found = people_of(assembly(measured, [2.0, "1", 2, "1", "1"]), "subject", targets(5), "d")
    assert [one.name for one in found] == ["2", "1"]
    np.testing.assert_allclose(found[0].responses, measured[:, [0, 2]], atol=1e-6)
    np.testing.assert_allclose(found[1].responses, measured[:, [1, 3]], atol=1e-6)
    assert found[1].targets["id"].tolist() == ["v1", "v3"]
    assert found[0].responses.dtype == np.float32


def test_a_stimulus_that_nobody_was_measured_on_is_named(rng):
    measured = rng.normal(size=(6, 3))
    measured[2] = np.nan
    measured[4] = np.nan
    message = r"got 2 of 6, such as \{'sentence': 's2'\}"
    with pytest.raises(InputError, match=message):
        people_of(assembly(measured, list("aab")), "subject", targets(3), "d")
    measured[4] = [0.5, np.nan, np.nan]
    measured[2, 0] = 1.0
    (one,) = people_of(assembly(measured, list("aab")), "subject", targets(3), "d")
    assert one.targets["id"].tolist() == ["v0"]


def test_stimuli_follow_each_other_within_runs_and_those_measured_are_samples(rng, tmp_path):
    (tmp_path / "a.nc").write_bytes(b"x")
    file = assembly(rng.normal(size=(4, 2)), list("ab"), tmp_path)
    stimuli = pd.DataFrame({"id": list("wxyz"), "text": ["a b", "c", "d", "e"]})
    stimuli = stimuli.assign(run=list("1121"), sample=["w", "", "y", "z"])
    recording = events("d", stimuli, [], file)
    assert recording.stimuli["onset"].tolist() == [0, 1, 0, 2]
    assert recording.stimuli["duration"].tolist() == [1] * 4
    assert recording.samples["id"].tolist() == ["w", "y", "z"]
    assert recording.samples["run"].tolist() == ["1", "2", "1"]
    assert (recording.kind, recording.tr, list(recording.sources)) == ("events", None, ["a.nc"])
    assert "word" in " ".join(recording.nuisance.columns)
    grouped = events("d", stimuli, [], file, pd.Series(list("ttuu")))
    assert grouped.samples["run"].tolist() == ["t", "u", "u"]
    assert grouped.stimuli["run"].tolist() == list("1121")


def test_tables_have_the_columns_of_a_recording_and_no_other(rng, tmp_path):
    (tmp_path / "a.nc").touch()
    found = assembly(rng.normal(size=(3, 2)), list("ab"), tmp_path)
    ids = ["r.1", "r.2", "r.3"]
    table = {"id": ids, "text": list("xyz"), "run": ["r"] * 3, "sample": [ids[0], "", ids[2]]}
    people = people_of(found, "subject", targets(2), "d")
    recording = events("d", pd.DataFrame(table), people, found)
    assert recording.samples.columns.tolist() == list(SAMPLE_COLUMNS)
    assert recording.samples.index.tolist() == [0, 1]
    for one in recording.subjects:
        assert one.targets.columns.tolist() == list(TARGET_COLUMNS)
        assert one.targets.index.tolist() == [0]
