"""Pixels in few units: what two pictures have in common is kept, whatever is drawn."""

import numpy as np
import pandas as pd
import pytest

from stages.core.names.models import parse_model
from stages.core.run.errors import InputError
from stages.extract.images.random_pixels import open_random_pixels
from stages.extract.towers import Stimuli

SHAPE = (12, 10, 3)


@pytest.fixture
def pictures(rng):
    """Two pairs of pictures that are alike."""
    one, two = rng.integers(0, 256, (2, *SHAPE))
    near = rng.integers(-20, 21, (2, *SHAPE))
    return np.clip([one, one + near[0], two, two + near[1]], 0, 255).astype(np.uint8)


@pytest.fixture
def layer(pictures, scene_settings):
    """Values of a projection, of all pictures or of some rows."""
    stimuli = pd.DataFrame({"id": [f"image_{k}" for k in range(len(pictures))]})

    def make(string, rows=(0, 1, 2, 3)):
        spec = parse_model(string, {})
        model = open_random_pixels(spec, Stimuli(stimuli, pictures, scene_settings))
        assert (model.modality, model.towers[0].prefix) == ("vision", "")
        (replica,) = model.towers[0].replicas()
        assert replica.parameters == 0
        return replica.run(np.array(rows)).arrays["layer_00"]

    return make


def test_draws_keep_what_pictures_have_in_common(layer, pictures):
    """The oracle is the mean correlation over draws, of which each has an error of about .1."""
    draws = [layer(f"control:random-80:{draw}") for draw in range(60)]
    assert draws[0].shape == (4, 80)
    assert draws[0].dtype == np.float32
    found = np.array([np.corrcoef(one) for one in draws])
    np.testing.assert_allclose(
        found.mean(axis=0), np.corrcoef(pictures.reshape(4, -1)), atol=5 * 0.1 / np.sqrt(60)
    )
    assert found.std(axis=0)[0, 2] == pytest.approx(1 / np.sqrt(80), rel=0.4)
    across = np.corrcoef([one[0] for one in draws])
    assert np.abs(across - np.eye(60)).mean() < 1 / np.sqrt(80)


def test_a_picture_alone_is_projected_as_among_others(layer):
    np.testing.assert_allclose(
        layer("control:random-80:0.4", (2,))[0], layer("control:random-80:0.4")[2], rtol=1e-5
    )
    np.testing.assert_array_equal(layer("control:random-80"), layer("control:random-80"))


@pytest.mark.parametrize("string", ["control:length", "control:random-1", "control:random-360"])
def test_what_is_no_projection_of_images(layer, string):
    with pytest.raises(InputError, match="no random projection of images .* 2 to 359 units, got"):
        layer(string)


def test_units_have_the_mean_of_the_pixels_as_parts_of_white(layer, pictures):
    """Exactly, but for the root of pixels over units, whatever is drawn."""
    found = layer("control:random-80:3").mean(axis=1)
    expected = np.sqrt(360 / 80) * pictures.mean(axis=(1, 2, 3)) / 255
    np.testing.assert_allclose(found, expected, rtol=1e-4)
