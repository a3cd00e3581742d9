import math
import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import (
    GPT2LMHeadModel,
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    GPTNeoXModel,
    LlamaForCausalLM,
)

from stages.core.nets.language_head import Reader, open_language_model
from stages.core.nets.next_word import text_loss, token_losses
from stages.core.run.errors import InputError

CPU = torch.device("cpu")
TEXT = " ".join(["the old witch flew over a quiet village"] * 4)


@pytest.fixture(scope="module")
def neox(tmp_path_factory, tiny):
    """Save a tiny GPT-NeoX with GPT-2's tokenizer; its length is 48 tokens."""
    folder = tmp_path_factory.mktemp("neox") / "model"
    config = GPTNeoXConfig(
        vocab_size=300,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=48,
    )
    with torch.random.fork_rng():
        torch.manual_seed(2)
        network = GPTNeoXForCausalLM(config)
        for weights in network.parameters():
            torch.nn.init.normal_(weights, std=0.3)
    network.save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(tiny("gpt2") / name, folder)
    return folder


def naive(network, ids, longest, stride):
    """Predict each token by itself, after what its window holds before it."""
    total = []
    for k in range(1, len(ids)):
        start = 0
        while k >= start + longest:
            start = min(start + stride, len(ids) - longest)
        logits = network(input_ids=torch.tensor(ids[start:k])[None]).logits[0, -1].double()
        total.append(-torch.log_softmax(logits, 0)[ids[k]].item())
    return np.array(total)


@pytest.mark.parametrize(
    ("longest", "stride", "used"), [(100, None, 50), (17, None, 8), (17, 3, 3), (17, 16, 16)]
)
@torch.inference_mode()
def test_each_token_once_as_a_naive_loop_has_it(neox, rng, longest, stride, used):
    network = open_language_model(neox, CPU).network
    ids = rng.integers(0, 300, 60)
    expected = naive(network, ids, longest, used)
    np.testing.assert_allclose(token_losses(network, ids, longest, stride), expected, atol=1e-5)


@torch.inference_mode()
def test_loss_is_the_library_s_own(neox):
    reader = open_language_model(neox, CPU)
    ids = torch.tensor(reader.tokenizer(TEXT[:40])["input_ids"])[None]
    own = reader.network(input_ids=ids, labels=ids).loss.item()
    assert text_loss(reader, [TEXT[:40]], CPU).per_token == pytest.approx(own, abs=1e-5)


def test_scales_and_counts(neox):
    """A token of a byte each: the first byte of a text begins its first word, which is not read."""
    reader = open_language_model(neox, CPU)
    texts = ["xyz qk", "jé zz"]
    ids = [reader.tokenizer(text)["input_ids"] for text in texts]
    assert [len(one) for one in ids] == [len(text.encode()) for text in texts]
    losses = [token_losses(reader.network, np.array(one), 48) for one in ids]
    found = text_loss(neox, texts, CPU)
    assert (found.tokens, found.words, found.bytes) == (5 + 5, 2, 5 + 5)
    total = sum(one.sum() for one in losses)
    assert found.per_token == pytest.approx(total / 10)
    assert found.bits_per_byte == pytest.approx(total / 10 / math.log(2))
    last_words = losses[0][-3:].sum() + losses[1][-3:].sum()
    assert found.per_word == pytest.approx(last_words / 2)


def test_a_uniform_model_needs_the_logarithm_of_its_vocabulary(neox, tmp_path):
    folder = shutil.copytree(neox, tmp_path / "uniform")
    state = load_file(folder / "model.safetensors")
    state["lm_head.weight" if "lm_head.weight" in state else "embed_out.weight"].zero_()
    save_file(state, folder / "model.safetensors", {"format": "pt"})
    found = text_loss(folder, [TEXT], CPU)
    assert found.per_token == pytest.approx(math.log(300), abs=1e-6)
    size = found.bits_per_byte * found.bytes
    assert size == pytest.approx(found.tokens * math.log2(300), abs=1e-3)


def test_a_model_that_learnt_the_text_predicts_it_but_not_another(neox):
    reader = open_language_model(neox, CPU)
    before = text_loss(reader, [TEXT], CPU).per_token
    ids = torch.tensor(reader.tokenizer(TEXT)["input_ids"])[:48][None]
    optimiser = torch.optim.Adam(reader.network.parameters(), 0.01)
    for _ in range(60):
        optimiser.zero_grad()
        reader.network(input_ids=ids, labels=ids).loss.backward()
        optimiser.step()
    learnt = text_loss(reader, [TEXT], CPU).per_token
    other = text_loss(reader, [" ".join(reversed(TEXT))], CPU).per_token
    assert learnt < 1 < other
    assert learnt < before / 3


def test_a_token_that_begins_every_text_is_read_but_not_predicted(neox):
    """Then the first word counts as well."""
    from tokenizers.processors import TemplateProcessing

    reader = open_language_model(neox, CPU)
    reader.tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single="<|endoftext|> $A", special_tokens=[("<|endoftext|>", 0)]
    )
    found = text_loss(reader, ["xyz qk"], CPU)
    assert (found.tokens, found.words, found.bytes) == (6, 2, 6)
    ids = np.array(reader.tokenizer("xyz qk")["input_ids"])
    assert ids[0] == 0
    losses = token_losses(reader.network, ids, 48)
    assert found.per_word == pytest.approx(losses.sum() / 2)


@pytest.mark.parametrize("kind", ["bert", "t5", "vit"])
def test_a_model_that_predicts_no_next_word(tiny, tmp_path, kind):
    folder = shutil.copytree(tiny(kind), tmp_path / "model")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(tiny("gpt2") / name, folder)
    with pytest.raises(InputError, match="no language head"):
        text_loss(folder, [TEXT], CPU)


def test_a_masked_model_with_its_head_sees_the_words_to_come(tiny, tmp_path):
    from transformers import BertConfig, BertForMaskedLM

    settings = BertConfig.from_pretrained(tiny("bert"))
    BertForMaskedLM(settings).save_pretrained(tmp_path)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(tiny("bert") / name, tmp_path)
    with pytest.raises(InputError, match="no language head.*bert, which sees the words to come"):
        text_loss(tmp_path, [TEXT], CPU)


def test_a_model_saved_without_its_head(neox, tmp_path):
    folder = shutil.copytree(neox, tmp_path / "headless")
    GPTNeoXModel.from_pretrained(neox).save_pretrained(folder)
    with pytest.raises(InputError, match="no language head.*weights missing"):
        text_loss(folder, [TEXT], CPU)


@pytest.mark.parametrize(
    ("kind", "maker"), [("gpt2", GPT2LMHeadModel), ("llama", LlamaForCausalLM)]
)
def test_other_causal_models(tiny, tmp_path, kind, maker):
    folder = shutil.copytree(tiny(kind), tmp_path / kind)
    network = maker.from_pretrained(tiny("gpt2")) if kind == "gpt2" else None
    if network is None:
        from transformers import LlamaConfig

        network = maker(LlamaConfig.from_pretrained(folder))
    network.save_pretrained(folder)
    found = text_loss(folder, [TEXT, TEXT], CPU)
    assert found.words == 2 * len(TEXT.split()) - 2
    assert 0 < found.per_token < 2 * math.log(300)


def test_a_pickle_of_tensors_serves(neox, tmp_path):
    folder = shutil.copytree(neox, tmp_path / "pickled")
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    assert text_loss(folder, [TEXT], CPU) == text_loss(neox, [TEXT], CPU)


@pytest.mark.parametrize("texts", [[], [""], ["a"]])
def test_too_little_text(neox, texts):
    with pytest.raises(InputError, match="too little text"):
        text_loss(neox, texts, CPU)


@pytest.mark.parametrize("stride", [0, 17, 48])
def test_wrong_stride(neox, stride):
    reader = open_language_model(neox, CPU)
    with pytest.raises(InputError, match=r"wrong stride: expected 1 to 16.*got"):
        text_loss(Reader(reader.network, reader.tokenizer, 17), [TEXT], CPU, stride)


def test_a_model_that_diverged(neox, tmp_path):
    folder = shutil.copytree(neox, tmp_path / "diverged")
    state = load_file(folder / "model.safetensors")
    state["gpt_neox.final_layer_norm.bias"][0] = float("nan")
    save_file(state, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(InputError, match="model without a finite loss in .*diverged: got nan"):
        text_loss(folder, [TEXT], CPU)
