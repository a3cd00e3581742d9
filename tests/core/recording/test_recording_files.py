"""Recordings are read as they were written, part by part, and what they lack is lacking."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from safetensors.numpy import load_file

from stages.core.recording.recording_files import (
    IMAGES,
    read_description,
    read_nuisance,
    read_recording,
    read_targets,
    read_timeline,
    write_recording,
)
from stages.core.recording.types import Cleaning, Recording, Stream, Subject
from stages.core.run.errors import InputError
from stages.core.run.seals import file_digest

N = 4
IDS = ["a", "b", "c", "d"]
STIMULI = pd.DataFrame({"id": IDS, "text": list("wxyz"), "run": "1", "onset": np.arange(4.0)})
STIMULI = STIMULI.assign(duration=1.0, sample=IDS)
SAMPLES = STIMULI[["id", "run", "onset"]]
WORDS = pd.DataFrame({"id": IDS, "one": [1.0, 2, 3, 4]})
CAPTIONS = pd.DataFrame(
    {"id": ["a", "a", "b", "c", "d"], "number": [0, 1, 0, 0, 0], "text": list("wvxyz")}
)
OWN = pd.DataFrame({"id": ["a", "b", "d"], "repeats": [2, 1, 2], "single": [True, False, True]})


def targets_of(*names):
    table = pd.DataFrame({"id": names, "region": "R", "hemisphere": ""})
    return table.assign(i=np.arange(len(names)), j=0, k=0, ceiling=0.5)


def responses(rows, columns, first=0.0):
    return (first + np.arange(rows * columns)).reshape(rows, columns).astype(np.float32)


@pytest.fixture
def plain():
    one = Subject("s1", responses(N, 2), targets_of("v0", "v1"))
    return Recording("toy", "events", None, None, STIMULI, SAMPLES, [one])


@pytest.fixture
def full(plain):
    two = Subject(
        "s2",
        responses(3, 2, 9.0),
        targets_of("u0", "u1"),
        np.eye(4) * 2,
        (2, 3, 4),
        OWN,
        responses(4, 2),
    )
    return replace(plain, subjects=[*plain.subjects, two], features=WORDS, nuisance=WORDS,
                   captions=CAPTIONS, sources={"x": "1"}, space="MNI")  # fmt: skip


def assert_same(found, expected):
    assert (found.name, found.shape) == (expected.name, expected.shape)
    for name in ("responses", "affine", "single"):
        one, other = (getattr(subject, name) for subject in (found, expected))
        assert (one is None) == (other is None)
        if other is not None:
            assert_array_equal(one, other)
    pd.testing.assert_frame_equal(found.targets, expected.targets)
    if expected.samples is None:
        assert found.samples is None
    else:
        pd.testing.assert_frame_equal(found.samples, expected.samples)


def test_a_plain_recording_there_and_back(tmp_path, plain):
    write_recording(tmp_path, plain)
    found = read_recording(tmp_path)
    assert_same(found.subjects[0], plain.subjects[0])
    for name in ("features", "nuisance", "captions", "tr", "cleaning"):
        assert getattr(found, name) is None
    assert (found.dataset, found.kind, found.shifted, found.space) == ("toy", "events", 0, "")
    about = read_description(tmp_path)
    assert not {"shifted", "space"} & set(about)
    names = {"stimuli.parquet", "samples.parquet", "s1/responses.safetensors", "s1/targets.parquet"}
    assert about["files"] == {name: file_digest(tmp_path / name) for name in names}
    assert about["subjects"] == {"s1": {"affine": None, "shape": None}}


def test_a_full_recording_there_and_back(tmp_path, full):
    full = replace(full, nuisance=WORDS.assign(one=WORDS["one"] * 2))
    write_recording(tmp_path, full)
    found = read_recording(tmp_path)
    for one, other in zip(found.subjects, full.subjects, strict=True):
        assert_same(one, other)
    for name in ("stimuli", "samples", "features", "nuisance", "captions"):
        pd.testing.assert_frame_equal(getattr(found, name), getattr(full, name))
    assert (found.sources, found.space) == ({"x": "1"}, "MNI")
    files = set(read_description(tmp_path)["files"])
    assert {"s2/samples.parquet", "s2/single.safetensors", "captions.parquet"} <= files
    assert not {"s1/samples.parquet", "s1/single.safetensors"} & files
    pd.testing.assert_frame_equal(read_nuisance(tmp_path, STIMULI), full.nuisance)
    for name, table in read_targets(tmp_path).items():
        pd.testing.assert_frame_equal(
            table, targets_of(*("v0", "v1") if name == "s1" else ("u0", "u1"))
        )


def test_without_nuisance_variables_there_are_none(tmp_path, plain):
    write_recording(tmp_path, plain)
    assert read_nuisance(tmp_path, STIMULI) is None


@pytest.mark.parametrize("confounds", [(), ("motion",)])
def test_what_was_done_to_a_series(tmp_path, plain, confounds):
    cleaning = Cleaning(detrend=True, high_pass=100.0, standardize=False, confounds=confounds)
    series = replace(plain, kind="timeseries", tr=1.5, cleaning=cleaning, shifted=3.0)
    write_recording(tmp_path, series)
    found, timeline = read_recording(tmp_path), read_timeline(tmp_path)
    for one in (found, timeline):
        assert (one.tr, one.cleaning, one.shifted) == (1.5, cleaning, 3.0)
    pd.testing.assert_frame_equal(timeline.samples, SAMPLES)
    about = read_description(tmp_path)
    assert ("confounds" in about["cleaning"]) == bool(confounds)
    assert about["shifted"] == 3


@pytest.mark.parametrize("captions", [None, CAPTIONS])
@pytest.mark.parametrize("images", [True, False])
def test_texts_are_captions_where_images_lie_beside(tmp_path, plain, captions, images):
    (tmp_path / IMAGES).write_bytes(b"pixels")
    write_recording(tmp_path, replace(plain, captions=captions), *([IMAGES] if images else []))
    found = read_recording(tmp_path).captions
    if captions is not None:
        pd.testing.assert_frame_equal(found, captions)
    elif images:
        assert found.to_dict("list") == {"id": IDS, "number": [0] * 4, "text": list("wxyz")}
    else:
        assert found is None
    assert (IMAGES in read_description(tmp_path)["files"]) == images
    if images:
        (tmp_path / IMAGES).write_bytes(b"others")
        read_recording(tmp_path)


def streamed(parts, single=None, samples=OWN, at_most=5):
    return Stream("s2", parts, at_most, samples, np.eye(4), (1, 2, 3), single)


def test_a_stream_is_read_as_a_subject(tmp_path, plain):
    parts = [(responses(3, 2), targets_of("a", "b")), (responses(3, 1, 50.0), targets_of("c"))]
    single = [responses(4, 2, 7.0), responses(4, 1, 90.0)]
    write_recording(tmp_path, replace(plain, streams=[streamed(parts, single)]))
    found = read_recording(tmp_path).subjects[1]
    assert_array_equal(found.responses, np.hstack([values for values, _ in parts]))
    assert_array_equal(found.single, np.hstack(single))
    assert list(found.targets["id"]) == ["a", "b", "c"]
    assert found.shape == (1, 2, 3)
    assert found.responses.dtype == np.float32
    pd.testing.assert_frame_equal(found.samples, OWN)


@pytest.mark.parametrize(
    ("parts", "single", "message"),
    [
        ([], None, "no usable target"),
        ([(responses(3, 1), targets_of("a"))] * 2, None, "duplicate id.*got a"),
        ([(responses(2, 1), targets_of("a"))], None, "wrong shape"),
        (
            [(responses(3, 1), targets_of("a"))],
            [responses(3, 1)],
            "of each of 2 samples, got 3 rows",
        ),
    ],
)
def test_streams_that_break_the_contract(tmp_path, plain, parts, single, message):
    with pytest.raises(InputError, match=message):
        write_recording(tmp_path, replace(plain, streams=[streamed(parts, single)]))
    assert not (tmp_path / "recording.json").exists()


def test_single_measurements_need_samples_that_are_marked(tmp_path, plain):
    parts = [(responses(3, 1), targets_of("a"))]
    unmarked = streamed(parts, [responses(4, 1)], OWN.assign(single=False))
    with pytest.raises(InputError, match="single measurements of other samples.*each of 0 samples"):
        write_recording(tmp_path, replace(plain, streams=[unmarked]))


def test_responses_are_written_row_by_row(tmp_path, plain):
    turned = Subject("s1", np.asfortranarray(responses(N, 2)), targets_of("v0", "v1"))
    write_recording(tmp_path, replace(plain, subjects=[turned]))
    written = load_file(tmp_path / "s1" / "responses.safetensors")
    assert list(written) == ["responses"]
    assert_array_equal(written["responses"], responses(N, 2))
