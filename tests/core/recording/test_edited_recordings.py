"""A recording that was edited after it was written is refused, whichever file it was."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file

from stages.core.recording.recording_files import (
    read_nuisance,
    read_recording,
    read_stimuli,
    read_targets,
    read_timeline,
    read_words,
    write_recording,
)
from stages.core.recording.types import Cleaning, Recording, Subject
from stages.core.run.errors import InputError
from stages.core.run.seals import sealed
from stages.core.run.tables import write_table

N = 12


@pytest.fixture
def folder(tmp_path, rng):
    """A recording with a file of every kind."""
    ids = [f"w{k:02d}" for k in range(N)]
    stimuli = pd.DataFrame(
        {"id": ids, "text": list("abcdefghijkl"), "run": "1", "onset": np.arange(N) * 1.0}
    ).assign(duration=1.0, sample=ids)
    targets = pd.DataFrame({"id": ["v0", "v1"], "region": ["R", "S"], "hemisphere": "L"})
    targets = targets.assign(i=[0, 1], j=0, k=0, ceiling=[0.5, 0.6])
    words = {"id": ids, "A/b": rng.standard_normal(N), "A/c": rng.standard_normal(N)}
    recording = Recording(
        dataset="toy",
        kind="events",
        tr=None,
        cleaning=None,
        stimuli=stimuli,
        samples=stimuli[["id", "run", "onset"]],
        subjects=[
            Subject(
                "s1",
                rng.standard_normal((N, 2)).astype(np.float32),
                targets,
                np.eye(4),
                (2, 1, 1),
                pd.DataFrame({"id": ids, "repeats": np.arange(1, N + 1)}),
            )
        ],
        features=pd.DataFrame(words),
        nuisance=pd.DataFrame(words),
        captions=pd.DataFrame({"id": ids, "number": 0, "text": stimuli["text"]}),
    )
    write_recording(tmp_path, recording)
    return tmp_path


def _scrambled(table):
    """The same values in another order, where that keeps the table's own rules."""
    table = table.copy()
    for name in table.columns[::-1]:
        if len(set(table[name])) > 1 and name not in ("id", "text", "sample"):
            table[name] = table[name].to_numpy()[::-1]
            return table
    return table.assign(**{table.columns[-1]: table[table.columns[-1]].to_numpy()[::-1]})


TABLES = ("stimuli", "samples", "features", "nuisance", "captions", "s1/targets", "s1/samples")


@pytest.mark.parametrize("name", TABLES)
def test_every_table(folder, name):
    read_recording(folder)
    path = folder / f"{name}.parquet"
    before = pd.read_parquet(path)
    write_table(path, _scrambled(before))
    with pytest.raises(InputError, match=rf"another file than was described in .*{name}\.parquet"):
        read_recording(folder)
    write_table(path, before)  # the same again
    read_recording(folder)
    path.unlink()
    with pytest.raises(InputError, match=rf"file not found in .*{name}\.parquet"):
        read_recording(folder)


PARTS = {
    "stimuli": lambda folder, stimuli: read_stimuli(folder / "stimuli.parquet"),
    "features": lambda folder, stimuli: read_words(folder / "features.parquet", stimuli),
    "nuisance": read_nuisance,
    "samples": lambda folder, stimuli: read_timeline(folder),
    "s1/targets": lambda folder, stimuli: read_targets(folder),
}


@pytest.mark.parametrize("name", PARTS)
def test_a_part_that_is_read_by_itself(folder, name):
    """What needs no responses holds what it reads to the same digests, and to nothing else."""
    stimuli, path = read_stimuli(folder / "stimuli.parquet"), folder / f"{name}.parquet"
    (folder / "s1" / "responses.safetensors").unlink()
    assert PARTS[name](folder, stimuli) is not None
    _scrambled(pd.read_parquet(path)).to_parquet(path, index=False)
    match = rf"another file than was described in .*{name}\.parquet.*Run `dvc repro"
    with pytest.raises(InputError, match=match) as error:
        PARTS[name](folder, stimuli)
    assert "\n" not in str(error.value)
    path.unlink()
    with pytest.raises(InputError, match=rf"file not found in .*{name}\.parquet"):
        PARTS[name](folder, stimuli)


def test_stimuli_that_came_alone(folder):
    (folder / "recording.json").unlink()
    assert len(read_stimuli(folder / "stimuli.parquet")) == N


def test_a_table_that_the_recording_does_not_have(folder):
    recording = read_recording(folder)
    words = recording.features
    write_recording(folder, replace(recording, features=None, nuisance=None))
    assert read_nuisance(folder, recording.stimuli) is None
    words.to_parquet(folder / "features.parquet", index=False)
    with pytest.raises(InputError, match="expected SHA-256 none"):
        read_words(folder / "features.parquet", recording.stimuli)


def test_responses_of_another_person(folder, rng):
    path = folder / "s1" / "responses.safetensors"
    save_file({"responses": rng.standard_normal((N, 2)).astype(np.float32)}, path)
    with pytest.raises(InputError, match="another file than was described in .*responses"):
        read_recording(folder)


def test_one_bit_of_the_responses(folder):
    path = folder / "s1" / "responses.safetensors"
    content = bytearray(path.read_bytes())
    content[-6] ^= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match="another file than was described in .*responses"):
        read_recording(folder)


@pytest.mark.parametrize(
    "changes",
    [
        {"tr": 1.5},
        {"tr": None, "kind": "timeseries"},
        {"dataset": "other"},
        {"shifted": 4.0},
        {"cleaning": {"detrend": True, "high_pass": 9.0, "standardize": True}},
        {"files": {}},
        {"subjects": {}},
        {"digest": "0"},
    ],
)
def test_the_description(folder, changes):
    path = folder / "recording.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    for read in (read_recording, read_timeline, read_targets):
        with pytest.raises(InputError, match=r"file that was edited in .*recording\.json"):
            read(folder)


@pytest.mark.parametrize("text", ["[]", "null", "{", '{"tr": NaN}', "\udcff", "[" * 10**5])
def test_the_description_is_no_description(folder, text):
    (folder / "recording.json").write_bytes(text.encode(errors="surrogateescape"))
    said = r"(unreadable JSON|wrong JSON|not text of UTF-8) in .*recording\.json"
    with pytest.raises(InputError, match=said):
        read_recording(folder)


def test_a_description_without_its_parts(folder):
    (folder / "recording.json").write_text(json.dumps(sealed({"dataset": "toy"})))
    with pytest.raises(InputError, match="wrong recording .*expected kind, got nothing"):
        read_recording(folder)


def test_a_recording_in_time(folder):
    """The timeline is read without the rest, and held to the same digests."""
    recording = read_recording(folder)
    cleaning = Cleaning(True, 128.0, True)
    stimuli = recording.stimuli
    one = recording.subjects[0]
    subject = Subject("s1", np.array(one.responses), one.targets)
    write_recording(
        folder, Recording("toy", "timeseries", 2.0, cleaning, stimuli, recording.samples, [subject])
    )
    assert read_timeline(folder).tr == 2.0
    _scrambled(recording.samples).to_parquet(folder / "samples.parquet", index=False)
    with pytest.raises(InputError, match=r"another file .*samples\.parquet"):
        read_timeline(folder)
