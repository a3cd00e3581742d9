"""A page shows one recording of each study, the one that the parameters name."""

import pandas as pd
import pytest

from stages.core.params.read import read_params
from stages.core.run.errors import InputError
from stages.core.run.tables import write_table
from stages.report.one_recording import check_recordings, other_training
from tests.conftest import PROJECT
from tests.report.made_results import write_courses, write_ladder, write_scene, write_story


@pytest.fixture
def results(tmp_path, rng):
    write_story(tmp_path, rng)
    write_scene(tmp_path, rng)
    return tmp_path


@pytest.fixture
def params():
    return read_params(PROJECT / "params.yaml")


def made_from(results, pattern, **origin):
    """Write tables again as if they were made from something."""
    for path in results.glob(pattern):
        write_table(path, pd.read_parquet(path), {f"recording {k}": v for k, v in origin.items()})


def test_tables_of_one_recording_pass(results, params):
    for name in (
        "encode",
        "probe",
        "models",
        "decode",
        "profile",
        "ceilings_story",
        "ladder/story",
    ):
        made_from(results, f"{name}.parquet", simulated="a" * 64)
    check_recordings(results, params)


def test_tables_of_two_recordings_are_refused(results, params):
    for name in ("probe", "models", "decode", "profile", "ceilings_story", "ladder/story"):
        made_from(results, f"{name}.parquet", simulated="a" * 64)
    made_from(results, "encode.parquet", simulated="b" * 64)
    with pytest.raises(InputError, match=r"made from something else in .*probe\.parquet"):
        check_recordings(results, params)


def test_a_recording_that_the_parameters_do_not_name_is_refused(results, params):
    for name in ("survey/*", "ceilings", "relate", "ladder/scene"):
        made_from(results, f"{name}.parquet", elsewhere="c" * 64)
    with pytest.raises(InputError, match=r"results of another recording.*nsd-simulated.*elsewhere"):
        check_recordings(results, params)


@pytest.mark.parametrize("name", ["trajectory/story/leads", "ladder_training/trajectory_story"])
def test_training_on_another_recording_is_left_out_since_a_repro_leaves_it(
    results, params, name, caplog
):
    write_courses(results / "trajectory" / "story")
    write_ladder(results)
    made_from(results, f"{name}.parquet", simulated="a" * 64)
    assert other_training(results, params) == {}
    made_from(results, f"{name}.parquet", alice="a" * 64)
    check_recordings(results, params)
    part = name.removesuffix("/leads").replace("/", "_").removesuffix("_trajectory_story")
    assert other_training(results, params) == {part: "alice"}
    assert "of alice, where story.dataset in params.yaml is simulated" in caplog.text
    assert "dvc repro data/training/dvc.yaml" in caplog.text
