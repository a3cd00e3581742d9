"""Which reader an image goes to, by its name: readers tell what they were given."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from stages.core.run.errors import InputError
from stages.prepare.series import run_series
from stages.prepare.series.run_series import (
    header_tr,
    kind_of,
    of_grayordinates,
    read_series,
    series_length,
)

VOLUME, DENSE = Path("a_bold.nii.gz"), Path("a_bold.dtseries.nii")
PAIR = (Path("L.func.gii"), Path("R.func.gii"))


@pytest.fixture(autouse=True)
def readers(monkeypatch):
    for name in ("read_vertices", "read_grayordinates", "read_volumes", "surface_time"):
        monkeypatch.setattr(run_series, name, lambda *given, name=name: (name, *given))
    monkeypatch.setattr(run_series, "open_surface", lambda path, side: (path, side))
    monkeypatch.setattr(run_series, "series_shape", lambda image, path: (7, image, path))
    monkeypatch.setattr(run_series, "open_grayordinates", lambda path: ([path], [path] * 5))
    monkeypatch.setattr(run_series, "open_volumes", lambda path: SimpleNamespace(n_volumes=9))
    monkeypatch.setattr(run_series, "open_image", lambda path: SimpleNamespace(header=path))
    monkeypatch.setattr(run_series, "volume_time", lambda header: ("volume", header))
    monkeypatch.setattr(run_series, "cifti_time", lambda axis: ("cifti", axis))


@pytest.mark.parametrize(
    ("image", "kind", "reader"),
    [
        (VOLUME, "volume", "read_volumes"),
        (DENSE, "cifti", "read_grayordinates"),
        (PAIR, "surface", "read_vertices"),
    ],
)
def test_images_are_read_by_their_kind(image, kind, reader):
    assert kind_of(image) == kind
    places = SimpleNamespace(kind=kind)
    assert read_series(image, places) == (reader, image, places)
    for other in {"volume", "cifti", "surface"} - {kind}:
        with pytest.raises(InputError, match=f"other kind of image .*expected {other}, got {kind}"):
            read_series(image, SimpleNamespace(kind=other))


def test_samples_are_counted_and_timed_by_the_kind_of_image():
    assert of_grayordinates(DENSE)
    assert not of_grayordinates(VOLUME)
    assert [series_length(image) for image in (VOLUME, DENSE, PAIR)] == [9, 5, 7]
    assert header_tr(VOLUME) == ("volume", VOLUME)
    assert header_tr(DENSE) == ("cifti", [DENSE] * 5)
    assert header_tr(PAIR) == ("surface_time", (PAIR[0], "L"), PAIR[0])


def test_of_a_pair_the_left_is_counted(monkeypatch):
    def shape(image, path):
        assert image == (PAIR[0], "L")
        assert path == PAIR[0]
        return (3, 11)

    monkeypatch.setattr(run_series, "series_shape", shape)
    assert series_length(PAIR) == 3
