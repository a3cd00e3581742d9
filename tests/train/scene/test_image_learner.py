"""Updates of an image network, beside the same by hand."""

from copy import deepcopy
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from stages.train.processes import alone
from stages.train.scene import image_learner as module
from stages.train.scene.image_learner import ImageLearner, data_config

DRAWN = np.random.default_rng(0)
PIXELS = DRAWN.normal(size=(30, 3)).astype(np.float32)
IMAGES = SimpleNamespace(labels=DRAWN.integers(0, 2, 30), classes=("cat", "dog"))
ROWS = np.arange(5, 27)  # five batches of four, and two images more
SEED = 3


class Linear(torch.nn.Module):
    """Classes by three numbers, of which some are dropped in training."""

    def __init__(self, drop=0.0):
        super().__init__()
        torch.manual_seed(1)
        self.linear, self.drop = torch.nn.Linear(3, 2), torch.nn.Dropout(drop)
        self.pretrained_cfg = {"mean": [0.1, 0.2, 0.3], "std": [1.0, 2.0, 3.0]}
        self.low = []

    def forward(self, shown):
        if self.training:
            self.low.append(torch.is_autocast_enabled("cpu"))
        return self.linear(self.drop(shown))


class Rates:
    """A rate that is a tenth of the number of the update."""

    def __init__(self, optimiser, settings, per_epoch):
        self.optimiser = optimiser
        assert per_epoch == len(ROWS) // settings.batch

    def set_rate(self, step):
        for group in self.optimiser.param_groups:
            group["lr"] = 0.1 * step
        return 0.1 * step


class Average:
    """Takes the weights of every update whose number is even."""

    def __init__(self, network):
        self.module, self.steps = deepcopy(network), []

    def update(self, network, step):
        self.steps.append(step)
        if step % 2 == 0:
            self.module.load_state_dict(network.state_dict())


@pytest.fixture
def learner(monkeypatch, seeing):
    """Make a learner whose images are numbers, larger by one with every epoch."""

    def varied(images, rows, view, seed, epoch):
        assert (images, view, seed) == (IMAGES, "varied", SEED)
        return torch.from_numpy(PIXELS[rows] + epoch)

    def make(network=None, *, average=False, **changed):
        fakes = {
            "varied_batch": varied,
            "training_view": lambda *_: "varied",
            "plain_view": lambda *_: "plain",
            "make_optimiser": lambda network, _: torch.optim.SGD(network.parameters(), lr=9.0),
            "RateSchedule": Rates,
            "make_average": lambda network, _: Average(network) if average else None,
        }
        for name, fake in fakes.items():
            monkeypatch.setattr(module, name, fake)
        settings = seeing(**{"batch": 4, "smoothing": 0.1, "calibration": 0} | changed)
        held_out = np.array([0, 1])
        return ImageLearner(
            network or Linear(), IMAGES, ROWS, held_out, settings=settings, seed=SEED,
            processes=alone(),
        )  # fmt: skip

    return make


def order(epoch):
    return np.random.default_rng([SEED, epoch]).permutation(ROWS)


def test_updates_are_those_of_the_rows_of_each(learner):
    one = learner()
    assert one.rate() == pytest.approx(0.1)
    assert one.seen_per_update == 4.0
    copy = deepcopy(one._network)
    for step, epoch, place in ((1, 0, 0), (2, 0, 1), (5, 0, 4), (6, 1, 0), (12, 2, 1)):
        told = one.update(step)
        rows = order(epoch)[4 * place : 4 * place + 4]
        logits = copy.linear(torch.from_numpy(PIXELS[rows] + epoch))
        loss = cross_entropy(logits, torch.from_numpy(IMAGES.labels[rows]), label_smoothing=0.1)
        copy.zero_grad()
        loss.backward()
        assert told == pytest.approx(float(loss.detach()), rel=1e-5)
        assert one.rate() == pytest.approx(0.1 * step)
        with torch.no_grad():
            for weight in copy.parameters():
                weight.sub_(0.1 * step * weight.grad)
    for found, expected in zip(one._network.parameters(), copy.parameters(), strict=True):
        torch.testing.assert_close(found, expected)


@pytest.mark.parametrize(("precision", "low"), [("float32", False), ("bfloat16", True)])
def test_low_precision_is_asked_for(learner, precision, low):
    one = learner(precision=precision)
    one._network.eval()
    one.update(1)
    assert one._network.low == [low]


def test_what_is_dropped_is_of_the_seed_and_the_step(learner):
    told = []
    for seed, step in ((5, 1), (6, 1), (6, 6)):
        one = learner(Linear(0.5))
        torch.manual_seed(seed)
        told.append(one.update(step))
    assert told[0] == told[1] != told[2]


@pytest.mark.parametrize(
    ("average", "calibration", "weights"),
    [
        (False, 0, ("raw",)), (True, 0, ("raw", "ema")), (False, 8, ("raw", "calibrated")),
        (True, 8, ("raw", "ema", "calibrated", "ema_calibrated")),
    ],
)  # fmt: skip
def test_weights_that_are_kept(learner, average, calibration, weights):
    assert learner(average=average, calibration=calibration).weights == weights


@pytest.mark.parametrize(("calibration", "count"), [(8, 2), (11, 2), (400, 5)])
def test_each_kind_of_weights_is_measured_and_fitted_once(learner, monkeypatch, calibration, count):
    """On the first whole batches of the first epoch; anew after an update."""
    one, fitted, asked = learner(average=True, calibration=calibration), [], []
    monkeypatch.setattr(
        module, "calibrate", lambda network, shown: fitted.append((network, list(shown)))
    )
    monkeypatch.setattr(
        module,
        "evaluate_classes",
        lambda network, *given, **named: asked.append((given, named)) or network,
    )
    one.update(2)
    assert one._average.steps == [2]
    assert one.evaluate("raw") is one._network
    assert one.evaluate("ema") is one._average.module
    (images, held_out, view), named = asked[0]
    assert (images, held_out.tolist(), view, named["batch"]) == (IMAGES, [0, 1], "plain", 4)
    first = one.evaluate("calibrated")
    assert first is one.evaluate("calibrated")
    assert first is not one._network
    assert one.evaluate("ema_calibrated") is not first
    assert [network for network, _ in fitted] == [first, one.evaluate("ema_calibrated")]
    for _, shown in fitted:
        assert len(shown) == count
        np.testing.assert_array_equal(torch.cat(shown), PIXELS[order(0)[: 4 * count]])
    one.update(3)
    assert one.evaluate("calibrated") is not first


@pytest.mark.parametrize("average", [False, True])
def test_it_goes_on_from_its_state(learner, average):
    whole, begun = learner(average=average), learner(average=average)
    for one in (whole, begun):
        one.update(1)
        one.update(2)
    state = deepcopy(begun.state())
    other = learner(average=average)
    other._calibrated = {"calibrated": "old"}
    other.restore(state, 2)
    assert other._calibrated == {}
    assert other.rate() == pytest.approx(0.2)
    assert other.update(3) == whole.update(3)
    if average:
        for found, expected in zip(
            other._average.module.parameters(), whole._average.module.parameters(), strict=True
        ):
            torch.testing.assert_close(found, expected, rtol=0, atol=0)
    fresh = learner(average=average)
    fresh.restore(learner(average=average).state(), 0)
    assert fresh.rate() == pytest.approx(0.1)


def test_a_network_is_evaluated_with_its_own_scaling(seeing):
    found = data_config(Linear(), seeing(size=64, crop=0.75, interpolation="bicubic"))
    assert found == {
        "input_size": (3, 64, 64), "mean": (0.1, 0.2, 0.3), "std": (1.0, 2.0, 3.0),
        "crop_pct": 0.75, "interpolation": "bicubic",
    }  # fmt: skip


def test_what_is_written_names_its_classes(learner, monkeypatch, tmp_path):
    written = []
    monkeypatch.setattr(
        module, "save_for_hf", lambda *given, **named: written.append((given, named))
    )
    one = learner()
    one.save(tmp_path, "raw")
    ((network, folder), named), = written  # fmt: skip
    assert (network is one._network, folder) == (True, tmp_path)
    assert named["model_config"]["label_names"] == ["cat", "dog"]
    assert named["model_config"]["pretrained_cfg"] == {"num_classes": 2}
    assert named["safe_serialization"] is True
    assert named["data_config"]["mean"] == (0.1, 0.2, 0.3)
