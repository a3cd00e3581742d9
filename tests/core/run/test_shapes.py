from pathlib import Path

import pytest
from pydantic import TypeAdapter

from stages.core.run.errors import InputError
from stages.core.run.shapes import check_shape

SHAPE = TypeAdapter(dict[str, dict[str, int]])
HOW = (SHAPE, Path("truth.json"), "wrong truth", "Run it again.")


def test_the_first_place_of_another_form_is_named():
    assert check_shape({"one": {"layer": 3}}, *HOW) == {"one": {"layer": 3}}
    with pytest.raises(InputError, match=r"wrong truth in truth\.json\.one\.layer: .*Run it"):
        check_shape({"one": {"layer": "third"}}, *HOW)


def test_nothing_is_converted_where_that_is_asked():
    assert check_shape({"one": {"layer": "3"}}, *HOW) == {"one": {"layer": 3}}
    with pytest.raises(InputError, match=r"truth\.json\.one\.layer"):
        check_shape({"one": {"layer": "3"}}, *HOW, strict=True)
