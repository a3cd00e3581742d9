"""Times of regions on the cortex."""

import pytest
from click.testing import CliRunner

from stages.core.pictures.surfaces import Surface
from stages.core.run.origins import of_recording
from stages.core.run.tables import write_table
from stages.plots.__main__ import main
from stages.plots.trajectory.course_tables import read_training
from stages.plots.trajectory.onset_cortex import onset_cortices, relative_halves
from stages.plots.trajectory.region_onsets import regions_table
from stages.plots.trajectory.trajectory_gallery import trajectory_files
from tests.parcellation import label_table, numbers
from tests.plots.trajectory.made_trajectories import made, write_made
from tests.recorded import describe
from tests.trajectory.planted_scores import REGIONS


@pytest.fixture
def surface(rng):
    """The standard surface, of the planted regions and one that is not followed."""
    names = [*REGIONS, "elsewhere"]
    return Surface(label_table(numbers(rng, len(names)), names), {})


def test_values_are_octaves_about_the_mean_of_regions(tmp_path, surface):
    values = relative_halves(regions_table(made(tmp_path)), surface)
    assert set(values) == {"planted", "single"}  # the shuffled family has no times
    late = values["planted"].set_index("region")["value"]
    assert late.to_dict() == pytest.approx({"early": -1, "middle": 0, "late": 1}, abs=0.2)
    assert late.sum() == pytest.approx(0)


def test_every_line_with_times_is_painted(tmp_path, surface):
    tables = made(tmp_path)
    files = onset_cortices(regions_table(tables), surface, tables.curves, "out")
    assert list(files) == ["out/cortex/planted.png", "out/cortex/single.png"]
    picture = files["out/cortex/single.png"]
    assert picture.title == "When alignment rises: single, 1 run: no interval"
    assert "{" not in picture.caption
    picture.figure.draw_without_rendering()
    assert len(picture.figure.axes) == 7


def test_regions_that_are_not_on_the_surface_are_not_painted(tmp_path, surface):
    tables = made(tmp_path)
    elsewhere = Surface(surface.labels[surface.labels["region"].eq("elsewhere")], {})
    files = trajectory_files(tables, read_training(None), "out", "tokens", {"s1": surface})
    assert not any("cortex" in name for name in files)
    assert relative_halves(regions_table(tables), elsewhere) == {}


@pytest.mark.slow
@pytest.mark.usefixtures("blank")
def test_the_recording_s_surface_is_read(tmp_path, surface):
    recording = tmp_path / "recording"
    describe(recording)
    write_made(tmp_path / "scene", made_from=of_recording(recording))
    words = ["trajectory", "--tables", str(tmp_path / "scene"), "--out", str(tmp_path / "out")]
    words += ["--recording", str(recording)]
    for painted in (False, True):
        if painted:
            write_table(recording / "surface.parquet", surface.labels)
        done = CliRunner().invoke(main, words, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        assert (tmp_path / "out" / "cortex" / "planted.png").exists() == painted
