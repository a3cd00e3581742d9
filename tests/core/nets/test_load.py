import json
import logging
import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from stages.core.names.models import parse_model
from stages.core.nets.load import load_network, open_model
from stages.core.run.errors import InputError
from tests.slow_tokenizers import save_ctrl


@pytest.fixture
def folder(tiny, tmp_path):
    """A model of one's own to break."""
    return shutil.copytree(tiny("bert"), tmp_path / "model")


def opened(string, attention=False):
    return load_network(open_model(parse_model(string, {})), attention)


def flat(network):
    return torch.cat([weights.flatten() for weights in network.parameters()])


def test_twins_follow_their_seed(folder):
    trained = flat(opened(f"file:{folder}"))
    one, again = (flat(opened(f"file:{folder}+untrained:3")) for _ in range(2))
    other = flat(opened(f"file:{folder}+untrained:4"))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)
    assert not torch.equal(one, trained)
    assert one.shape == trained.shape
    # The tiny model itself was drawn, and never trained, with seed 1.
    assert torch.equal(flat(opened(f"file:{folder}+untrained:1")), trained)


def test_a_configuration_of_two_minds(folder):
    path = folder / "config.json"
    path.write_text(path.read_text().replace("{", '{"hidden_act": "relu",', 1))
    with pytest.raises(InputError, match=r"configuration.*two values of 'hidden_act'"):
        opened(f"file:{folder}")


def test_a_twin_leaves_the_random_state_alone(folder):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    opened(f"file:{folder}+untrained")
    assert torch.equal(torch.rand(3), expected)


def test_a_twin_needs_no_weights(folder):
    (folder / "model.safetensors").unlink()
    assert torch.isfinite(flat(opened(f"file:{folder}+untrained"))).all()


def test_a_network_is_ready_for_inference(folder):
    network = opened(f"file:{folder}", attention=True)
    assert not network.training
    assert network.dtype == torch.float32
    assert network.config._attn_implementation == "eager"


def test_weights_saved_in_half_precision_are_widened(folder):
    weights = load_file(folder / "model.safetensors")
    save_file(
        {k: v.half() for k, v in weights.items()}, folder / "model.safetensors", {"format": "pt"}
    )
    settings = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(settings | {"dtype": "float16"}))
    assert {weights.dtype for weights in opened(f"file:{folder}").parameters()} == {torch.float32}


def test_weights_missing(folder):
    weights = load_file(folder / "model.safetensors")
    del weights["encoder.layer.1.output.dense.weight"]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(
        InputError, match=r"weights missing.*encoder\.layer\.1\.output\.dense\.weight"
    ):
        opened(f"file:{folder}")


def test_a_decoder_may_be_missing_and_an_encoder_not(tiny, tmp_path):
    """As in the members of families of both that were saved without what writes."""
    folder = shutil.copytree(tiny("t5"), tmp_path / "both")
    path, whole = folder / "model.safetensors", flat(opened(f"file:{folder}"))
    weights = load_file(path)
    read = {key: one for key, one in weights.items() if not key.startswith("decoder.")}
    assert len(read) < len(weights)
    save_file(read, path, {"format": "pt"})
    assert torch.equal(flat(opened(f"file:{folder}")), whole)
    assert flat(opened(f"file:{folder}+untrained:3")).shape == whole.shape
    lost = next(key for key in read if key.startswith("encoder.block.1."))
    del read[lost]
    save_file(read, path, {"format": "pt"})
    with pytest.raises(InputError, match=f"weights missing.*{lost}"):
        opened(f"file:{folder}")


def test_weights_of_another_shape(folder):
    weights = load_file(folder / "model.safetensors")
    weights["embeddings.LayerNorm.bias"] = torch.zeros(3)
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    told = r"weights of another shape.*expected embeddings\.LayerNorm\.bias: \(\d+,\), got \(3,\)"
    with pytest.raises(InputError, match=told):
        opened(f"file:{folder}")


def test_weights_that_are_not_read_are_no_news(folder, caplog):
    """A head, say: every checkpoint of a family has one."""
    weights = load_file(folder / "model.safetensors") | {"lm_head.weight": torch.zeros(3, 3)}
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    log = logging.getLogger("transformers")
    log.addHandler(caplog.handler)
    try:
        opened(f"file:{folder}")
    finally:
        log.removeHandler(caplog.handler)
    assert not [record for record in caplog.records if record.name.startswith("transformers")]
    assert not logging.getLogger("transformers.modeling_utils").filters


def test_weights_truncated(folder):
    whole = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="unreadable model"):
        opened(f"file:{folder}")


@pytest.mark.parametrize(
    ("content", "message"),
    [("{", "unreadable configuration"), ('{"model_type": "nonsuch"}', "unreadable configuration")],
)
def test_configuration_unreadable(folder, content, message):
    (folder / "config.json").write_text(content)
    with pytest.raises(InputError, match=message):
        open_model(parse_model(f"file:{folder}", {}))


def test_code_that_comes_with_a_model_is_not_run(folder):
    proof = folder / "proof"
    code = f"import pathlib; pathlib.Path({str(proof)!r}).touch()\nclass C: pass\n"
    (folder / "evil.py").write_text(code)
    settings = {"model_type": "evil", "auto_map": {"AutoConfig": "evil.C", "AutoModel": "evil.C"}}
    (folder / "config.json").write_text(json.dumps(settings))
    with pytest.raises(InputError, match="unreadable configuration"):
        open_model(parse_model(f"file:{folder}", {}))
    assert not proof.exists()


def test_tokenizer_missing(folder):
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).unlink()
    with pytest.raises(InputError, match="no vocabulary in"):
        open_model(parse_model(f"file:{folder}", {}))


@pytest.mark.parametrize("model", [{"type": "OfALaterLibrary"}, None, 3])
def test_a_tokenizer_that_cannot_be_read(folder, model):
    content = json.loads((folder / "tokenizer.json").read_text())
    (folder / "tokenizer.json").write_text(json.dumps(content | {"model": model}))
    with pytest.raises(InputError, match="unreadable tokenizer in .*model") as told:
        open_model(parse_model(f"file:{folder}", {}))
    assert "\n" not in str(told.value)


def test_a_slow_tokenizer_is_opened(tmp_path):
    folder = save_ctrl(tmp_path / "ctrl")
    model = open_model(parse_model(f"file:{folder}", {}))
    assert not model.tokenizer.is_fast
    assert model.tokenizer.pad_token is not None
    assert model.longest == 64


def test_a_tokenizer_without_padding_gets_some(tiny):
    assert (
        open_model(parse_model(f"file:{tiny('gpt2')}", {})).tokenizer.pad_token == "<|endoftext|>"
    )


def test_longest_passage(tiny):
    model = open_model(parse_model(f"file:{tiny('bert')}", {}))
    assert model.longest == 64
    model.tokenizer.model_max_length = 20
    assert model.longest == 20


def test_device_unknown(folder, monkeypatch):
    monkeypatch.setenv("CONCORD_DEVICE", "gpu9")
    with pytest.raises(InputError, match="no such device in CONCORD_DEVICE"):
        open_model(parse_model(f"file:{folder}", {}))


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_device_absent(folder, monkeypatch):
    monkeypatch.setenv("CONCORD_DEVICE", "cuda")
    with pytest.raises(InputError, match="no such device in CONCORD_DEVICE: got cuda"):
        open_model(parse_model(f"file:{folder}", {}))


def test_device_by_default(folder, monkeypatch):
    monkeypatch.delenv("CONCORD_DEVICE")
    model = open_model(parse_model(f"file:{folder}", {}))
    cuda = torch.cuda.is_available()
    assert (model.device.type == "cuda") == cuda
    assert model.dtype == (torch.bfloat16 if cuda else torch.float32)
    assert np.isfinite(model.longest)
