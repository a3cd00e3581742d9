import pytest
import timm
import torch
from safetensors.torch import load_file, save_file
from timm.models import save_for_hf

from stages.core.names.models import parse_model
from stages.core.nets.embedded import EMBEDDED, embedded_weights
from stages.core.nets.pixels import EMBEDDED_SCALE
from stages.core.nets.source import find_source, is_timm_folder
from stages.core.nets.timm_models import find_timm, timm_in
from stages.core.run.errors import InputError

LITE = "timm:tf_efficientnet_lite0"


def find(string):
    return find_timm(parse_model(string, {}))


def flat(network):
    return torch.cat([weights.flatten() for weights in network.parameters()])


@pytest.fixture
def folder(tmp_path):
    """A model as timm saves it, pickled weights beside it that nobody may open."""
    network = timm.create_model("test_vit", num_classes=5)
    save_for_hf(network, tmp_path / "saved", safe_serialization=True)
    (tmp_path / "saved" / "pytorch_model.bin").write_bytes(b"no pickle")
    return tmp_path / "saved", network


def test_twins_follow_their_seed():
    one, again, other = (flat(find(f"timm:test_vit+untrained:{k}").load()) for k in (3, 3, 4))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)
    with torch.random.fork_rng():
        torch.manual_seed(3)
        network = timm.create_model("test_vit", num_classes=1000)
    network.reset_classifier(0)
    assert torch.equal(one, flat(network))


def test_a_twin_leaves_the_random_state_alone():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    find("timm:test_vit+untrained").load()
    assert torch.equal(torch.rand(3), expected)


def test_a_network_is_ready_for_inference(folder):
    path, _ = folder
    source = find_source(parse_model(f"file:{path}", {}))
    assert not timm_in(source, None).load().training
    assert not find("timm:test_vit+untrained").load().training


def test_a_twin_is_of_timm_s_version():
    assert find("timm:test_vit+untrained").revision == f"timm {timm.__version__}"


def test_the_packaged_network():
    found = find(LITE)
    assert found.revision == EMBEDDED[LITE][2]
    assert found.scale == EMBEDDED_SCALE == find(f"{LITE}+untrained:0").scale
    network = found.load()
    published = torch.load(
        embedded_weights("timm", "tf_efficientnet_lite0"), map_location="cpu", weights_only=True
    )
    first = next(iter(published.values()))
    assert torch.equal(network.conv_stem.weight, first)
    assert not network.training
    # The classifier is not run, and not counted.
    classifier = 1280 * 1000 + 1000
    whole = timm.create_model("tf_efficientnet_lite0")
    assert flat(network).numel() == flat(whole).numel() - classifier


def test_a_folder(folder):
    path, network = folder
    source = find_source(parse_model(f"file:{path}", {}))
    assert is_timm_folder(source.folder)
    found = timm_in(source, None)
    assert found.revision == source.revision
    network.reset_classifier(0)
    assert torch.equal(flat(found.load()), flat(network))
    twin = timm_in(source, 2).load()
    assert flat(twin).shape == flat(network).shape
    assert not torch.equal(flat(twin), flat(network))


def test_a_folder_is_timm_s_by_its_configuration(tiny, folder):
    assert not is_timm_folder(tiny("bert"))
    (folder[0] / "config.json").write_text("{")
    assert not is_timm_folder(folder[0])


def test_weights_truncated(folder):
    path, _ = folder
    whole = (path / "model.safetensors").read_bytes()
    (path / "model.safetensors").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="unreadable model"):
        timm_in(find_source(parse_model(f"file:{path}", {})), None).load()


def test_weights_missing(folder):
    path, _ = folder
    weights = load_file(path / "model.safetensors")
    del weights["blocks.1.attn.qkv.weight"]
    save_file(weights, path / "model.safetensors")
    with pytest.raises(InputError, match="unreadable model"):
        timm_in(find_source(parse_model(f"file:{path}", {})), None).load()


@pytest.mark.parametrize(
    ("string", "message"),
    [
        ("timm:mixnet_z", r"no such model in timm .*timm:mixnet_z\. Did you mean 'mixnet_"),
        ("timm:test_vit@main", r"no local copy in timm/test_vit\.r160_in1k@main"),
        ("timm:tf_efficientnet_lite0@main", r"no local copy in timm/tf_efficientnet_lite0\.in1k"),
        ("timm:coatnet_0_224", "no weights on the hub"),
    ],
)
def test_no_such_model(string, message):
    with pytest.raises(InputError, match=message):
        find(string)
