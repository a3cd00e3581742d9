"""The parameters are checked as a whole, and only then is anything written."""

import pytest
from click.testing import CliRunner

from stages.check.__main__ import main
from tests.conftest import PROJECT


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
    content = (PROJECT / "params.yaml").read_text()
    assert old in content
    (tmp_path / "params.yaml").write_text(content.replace(old, new))
    out = tmp_path / "checked"
    done = CliRunner().invoke(main, ["--out", str(out), "--params", str(tmp_path / "params.yaml")])
    assert done.exit_code == code
    assert message in done.stderr
    assert out.exists() == (code == 0)
