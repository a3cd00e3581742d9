"""A small laboratory: words in time and single words, whole and with every fault."""

import logging
from io import BytesIO
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from numpy.testing import assert_allclose

from stages.core.params.read import read_params
from stages.core.recording.recording_files import read_recording
from stages.core.run.errors import InputError
from stages.encode.targets import gather
from stages.prepare.__main__ import main
from stages.prepare.tables.lab_responses import read_measured
from stages.prepare.tables.lab_words import load_table
from tests.conftest import PROJECT
from tests.prepare.tables.lab_tables import TR, TRAPS, write_events, write_series


@pytest.fixture
def change(tmp_path):
    """Change a file of the laboratory."""

    def write(name, edit):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        text = edit(path.read_text() if path.exists() else "")
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    return write


def test_events_are_averaged_over_repeats_and_read_word_for_word(tmp_path, rng, prepare):
    truth = write_events(tmp_path, rng)
    recording = load_table(tmp_path, prepare())
    assert (recording.kind, recording.tr, recording.cleaning) == ("events", None, None)
    assert list(recording.stimuli["text"][:8]) == TRAPS
    assert list(recording.stimuli["sample"][-2:]) == ["w38", ""]
    first, second = recording.subjects
    expected = truth.copy()
    expected[5, 0] += 2.0
    assert_allclose(first.responses, expected, atol=1e-6)
    assert_allclose(second.responses, expected + 1, atol=1e-6)
    assert list(first.targets["region"]) == ["N400", "P600"]
    assert "words" in recording.nuisance


def test_rows_that_were_written_twice_are_no_repeats(tmp_path, rng, prepare):
    write_events(tmp_path, rng)
    path = tmp_path / "s2" / "responses.csv"
    table = pd.read_csv(path).drop_duplicates("id")
    pd.concat([table, table]).to_csv(path, index=False)
    message = r"repeats that are all the same in .*s2/responses.csv, line 41: .*got 39 rows"
    with pytest.raises(InputError, match=message):
        load_table(tmp_path, prepare())
    measured_again = table.assign(N400=table["N400"] + 0.25)
    pd.concat([table, measured_again]).to_csv(path, index=False)
    assert load_table(tmp_path, prepare()).subjects[1].name == "s2"
    pd.concat([table, measured_again] * 2).to_csv(path, index=False)
    with pytest.raises(InputError, match=r"repeats that are all the same .*got 78 rows"):
        load_table(tmp_path, prepare())
    counts = table.set_index("id").round().reset_index()
    pd.concat([counts, counts]).to_csv(path, index=False)
    assert load_table(tmp_path, prepare()).subjects[1].name == "s2"


def test_bom_line_ends_and_a_lone_quote_of_a_tsv(tmp_path, rng, prepare, change):
    write_events(tmp_path, rng)
    table = pd.read_csv(tmp_path / "stimuli.csv", keep_default_na=False)
    (tmp_path / "stimuli.csv").unlink()
    rows = "\r\n".join("\t".join(map(str, row)) for row in table.to_numpy())
    change("stimuli.tsv", lambda _: f"\ufeffid\ttext\trun\r\n{rows}\r\n\r\n")
    assert list(load_table(tmp_path, prepare()).stimuli["text"]) == list(table["text"])


def test_parquet_and_npz_are_the_same_recording(tmp_path, rng, prepare):
    write_events(tmp_path, rng)
    first = load_table(tmp_path, prepare())
    stimuli = pd.read_csv(tmp_path / "stimuli.csv", keep_default_na=False)
    stimuli.to_parquet(tmp_path / "stimuli.parquet")
    own = pd.read_csv(tmp_path / "s1" / "responses.csv")
    values = own[["N400", "P600"]].to_numpy()
    np.savez(
        tmp_path / "s1" / "responses.npz",
        responses=values,
        id=own["id"].to_numpy(str),
        targets=np.array(["N400", "P600"]),
    )
    for name in ("stimuli.csv", "s1/responses.csv"):
        (tmp_path / name).unlink()
    again = load_table(tmp_path, prepare())
    pd.testing.assert_frame_equal(first.stimuli, again.stimuli)
    for one, other in zip(first.subjects, again.subjects, strict=True):
        assert np.array_equal(one.responses, other.responses)


def test_what_somebody_lacks_is_left_out_for_everybody(tmp_path, rng, prepare, change, caplog):
    write_events(tmp_path, rng)
    change("s2/responses.csv", lambda text: "\n".join(text.split("\n")[:-20]))
    caplog.set_level(logging.WARNING)
    recording = load_table(tmp_path, prepare())
    assert {len(subject.responses) for subject in recording.subjects} == {len(recording.samples)}
    assert 20 <= len(recording.samples) < 39
    assert "s2 has no response to" in caplog.text
    params = read_params(PROJECT / "params.yaml")
    (words,) = gather(recording, params.encode, 1000)
    assert words.series.shape == (len(recording.samples), 6)


@pytest.mark.parametrize("kind", ["story", "language"])
def test_the_command_prepares_a_time_series(tmp_path, rng, kind):
    raw = tmp_path / "raw"
    raw.mkdir()
    write_series(raw, rng)
    text = (PROJECT / "params.yaml").read_text()
    (tmp_path / "params.yaml").write_text(
        text.replace("dataset: simulated", "dataset: table").replace(
            "high_pass: 128.0", "high_pass: 0"
        )
    )
    name = ["--name", "table"] if kind == "language" else []
    options = ["--raw", raw, "--out", tmp_path / "out", "--params", tmp_path / "params.yaml"]
    done = CliRunner().invoke(main, [kind, *name, *map(str, options)])
    assert done.exit_code == 0, done.output
    recording = read_recording(tmp_path / "out")
    assert (recording.kind, recording.tr) == ("timeseries", TR)
    assert (recording.stimuli["sample"] == recording.samples["id"]).all()
    (one,) = recording.subjects
    lengths = recording.nuisance["word_length"].to_numpy()
    strength = [abs(np.corrcoef(column, lengths)[0, 1]) for column in one.responses.T]
    shuffled = [
        abs(np.corrcoef(one.responses[:, 0], rng.permutation(lengths))[0, 1]) for _ in range(20)
    ]
    assert strength[0] > 0.9
    assert max(strength[1], *shuffled) < 0.35


def line(number, edit):
    """Change one line of a text, counted from 1."""

    def changed(text):
        lines = text.splitlines()
        lines[number - 1] = edit(lines[number - 1])
        return "\n".join(lines) + "\n"

    return changed


EVENT_FAULTS = [
    ("stimuli.csv", lambda t: t.replace("id,text,run", "id,txet,run"), "column missing.*text"),
    ("stimuli.csv", lambda t: t.replace("id,text,run", "id,text,runs"), "missing.*run.*runs"),
    ("stimuli.csv", line(3, lambda t: t.replace("w1", "w0")), "duplicate id.*stimuli.csv.*w0"),
    ("stimuli.csv", line(3, lambda _: "w1,,a"), "no text in .*stimuli.csv, line 3, text.*nothing"),
    ("stimuli.csv", line(2, lambda _: "w0,hello,c"), "run in pieces in .*line 22.*'c'"),
    ("stimuli.csv", line(3, lambda t: t + ",1"), "another length in .*line 3: expected 3.* got 4"),
    ("stimuli.csv", line(3, lambda _: 'w1,"\nw2,x",a'), "several lines in .*line 3"),
    ("stimuli.csv", line(41, lambda _: 'w39,",d'), "unreadable table.*quotation"),
    ("stimuli.csv", lambda t: t.replace(",", ";"), "separators.*semicolons"),
    ("stimuli.csv", lambda _: "", "empty file"),
    ("stimuli.csv", lambda _: "id,text,run\n", "without rows"),
    ("stimuli.csv", lambda _: b"id,text,run\nw0,\xff\xfe,a\n", "unreadable table"),
    ("stimuli.csv", line(1, lambda t: "," + t), "without a name|another length"),
    ("stimuli.tsv", lambda _: "id\ttext\trun\n", "two files of one table"),
    ("stimulus.csv", lambda _: "id\n", "unknown file.*Did you mean 'stimuli'"),
    ("s1/responses.xlsx", lambda _: "x", "unknown format.*xlsx"),
    ("s1/responses.tsv", lambda _: "x", "two files of one table"),
    ("responses.csv", lambda _: "id,N400\nw0,1\n", "responses in two places"),
    ("s3/targets.csv", lambda _: "id,region\n", "no responses in .*s3"),
    ("-s/responses.csv", lambda _: "id,N400\n", "name of a subject"),
    ("s1/responses.csv", line(4, lambda _: "w3,x,1"), "not a number.*line 4, N400.*'x'"),
    ("s1/responses.csv", line(4, lambda _: "w3,1,nan"), "not a number.*line 4, P600.*'nan'"),
    ("s1/responses.csv", line(4, lambda _: "w3,,1"), "not a number.*line 4, N400.*nothing"),
    ("s1/responses.csv", line(4, lambda _: "w3,1_0,1"), "not a number"),
    ("s1/responses.csv", line(4, lambda _: "x35,0,1"), "unknown stimulus in .*line 4.*'w35'"),
    ("s1/responses.csv", line(1, lambda _: "N400,P600,id"), "unknown stimulus|not a number"),
    ("s1/responses.csv", line(1, lambda _: "id,session,P600"), "no target.*'session'"),
    ("s1/responses.csv", line(1, lambda _: "id,N401,P600"), "unequal targets.*N40"),
    ("s1/responses.csv", line(1, lambda _: "id,all,P600"), "name of a region.*'all'"),
    ("s1/responses.csv", line(1, lambda _: "id,P600,P600"), "named twice"),
    ("targets.csv", lambda _: "id,region\nN400,T\n", "no table of targets.*'P600'"),
    ("targets.csv", lambda _: "id,region,hemisphere\nN400,T,left\n", "hemisphere.*'left'"),
    ("targets.csv", lambda _: "id,region,ceiling\nN400,T,2\n", "ceiling.*line 2"),
    ("features.csv", lambda _: "id,a\nw0,1\n", "name of a feature"),
    ("features.csv", lambda _: "id,a/b\nw0,1\n", "stimulus missing.*'w1'"),
    ("nuisance.csv", lambda _: "id,b\nw77,1\n", "unknown stimulus"),
    ("nuisance.csv", lambda _: "id\nw0\n", "no variable"),
]


@pytest.mark.parametrize("fault", EVENT_FAULTS)
def test_every_fault_of_events_has_its_message(tmp_path, rng, prepare, change, fault):
    name, edit, message = fault
    write_events(tmp_path, rng)
    change(name, edit)
    with pytest.raises(InputError, match=message):
        load_table(tmp_path, prepare())


SERIES_FAULTS = [
    ("samples.csv", line(5, lambda _: "1,4.9"), "not equally far.*line 5"),
    ("samples.csv", lambda t: t.replace("\n1,0.0", "\n0,0.0"), "run of one sample"),
    ("samples.csv", line(2, lambda _: "4,0"), "run of one sample"),
    ("samples.csv", line(2, lambda _: "2,0"), "run in pieces"),
    ("samples.csv", lambda t: t.rsplit("\n", 2)[0], "other samples.*119 rows.*got 120"),
    ("stimuli.csv", lambda t: t.replace("duration", "durations"), "missing.*duration.*durations"),
    ("stimuli.csv", line(3, lambda t: t.replace("1.7,", "0.1,")), "time in .*line 3, onset"),
    ("stimuli.csv", line(2, lambda t: t.replace("0.5", "-1")), "time in .*line 2, duration"),
    ("responses.csv", line(1, lambda _: "id,silent"), "ids differ"),
]


@pytest.mark.parametrize("fault", SERIES_FAULTS)
def test_every_fault_of_a_series_has_its_message(tmp_path, rng, prepare, change, fault):
    name, edit, message = fault
    write_series(tmp_path, rng)
    change(name, edit)
    with pytest.raises(InputError, match=message):
        load_table(tmp_path, prepare())


def test_words_beyond_the_samples(tmp_path, rng, prepare):
    write_series(tmp_path, rng)
    stimuli = pd.read_csv(tmp_path / "stimuli.csv")
    stimuli.loc[39, "onset"] = 100.0
    stimuli.to_csv(tmp_path / "stimuli.csv", index=False)
    assert load_table(tmp_path, prepare()).stimuli["sample"][39] == ""
    stimuli.loc[30:39, "onset"] += 200.0
    stimuli.to_csv(tmp_path / "stimuli.csv", index=False)
    with pytest.raises(InputError, match=r"outside the samples.*run 1.*from 0 to 60 s"):
        load_table(tmp_path, prepare())


def test_smoothing_pickles_and_paths_that_lead_out_are_refused(tmp_path, rng, prepare):
    raw = tmp_path / "raw"
    raw.mkdir()
    write_events(raw, rng)
    with pytest.raises(InputError, match="no voxels to smooth"):
        load_table(raw, prepare(smoothing=4.0))
    (raw / "s1" / "responses.csv").rename(tmp_path / "responses.csv")
    (raw / "s1" / "responses.csv").symlink_to(tmp_path / "responses.csv")
    with pytest.raises(InputError, match="leads out of the folder"):
        load_table(raw, prepare())
    (raw / "s1" / "responses.csv").unlink()
    np.savez(raw / "s1" / "responses.npz", responses=np.array([[object()]]), allow_pickle=True)
    with pytest.raises(InputError, match=r"unreadable \.npz"):
        load_table(raw, prepare())


@pytest.mark.parametrize("start", [40, 90])
def test_packed_arrays_that_are_damaged_are_refused(tmp_path, rng, start):
    path = tmp_path / "responses.npz"
    np.savez_compressed(path, responses=rng.standard_normal((30, 2)))
    assert read_measured(path).series.shape == (30, 2)
    content = bytearray(path.read_bytes())
    content[start : start + 20] = bytes(range(200, 220))
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"unreadable \.npz file in .*responses.npz"):
        read_measured(path)


def test_arrays_whose_header_does_not_end_are_refused(tmp_path):
    stored = BytesIO()
    np.save(stored, np.zeros((2, 3)))
    with ZipFile(tmp_path / "responses.npz", "w") as archive:
        archive.writestr("responses.npy", stored.getvalue().replace(b"(2, 3)", b"(2, 3,"))
    with pytest.raises(InputError, match=r"unreadable \.npz"):
        read_measured(tmp_path / "responses.npz")


@pytest.fixture
def parquet(tmp_path, rng):
    """The events of one person, as parquet, changed before they are written."""
    write_events(tmp_path, rng)

    def write(edit):
        path = tmp_path / "s1" / "responses.csv"
        table = edit(pd.read_csv(path))
        path.unlink()
        table.to_parquet(path.with_suffix(".parquet"))

    return write


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda t: t.sample(frac=1, random_state=0), "row numbers in a column .*index=False"),
        (
            lambda t: t.assign(N400=pd.to_timedelta(range(len(t)), unit="s")),
            "column of another type .*N400: expected texts or numbers, got duration",
        ),
        (lambda t: t.assign(P600=t["P600"] > 0), "column of another type .*P600.*got bool"),
        (lambda t: t.assign(P600=t["id"].astype("category")), "another type .*got dictionary"),
    ],
)
def test_what_parquet_holds_beside_texts_and_numbers(tmp_path, parquet, prepare, edit, message):
    parquet(edit)
    with pytest.raises(InputError, match=message):
        load_table(tmp_path, prepare())


def test_a_person_without_targets_takes_no_stimulus_from_others(tmp_path, rng, prepare, caplog):
    write_events(tmp_path, rng)
    path = tmp_path / "s2" / "responses.csv"
    pd.read_csv(path).iloc[:25].assign(N400=1.0, P600=2.0).to_csv(path, index=False)
    found = load_table(tmp_path, prepare())
    assert [one.name for one in found.subjects] == ["s1"]
    assert len(found.samples) == 39
    assert "s2 excluded" in caplog.text


def test_a_target_that_is_constant_where_all_answer_is_dropped(tmp_path, rng, prepare):
    write_events(tmp_path, rng)
    path = tmp_path / "s1" / "responses.csv"
    table = pd.read_csv(path)
    table["N400"] = np.where(table["id"] == "w0", 5.0, 1.0)
    table["P600"] = 1e9 + table["P600"]
    table.assign(fine=rng.normal(size=len(table))).to_csv(path, index=False)
    other = tmp_path / "s2" / "responses.csv"
    some = pd.read_csv(other)
    some = some.assign(fine=rng.normal(size=len(some)))
    some[some["id"] != "w0"].to_csv(other, index=False)
    found = load_table(tmp_path, prepare())
    assert found.subjects[0].targets["id"].tolist() == ["fine"]
    assert found.subjects[1].targets["id"].tolist() == ["N400", "P600", "fine"]


@pytest.mark.parametrize("name", ["group", "mean", "models"])
def test_nobody_is_called_what_an_average_is(tmp_path, rng, prepare, name):
    write_events(tmp_path, rng)
    (tmp_path / "s2").rename(tmp_path / name)
    with pytest.raises(InputError, match=f"name that means an average .*got {name}"):
        load_table(tmp_path, prepare())
