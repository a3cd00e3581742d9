import json
import shutil
import threading
import time

import numpy as np
import pytest
import timm
import torch
from PIL import Image
from timm.data import create_transform, resolve_data_config
from transformers import ConvNextModel, ViTModel

from stages.core.nets.pixels import image_tensor, image_transform
from stages.core.run.errors import ConcordError, InputError
from stages.extract.images.channel_axis import channel_axes
from stages.extract.images.hidden_tower import processor_transform
from stages.extract.images.image_forward import (
    ImageBatches,
    hidden_forward,
    run_images,
    timm_forward,
)
from stages.extract.projection import reduce_array
from stages.extract.reduction import Reduction

CPU = torch.device("cpu")


@pytest.fixture
def images(rng):
    return rng.integers(0, 256, (11, 40, 48, 3), dtype=np.uint8)


def shown(images, forward, transform, *, axes=None, units=10**9, batch=4):
    pictures = ImageBatches(images, [f"image_{k}" for k in range(len(images))], transform)
    reduction = Reduction(units, 0, axes)
    return run_images(
        pictures,
        forward,
        reduction,
        np.arange(len(images)),
        device=CPU,
        batch=batch,
        where="tiny",
    )


def timm_network(name, seed=1):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return timm.create_model(name, pretrained=False).eval()


@pytest.mark.parametrize("pooled", [False, True])
@pytest.mark.parametrize("name", ["test_vit", "test_efficientnet", "test_convnext"])
def test_blocks_of_timm_equal_a_plain_loop(images, name, pooled):
    """One image at a time, a hook written out, NumPy for the rest."""
    network = timm_network(name)
    transform = image_transform(network)
    forward = timm_forward(network)
    first = image_tensor(transform, images[0])[None]
    axes = channel_axes(network, forward, first) if pooled else None
    layers = shown(images, forward, lambda image: image_tensor(transform, image), axes=axes)
    seen = {}
    for block in layers.arrays:
        network.get_submodule(block).register_forward_hook(
            lambda module, given, output, block=block: seen.setdefault(block, []).append(output)
        )
    peer = create_transform(**resolve_data_config({}, model=network), is_training=False)
    with torch.no_grad():
        for image in images:
            network(peer(Image.fromarray(image))[None])
    for block, values in layers.arrays.items():
        outputs = np.concatenate([output.numpy() for output in seen[block]])
        if pooled:
            outputs = outputs.mean(axis=(2, 3) if outputs.ndim == 4 else 1)
        expected = outputs.reshape(len(images), -1)
        np.testing.assert_allclose(values, expected, atol=1e-4, rtol=1e-4, err_msg=block)
        assert layers.widths[block] == expected.shape[1]


def test_the_oracle_notices_another_image(images):
    network = timm_network("test_vit")
    transform = image_transform(network)
    forward = timm_forward(network)
    layers = shown(images, forward, lambda image: image_tensor(transform, image))
    rolled = shown(images[::-1], forward, lambda image: image_tensor(transform, image))
    assert not np.allclose(layers.arrays["blocks.5"], rolled.arrays["blocks.5"], atol=1e-2)
    np.testing.assert_allclose(
        layers.arrays["blocks.5"], rolled.arrays["blocks.5"][::-1], atol=1e-4
    )


@pytest.mark.parametrize(("kind", "peer"), [("vit", ViTModel), ("convnext", ConvNextModel)])
def test_hidden_states_equal_those_of_transformers(tiny, images, kind, peer):
    network = peer.from_pretrained(tiny(kind)).eval()
    transform = processor_transform(tiny(kind))
    layers = shown(images, hidden_forward(network), transform, units=64)
    pixels = torch.stack([transform(image) for image in images])
    with torch.no_grad():
        states = network(pixel_values=pixels, output_hidden_states=True).hidden_states
    assert list(layers.arrays) == [f"layer_{k:02d}" for k in range(len(states))]
    for values, wanted in zip(layers.arrays.values(), states, strict=True):
        expected = reduce_array(wanted.flatten(1).numpy(), 64, 0)
        np.testing.assert_allclose(values, expected, atol=1e-4)


def test_the_processor_works_by_pil(tiny, images):
    """Resized, scaled to one and standardised, as its settings say."""
    found = processor_transform(tiny("vit"))(images[0]).numpy()
    small = Image.fromarray(images[0]).resize((32, 32), Image.Resampling.BILINEAR)
    expected = (np.asarray(small, dtype=float) / 255 - 0.5) / 0.5
    np.testing.assert_allclose(found, expected.transpose(2, 0, 1), atol=1e-5)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("image_std", [0.5, float("inf"), 0.5], "image_std of .*: expected finite numbers above 0"),
        ("image_std", [0.5, 0.0, 0.5], "image_std of .*: expected finite numbers above 0, got"),
        ("image_mean", [0.5, float("nan"), 0.5], "image_mean of .*: expected finite numbers, got"),
        ("rescale_factor", float("nan"), "rescale_factor of .*: expected finite numbers, got nan"),
    ],
)
def test_a_processor_that_makes_nothing_of_an_image(tiny, tmp_path, key, value, said):
    folder = shutil.copytree(tiny("vit"), tmp_path / "vit")
    path = folder / "preprocessor_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))
    with pytest.raises(InputError, match=f"wrong scale of pixels in {said}"):
        processor_transform(folder)


def test_no_processor(tiny):
    with pytest.raises(InputError, match="unreadable image processor"):
        processor_transform(tiny("bert"))


@pytest.mark.parametrize("batch", [1, 11, 100])
def test_batches_do_not_matter(images, batch):
    network = timm_network("test_efficientnet")
    transform = image_transform(network)
    forward = timm_forward(network)
    one, other = (
        shown(images, forward, lambda image: image_tensor(transform, image), units=64, batch=size)
        for size in (4, batch)
    )
    for name, values in one.arrays.items():
        np.testing.assert_allclose(values, other.arrays[name], atol=1e-4)


def test_an_image_that_does_not_decode_is_named(images):
    def transform(image):
        if (image == images[6]).all():
            raise OSError("broken data stream\nmore")
        return torch.zeros(3, 4, 4)

    with pytest.raises(
        ConcordError, match=r"image does not decode in image image_6: got broken data stream$"
    ):
        shown(images, lambda pixels, take: None, transform)


def test_images_are_read_one_at_a_time():
    """What is asked of a data set is rows; no slice of many images."""

    class Rows:
        def __init__(self):
            self.asked = []

        def __getitem__(self, row):
            self.asked.append(row)
            return np.full((4, 4, 3), row, dtype=np.uint8)

    rows = Rows()
    pictures = ImageBatches(
        rows, [str(k) for k in range(9)], lambda image: torch.tensor(image[0, 0])
    )
    batches = list(pictures.batches(np.array([8, 3, 5]), 2))
    assert [batch[:, 0].tolist() for batch in batches] == [[8, 3], [5]]
    assert sorted(rows.asked) == [3, 5, 8]
    assert all(isinstance(row, int) for row in rows.asked)
    assert threading.active_count() < 20


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (torch.OutOfMemoryError("CUDA out of memory"), "out of memory in tiny. Set CONCORD_BATCH"),
        (MemoryError(), "out of memory in tiny"),
        (RuntimeError("size mismatch\nat"), "model broke in tiny: got RuntimeError: size mismatch"),
    ],
)
def test_a_model_that_breaks(images, error, message):
    def forward(pixels, take):
        raise error

    with pytest.raises(ConcordError, match=message):
        shown(images, forward, lambda image: torch.zeros(3, 4, 4))


def test_a_model_that_hides_its_layers():
    class Mute(torch.nn.Module):
        def forward(self, **inputs):
            return type("Output", (), {"hidden_states": None})()

    with pytest.raises(InputError, match=r"does not return its layers in Mute"):
        hidden_forward(Mute())(torch.zeros(1, 3, 4, 4), lambda name, states: None)


class Branches(torch.nn.Module):
    """Blocks that return several things, of which one has a row for each image."""

    def __init__(self, several):
        super().__init__()
        self.blocks = torch.nn.ModuleList([Several(several)])

    def forward(self, pixels):
        return self.blocks[0](pixels)


class Several(torch.nn.Module):
    def __init__(self, several):
        super().__init__()
        self.several = several

    def forward(self, pixels):
        return self.several


@pytest.mark.parametrize(
    "first", [torch.zeros(3), torch.zeros(1, 3, 4), "text", torch.zeros(())], ids=str
)
def test_of_several_outputs_the_one_with_a_row_for_each_image_is_taken(first):
    rows, found = torch.arange(6.0).reshape(3, 2), {}
    network = Branches((first, rows, torch.ones(3, 2)))
    timm_forward(network)(torch.zeros(3, 3, 8, 8), lambda name, value: found.update({name: value}))
    assert found["blocks.0"].tolist() == rows.tolist()


def test_outputs_without_a_row_for_each_image_are_refused():
    forward = timm_forward(Branches((torch.zeros(3), torch.zeros(1, 3, 4))))
    with pytest.raises(ConcordError, match=r"blocks.0: expected 3 images first, got \(3,\)"):
        forward(torch.zeros(3, 3, 8, 8), lambda name, value: None)


def test_images_that_nobody_waits_for_are_not_read():
    """One thread reads one image after the other, until whoever looks at them stops."""
    read = []

    def transform(image):
        read.append(int(image[0, 0, 0]))
        time.sleep(0.002)
        return torch.zeros(1)

    images = np.arange(50, dtype=np.uint8)[:, None, None, None]
    batches = ImageBatches(images, [str(k) for k in range(50)], transform).batches(np.arange(50), 1)
    next(batches)
    batches.close()
    assert read[0] == 0
    assert len(read) < 40
