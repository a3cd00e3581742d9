"""The parameters are checked as a whole, and only then is anything written."""

import pytest
from click.testing import CliRunner

from stages.check.__main__ import main
from tests.conftest import PROJECT

RIGHT = (PROJECT / "params.yaml").read_text()


def check(folder, content):
    (folder / "params.yaml").write_text(content)
    words = ["--out", str(folder / "out" / "checked"), "--params", str(folder / "params.yaml")]
    return CliRunner().invoke(main, words)


@pytest.mark.parametrize(
    ("old", "new", "code", "message"),
    [
        ("gap: 8", "gap: 8", 0, ""),
        ("gap: 8", "gap: -8", 2, "folds.gap"),
        ("dataset: simulated", "dataset: alise", 2, "did you mean 'alice'?"),
        ("\nmodel: minilm", "\nmodel: minlm", 2, "Did you mean 'minilm'"),
    ],
)
def test_wrong_parameters_leave_nothing(tmp_path, old, new, code, message):
    assert old in RIGHT
    done = check(tmp_path, RIGHT.replace(old, new))
    assert done.exit_code == code
    assert message in done.stderr
    assert (tmp_path / "out" / "checked").exists() == (code == 0)


@pytest.mark.parametrize(
    ("old", "new", "hint"),
    [
        # Metrics.
        ("- cka_rbf_0.25\n", "- cka_rfb_0.25\n", "align.metrics.2: unknown metric|cka_rbf_0.25'"),
        ("- mutual_knn_10\n", "- mutual_knn_0\n", "align.metrics.8: |1 or more neighbours, got 0"),
        ("- cka_rbf_4\n", "- cka_rbf_0\n", "align.metrics.6: width of a kernel in cka_rbf_0"),
        ("- cka_rbf_4\n", "- cka_rbf_nan\n", "align.metrics.6: unknown metric|'cka_rbf_0.5'"),
        ("- cka_rbf_4\n", "- cka_rbf_2\n", "align.metrics: 'cka_rbf_2' is there twice"),
        ("- cka_rbf_4\n", "- cka_rbf_2.0\n", "'cka_rbf_2' and 'cka_rbf_2.0' are the same metric"),
        ("metric: cka_linear\n", "metric: svcca\n", "survey.metric: expected one of align.metrics"),
        # Models.
        ("noise:512-8192", "noise:abc", "models.noise: wrong widths in noise:abc"),
        (
            "noise:512-8192",
            "noise:500-8192",
            "models.noise: wrong widths|got 500-8192",
        ),
        ("mpnet: st:", "mpnet: ts:", "models.mpnet: unknown model scheme|Did you mean 'st'"),
        ("gpt2: hf:gpt2\n", "gpt2: hf:gpt2+untraned\n", "models.gpt2: unknown model variant"),
        ("  mpnet:", "  mp+net:", "models.mp+net: unfit as a short name"),
        ("\nmodel: minilm", "\nmodel: ../../evil", "model: unfit as the name of a folder"),
        ("\nmodel: minilm", "\nmodel: hf:a/b@c", "-S '+models.NAME=hf:a/b@c' -S model=NAME"),
        ("\nmodel: minilm", "\nmodel: noise", "model: model that reads no words"),
        ("\nmodel: minilm", "\nmodel: minlm+untrained", "got 'minlm'. Did you mean 'minilm'"),
        ("  zoo: []", "  zoo: [gtp2]", "story.zoo: unknown model|Did you mean 'gpt2'"),
        ("  zoo: []", "  zoo: [minilm]", "story.zoo: 'minilm' is studied anyway"),
        (
            "zoo:\n  - efficientnet\n",
            "zoo:\n  - eficientnet\n",
            "zoo: expected short|'efficient",
        ),
        ("  model: minilm\n", "  model: minlm\n", "contexts: unknown model|Did you mean 'minilm'"),
        ("  model: minilm\n", "  model: noise\n", "contexts: model that reads no words"),
        ("recording: futrell", "recording: futrel", "contexts.recording: unknown recording"),
        ("lengths: [1, 5,", "lengths: [1, 1,", "contexts.lengths: 1 is there twice"),
        # Values.
        ("high_pass: 128.0", "high_pass: 0.008", "high_pass: |in seconds; for 0.008 Hz write 125"),
        ("high: 1000000.0", "high: .inf", "ridge.lambdas.high: |finite number, got inf"),
        ("high: 1000000.0", "high: 1e308", "ridge.lambdas.high: |got 1e+308"),
        ("    - 0\n", "    - 100000000\n", "encode.delays.0: |got 100000000"),
        ("    - 0\n", "    - 1\n    - 1\n", "encode.delays: 1 is there twice"),
        ("width: 256", "width: 1000000000000", "align.width: |got 1000000000000"),
        ("    - 1\nlanguage", "    - 41\nlanguage", "scene.sessions.0: |less than or equal to 40"),
        # Regions.
        ("  regions: all\n", "  regions: [44, 45]\n", 'scene.regions: |quote them: ["44", "45"]'),
        ("  regions: all\n", "  regions: [FCC]\n", "scene.regions.0: unknown region|'FFC'"),
        ("- Angular_L\n", "- Angular_l\n", "decode.regions.8: unknown region|'Angular_L'?"),
        # Keys.
        ("  gap: 8", "  gpa: 8", "folds.gpa: unknown key. Did you mean 'gap'|folds.gap: missing"),
        ("  gap: 8", "  gap: 8\n  gap: 9", 'found duplicate key "gap"'),
        ("\nchance:\n  draws:", "\nchance:\n  shifts:", "chance.shifts: moved to chance.draws"),
        ("\nalign:\n", "\ngeometry:\n", "geometry: moved to align"),
        ("\nmodel: minilm", "\nmodel: minilm\nextract: {context: 20}", "moved to story.extract"),
        ("\nmodel: minilm", "\nmodel: &m minilm\nx: *m", "not plain|got alias *m"),
    ],
)
def test_a_typo_is_refused_before_any_work(tmp_path, old, new, hint):
    assert old in RIGHT
    done = check(tmp_path, RIGHT.replace(old, new, 1))
    last = done.stderr.splitlines()[-1]
    assert done.exit_code == 2
    assert last.startswith("error: ")
    assert [part for part in hint.split("|") if part not in last] == []
    assert [path.name for path in tmp_path.iterdir()] == ["params.yaml"]
