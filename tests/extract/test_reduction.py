import numpy as np
import pytest
import torch

from stages.core.run.errors import ConcordError
from stages.extract.projection import projection_matrix, reduce_array
from stages.extract.reduction import Reduction, as_operator, positions_pooled


def reduction(units=64):
    return Reduction(units, 0)


def test_the_operator_is_scipy_s_matrix(rng):
    matrix = projection_matrix(500, 20, 0)
    values = rng.normal(size=(500, 3)).astype(np.float32)
    product = as_operator(matrix, torch.device("cpu")) @ torch.from_numpy(values)
    np.testing.assert_allclose(product.numpy(), matrix @ values, atol=1e-5)


@pytest.mark.parametrize("sparse", [True, False])
def test_batches_are_projected_and_put_together(rng, monkeypatch, sparse):
    """By PyTorch or, where it cannot, by SciPy."""
    if not sparse:
        monkeypatch.setattr("stages.extract.reduction.multiplies_sparse", lambda device: False)
    states = torch.from_numpy(rng.normal(size=(7, 4, 5, 6)).astype(np.float32))
    keep = reduction()
    for part in states.split(3):
        keep.take("wide", part)
        keep.take("narrow", part[:, :, 0, 0])
    layers = keep.give()
    assert layers.widths == {"wide": 120, "narrow": 4}
    expected = reduce_array(states.flatten(1).numpy(), 64, 0)
    np.testing.assert_allclose(layers.arrays["wide"], expected, atol=1e-5)
    np.testing.assert_array_equal(layers.arrays["narrow"], states[:, :, 0, 0].numpy())
    assert keep.give().arrays == {}


def test_memory_format_does_not_matter(rng):
    """Units are in the order of channels, rows and columns, however they lie in memory."""
    states = torch.from_numpy(rng.normal(size=(2, 3, 2, 2)).astype(np.float32))
    keep = reduction()
    keep.take("a", states.to(memory_format=torch.channels_last))
    np.testing.assert_array_equal(keep.give().arrays["a"], states.numpy().reshape(2, 12))


def test_what_is_kept_does_not_change_with_its_source():
    states = torch.ones(2, 3)
    keep = reduction()
    keep.take("a", states)
    states.zero_()
    assert keep.give().arrays["a"].all()


def test_positions_are_averaged(rng):
    images = torch.from_numpy(rng.normal(size=(2, 3, 4, 5)))
    tokens = images.flatten(2).transpose(1, 2)
    expected = images.numpy().mean(axis=(2, 3))
    last = images.permute(0, 2, 3, 1)
    for states, axis in ((images, 1), (tokens, 2), (tokens, -1), (last, 3), (images.flatten(2), 1)):
        np.testing.assert_allclose(positions_pooled(states, axis), expected)
    np.testing.assert_array_equal(positions_pooled(images[:, :, 0, 0], 1), images[:, :, 0, 0])


@pytest.mark.parametrize("value", [torch.nan, torch.inf])
def test_values_that_are_not_finite(value):
    states = torch.ones(2, 100)
    states[1, 3] = value
    with pytest.raises(ConcordError, match=r"not finite in blocks\.3"):
        reduction().take("blocks.3", states)
