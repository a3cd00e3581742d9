import json

import pandas as pd
import pytest
from matplotlib.figure import Figure

from stages.plots.kit.panels import paper
from stages.plots.kit.picture import Picture, counted, set_title, with_indexes
from tests.plots.figures import clipped


def picture(title="A title", table=None):
    figure = Figure()
    figure.suptitle(title)
    return Picture(figure, f"What {title} shows.", table)


def test_every_folder_has_an_index_of_its_pictures_in_their_order():
    files = {
        "encode/b.png": picture("B", "encode/b.csv"),
        "encode/b.csv": pd.DataFrame(),
        "encode/deeper/a.png": picture("A"),
        "encode/deeper/a.html": "a page",
        "decode/c.csv": pd.DataFrame(),
    }
    made = with_indexes(files)
    assert set(made) - set(files) == {"encode/index.json", "decode/index.json"}
    assert all(made[name] is files[name] for name in files)
    assert json.loads(made["decode/index.json"]) == []
    assert json.loads(made["encode/index.json"]) == [
        {"file": "b.png", "title": "B", "caption": "What B shows.", "table": "b.csv"},
        {"file": "deeper/a.png", "title": "A", "caption": "What A shows.", "table": None},
    ]


def test_the_index_is_plain_text_and_the_same_every_time():
    one, two = (with_indexes({"a/a.png": picture("ρ – κ")})["a/index.json"] for _ in range(2))
    assert one == two
    assert "ρ – κ" in one


@pytest.mark.parametrize("width", [3.0, 8.0])
def test_a_title_takes_as_many_lines_as_it_needs(width):
    title = "Layers to brain: a study, a-model-of-some-kind and its twin, subject average"
    figure = paper(width, 2)
    figure.subplots()
    set_title(figure, title)
    figure.draw_without_rendering()
    assert not clipped(figure)
    assert ("\n" in figure.get_suptitle()) == (width < 4)
    assert Picture(figure, "").title == title


def test_one_thing_and_several():
    assert [counted(n, "layer") for n in (0, 1, 2)] == ["0 layers", "1 layer", "2 layers"]
