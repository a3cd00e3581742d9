"""Recordings, activations and results survive a round trip and refuse what breaks the contract."""

import dataclasses
import os
import signal
import socket

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from stages.core.activations.activations import (
    ROWS,
    Activations,
    is_whole,
    read_about,
    read_layer,
    write_about,
    write_layer,
)
from stages.core.pictures.images import open_images, write_images
from stages.core.recording.recording_files import (
    read_recording,
    read_stimuli,
    read_words,
    write_recording,
)
from stages.core.recording.types import Cleaning, Recording, Stream, Subject, stimuli_digest
from stages.core.results.results import read_results, results_table, write_results
from stages.core.run.errors import ConcordError, InputError
from stages.core.run.files import atomic, read_json, require_file, sha256, write_json
from stages.core.run.seals import sealed
from stages.core.run.tables import check_same_ids, write_table
from stages.core.stats.multiple import adjust, adjust_together


def make_recording(rng, **changes):
    stimuli = pd.DataFrame(
        {
            "id": ["w0", "w1", "w2"],
            "text": ["a", "b,", '"c'],
            "run": "1",
            "onset": [0.0, 0.5, 2.0],
            "duration": 0.5,
            "sample": ["t0", "t0", "t1"],
        }
    )
    targets = pd.DataFrame(
        {
            "id": ["v0", "v1"],
            "region": "R",
            "hemisphere": "L",
            "i": [0, 1],
            "j": 0,
            "k": 0,
            "ceiling": np.nan,
        }
    )
    responses = rng.standard_normal((2, 2)).astype(np.float32)
    recording = Recording(
        dataset="toy",
        kind="timeseries",
        tr=2.0,
        cleaning=Cleaning(True, 128.0, True),
        stimuli=stimuli,
        samples=pd.DataFrame({"id": ["t0", "t1"], "run": "1", "onset": [0.0, 2.0]}),
        subjects=[Subject("s1", responses, targets, np.eye(4), (2, 1, 1))],
        features=pd.DataFrame({"id": stimuli["id"], "Part_of_speech/:": [0.0, 1.0, 0.0]}),
        sources={"raw.mat": "0" * 64},
    )
    return dataclasses.replace(recording, **changes)


OF = {"dataset": "toy", "subject": "s1", "region": "R", "model": "m"}
EMPTY = pd.DataFrame(columns=["id", "sample", "run", "onset", "offset"], dtype=str)


def make_about(digest):
    return Activations(
        model="hf:x", label="x", revision="abc", modality="language", parameters=9,
        tokenizer="T", seed=None, presentation="context", context=20, pooling="last",
        dtype="float32", stimuli_digest=digest, key="key",
        layers={"layer_00": 4}, widths={"layer_00": 4}, heads=0, attention_statistics=[],
    )  # fmt: skip


def test_a_recording_survives_a_round_trip(tmp_path, rng):
    written = make_recording(rng)
    write_recording(tmp_path, written)
    read = read_recording(tmp_path)
    pd.testing.assert_frame_equal(read.stimuli, written.stimuli)
    pd.testing.assert_frame_equal(read.features, written.features)
    assert (read.nuisance, read.cleaning, read.sources) == (None, written.cleaning, written.sources)
    assert_array_equal(read.subjects[0].responses, written.subjects[0].responses)
    assert_array_equal(read.subjects[0].affine, np.eye(4))
    assert read.subjects[0].shape == (2, 1, 1)


def test_the_description_is_written_last(tmp_path, rng):
    bad = make_recording(rng)
    bad.subjects[0].responses[0, 0] = np.nan
    with pytest.raises(InputError, match="not finite in .*subject s1, v0"):
        write_recording(tmp_path, bad)
    assert not (tmp_path / "recording.json").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "movie"}, "unknown kind .*got movie"),
        (
            {"samples": pd.DataFrame({"id": ["t0", "t0"], "run": "1", "onset": 0.0})},
            "duplicate id .*got t0",
        ),
        (
            {"samples": pd.DataFrame({"id": ["t0"], "run": "1", "onset": 0.0})},
            r"wrong shape .*subject s1: expected \(1, 2\), got \(2, 2\)",
        ),
        (
            {"features": pd.DataFrame({"id": ["w0", "w9", "w2"], "A/b": 1.0})},
            "ids differ .*row 1: expected 'w1', got 'w9'",
        ),
        (
            {"features": pd.DataFrame({"id": ["w0"], "A/b": 1.0})},
            "ids differ .*expected 3 ids, got 1",
        ),
        (
            {"features": pd.DataFrame({"id": ["w0", "w1", "w2"], "A/b": [1, np.nan, 1]})},
            "not finite in .*features, A/b",
        ),
    ],
)
def test_broken_recordings_are_refused(tmp_path, rng, changes, message):
    with pytest.raises(InputError, match=message):
        write_recording(tmp_path, make_recording(rng, **changes))


def make_images(rng, **changes):
    """Three images, of which the second subject saw two, made while they are written."""
    ids = ["i0", "i1", "i2"]
    stimuli = pd.DataFrame(
        {"id": ids, "text": list("abc"), "run": "1", "onset": [0.0, 1, 2], "duration": 1.0}
    ).assign(sample=ids)
    base = make_recording(rng)
    targets = base.subjects[0].targets
    values = rng.standard_normal((2, 2)).astype(np.float32)
    parts = [(values[:, [column]], targets.iloc[[column]]) for column in (0, 1)]
    whole = Subject("s1", rng.standard_normal((3, 2)).astype(np.float32), targets)
    seen = pd.DataFrame({"id": ["i0", "i2"], "repeats": [3, 1]})
    captions = [("i0", 0, "a"), ("i0", 1, "z"), ("i1", 0, "b"), ("i2", 0, "c")]
    recording = Recording(
        dataset="toy",
        kind="events",
        tr=None,
        cleaning=None,
        stimuli=stimuli,
        samples=stimuli[["id", "run", "onset"]],
        subjects=[whole],
        captions=pd.DataFrame(captions, columns=["id", "number", "text"]),
        streams=[Stream("s2", parts, 3, seen, np.eye(4), (2, 1, 1))],
    )
    return dataclasses.replace(recording, **changes)


def test_images_captions_and_streamed_subjects_survive_a_round_trip(tmp_path, rng):
    written = make_images(rng)
    write_recording(tmp_path, written)
    read = read_recording(tmp_path)
    assert [one.name for one in read.subjects] == ["s1", "s2"]
    assert read.subjects[0].samples is None
    parts = written.streams[0].parts
    assert_array_equal(read.subjects[1].responses, np.hstack([part for part, _ in parts]))
    pd.testing.assert_frame_equal(read.subjects[1].targets, written.subjects[0].targets)
    pd.testing.assert_frame_equal(read.subjects[1].samples, written.streams[0].samples)
    pd.testing.assert_frame_equal(read.captions, written.captions)
    pixels = rng.integers(0, 256, (3, 4, 5, 3), dtype=np.uint8)
    write_images(tmp_path / "images.hdf5", ["i0", "i1", "i2"], pixels)
    with open_images(tmp_path / "images.hdf5", ["i0", "i1", "i2"]) as images:
        assert_array_equal(images[:], pixels)


def test_single_measurements_survive_a_round_trip(tmp_path, rng):
    written = make_images(rng)
    single = rng.standard_normal((2, 2)).astype(np.float32)  # two of one sample
    seen = pd.DataFrame({"id": ["i0", "i2"], "repeats": [3, 1], "single": [True, False]})
    blocks = iter([single[:, :1], single[:, 1:]])
    streamed = dataclasses.replace(written.streams[0], samples=seen, single=blocks)
    own = dataclasses.replace(written.subjects[0], name="s3", samples=seen)
    own = dataclasses.replace(own, responses=own.responses[:2], single=single)
    changed = dataclasses.replace(written, subjects=[own], streams=[streamed])
    write_recording(tmp_path, changed)
    first, second = read_recording(tmp_path).subjects
    assert_array_equal(first.single, single)
    assert_array_equal(second.single, single)
    assert second.samples["single"].tolist() == [True, False]
    for samples, rows in ((seen, single[:1]), (seen.drop(columns="single"), single)):
        wrong = dataclasses.replace(own, samples=samples, single=rows)
        with pytest.raises(InputError, match="wrong number of rows.*s3, single measurements"):
            write_recording(tmp_path, dataclasses.replace(written, subjects=[wrong], streams=[]))
    unmarked = seen.assign(single=False)
    streamed = dataclasses.replace(streamed, samples=unmarked, single=iter([single]))
    with pytest.raises(InputError, match="single measurements of other samples"):
        write_recording(tmp_path, dataclasses.replace(written, subjects=[], streams=[streamed]))


def own_samples(rng, ids, repeats=(1, 1)):
    stream = make_images(rng).streams[0]
    seen = pd.DataFrame({"id": ids, "repeats": repeats})
    return {"streams": [dataclasses.replace(stream, samples=seen)]}


def test_own_samples_are_samples_in_order(tmp_path, rng):
    for ids in (["i2", "i0"], ["i0", "i9"], ["i0", "i0"]):
        with pytest.raises(InputError, match="ids differ .*subject s2"):
            write_recording(tmp_path, make_images(rng, **own_samples(rng, ids)))
    with pytest.raises(InputError, match="sample that was never measured in .*subject s2"):
        write_recording(tmp_path, make_images(rng, **own_samples(rng, ["i0", "i1"], (0, 1))))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("i0", 0, "a"), ("i2", 0, "c")], "ids differ .*captions: expected 3 ids, got 2"),
        ([("i1", 0, "b"), ("i0", 0, "a"), ("i2", 0, "c")], "row 0: expected 'i0', got 'i1'"),
        ([("i0", 0, "a"), ("i1", 0, "x"), ("i2", 0, "c")], "texts.*row 1: expected 'b', got 'x'"),
    ],
)
def test_captions_of_other_images_are_refused(tmp_path, rng, rows, message):
    captions = pd.DataFrame(rows, columns=["id", "number", "text"])
    with pytest.raises(InputError, match=message):
        write_recording(tmp_path, make_images(rng, captions=captions))


def test_streamed_responses_are_checked_while_they_are_written(tmp_path, rng):
    recording = make_images(rng)
    stream = recording.streams[0]
    (first, table), last = stream.parts
    for part, message in (
        ((first[:1], table), r"wrong shape .*s2: expected \(2, 1\), got \(1, 1\)"),
        ((first * np.nan, table), "not finite in .*s2, v0"),
        ((first, last[1]), "duplicate id in .*s2.*got v1"),
        ((first[:, :0], table.iloc[:0]), None),
    ):
        bad = dataclasses.replace(stream, parts=[part, last])
        if message is None:
            write_recording(tmp_path, dataclasses.replace(recording, streams=[bad]))
            assert read_recording(tmp_path).subjects[1].responses.shape == (2, 1)
            continue
        with pytest.raises(InputError, match=message):
            write_recording(tmp_path, dataclasses.replace(recording, streams=[bad]))
    empty = dataclasses.replace(stream, parts=[])
    with pytest.raises(InputError, match="no usable target in .*s2"):
        write_recording(tmp_path, dataclasses.replace(recording, streams=[empty]))


def make_pairs(first, second):
    ids = [f"{a}|{b}" for a, b in zip(first, second, strict=True)]
    return pd.DataFrame({"id": ids, "run": "1", "onset": 0.0, "first": first, "second": second})


def test_samples_of_dissimilarities_are_the_pairs_in_order(tmp_path, rng):
    responses = rng.random((3, 2), dtype=np.float32)
    subject = dataclasses.replace(make_recording(rng).subjects[0], responses=responses)
    right = make_pairs(["w0", "w0", "w1"], ["w1", "w2", "w2"])
    rdm = make_recording(rng, kind="rdm", samples=right, subjects=[subject], features=None)
    write_recording(tmp_path, rdm)
    assert_array_equal(read_recording(tmp_path).subjects[0].responses, responses)
    wrong = make_pairs(["w0", "w1", "w0"], ["w1", "w2", "w2"])
    with pytest.raises(InputError, match="pairs of stimuli .*first, row 1: expected 'w0', got"):
        write_recording(tmp_path, dataclasses.replace(rdm, samples=wrong))
    with pytest.raises(InputError, match="column missing in .*expected second"):
        write_recording(tmp_path, dataclasses.replace(rdm, samples=right.drop(columns="second")))


def test_duplicate_subjects_are_refused(tmp_path, rng):
    recording = make_recording(rng)
    with pytest.raises(InputError, match="duplicate id in .*subjects.*got s1"):
        write_recording(tmp_path, dataclasses.replace(recording, subjects=recording.subjects * 2))


def test_double_precision_is_refused(tmp_path, rng):
    recording = make_recording(rng)
    subject = dataclasses.replace(recording.subjects[0], responses=np.zeros((2, 2)))
    with pytest.raises(InputError, match="wrong dtype .*expected float32, got float64"):
        write_recording(tmp_path, dataclasses.replace(recording, subjects=[subject]))


def test_missing_and_truncated_parts_are_refused(tmp_path, rng):
    write_recording(tmp_path, make_recording(rng))
    with pytest.raises(InputError, match="file not found in .*nuisance.parquet.*dvc repro"):
        read_words(tmp_path / "nuisance.parquet", make_recording(rng).stimuli)
    responses = tmp_path / "s1" / "responses.safetensors"
    responses.write_bytes(responses.read_bytes()[:-4])
    with pytest.raises(InputError, match="another file than was described in .*s1"):
        read_recording(tmp_path)
    (tmp_path / "stimuli.parquet").write_bytes(b"PAR1 no longer")
    with pytest.raises(InputError, match="another file than was described in .*stimuli"):
        read_stimuli(tmp_path / "stimuli.parquet")


@pytest.mark.parametrize("column", ["id", "text", "run", "onset", "duration", "sample"])
def test_the_digest_notices_every_change_of_the_stimuli(rng, column):
    stimuli = make_recording(rng).stimuli
    changed = stimuli.copy()
    changed.loc[1, column] = 9.0 if column in ("onset", "duration") else "other"
    assert stimuli_digest(stimuli) != stimuli_digest(changed)
    assert stimuli_digest(stimuli) == stimuli_digest(stimuli.copy())


def test_activations_survive_a_round_trip(tmp_path, rng):
    values = rng.standard_normal((3, 4)).astype(np.float32)
    write_layer(tmp_path / "layer_00.safetensors", values)
    rows = pd.DataFrame(
        {"id": ["a", "b", "c"], "sample": "", "run": "1", "onset": 0.0, "offset": 1.0}
    )
    write_about(tmp_path, make_about("digest"), rows)
    about, read_rows = read_about(tmp_path, "digest")
    digests = {"layer_00": sha256(tmp_path / "layer_00.safetensors")}
    assert about == dataclasses.replace(make_about("digest"), digests=digests)
    pd.testing.assert_frame_equal(rows, read_rows)
    assert_array_equal(read_layer(tmp_path, "layer_00", about, 3), values)
    assert is_whole(tmp_path, "key")
    assert not is_whole(tmp_path, "another")
    (tmp_path / "layer_00.safetensors").unlink()
    assert not is_whole(tmp_path, "key")


def test_stimuli_changed_after_extraction(tmp_path):
    write_about(tmp_path, make_about("old"), EMPTY)
    with pytest.raises(
        InputError, match=r"stimuli changed after extraction .*got old\. Run `dvc repro`"
    ):
        read_about(tmp_path, "new")


def test_captions_changed_after_extraction(tmp_path):
    """Where all of them were shown, and only there, others are refused."""
    write_about(tmp_path, make_about("digest"), EMPTY)
    assert "captions_digest" not in read_json(tmp_path / "activations.json", "")
    assert read_about(tmp_path, "digest", "any")[0].captions_digest == ""
    about = dataclasses.replace(make_about("digest"), captions_digest="all")
    write_about(tmp_path, about, EMPTY)
    assert read_about(tmp_path, "digest", "all")[0].captions_digest == "all"
    for digest, expected in (("other", "other"), ("", "none")):
        match = f"captions changed after .*expected captions with digest {expected}, got all. Run"
        with pytest.raises(InputError, match=match):
            read_about(tmp_path, "digest", digest)


def test_rows_changed_after_extraction(tmp_path):
    rows = pd.DataFrame(
        {"id": ["a", "b"], "sample": ["s", "t"], "run": "1", "onset": [0.0, 1.0], "offset": 2.0}
    )
    write_about(tmp_path, make_about("digest"), rows)
    read_about(tmp_path, "digest")
    write_table(tmp_path / "rows.parquet", rows[::-1])
    with pytest.raises(InputError, match=r"rows changed after extraction in .*rows\.parquet"):
        read_about(tmp_path, "digest")


@pytest.mark.parametrize("content", [{"model": "m"}, {"surprise": 1}])
def test_a_description_of_another_shape_is_refused(tmp_path, content):
    write_json(tmp_path / "activations.json", content)
    with pytest.raises(InputError, match=r"file that was edited in .*got none.*dvc repro"):
        read_about(tmp_path, "digest")
    write_json(tmp_path / "activations.json", sealed(content))
    with pytest.raises(InputError, match=r"wrong activations in .*activations\.json.*dvc repro"):
        read_about(tmp_path, "digest")


def test_an_unfinished_extraction_is_not_taken_for_whole(tmp_path):
    with pytest.raises(InputError, match=r"file not found in .*activations\.json.*dvc repro"):
        read_about(tmp_path, "digest")


def test_broken_layers_are_refused(tmp_path):
    path = tmp_path / "layer_00.safetensors"
    about = make_about("digest")
    with pytest.raises(InputError, match=r"file not found .*dvc pull .*layer_00"):
        read_layer(tmp_path, "layer_00", about, 3)
    write_layer(path, np.ones((3, 5), np.float32))
    with pytest.raises(InputError, match=r"wrong shape .*expected \(3, 4\), got \(3, 5\)"):
        read_layer(tmp_path, "layer_00", about, 3)
    write_layer(path, np.full((3, 4), np.inf, np.float32))
    with pytest.raises(InputError, match="not finite"):
        read_layer(tmp_path, "layer_00", about, 3)
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(InputError, match="unreadable tensor"):
        read_layer(tmp_path, "layer_00", about, 3)
    write_layer(path, np.ones((3, 4), np.float32))
    write_about(tmp_path, about, EMPTY)
    assert is_whole(tmp_path, "key")
    path.write_bytes(path.read_bytes()[:-8])
    assert not is_whole(tmp_path, "key")


@pytest.mark.parametrize("row", [0, ROWS - 1, ROWS, 2 * ROWS])
def test_one_value_that_is_not_finite_is_found_in_any_row(tmp_path, row):
    about, values = make_about("digest"), np.ones((2 * ROWS + 1, 4), np.float32)
    path = tmp_path / "layer_00.safetensors"
    write_layer(path, values)
    assert_array_equal(read_layer(tmp_path, "layer_00", about, len(values)), values)
    values[row, 3] = np.nan
    write_layer(path, values)
    with pytest.raises(InputError, match="not finite"):
        read_layer(tmp_path, "layer_00", about, len(values))


def test_a_layer_of_another_extraction_is_refused(tmp_path):
    """Of the same shape, and finite: only its digest tells."""
    path, ones = tmp_path / "layer_00.safetensors", np.ones((3, 4), np.float32)
    write_layer(path, ones)
    about = write_about(tmp_path, make_about("digest"), EMPTY)
    assert_array_equal(read_layer(tmp_path, "layer_00", about, 3), ones)
    write_layer(path, 2 * ones)
    with pytest.raises(InputError, match=r"another file than was described in .*layer_00"):
        read_layer(tmp_path, "layer_00", about, 3)
    assert not is_whole(tmp_path, "key")


def test_results_survive_a_round_trip_and_absent_columns_are_empty(tmp_path):
    table = results_table(
        [OF | {"layer": "layer_00", "kind": "hidden", "metric": "r", "score": 0.5, "n": 3}]
    )
    write_results(tmp_path / "r.parquet", table)
    pd.testing.assert_frame_equal(read_results(tmp_path / "r.parquet", "encode", "Do it."), table)
    assert table.loc[0, "target"] == ""
    assert np.isnan(table.loc[0, "ceiling"])


def test_a_score_that_is_not_finite_is_an_error():
    with pytest.raises(ConcordError, match="not finite in V1, layer_00"):
        results_table([{"region": "V1", "layer": "layer_00", "score": np.nan}])


def test_q_is_benjamini_hochberg_by_hand_per_named_family():
    p = [0.01, 0.02, 0.03, 0.5]
    rows = [{"subject": s, "metric": "r", "score": 0.0, "p": value} for s in "ab" for value in p]
    table = adjust(results_table([*rows, {"subject": "a", "score": 0.0}]), ("subject",), "regions")
    np.testing.assert_allclose(table["q"][:4], [0.04, 0.04, 0.04, 0.5])
    assert table["q_family"].tolist() == ["regions; subject=a"] * 4 + ["regions; subject=b"] * 4 + [
        ""
    ]
    assert np.isnan(table["q"].iloc[-1])


def test_q_of_tables_that_belong_together_is_that_of_one_table(rng):
    """Families that reach over several tables, one of which lies in one of them; some lack p."""
    subject = pd.Categorical(rng.choice(["a", "b"], 60), ["a", "b", "nobody"])
    whole = pd.DataFrame({"subject": subject, "metric": "r", "p": rng.random(60)})
    whole.loc[::7, "p"] = np.nan
    whole.loc[40:45, "metric"] = "r2"
    plain = adjust(whole.astype(object).astype({"p": float}), ("subject", "metric"), "regions")
    cut = [whole.iloc[:25], whole.iloc[25:50], whole.iloc[50:]]
    found = list(adjust_together(cut, ("subject", "metric"), "regions"))
    assert [list(table.index) for table in found] == [list(table.index) for table in cut]
    added = pd.concat(found)[["q", "q_family"]]
    pd.testing.assert_frame_equal(added, plain[["q", "q_family"]], check_exact=True)
    (apart,) = adjust_together(cut[:1], ("subject", "metric"), "regions")
    assert not apart["q"].equals(found[0]["q"]), "a table alone has families of its own"


def test_atomic_leaves_nothing_behind_on_failure(tmp_path):
    (tmp_path / "x").write_text("old")
    with pytest.raises(FileNotFoundError), atomic(tmp_path / "x") as partial:
        partial.with_name("absent").rename(partial)
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert (tmp_path / "x").read_text() == "old"


def test_atomic_removes_what_killed_processes_left_and_nothing_else(tmp_path):
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        with atomic(tmp_path / "x") as partial:
            partial.write_text("half")
            os.write(write, partial.name.encode())
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    left = tmp_path / os.read(read, 1000).decode()
    os.close(read)
    os.close(write)
    assert left.read_text() == "half"
    living, elsewhere = (
        left.with_name(left.name.replace(f"-{child}-", f"-{os.getppid()}-")),
        left.with_name(left.name.replace(socket.gethostname(), f"{socket.gethostname()}x")),
    )
    named = left.with_name(f"{left.name.partition(f'-{child}-')[0]}-{child}-notes.partial")
    for other in (living, elsewhere, named):
        other.touch()
    with atomic(tmp_path / "y") as partial:
        partial.touch()
    assert left.exists()
    with atomic(tmp_path / "x") as partial:
        partial.write_text("whole")
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"x", "y", living.name, elsewhere.name, named.name}


def test_files_are_readable_by_those_whom_the_umask_lets(tmp_path, rng):
    old = os.umask(0o022)
    try:
        write_layer(tmp_path / "layer_00.safetensors", np.ones((1, 1), np.float32))
    finally:
        os.umask(old)
    assert (tmp_path / "layer_00.safetensors").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "file not found"),
        (b"", "empty file"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
            "Git-LFS pointer .*git lfs pull",
        ),
    ],
)
def test_files_that_are_not_there(tmp_path, content, message):
    if content is not None:
        (tmp_path / "x").write_bytes(content)
    with pytest.raises(InputError, match=message):
        require_file(tmp_path / "x", "Get it.")


def test_equal_ids_pass():
    check_same_ids(["a"], ["a"], "left", "right", "")
