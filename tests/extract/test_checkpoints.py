"""Families are followed whatever is wrong with a member, and go on where they stopped."""

import json
import logging
import re
import shutil
from functools import partial

import pandas as pd
import pytest
import timm
import torch
from safetensors.torch import load_file, save_file

from stages.core.activations.activations import read_about, read_layer
from stages.core.activations.members import read_members, read_performance, usable
from stages.core.names.families import expand
from stages.core.nets.next_word import text_loss
from stages.core.recording.types import stimuli_digest
from stages.core.run.errors import ConcordError
from stages.core.run.files import sha256
from stages.extract.checkpoints import follow
from stages.extract.extraction import extract_story
from stages.extract.words.stimulus_loss import stimulus_loss
from tests.extract.neox_families import STEPS, make_network, members_of, save, train_family

NAMES = [f"step{step:06d}" for step in STEPS]


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory, tiny):
    folder = tmp_path_factory.mktemp("checkpoints")
    train_family(folder, tiny("gpt2"))
    return folder


@pytest.fixture
def checkpoints(trained_once, tmp_path):
    """A copy that may be damaged."""
    return shutil.copytree(trained_once, tmp_path / "checkpoints")


@pytest.fixture
def words(story):
    return story(24)


@pytest.fixture
def go(words, settings, tmp_path):
    """Follow members as the command does; `go.extracted` lists whom it showed the words."""
    plain = settings.model_copy(update={"attention": False})

    def run(members, *, out=tmp_path / "out", context=5, stop=None, evaluate=None):
        chosen = plain.model_copy(update={"context": context})

        def extract(member, folder):
            if member.name == stop:
                raise KeyboardInterrupt
            run.extracted.append(member.name)
            return extract_story(words, member.spec, chosen, folder)

        shown = {"stimuli": stimuli_digest(words), "settings": chosen.model_dump()}
        told = follow(members, extract, evaluate or partial(stimulus_loss, words), shown, out)
        return told, read_members(out), read_performance(out)

    run.extracted = []
    return run


def test_a_healthy_family(go, checkpoints, words, tmp_path):
    told, members, performance = go(members_of(checkpoints))
    assert told == []
    assert list(members["member"]) == NAMES
    assert (members[["error", "set_aside"]] == "").all(axis=None)
    assert list(members["step"]) == list(STEPS)
    assert list(members["seen"]) == [1024.0 * step for step in STEPS]
    assert set(members["unit"]) == {"tokens"}
    weights = [sha256(checkpoints / f"step{step}" / "model.safetensors") for step in STEPS]
    assert list(members["digest"]) == weights
    network = make_network(0).gpt_neox
    assert set(members["parameters"]) == {sum(one.numel() for one in network.parameters())}
    given = performance[performance["measure"] == "heldout_loss"]
    assert list(given["value"]) == [6 - step / 10 for step in STEPS]
    assert set(performance["measure"]) == {"heldout_loss", "stimulus_loss", "stimulus_bits"}
    for name in NAMES:
        about, rows = read_about(tmp_path / "out" / name, stimuli_digest(words))
        assert about.label == name
        assert read_layer(tmp_path / "out" / name, "layer_02", about, len(rows)).any()


def test_the_loss_on_the_stimuli_is_that_of_each_run_as_a_text(go, checkpoints, words):
    _, _, performance = go(members_of(checkpoints, [16]))
    texts = [" ".join(words.loc[words["run"] == run, "text"]) for run in ("1", "2")]
    own = text_loss(checkpoints / "step16", texts, torch.device("cpu"))
    found = performance.set_index("measure")["value"]
    assert found["stimulus_loss"] == pytest.approx(own.per_token)
    assert found["stimulus_bits"] == pytest.approx(own.bits_per_byte)


def test_a_model_that_predicts_no_words_has_no_loss(go, tiny, tmp_path, caplog):
    members = members_of(shutil.copytree(tiny("bert"), tmp_path / "few" / "step1").parent, [1])
    with caplog.at_level(logging.WARNING, "concord.extract"):
        told, members, performance = go(members)
    assert told == []
    assert performance.empty
    assert "no loss on the stimuli: no language head" in caplog.text


def test_a_missing_step_is_named_and_left_out(go, checkpoints):
    shutil.rmtree(checkpoints / "step4")
    told, members, performance = go(members_of(checkpoints))
    assert len(told) == 1
    assert told[0].startswith("failed: step000004: folder not found in params.yaml: model: file:")
    wrong = members.set_index("member").loc["step000004"]
    assert "folder not found" in wrong["error"]
    assert (wrong["digest"], wrong["parameters"]) == ("", 0)
    assert list(usable(members)["member"]) == [name for name in NAMES if name != "step000004"]
    assert "step000004" not in set(performance["member"])


def test_weights_cut_short_are_named_and_left_out(go, checkpoints):
    path = checkpoints / "step8" / "model.safetensors"
    path.write_bytes(path.read_bytes()[:1000])
    told, members, _ = go(members_of(checkpoints))
    assert len(told) == 1
    assert told[0].startswith("failed: step000008: unreadable ")
    assert len(usable(members)) == len(STEPS) - 1


@pytest.mark.parametrize("value", ["NaN", '"low"', "null", "true", "Infinity", "[1]"])
def test_an_evaluation_that_is_no_number(go, checkpoints, value):
    path = checkpoints / "step8" / "evaluation.json"
    path.write_text(f'{{"heldout_loss": 1.0, "top1": {value}}}')
    told, members, _ = go(members_of(checkpoints, [4, 8]))
    assert len(told) == 1
    wrong = "wrong evaluation in .* expected top1: a number|unreadable JSON in .* is no number"
    assert re.match(f"failed: step000008: ({wrong})", told[0])
    assert list(usable(members)["member"]) == ["step000004"]


def test_the_same_weights_twice_are_set_aside_both(go, checkpoints):
    shutil.copy(checkpoints / "step16" / "model.safetensors", checkpoints / "step2")
    told, members, performance = go(members_of(checkpoints))
    assert told == [
        "set aside: step000002: the same weights as step000016",
        "set aside: step000016: the same weights as step000002",
    ]
    assert list(usable(members)["member"]) == ["step000000", "step000004", "step000008"]
    assert set(performance["member"]) == set(NAMES), "what was measured is told all the same"


def test_another_architecture_is_set_aside(go, checkpoints, tiny):
    save(make_network(0, width=64), checkpoints / "step4", tiny("gpt2"), 1.0)
    told, members, _ = go(members_of(checkpoints))
    assert len(told) == 1
    assert told[0].startswith("set aside: step000004: another architecture: ")
    assert len(usable(members)) == len(STEPS) - 1


def test_another_run_is_set_aside(go, checkpoints, tiny):
    save(make_network(7), checkpoints / "step4", tiny("gpt2"), 1.0)
    told, _, _ = go(members_of(checkpoints))
    assert [line.partition(" (")[0] for line in told] == [
        "set aside: step000004: does not descend from step000000"
    ]


def test_a_step_0_that_was_trained_is_set_aside(go, checkpoints, trained_once):
    """Its gains and biases have moved; that it is another step's copy is not needed to see it."""
    shutil.copy(trained_once / "step2" / "model.safetensors", checkpoints / "step0")
    told, members, _ = go(members_of(checkpoints, [0, 4, 8, 16]))
    assert len(told) == 1
    assert told[0].startswith("set aside: step000000: no step 0: ")
    assert "expected 0 throughout" in told[0] or "expected 1 throughout" in told[0]
    assert list(usable(members)["step"]) == [4, 8, 16]


def test_averages_lag_behind_and_are_no_copies(go, trained_once, tmp_path):
    """They hardly move at first, as weights as trained do in a warm-up."""
    start = load_file(trained_once / "step0" / "model.safetensors")
    for place, step in enumerate(STEPS):
        raw = shutil.copytree(trained_once / f"step{step}", tmp_path / "c" / f"step{step}" / "raw")
        ema = shutil.copytree(raw, raw.parent / "ema")
        state = load_file(raw / "model.safetensors")
        share = (0, 1e-5, 2e-5, 0.5, 0.9)[place]
        slow = {name: torch.lerp(start[name], value, share) for name, value in state.items()}
        save_file(slow, ema / "model.safetensors", {"format": "pt"})
    assert go(members_of(tmp_path / "c", weights=["raw", "ema"]))[0] == []
    for step in STEPS:
        (tmp_path / "c" / f"step{step}" / "ema").replace(tmp_path / "c" / f"step{step}" / "slow")
    assert go(members_of(tmp_path / "c", weights=["slow"]))[0] == []


def test_why_the_words_could_not_be_shown(checkpoints, tmp_path):
    told = follow(
        members_of(checkpoints, [0, 8]),
        lambda member, folder: "too tired" if member.step else extract_nothing(folder),
        lambda source: {},
        {},
        tmp_path / "out",
    )
    assert told == ["failed: step000008: too tired"]


def test_no_member_at_all(go, tmp_path):
    with pytest.raises(
        ConcordError, match=r"no member could be run in params\.yaml: families\.toy"
    ):
        go(members_of(tmp_path / "nowhere"))
    assert not (tmp_path / "out" / "members.parquet").exists()


def test_two_seeds_are_two_courses(go, tiny, tmp_path):
    """Each is held against its own start."""
    for seed in (0, 1):
        train_family(tmp_path / "two" / str(seed), tiny("gpt2"), seed)
    told, members, _ = go(members_of(tmp_path / "two", seeds=(0, 1)))
    assert told == []
    assert list(members["seed"]) == [0] * len(STEPS) + [1] * len(STEPS)
    swapped = tmp_path / "two" / "1" / "step8"
    shutil.rmtree(swapped)
    shutil.copytree(tmp_path / "two" / "0" / "step4", swapped)
    told, _, _ = go(members_of(tmp_path / "two", seeds=(0, 1)))
    assert told == [
        "set aside: seed0-step000004: the same weights as seed1-step000008",
        "set aside: seed1-step000008: the same weights as seed0-step000004",
    ]


def test_a_run_that_is_killed_goes_on_where_it_stopped(go, checkpoints):
    members = members_of(checkpoints)
    with pytest.raises(KeyboardInterrupt):
        go(members, stop="step000004")
    assert go.extracted == NAMES[:2]
    go.extracted.clear()
    told, table, _ = go(members)
    assert told == []
    assert go.extracted == NAMES[2:]
    go.extracted.clear()
    _, again, _ = go(members)
    assert go.extracted == []
    pd.testing.assert_frame_equal(again, table)


def test_killed_between_the_layers_and_what_is_known_of_the_weights(go, checkpoints):
    """Layers without a passport are not taken for done."""

    def die(source):
        raise KeyboardInterrupt

    members = members_of(checkpoints, [0, 4])
    with pytest.raises(KeyboardInterrupt):
        go(members, evaluate=die)
    go.extracted.clear()
    told, table, performance = go(members)
    assert (told, go.extracted) == ([], ["step000000", "step000004"])
    assert set(performance["measure"]) == {"heldout_loss", "stimulus_loss", "stimulus_bits"}
    assert len(table) == 2


def test_a_finer_grid_computes_what_is_new(go, checkpoints):
    go(members_of(checkpoints, [0, 8]))
    go.extracted.clear()
    _, members, _ = go(members_of(checkpoints))
    assert go.extracted == ["step000002", "step000004", "step000016"]
    assert list(members["member"]) == NAMES


def test_other_settings_extract_all_again(go, checkpoints, tmp_path):
    members = members_of(checkpoints, [0, 8])
    go(members)
    go.extracted.clear()
    go(members, context=3)
    assert go.extracted == ["step000000", "step000008"]
    assert (
        json.loads((tmp_path / "out" / NAMES[0] / "activations.json").read_text())["context"] == 3
    )


def test_a_changed_checkpoint_is_extracted_again(go, checkpoints, tiny):
    members = members_of(checkpoints)
    _, before, _ = go(members)
    go.extracted.clear()
    save(make_network(7), checkpoints / "step4", tiny("gpt2"), 1.0)
    told, after, performance = go(members)
    assert go.extracted == ["step000004"]
    assert len(told) == 1
    changed = before["digest"] != after["digest"]
    assert list(before.loc[changed, "member"]) == ["step000004"]
    found = performance.set_index(["member", "measure"])["value"]
    assert found["step000004", "heldout_loss"] == 1.0


def test_a_changed_evaluation_is_read_again(go, checkpoints):
    members = members_of(checkpoints, [0, 8])
    go(members)
    (checkpoints / "step8" / "evaluation.json").write_text('{"heldout_loss": 2.5}')
    _, _, performance = go(members)
    found = performance.set_index(["member", "measure"])["value"]
    assert found["step000008", "heldout_loss"] == 2.5


def test_a_layer_that_was_lost_is_made_again(go, checkpoints, tmp_path):
    members = members_of(checkpoints, [0, 8])
    go(members)
    go.extracted.clear()
    (tmp_path / "out" / "step000008" / "layer_01.safetensors").unlink()
    go(members)
    assert go.extracted == ["step000008"]


def test_a_checkpoint_that_is_gone_fails_though_it_was_done(go, checkpoints):
    members = members_of(checkpoints)
    go(members)
    shutil.rmtree(checkpoints / "step4")
    told, table, _ = go(members)
    assert [line.partition(": folder")[0] for line in told] == ["failed: step000004"]
    assert len(usable(table)) == len(STEPS) - 1


def test_former_members_are_removed_and_nothing_else(go, checkpoints, tmp_path):
    out = tmp_path / "out"
    go(members_of(checkpoints))
    for name in ("mine", "step4", "nostep000001x"):
        (out / name).mkdir()
    (out / "notes-step000009").write_text("a file")
    go(members_of(checkpoints, [0, 8]))
    assert {path.name for path in out.iterdir()} == {
        "step000000", "step000008", "passports", "members.parquet", "performance.parquet", "mine",
        "step4", "nostep000001x", "notes-step000009",
    }  # fmt: skip
    assert {path.stem for path in (out / "passports").iterdir()} == {"step000000", "step000008"}


def extract_nothing(folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "activations.json").write_text('{"key": "k", "parameters": 5, "layers": {}}')


def test_training_checkpoints_of_timm(tmp_path):
    """One file with both weights: each is a member with a digest of its own."""
    folder = tmp_path / "run"
    folder.mkdir()
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = timm.create_model("test_vit", num_classes=5)
    for step in (0, 3):
        state = {name: value.clone() for name, value in network.state_dict().items()}
        average = {name: 0.9 * value for name, value in state.items()} if step else state
        content = {"arch": "test_vit", "state_dict": state, "state_dict_ema": average}
        torch.save(content, folder / f"checkpoint-{step}.pth.tar")
        with torch.no_grad():
            for weights in network.parameters():
                weights.add_(0.01)
    members = expand(
        "t", f"file:{folder}/checkpoint-{{step}}.pth.tar#{{weights}}", sizes=[], seeds=[],
        weights=["raw", "ema"], steps=[0, 3], seen_per_step=32, unit="images",
    )  # fmt: skip

    def go():
        return follow(
            members,
            lambda member, out: extract_nothing(out),
            lambda source: {},
            {},
            tmp_path / "out",
        )

    assert go() == []
    table = read_members(tmp_path / "out").set_index("member")
    assert table.loc["raw-step000000", "digest"] == table.loc["ema-step000000", "digest"]
    assert table["digest"].nunique() == 3
    shutil.copy(folder / "checkpoint-3.pth.tar", folder / "checkpoint-0.pth.tar")
    assert go()[0] == (
        "set aside: raw-step000000: no step 0: blocks.0.attn.proj.bias: expected 0 throughout"
    )
