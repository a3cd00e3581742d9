import pytest
from click.testing import CliRunner

from stages.core.names.story_regions import STORY_REGIONS
from stages.core.params.read import read_params
from stages.core.params.schema import SimulateLanguage
from stages.core.recording.recording_files import read_recording
from stages.core.run.errors import InputError
from stages.prepare.__main__ import main
from stages.prepare.loaders import ASSEMBLIES, SCENES, STORIES, load_language
from stages.simulate.language.assemblies import write_times
from tests.conftest import PROJECT
from tests.prepare.nsd_release import plant

RAW = PROJECT / "data" / "raw"


@pytest.fixture
def bids():
    """The section `bids` of params.yaml."""
    return read_params(PROJECT / "params.yaml").bids


@pytest.fixture
def mirrored(mirror, monkeypatch):
    """Take public files from the mirror."""
    monkeypatch.setenv("CONCORD_DATA_MIRROR", str(mirror))


@pytest.fixture
def scene():
    """Make the section `scene` of params.yaml, with changes."""

    def make(**changes):
        return read_params(PROJECT / "params.yaml").scene.model_copy(update=changes)

    return make


def test_the_command_prepares_a_release(tmp_path, rng):
    plant(tmp_path / "raw", rng)
    options = ["--raw", tmp_path / "raw", "--out", tmp_path / "out"]
    params = ["--params", PROJECT / "params.yaml"]
    done = CliRunner().invoke(main, ["scene", *map(str, options + params)])
    assert done.exit_code == 0, done.output
    recording = read_recording(tmp_path / "out")
    assert recording.dataset == "nsd-simulated"
    assert [subject.name for subject in recording.subjects] == ["subj01", "subj02"]
    assert (tmp_path / "out" / "images.hdf5").exists()


def test_subjects_sessions_and_regions_are_chosen(tmp_path, rng, scene, bids):
    plant(tmp_path, rng)
    chosen = scene(subjects=["subj02"], sessions=[1, 3], regions=["V2"])
    (stream,) = SCENES[chosen.dataset](tmp_path, chosen, bids).recording.streams
    assert stream.name == "subj02"
    targets = [table for _, table in stream.parts]
    assert {region for table in targets for region in table["region"]} == {"V2"}


def test_the_92_images(mirror, monkeypatch, scene, bids):
    monkeypatch.setenv("CONCORD_DATA_MIRROR", str(mirror))
    images = scene(dataset="kriegeskorte2008")
    recording = SCENES["kriegeskorte2008"](RAW / "kriegeskorte2008", images, bids).recording
    assert recording.kind == "rdm"
    assert len(recording.stimuli) == 92


def test_macaque_v4(mirror, monkeypatch, scene, bids):
    monkeypatch.setenv("CONCORD_DATA_MIRROR", str(mirror))
    images = scene(dataset="v4_cowley2023")
    recording = SCENES["v4_cowley2023"](RAW / "v4_cowley2023", images, bids).recording
    assert recording.kind == "events"
    assert len(recording.stimuli) == 640


@pytest.mark.parametrize("name", ["kriegeskorte2008", "v4_cowley2023"])
def test_regions_cannot_be_chosen_where_there_are_none(tmp_path, scene, bids, name):
    wrong = scene(dataset=name, regions=["V1"])
    with pytest.raises(InputError, match=r"no such choice .*scene\.regions.*expected all"):
        SCENES[name](tmp_path, wrong, bids)


@pytest.mark.usefixtures("mirrored")
@pytest.mark.parametrize(
    ("name", "subjects"), [("sherlock2017", ["s1", "s2"]), ("ucl2013", ["group"])]
)
def test_recordings_of_public_repositories(prepare, bids, name, subjects):
    recording = STORIES[name](RAW / name, prepare(subjects=subjects), bids)
    assert recording.dataset == name
    assert [one.name for one in recording.subjects] == subjects
    assert {region for one in recording.subjects for region in one.targets["region"]} <= set(
        STORY_REGIONS
    )


def test_the_command_prepares_a_recording_of_words(tmp_path):
    settings = SimulateLanguage(seed=1, subjects=2, passages=12, signal=1.0, words=400, readers=5)
    write_times(tmp_path / "raw", settings)
    options = ["--raw", tmp_path / "raw", "--out", tmp_path / "out"]
    options += ["--name", "futrell2018-simulated", "--params", PROJECT / "params.yaml"]
    done = CliRunner().invoke(main, ["language", *map(str, options)])
    assert done.exit_code == 0, done.output
    recording = read_recording(tmp_path / "out")
    assert (recording.dataset, recording.kind) == ("futrell2018-simulated", "events")
    known = ["id", "words", "word_length", "log_frequency", "position"]
    assert list(recording.nuisance) == [*known, *(f"place_{k}" for k in range(1, 9))]


def test_stories_stand_beside_assemblies_with_all_their_people(mirror, monkeypatch, bids):
    monkeypatch.setenv("CONCORD_DATA_MIRROR", str(mirror))
    prepare = read_params(PROJECT / "params.yaml").story.prepare
    chosen = prepare.model_copy(update={"subjects": ["s18"], "smoothing": 4.0})
    recording = load_language(RAW / "alice", "alice", chosen, bids)
    assert len(recording.subjects) > 20
    assert set(ASSEMBLIES).isdisjoint(STORIES)
