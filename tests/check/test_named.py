"""Short names as files: a stage that depends on one of them sees that model change alone."""

from click.testing import CliRunner

from stages.check.__main__ import main
from tests.changed_params import write_params


def named(folder, changes):
    """What the files hold, by name."""
    write_params(folder / "params.yaml", changes)
    words = ["--out", str(folder / "checked"), "--models", str(folder / "named")]
    done = CliRunner().invoke(main, [*words, "--params", str(folder / "params.yaml")])
    assert done.exit_code == 0, done.stderr
    return {path.name: path.read_text() for path in (folder / "named").iterdir()}


def test_each_model_is_a_file_and_another_model_touches_none(tmp_path):
    before = named(tmp_path, {})
    assert before["minilm-untrained-2"] == "st:all-MiniLM-L6-v2+untrained:2\n"
    models = {"x": "hf:x/y.z@1.5", "gpt2": "hf:gpt2+untrained"}
    after = named(tmp_path, {f"models.{name}": string for name, string in models.items()})
    new = {"x": "hf:x/y.z@1.5\n", "gpt2": "hf:gpt2+untrained:0\n"}
    assert before["gpt2"] == "hf:gpt2\n"
    assert after == before | new
    assert named(tmp_path, {}) == before


def test_a_name_with_dots_is_a_file_too(tmp_path):
    models = {"minilm": "st:all-MiniLM-L6-v2", "gpt2.5": "hf:a/b", "noise": "noise:64-128"}
    zoos = {"zoo": ["noise"], "language.zoo": ["gpt2.5"], "contexts.model": "minilm"}
    found = named(tmp_path, {"models": models, "model": "minilm", **zoos})
    assert found == {
        "minilm": "st:all-MiniLM-L6-v2\n",
        "gpt2.5": "hf:a/b\n",
        "noise": "noise:64-128\n",
    }
