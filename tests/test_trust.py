"""What comes from elsewhere is data: calls that could run it, or fetch more, say they must not."""

import ast

import pytest

from tests.conftest import PROJECT

# Calls, and the keyword that each has to have, with its value.
ASKED = {
    "from_pretrained": ("local_files_only", True),
    "np.load": ("allow_pickle", False),
    "torch.load": ("weights_only", True),
}
# Keywords that nobody may give another value.
ALWAYS = {"trust_remote_code": False, "allow_pickle": False, "weights_only": True}
SAFE = "torch.load(x, weights_only=True)\nnp.load(x, allow_pickle=False)\n"
SAFE += "A.from_pretrained(x, local_files_only=True, trust_remote_code=False)\n"


def untrusting(source: str) -> list[str]:
    """Calls of a module that could run what they read, or fetch it."""
    found: list[str] = []
    if not any(word in source for word in (*ASKED, *ALWAYS)):
        return found
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call):
            given = {word.arg: ast.unparse(word.value) for word in call.keywords}
            name = ast.unparse(call.func)
            wanted = [pair for end, pair in ASKED.items() if f".{name}".endswith(f".{end}")]
            wanted += [(word, value) for word, value in ALWAYS.items() if word in given]
            if any(given.get(word) != str(value) for word, value in wanted):
                found.append(ast.unparse(call))
    return found


def test_no_call_trusts_what_it_reads():
    for path in (PROJECT / "stages").rglob("*.py"):
        assert not untrusting(path.read_text("utf-8")), path


@pytest.mark.parametrize(
    "change",
    [("True", "False"), ("False", "True"), (", local_files_only=True", ""), ("=False", "=asked"),
     (", weights_only=True", ""), (", allow_pickle=False", "")],
)  # fmt: skip
def test_a_call_that_trusts_is_found(change):
    assert not untrusting(SAFE)
    assert untrusting(SAFE.replace(*change))
