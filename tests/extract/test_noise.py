import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest

from stages.core.names.models import parse_model
from stages.core.run.errors import InputError
from stages.extract.noise import noise, noise_widths, open_noise
from stages.extract.towers import Stimuli


def opened(settings, string="noise:32-128", n=5):
    stimuli = pd.DataFrame({"id": [f"image_{k}" for k in range(n)]})
    return open_noise(parse_model(string, {}), Stimuli(stimuli, None, settings))


def test_widths_double():
    assert noise_widths(parse_model("noise:512-8192", {})) == [512, 1024, 2048, 4096, 8192]
    assert noise_widths(parse_model("noise:3-3", {})) == [3]


@pytest.mark.parametrize("widths", ["512", "512-1000", "0-0", "512-256", "0-8", "a-b", "-8"])
def test_wrong_widths(widths):
    with pytest.raises(InputError, match=r"wrong widths .* such as 512-8192, got"):
        noise_widths(parse_model(f"noise:{widths}", {}))


@pytest.mark.parametrize("string", ["noise:2-4+untrained", "noise:2-4@main"])
def test_noise_has_no_twin(string):
    with pytest.raises(InputError, match="neither revision nor untrained twin"):
        noise_widths(parse_model(string, {}))


def test_noise_is_normal_and_depends_on_everything():
    drawn = noise(0, 5000, "a")
    assert drawn.dtype == np.float32
    assert kstest(drawn, "norm").pvalue > 1e-3
    np.testing.assert_array_equal(drawn, noise(0, 5000, "a"))
    for other in (noise(1, 5000, "a"), noise(0, 5000, "b"), noise(0, 5001, "a")[:5000]):
        assert abs(np.corrcoef(drawn, other)[0, 1]) < 5 / np.sqrt(5000)


def test_layers(scene_settings):
    model = opened(scene_settings)
    assert (model.modality, model.towers[0].prefix) == ("noise", "")
    (replica,) = model.towers[0].replicas()
    layers = replica.run(np.array([3, 1]))
    assert layers.widths == {"width_0032": 32, "width_0064": 64, "width_0128": 128}
    shapes = {name: values.shape for name, values in layers.arrays.items()}
    assert shapes == {"width_0032": (2, 32), "width_0064": (2, 64), "width_0128": (2, 128)}
    np.testing.assert_array_equal(layers.arrays["width_0064"][0], noise(0, 64, "image_3"))
    assert replica.parameters == 0
