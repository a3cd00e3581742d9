import json
import re
import shutil
import socket
import subprocess

import numpy as np
import pandas as pd
import pytest
from matplotlib import colormaps
from matplotlib.colors import to_hex
from matplotlib.image import imread

from stages.core.pictures.surfaces import HEMISPHERES, Mesh
from stages.core.run.errors import InputError
from stages.plots.kit.surface import VIEWS, paint, standard_meshes, surface_map, surface_page
from tests.parcellation import label_table, numbers
from tests.plots.figures import png

REGIONS = [f"area {number}" for number in range(12)]
MEASURED = 9


@pytest.fixture(scope="module")
def meshes():
    return standard_meshes()


@pytest.fixture
def labels(rng):
    return label_table(numbers(rng, len(REGIONS)), REGIONS)


@pytest.fixture
def values(rng):
    return pd.DataFrame({"region": REGIONS, "value": rng.uniform(0, 0.7, 12)})[:MEASURED]


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def hues(colors):
    """Colours that are no grey, as texts."""
    return {to_hex(color) for color in colors if np.ptp(color[:3]) > 1e-6}


def test_vertices_have_the_value_of_their_region(labels, values, meshes):
    known = dict(values.to_numpy().tolist())
    for side in HEMISPHERES:
        expected = np.full(10242, np.nan)
        for hemisphere, vertex, region in labels.to_numpy().tolist():
            if hemisphere == side and region in known:
                expected[vertex] = known[region]
        found = paint(labels, values, side, meshes[side])
        np.testing.assert_array_equal(found, expected)
        assert 0 < np.isnan(found).mean() < 1


@pytest.mark.parametrize("diverging", [False, True])
def test_regions_have_their_colour_in_every_panel(labels, values, meshes, diverging):
    table = values.assign(value=values["value"] - 0.3 * diverging)
    figure = surface_map(labels, table, "CKA", "title", meshes, diverging=diverging)
    panels = [ax for ax in figure.axes if ax.name == "3d"]
    assert len(panels) == len(HEMISPHERES) * len(VIEWS)
    top = table["value"].abs().max()
    low, cmap = (-top, "RdBu_r") if diverging else (0, "viridis")
    shades = colormaps[cmap]((table["value"] - low) / (top - low))
    for ax in panels:
        faces = ax.collections[0].get_facecolor()
        assert hues(faces) == hues(shades)
        assert (np.ptp(faces[:, :3], axis=1) < 1e-6).any()  # grey
    bar = figure.axes[-1]
    assert bar.get_ylim() == pytest.approx((low, top))
    assert bar.get_ylabel() == "CKA"
    texts = {text.get_text() for text in figure.texts}
    assert {"title", "left, lateral", "right, ventral"} <= texts


def test_the_picture_is_the_same_every_time(labels, values, meshes):
    first, second = (png(surface_map(labels, values, "r", "t", meshes)) for _ in range(2))
    assert first == second


def test_the_back_of_the_brain_is_where_it_should_be(meshes, tmp_path):
    parts = []
    for side, mesh in meshes.items():
        back = np.flatnonzero(mesh.coordinates[:, 1] < -60)
        parts.append(pd.DataFrame({"hemisphere": side, "vertex": back, "region": "V1"}))
    one = pd.DataFrame({"region": ["V1"], "value": [1.0]})
    figure = surface_map(pd.concat(parts), one, "r", "t", meshes)
    figure.savefig(tmp_path / "back.png", dpi=60)
    picture = imread(tmp_path / "back.png")[..., :3]
    height, width = picture.shape[:2]
    yellow = (picture[..., 0] > 0.8) & (picture[..., 1] > 0.8) & (picture[..., 2] < 0.4)
    brain = picture.max(axis=2) < 0.95
    panel = width * 2.27 / 7.5
    # Seen from outside, the back of the left hemisphere is on the right; from inside, on the left.
    heights = []
    for row, column, right in ((0, 0, True), (0, 1, False), (1, 0, False), (1, 1, True)):
        rows = slice(int((0.11 + 0.456 * row) * height), int((0.52 + 0.456 * row) * height))
        columns = slice(int(panel * column), int(panel * (column + 1)))
        at = np.flatnonzero(yellow[rows, columns].any(axis=0)).mean()
        extent = np.flatnonzero((brain | yellow)[rows, columns].any(axis=0))
        assert (at > extent.mean()) == right
        assert 0.75 * panel < np.ptp(extent) < panel  # fills its panel
        heights.append(np.ptp(np.flatnonzero((brain | yellow)[rows, columns].any(axis=1))))
    assert np.ptp(heights) <= 3  # no panel hides a part of another


def test_own_meshes_without_depth_are_drawn(labels, values, meshes):
    own = {side: Mesh(1.1 * mesh.coordinates, mesh.faces) for side, mesh in meshes.items()}
    before = own["left"].coordinates.copy()
    assert png(surface_map(labels, values, "r", "t", own))
    np.testing.assert_array_equal(own["left"].coordinates, before)


def test_nothing_is_fetched(labels, values, no_network):
    meshes = standard_meshes()
    png(surface_map(labels, values, "r", "t", meshes))
    surface_page(labels, values, "r", "t", meshes)


def test_the_page_loads_nothing(labels, values, meshes):
    page = surface_page(labels, values, "r", "title", meshes)
    outside = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    assert outside.count("<script") == outside.count("</script") == 0
    for word in ("src=", "href=", "url(", "@import", "http"):
        assert word not in outside
    assert "<title>Nilearn - title (colours: r)</title>" in outside


def test_the_page_has_the_colours_of_the_regions(labels, values, meshes):
    page = surface_page(labels, values, "r", "title", meshes)
    info, _ = json.JSONDecoder().raw_decode(page.split("var surfaceMapInfo = ", 1)[1])
    colors = np.array(info["vertexcolor_both"])
    painted = np.concatenate([paint(labels, values, side, meshes[side]) for side in HEMISPHERES])
    assert len(colors) == len(painted)
    assert (info["cmin"], info["cmax"]) == pytest.approx((0, values["value"].max()))
    for value in values["value"]:
        shown = set(colors[painted == value])
        assert len(shown) == 1
        rgb = np.array([int(shown.copy().pop()[at : at + 2], 16) for at in (1, 3, 5)])
        expected = colormaps["viridis"](value / values["value"].max())[:3]
        np.testing.assert_allclose(rgb / 255, expected, atol=0.02)
    for color in set(colors[np.isnan(painted)]):
        assert color[1:3] == color[3:5] == color[5:7]  # grey


def test_titles_cannot_break_the_page(labels, values, meshes):
    page = surface_page(labels, values, "</script>", "</script><script>alert(1)</script>", meshes)
    assert "<script>alert" not in page
    assert "</script>)" not in page


@pytest.mark.slow
def test_a_browser_without_a_network_draws_the_page(labels, values, meshes, tmp_path):
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no browser here: install chromium")
    path = tmp_path / "page.html"
    path.write_text(surface_page(labels, values, "r", "title", meshes), encoding="utf-8")
    switches = ["headless=new", "no-sandbox", "disable-dev-shm-usage", "dump-dom"]
    switches += ["enable-unsafe-swiftshader", "host-resolver-rules=MAP * ~NOTFOUND"]
    options = [f"user-data-dir={tmp_path / 'profile'}", "virtual-time-budget=8000"]
    line = [browser, *(f"--{word}" for word in [*switches, *options]), path.as_uri()]
    shown = subprocess.run(line, capture_output=True, text=True, check=True, timeout=120)
    assert '<div class="gl-container"><div id="scene"' in shown.stdout
    assert "<canvas" in shown.stdout.rsplit("</script>", 1)[1]
    assert "WebGL is not supported" not in shown.stdout.rsplit("</script>", 1)[1]


def test_regions_without_a_place_are_named(labels, values, meshes, caplog):
    caplog.set_level("INFO")
    more = pd.concat([values, pd.DataFrame({"region": ["IT"], "value": [9.0]})])
    figure = surface_map(labels, more, "r", "t", meshes)
    assert "not on the surface: IT" in caplog.text
    assert figure.axes[-1].get_ylim()[1] == values["value"].max()


@pytest.mark.parametrize("value", [np.nan, 1.0])
def test_no_region_has_a_place(labels, meshes, value):
    region = REGIONS[0] if np.isnan(value) else "IT"
    table = pd.DataFrame({"region": [region], "value": [value]})
    with pytest.raises(InputError, match="no region on the surface"):
        surface_map(labels, table, "r", "t", meshes)


def test_a_region_with_two_values(labels, values, meshes):
    with pytest.raises(InputError, match="duplicate id .*area 0"):
        surface_map(labels, pd.concat([values, values]), "r", "t", meshes)
