"""Every assembly becomes a recording: in order, by person, with nothing lost unseen."""

import hashlib
import json
import logging
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from stages.core.recording.checks import check_recording
from stages.core.run.errors import InputError
from stages.core.stats.reliability import spearman_brown
from stages.prepare.assemblies import contents
from stages.prepare.assemblies.assembly_file import assembly_file
from stages.prepare.assemblies.blank import load_blank
from stages.prepare.assemblies.fedorenko import load_fedorenko
from stages.prepare.assemblies.futrell import load_futrell, split_half_agreement
from stages.prepare.assemblies.pereira import load_pereira
from tests.conftest import PROJECT
from tests.prepare.assemblies.conftest import sentences, voxels


@pytest.fixture
def pereira(write, tmp_path):
    """Write the sentences of an experiment and load them."""

    def load(dataset="pereira2018-simulated", change=lambda values: None, **coordinates):
        told, _ = sentences(**coordinates)
        values = np.random.default_rng(0).standard_normal((len(told["stimulus"]), 6))
        change(values)
        write(values, told, voxels(), path=tmp_path / "raw" / "some.nc")
        return load_pereira(tmp_path / "raw", dataset), told, values

    return load


def test_sentences_are_in_the_order_of_their_passages(pereira):
    recording, told, values = pereira()
    check_recording(recording, "here")
    assert list(recording.stimuli["id"]) == [f"simulated.{k}" for k in range(12)]
    assert list(recording.stimuli["run"].unique()) == [
        "topic 0.1", "topic 0.2", "topic 1.3", "topic 1.4",
    ]  # fmt: skip
    assert list(recording.stimuli["onset"]) == [0, 1, 2] * 4
    assert list(recording.stimuli["text"]) == [f"Sentence number {k} is told." for k in range(12)]
    order = np.argsort(told["stimulus_num"])
    first = recording.subjects[0]
    np.testing.assert_array_equal(first.responses, values[order, :3].astype(np.float32))
    assert list(first.targets["region"]) == ["language", "language", "auditory"]
    assert list(recording.samples["run"]) == ["topic 0"] * 6 + ["topic 1"] * 6  # left out together
    assert list(recording.nuisance["words"]) == [5.0] * 12
    assert list(recording.nuisance["place_1"]) == [1, 0, 0] * 4
    assert "place_4" not in recording.nuisance
    assert list(recording.nuisance["position"]) == [0, 1, 2] * 4


def test_a_person_who_read_the_other_experiment_is_left_out_and_named(pereira, caplog):
    with caplog.at_level(logging.INFO, "concord.prepare"):
        recording, _, _ = pereira(change=lambda values: values[:, 3:].fill(np.nan))
    assert [one.name for one in recording.subjects] == ["018"]
    assert "199 excluded: 3 of 3 targets NaN or infinite" in caplog.text


def test_a_voxel_of_two_networks_is_a_target_of_both_and_two_of_one_are_refused(write, tmp_path):
    told, _ = sentences()
    values = np.random.default_rng(0).standard_normal((12, 2))
    units = {"subject": ["018"] * 2, "atlas": ["language", "DMN"], "neuroid_id": ["018.7"] * 2}
    path = tmp_path / "raw" / "some.nc"
    write(values, told, units, path=path)
    recording = load_pereira(path.parent, "pereira2018-simulated")
    assert list(recording.subjects[0].targets["id"]) == ["language.018.7", "DMN.018.7"]
    write(values, told, units | {"atlas": ["language"] * 2}, path=path)
    with pytest.raises(InputError, match="duplicate id.*018.7"):
        check_recording(load_pereira(path.parent, "pereira2018-simulated"), "here")


def test_an_assembly_that_is_not_the_published_one(pereira):
    with pytest.raises(InputError, match=r"not the published.*stimuli=627.*got .*stimuli=12"):
        pereira("pereira2018-243", experiment="243sentences")


def test_published_networks_sum_to_what_was_published(pereira, monkeypatch):
    monkeypatch.setitem(contents.PUBLISHED, "pereira2018-243", contents.Size(12, 4, 2))
    language = np.array([0, 1, 3, 4])  # columns of `voxels`, the others are auditory

    def load(change=lambda values: None, auditory=-257124.114):
        def twin(values):
            for columns, total in ((language, 1935595.263), (np.array([2, 5]), auditory)):
                values[:, columns] += (total - values[:, columns].sum()) / values[:, columns].size
            change(values)

        return pereira("pereira2018-243", twin, experiment="243sentences")[0]

    assert len(load().subjects) == 2
    said = r"not the published values.*language: expected values that sum to 1935595\.263, "
    with pytest.raises(InputError, match=said + r"got 1935615\.263\. Get the file anew"):
        load(lambda values: values.__setitem__((0, 0), values[0, 0] + 20))
    with pytest.raises(InputError, match=r"network auditory: .* got 257124\.114\."):
        load(auditory=257124.114)

    def unread(values):
        values[:, 3:] = np.nan
        for columns, total in ((language[:2], 1935595.263), (np.array([2]), -257124.114)):
            values[:, columns] *= total / values[:, columns].sum()

    assert [one.name for one in load(unread).subjects] == ["018"]  # NaN is nothing


def test_a_sentence_without_a_text(write, tmp_path):
    told, _ = sentences()
    told["stimulus"][3] = " "
    path = write(np.ones((12, 6)), told, voxels(), path=tmp_path / "raw" / "some.nc")
    with pytest.raises(InputError, match="sentence without a text"):
        load_pereira(path.parent, "pereira2018-simulated")


def test_words_over_electrodes(write, tmp_path):
    values = np.random.default_rng(0).standard_normal((6, 3))
    told = {
        "sentence_id": [1, 1, 0, 0, 0, 1],
        "word_num": [0, 2, 1, 0, 2, 1],
        "word": ["D", "F", "B", "A", "C", "E"],
    }
    units = {"neuroid_id": [0, 1, 2], "subject_UID": [1, 1, 2]}
    path = tmp_path / "raw" / "some.nc"
    write(values, told, units, path=path)
    recording = load_fedorenko(path.parent, "some")
    check_recording(recording, "here")
    assert "".join(recording.stimuli["text"]) == "ABCDEF"
    assert list(recording.stimuli["run"]) == ["0"] * 3 + ["1"] * 3
    assert {one.name: one.responses.shape for one in recording.subjects} == {
        "1": (6, 2), "2": (6, 1),
    }  # fmt: skip
    np.testing.assert_array_equal(
        recording.subjects[1].responses[:, 0], values[[3, 2, 4, 0, 5, 1], 2].astype(np.float32)
    )
    values[2, 1] = np.nan
    write(values, told, units, path=path)
    with pytest.raises(InputError, match="not finite.*electrodes, stimulus 2, unit 1.*1 of 3"):
        load_fedorenko(path.parent, "some")


def test_pieces_of_stories_over_regions(write, tmp_path, caplog):
    values = np.random.default_rng(0).standard_normal((4, 2))
    told = {
        "story": ["Boar", "Aqua", "Boar", "Boar"],
        "timepoint_value": [2.0, 2.0, -6.0, 4.0],
        "stimulus": ["once upon", "there was", "", "a time"],
    }
    units = {
        "neuroid_id": ["061.a", "061.b"],
        "fROI_area": ["01_LH_PostTemp", "12_RH_AngG"],
        "subject_UID": ["061"] * 2,
    }
    path = tmp_path / "raw" / "some.nc"
    write(values, told, units, path=path)
    with caplog.at_level(logging.INFO, "concord.prepare"):
        recording = load_blank(path.parent, "some")
    check_recording(recording, "here")
    assert "1 scans without words left out" in caplog.text
    assert list(recording.samples["id"]) == ["Aqua.2", "Boar.2", "Boar.4"]
    assert list(recording.subjects[0].targets["hemisphere"]) == ["L", "R"]


def test_reading_times_of_the_mean_reader(write, tmp_path):
    rng = np.random.default_rng(0)
    n_words, readers = 400, 12
    common = rng.normal(6, 0.2, n_words)
    times = np.exp(common[:, None] + rng.normal(0, 0.3, (n_words, readers)))
    times[rng.random(times.shape) < 0.1] = np.nan
    times[7] = np.nan  # nobody was timed on this word
    ids = [f"R{k}" for k in range(readers - 1)] + ["A2VG5S4UL5UGRS"]
    told = {
        "story_id": [1.0] * 200 + [2.0] * 200,
        "word_id": [*range(1, 201), *range(1, 201)],
        "word": ["word"] * n_words,
    }
    path = tmp_path / "raw" / "some.nc"
    write(times, told, {"subject_id": ids}, unit="subject", path=path)
    recording = load_futrell(path.parent, "some")
    check_recording(recording, "here")
    subject = recording.subjects[0]
    assert len(recording.samples) == n_words - 1
    kept = np.delete(times[:, :-1], 7, axis=0)  # without the reader whom the publication left out
    expected = np.log(np.nanmean(kept, axis=1)).astype(np.float32)
    np.testing.assert_array_equal(subject.responses[:, 0], expected)
    truth = np.corrcoef(subject.responses[:, 0], np.delete(common, 7))[0, 1]
    assert float(subject.targets["ceiling"].iloc[0]) == pytest.approx(truth, abs=0.03)
    # By hand: one reader against another is what halves of two readers are.
    pair = np.exp(common[:, None] + rng.normal(0, 0.3, (n_words, 2)))
    assert split_half_agreement(pair) == pytest.approx(np.corrcoef(np.log(pair.T))[0, 1])
    assert float(spearman_brown(0.5, 2)) == pytest.approx(2 / 3)


def test_a_reading_time_that_is_none(write, tmp_path):
    told = {"story_id": [1, 1], "word_id": [1, 2], "word": ["a", "b"]}
    path = tmp_path / "raw" / "some.nc"
    write([[300.0, 310.0], [0.0, 280.0]], told, {"subject_id": ["x", "y"]}, path=path)
    with pytest.raises(InputError, match="no reading time.*word 'b'.*got 0"):
        load_futrell(path.parent, "some")


def test_each_published_assembly_is_listed_with_its_digest():
    for name in ("pereira2018-243", "pereira2018-384", "fedorenko2016", "blank2014", "futrell2018"):
        listed = json.loads((PROJECT / "data" / "raw" / name / "assembly.json").read_text())
        assert sorted(listed) == ["file", "sha1", "store"]
        assert len(listed["sha1"]) == 40


def test_a_file_is_taken_from_its_folder_then_the_mirror_then_the_store(tmp_path, monkeypatch):
    content = b"some assembly"
    raw = tmp_path / "raw" / "fedorenko2016"
    raw.mkdir(parents=True)
    digest = hashlib.sha1(content).hexdigest()
    listing = {"file": "assy.nc", "store": "http://127.0.0.1:9", "sha1": digest}
    (raw / "assembly.json").write_text(json.dumps(listing))
    monkeypatch.setenv("CONCORD_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("CONCORD_DATA_MIRROR", raising=False)
    with pytest.raises(InputError, match="cannot download.*put assy.nc into"):
        assembly_file(raw)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("CONCORD_STORE", f"http://127.0.0.1:{server.server_port}")
        found = assembly_file(raw)
        assert found.read_bytes() == content
        assert assembly_file(raw) == found  # once
        wrong = listing | {"sha1": "0" * 40, "file": "other.nc"}
        (raw / "assembly.json").write_text(json.dumps(wrong))
        with pytest.raises(InputError, match="wrong checksum"):
            assembly_file(raw)
        server.shutdown()
    (raw / "assembly.json").write_text(json.dumps(listing))
    monkeypatch.setenv("CONCORD_DATA_MIRROR", str(tmp_path / "mirror"))
    with pytest.raises(InputError, match="file not found"):
        assembly_file(raw)
    (tmp_path / "mirror" / "fedorenko2016").mkdir(parents=True)
    (tmp_path / "mirror" / "fedorenko2016" / "assy.nc").write_bytes(b"another")
    with pytest.raises(InputError, match="wrong checksum"):
        assembly_file(raw)
    (raw / "mine.nc").write_bytes(content)
    assert assembly_file(raw) == raw / "mine.nc"
