"""A description that was edited is told, its order included; one that was laid out anew is not."""

import json

import pytest

from stages.core.run.errors import InputError
from stages.core.run.files import write_json
from stages.core.run.seals import is_sealed, read_sealed, seal_of, sealed

ABOUT = {"model": "tiny", "layers": {"block.9": 3, "block.10": 4}, "names": ["b", "a"]}


def turned(content):
    """The same, with the keys within in the order of the alphabet."""
    return json.loads(json.dumps(content, sort_keys=True))


def test_what_was_sealed_is_read_without_its_seal(tmp_path):
    write_json(tmp_path / "about.json", sealed(ABOUT))
    found = read_sealed(tmp_path / "about.json", "Run it.")
    assert found == ABOUT
    assert list(found["layers"]) == ["block.9", "block.10"]
    assert seal_of(tmp_path / "about.json", "Run it.") == sealed(ABOUT)["digest"]


@pytest.mark.parametrize(
    "edit",
    [
        lambda about: about | {"model": "other"},
        lambda about: about | {"more": 1},
        lambda about: {key: value for key, value in about.items() if key != "names"},
        lambda about: about | {"names": ["a", "b"]},
        lambda about: about | {"layers": turned(about["layers"])},
        lambda about: about | {"digest": "0" * 64},
        lambda about: {key: value for key, value in about.items() if key != "digest"},
    ],
)
def test_what_was_edited_is_refused(tmp_path, edit):
    write_json(tmp_path / "about.json", edit(sealed(ABOUT)))
    with pytest.raises(InputError, match=r"file that was edited .*about.json: .* Run it\."):
        read_sealed(tmp_path / "about.json", "Run it.")


def test_what_was_laid_out_anew_is_the_same(tmp_path):
    (tmp_path / "about.json").write_text(json.dumps(sealed(ABOUT), indent=7))
    assert read_sealed(tmp_path / "about.json", "Run it.") == ABOUT
    assert is_sealed({"digest": sealed(ABOUT)["digest"], **ABOUT})
