"""What the names of layers say."""

import pytest

from stages.core.names.layers import layer_distance, layer_kind, layer_modality, layer_number


@pytest.mark.parametrize(
    ("name", "kind"),
    [("attention_3", "attention"), ("layer_3", "hidden"), ("x_attention_3", "hidden")],
)
def test_kind(name, kind):
    assert layer_kind(name) == kind


def test_modality():
    assert layer_modality("vision.layer_3", "both") == "vision"
    assert layer_modality("vision.layer_3", "language") == "language"
    assert layer_modality("layer_3", "noise") == "noise"


@pytest.mark.parametrize(
    ("name", "number"), [("layer_12", 12), ("l2.block_0", 0), ("layer_3x", None), ("last", None)]
)
def test_number(name, number):
    assert layer_number(name) == number


def test_distance():
    assert layer_distance("layer_3", "layer_11") == layer_distance("layer_11", "layer_3") == 8
    assert layer_distance("layer_0", "layer_0") == 0
    for names in (("last", "layer_1"), ("layer_1", "last"), ("last", "first")):
        with pytest.raises(ValueError, match=f"without a number: {names[0]!r}, {names[1]!r}"):
            layer_distance(*names)
