"""Blocks are those of a plain pass; the layers planted in areas can be told apart on pictures."""

import numpy as np
import pytest
import torch

from stages.core.names.areas import AREAS
from stages.core.nets.embedded import embedded_weights
from stages.core.nets.pixels import EMBEDDED_SCALE, embedded_network, image_tensor, image_transform
from stages.core.run.errors import ConcordError
from stages.simulate.scene import planted_blocks as blocks
from stages.simulate.scene.cortical_areas import CORTEX, Block, make_slab
from stages.simulate.scene.drawing import draw
from stages.simulate.scene.planted_blocks import BATCH, UNITS, block_outputs
from stages.simulate.scene.scenery import imagine
from stages.simulate.scene.viewing import area_signals

N = 48


@pytest.fixture(scope="module")
def pictures():
    return [draw(imagine(rng), rng) for rng in np.random.default_rng(11).spawn(N)]


@pytest.fixture(scope="module")
def outputs(pictures):
    return block_outputs(pictures, np.random.default_rng(2))


def test_outputs_are_those_of_a_plain_pass(pictures, outputs):
    network = embedded_network("tf_efficientnet_lite0", embedded_weights(*blocks.MODEL.split(":")))
    transform = image_transform(network, EMBEDDED_SCALE)
    chosen = np.random.default_rng(2)
    picks = None
    for row in (0, BATCH, N - 1):
        with torch.inference_mode():
            values = network.bn1(network.conv_stem(image_tensor(transform, pictures[row])[None]))
            flat = []
            for block in network.blocks:
                values = block(values)
                flat.append(values.numpy().ravel())
        picks = picks or [chosen.choice(len(one), UNITS, replace=False) for one in flat]
        for number, (one, pick) in enumerate(zip(flat, picks, strict=True)):
            found = outputs[f"blocks.{number}"][row]
            np.testing.assert_allclose(found, one[pick], atol=1e-3 * np.abs(one).max())


def test_outputs_are_exact_to_the_twelfth_digit(pictures, outputs):
    alone = block_outputs(pictures[:1], np.random.default_rng(2))
    for name, values in alone.items():
        assert values.dtype == np.float64
        largest = np.abs(values).max()
        np.testing.assert_allclose(values, outputs[name][:1], rtol=0, atol=1e-12 * largest)


def test_there_are_as_many_rows_as_pictures(outputs):
    assert list(outputs) == [f"blocks.{number}" for number in range(7)]
    assert {values.shape for values in outputs.values()} == {(N, UNITS)}


def debiased(values):
    """Kernel for debiased linear CKA (Kornblith et al. 2019; U-centring of Székely & Rizzo)."""
    centred = values - values.mean(axis=0)
    gram = centred.astype(float) @ centred.T
    np.fill_diagonal(gram, 0)
    n, sums = len(gram), gram.sum(axis=0)
    gram -= (sums[:, None] + sums) / (n - 2) - sums.sum() / ((n - 1) * (n - 2))
    np.fill_diagonal(gram, 0)
    return gram / np.linalg.norm(gram)


def test_the_planted_block_is_the_nearest_one(outputs, rng):
    areas = [area for area in CORTEX if isinstance(area.driver, Block)]
    slab = make_slab(areas, rng)
    signals = area_signals(slab, {area.name: outputs[area.driver.name] for area in areas}, rng)
    # Averages of three trials, as noisy as the signal in one.
    measured = signals + rng.standard_normal(signals.shape) / np.sqrt(3)
    kernels = {name: debiased(values) for name, values in outputs.items()}
    numbers = [number for number in np.unique(slab.numbers) if number > 0]
    found = []
    for area in numbers:
        mine = debiased(measured[:, slab.numbers == area])
        found.append(max(kernels, key=lambda name, mine=mine: (kernels[name] * mine).sum()))
    planted = {area.name: area.driver.name for area in areas}
    assert found == [planted[AREAS[number - 1]] for number in numbers]


def test_an_absent_model_is_named(monkeypatch, pictures):
    monkeypatch.setattr(blocks, "embedded_weights", lambda scheme, name: None)
    with pytest.raises(ConcordError, match="model not installed in timm:tf_efficientnet_lite0"):
        block_outputs(pictures[:1], np.random.default_rng(0))
