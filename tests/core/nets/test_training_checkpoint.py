from argparse import Namespace
from copy import deepcopy
from pathlib import Path

import pytest
import timm
import torch
from timm.utils import ModelEmaV2

from stages.core.names.models import parse_model
from stages.core.nets.load import open_model
from stages.core.nets.pixels import image_transform
from stages.core.nets.source import find_source, is_timm_folder
from stages.core.nets.timm_models import timm_in
from stages.core.nets.training_checkpoint import find_checkpoint
from stages.core.nets.weight_files import state_digest
from stages.core.run.errors import InputError
from tests.core.nets.test_weight_files import Bomb


def flat(network):
    return torch.cat([weights.flatten() for weights in network.parameters()])


@pytest.fixture
def trained():
    """A network after one update, and its moving average."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = timm.create_model("test_vit", num_classes=5)
    average = ModelEmaV2(network, decay=0.9)
    with torch.no_grad():
        for weights in network.parameters():
            weights.add_(0.1)
    average.update(network)
    return network, average


@pytest.fixture
def content(trained):
    """What timm's training script saves, with the arguments that matter."""
    network, average = trained
    optimiser = torch.optim.RMSprop(network.parameters())
    arguments = Namespace(
        model="test_vit", num_classes=5, img_size=96, mean=[0.1, 0.2, 0.3], opt_betas=None, seed=42
    )
    return {
        "epoch": 3,
        "arch": "test_vit",
        "state_dict": {f"module.{k}": v for k, v in network.state_dict().items()},
        "optimizer": optimiser.state_dict(),
        "version": 2,
        "args": arguments,
        "amp_scaler": {"scale": 65536.0, "growth_factor": 2.0},
        "state_dict_ema": average.module.state_dict(),
        "metric": 12.5,
    }


@pytest.fixture
def save(tmp_path, content):
    def make(**changes):
        file = tmp_path / "checkpoint-3.pth.tar"
        torch.save({k: v for k, v in (content | changes).items() if v is not None}, file)
        return file

    return make


def find(string):
    return find_source(parse_model(string, {}))


def test_weights_as_trained_and_their_average(save, trained):
    file = save()
    networks = {"": trained[0], "#raw": trained[0], "#ema": trained[1].module}
    for part, network in networks.items():
        source = find(f"file:{file}{part}")
        assert is_timm_folder(source.folder)
        assert source.revision == state_digest(network.state_dict())
        found = timm_in(source, None)
        assert found.revision == source.revision
        loaded = found.load()
        assert not loaded.training
        headless = deepcopy(network)
        headless.reset_classifier(0)
        assert torch.equal(flat(loaded), flat(headless))


def test_images_are_shown_as_it_was_trained(save):
    loaded = timm_in(find(f"file:{save()}#ema"), None).load()
    assert loaded.pretrained_cfg["input_size"] == (3, 96, 96)
    scaling = image_transform(loaded).transforms[-1]
    torch.testing.assert_close(scaling.mean, torch.tensor([0.1, 0.2, 0.3]))


def test_an_untrained_twin(save, trained):
    file = save()
    one, two = (find(f"file:{file}{part}+untrained:3") for part in ("", "#ema"))
    assert one.revision == two.revision != find(f"file:{file}").revision
    drawn, other = (flat(timm_in(one, seed).load()) for seed in (3, 4))
    assert drawn.shape == other.shape
    assert not torch.equal(drawn, other)


def test_a_payload_stays_unexecuted(save, tmp_path):
    proof = tmp_path / "executed"
    file = save(metric=Bomb(proof))
    with pytest.raises(InputError, match=r"pickle of more than tensors.*checkpoint-3\.pth\.tar"):
        find(f"file:{file}")
    assert not proof.exists()
    torch.load(file, weights_only=False)
    assert proof.exists(), "the trap itself works"


def test_a_payload_in_the_arguments(save, tmp_path):
    proof = tmp_path / "executed"
    file = save(args=Namespace(model="test_vit", evil=Bomb(proof)))
    with pytest.raises(InputError, match=r"pickle of more than tensors.*got .*pathlib\."):
        find(f"file:{file}#ema")
    assert not proof.exists()


@pytest.mark.parametrize(
    ("changes", "part", "message"),
    [
        ({"state_dict_ema": None}, "#ema", "expected weights under state_dict_ema, got amp_scaler"),
        ({"state_dict": {}}, "", "expected weights under state_dict"),
        ({"state_dict": {"a": 1}}, "", "expected tensors, got a: int"),
        ({"arch": "hf-hub:evil/model"}, "", "an architecture under arch, got 'hf-hub:evil/model'"),
        ({"arch": None, "args": None}, "", "an architecture under arch, got None"),
        ({"args": Namespace(model_kwargs={"depth": 9})}, "", "settings of its own.*depth"),
    ],
)
def test_no_training_checkpoint(save, changes, part, message):
    with pytest.raises(InputError, match=message):
        find(f"file:{save(**changes)}{part}")


def test_an_architecture_that_timm_does_not_have(save):
    with pytest.raises(InputError, match=r"no such model in timm.*pth\.tar: test_vat"):
        timm_in(find(f"file:{save(arch='test_vat')}"), None)


def test_weights_of_another_architecture(save):
    with pytest.raises(InputError, match="unreadable model"):
        timm_in(find(f"file:{save(arch='test_resnet')}"), None).load()


def test_it_reads_no_words(save):
    with pytest.raises(InputError, match="unreadable configuration"):
        open_model(parse_model(f"file:{save()}", {}))


def test_what_names_a_checkpoint(tmp_path):
    file, folder = tmp_path / "a.pth.tar", tmp_path / "b#ema"
    file.touch()
    folder.mkdir()
    assert find_checkpoint(f"{file}") == find_checkpoint(f"{file}#raw") == (file, "raw")
    assert find_checkpoint(f"{file}#ema") == (file, "ema")
    for other in (folder, tmp_path, tmp_path / "none", f"{file}#mean"):
        assert find_checkpoint(str(other)) is None


@pytest.mark.parametrize("name", ["mixnet_s", "test_vit"])
def test_a_real_checkpoint_saver(tmp_path, name):
    """What timm's own saver writes is what is read."""
    from timm.utils import CheckpointSaver

    network = timm.create_model(name, num_classes=3)
    average = ModelEmaV2(network)
    saver = CheckpointSaver(
        network,
        torch.optim.SGD(network.parameters()),
        args=Namespace(model=name, num_classes=3),
        model_ema=average,
        checkpoint_dir=str(tmp_path),
        recovery_dir=str(tmp_path),
        max_history=1,
    )
    saver.save_checkpoint(3, 0.5)
    file = Path(tmp_path) / "checkpoint-3.pth.tar"
    network.reset_classifier(0)
    assert torch.equal(flat(timm_in(find(f"file:{file}#ema"), None).load()), flat(network))
