"""The gallery has every picture of the default study, small, with the command that makes it."""

import io
import json
import re

import pytest
from PIL import Image
from ruamel.yaml import YAML

from tests import gallery_page
from tests.conftest import PROJECT
from tests.gallery_page import declared, pictures, thumbnail

PAGE = PROJECT / "docs" / "gallery.md"
THUMBNAILS = sorted((PROJECT / "docs" / "gallery").glob("*.png"))
SHOWN = re.compile(r"!\[[^\]]+\]\(gallery/([^)]+)\)\n\n`([^`]+)`: \*\*[^*]+\*\* [^\n]+\.\n")
SECTION = re.compile(r"\n## (\w+)\n\n    (dvc repro \S+)\n\nStands on [^\n]+\.\n")


def shown():
    """Thumbnails of the page, by the picture that each shows."""
    return {picture: name for name, picture in SHOWN.findall(PAGE.read_text())}


def test_every_picture_that_dvc_shows_is_there():
    listed = YAML(typ="safe").load(PROJECT / "plots" / "dvc.yaml")["plots"]
    assert {one for one in listed if isinstance(one, str)} <= set(shown())


def test_every_folder_of_the_default_study_has_its_command():
    sections = dict(SECTION.findall(PAGE.read_text()))
    drawn = {picture.partition("/")[0] for picture in shown()}
    assert set(sections) == drawn
    assert sections.items() <= declared().items()
    assert set(declared()) - drawn == {"relate"}  # too few models to relate


def test_every_picture_has_its_caption_and_thumbnail():
    text = PAGE.read_text()
    assert text.count("![") == len(shown()) == len(THUMBNAILS)
    assert set(shown().values()) == {path.name for path in THUMBNAILS}
    assert {name for picture, name in shown().items() if name != picture.replace("/", "-")} == set()


def test_thumbnails_are_small():
    sizes = [path.stat().st_size for path in THUMBNAILS]
    assert max(sizes) <= 25_000
    assert sum(sizes) <= 1_200_000
    modes = set()
    for path in THUMBNAILS:
        with Image.open(path) as image:
            modes.add(image.mode)
    assert modes == {"P"}


def test_pictures_are_those_of_the_indexes_in_their_order(tmp_path):
    for folder in declared():
        entries = [{"file": f"{folder}-{place}.png"} for place in (2, 1)] * (folder != "relate")
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "index.json").write_text(json.dumps(entries))
    found = [(folder, one["file"]) for folder, one in pictures(tmp_path)]
    assert ("encode", "encode-2.png") in found
    assert len(found) == 2 * (len(declared()) - 1)


def test_what_cannot_be_small_is_refused(tmp_path, monkeypatch):
    Image.new("RGB", (900, 300), "white").save(tmp_path / "flat.png")
    with Image.open(io.BytesIO(thumbnail(tmp_path / "flat.png"))) as small:
        assert small.size == (480, 160)
    monkeypatch.setattr(gallery_page, "MOST_BYTES", 10)
    with pytest.raises(ValueError, match=r"flat\.png has at most 10 bytes"):
        thumbnail(tmp_path / "flat.png")
