import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from stages.core.names.areas import AREAS, is_mixed, network_of
from stages.core.run.errors import InputError
from stages.plots.kit.colors import color_scale
from stages.plots.kit.flat_brain import flat_map, region_places
from stages.plots.kit.palette import network_color
from stages.plots.kit.panels import NULL
from tests.plots.figures import clipped, overlaps, png, texts


@pytest.fixture
def places(rng):
    """Make places of some regions in both hemispheres."""

    def make(n):
        tables = []
        for sign, side in ((-1, "L"), (1, "R")):
            table = pd.DataFrame({"region": AREAS[:n], "hemisphere": side})
            table["network"] = [network_of(name) for name in table["region"]]
            table["x"] = sign * rng.uniform(5, 60, n)
            table = table.assign(y=rng.uniform(-100, 60, n), z=rng.uniform(-40, 70, n))
            tables.append(table.assign(voxels=rng.integers(20, 2000, n).astype(float)))
        return pd.concat(tables, ignore_index=True)

    return make


@pytest.fixture
def values(rng):
    return lambda n: pd.DataFrame({"region": AREAS[:n], "value": rng.uniform(0, 0.7, n)})


def circles(ax):
    return ax.collections[0]


def test_networks_of_a_region_may_differ_by_hemisphere():
    table = pd.DataFrame({"subject": "s", "region": "44", "hemisphere": ["L", "R"], "voxels": 1.0})
    table = table.assign(network=["DMN", "FPN"], x=[1.0, 5.0], y=2.0, z=3.0)
    figure = flat_map(
        region_places(table), pd.DataFrame({"region": ["44"], "value": 1.0}), "r", "t"
    )
    side, above = figure.axes[:2]
    assert len(circles(side).get_offsets()) == 1  # both together, in the network of both
    assert to_hex(circles(side).get_edgecolors()[0]) == network_color("FPN")
    assert len(circles(above).get_offsets()) == 2


def test_regions_of_another_atlas_are_in_no_network_whatever_their_names():
    table = pd.DataFrame({"region": ["44", "PHT"], "hemisphere": "L", "network": "", "voxels": 1.0})
    places = region_places(table.assign(subject="s", x=-5.0, y=[2.0, 9.0], z=3.0))
    figure = flat_map(places, pd.DataFrame({"region": ["44", "PHT"], "value": 1.0}), "r", "t")
    for ax in figure.axes[:2]:
        assert {to_hex(color) for color in circles(ax).get_edgecolors()} == {network_color("")}
        assert all(dashes is None for _, dashes in circles(ax).get_linestyle())
    assert not figure.legends


def test_recordings_without_coordinates_have_no_places():
    survey = pd.DataFrame({"subject": ["a"], "region": "IT", "network": "", "voxels": 1.0})
    assert region_places(survey.assign(x=np.nan, y=np.nan, z=np.nan)).empty


def test_places_are_means_over_subjects():
    table = pd.DataFrame({"region": ["V1", "V1", "V2"], "network": "VIS", "voxels": [10, 30, 5]})
    table = table.assign(x=[1.0, 3.0, 0.0], y=[-90.0, -80.0, np.nan], z=0.0)
    found = region_places(table)
    assert found.to_dict("records") == [
        {"region": "V1", "network": "VIS", "x": 2.0, "y": -85.0, "z": 0.0, "voxels": 20.0}
    ]


@pytest.mark.parametrize("n", [1, 8, 180])
def test_circles_show_places_sizes_values_and_networks(places, values, n):
    table, scores = places(n), values(n)
    figure = flat_map(table, scores, "CKA", "title")
    figure.draw_without_rendering()
    side, above = figure.axes[:2]
    ordered = table.sort_values("voxels", ascending=False, kind="stable")
    drawn = circles(above)
    np.testing.assert_allclose(drawn.get_offsets(), ordered[["y", "x"]])
    expected = ordered["region"].map(scores.set_index("region")["value"])
    np.testing.assert_array_equal(drawn.get_array(), expected)
    assert (np.diff(drawn.get_sizes()) <= 0).all()
    rings = [to_hex(color) for color in drawn.get_edgecolors()]
    assert rings == [network_color(name) for name in ordered["network"]]
    dotted = [dashes is not None for _, dashes in drawn.get_linestyle()]
    assert dotted == [is_mixed(name) for name in ordered["region"]]
    assert above.yaxis_inverted()  # left on top, as seen from above with the front on the right
    assert not side.xaxis_inverted()
    assert side.get_xlabel().startswith("posterior")
    assert len(circles(side).get_offsets()) == n
    merged = {tuple(np.round(place, 6)) for place in np.asarray(circles(side).get_offsets())}
    for _, rows in table.groupby("region"):
        y, z = (np.average(rows[axis], weights=rows["voxels"]) for axis in "yz")
        assert (round(y, 6), round(z, 6)) in merged


@pytest.mark.parametrize("n", [1, 8, 60, 180])
def test_names_stand_apart_and_near_their_circle(places, values, n):
    table = places(n)
    figure = flat_map(table, values(n), "CKA", "title")
    figure.draw_without_rendering()
    for ax in figure.axes[:2]:
        boxes = [text.get_window_extent() for text in ax.texts]
        assert not any(box.overlaps(other) for at, box in enumerate(boxes) for other in boxes[:at])
        at = np.asarray(ax.transData.transform(circles(ax).get_offsets()))
        radii = np.sqrt(circles(ax).get_sizes() / np.pi) * figure.dpi / 72
        names = table.sort_values("voxels", ascending=False, kind="stable")["region"].to_numpy()
        if ax is figure.axes[0]:
            continue
        for text, box in zip(ax.texts, boxes, strict=True):
            middle = np.array([box.x0 + box.x1, box.y0 + box.y1]) / 2
            half = np.array([box.width, box.height]) / 2
            edge = np.abs(at - middle) - half
            near = (edge <= radii[:, None] + 3).all(axis=1)
            assert text.get_text() in names[near]
        assert len(boxes) >= min(n, 8) / 2
    assert not overlaps(figure.axes[:2])
    assert not clipped(figure)


def test_regions_that_were_not_measured_are_grey(places, values):
    scores = values(8)[:5]
    figure = flat_map(places(8), scores, "CKA", "title")
    figure.draw_without_rendering()
    drawn = circles(figure.axes[1])
    unknown = np.isnan(np.ma.filled(drawn.get_array(), np.nan))
    faces = [to_hex(color) for color in drawn.get_facecolors()]
    assert unknown.sum() == 6
    assert [face == NULL for face in faces] == list(unknown)
    assert "not measured" in texts(figure.legends[0].get_texts())


def test_without_hemispheres_there_is_no_view_from_above(places, values):
    table = places(8).groupby(["region", "network"], as_index=False).mean(numeric_only=True)
    figure = flat_map(table, values(8), "CKA", "title")
    figure.draw_without_rendering()
    assert len(figure.axes) == 2  # with the bar of colours


def test_differences_are_symmetric_about_zero(places, values):
    scores = values(8)
    scores["value"] -= 0.5
    figure = flat_map(places(8), scores, "difference", "title", diverging=True)
    top = scores["value"].abs().max()
    assert circles(figure.axes[0]).get_clim() == pytest.approx((-top, top))
    assert figure.axes[-1].get_ylabel() == "difference"


def test_the_picture_is_the_same_every_time(places, values):
    table, scores = places(30), values(30)
    assert png(flat_map(table, scores, "r", "t")) == png(flat_map(table, scores, "r", "t"))


def test_values_that_cannot_be_placed(places, values):
    with pytest.raises(InputError, match="no region with a place"):
        flat_map(places(3), values(8)[3:], "r", "t")
    with pytest.raises(InputError, match="duplicate id .*V1"):
        flat_map(places(3), pd.concat([values(3), values(3)]), "r", "t")


def test_scales_reach_from_zero_to_the_greatest_value():
    scale = color_scale(pd.Series([0.2, np.nan, 0.6]))
    assert (scale.low, scale.high) == (0, 0.6)
    scale = color_scale(pd.Series([-0.1, 0.6]))
    assert (scale.low, scale.high) == (-0.1, 0.6)
    for diverging in (True, False):
        scale = color_scale(pd.Series([0.0, 0.0]), diverging=diverging)
        assert scale.low < scale.high
