import ast
import os
from pathlib import Path

import pytest

from stages.core.run.errors import InputError
from stages.core.run.settings import GITHUB, NAMES, read_settings
from tests.conftest import PROJECT


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch):
    for name in [name for name in os.environ if name.startswith("CONCORD_")]:
        monkeypatch.delenv(name)


def test_what_is_not_set_or_empty_has_its_default(monkeypatch):
    settings = read_settings()
    assert settings.scratch == Path(".scratch")
    assert settings.github_raw == GITHUB
    assert settings.memory == 2**30
    assert settings.device == ()
    assert settings.keep is False
    others = ("data_mirror", "cache", "store", "batch_tokens", "batch_images", "jobs")
    assert [getattr(settings, name) for name in others] == [None] * 6
    for name in ("DATA_MIRROR", "CACHE", "GITHUB_RAW", "DEVICE", "SCRATCH", "KEEP"):
        monkeypatch.setenv(f"CONCORD_{name}", "")
    assert read_settings() == settings


def test_every_setting_is_read_from_its_variable_when_it_is_asked_for(monkeypatch):
    given = {
        "DATA_MIRROR": "/data",
        "CACHE": "/cache",
        "GITHUB_RAW": "http://there",
        "STORE": "http://store",
        "DEVICE": "cuda:0, cpu",
        "BATCH_TOKENS": "7",
        "BATCH_IMAGES": "8",
        "SCRATCH": "/scratch",
        "MEMORY": "1.5",
        "JOBS": "3",
        "KEEP": "1",
    }
    assert [f"CONCORD_{name}" for name in given] == list(NAMES)
    for name, text in given.items():
        monkeypatch.setenv(f"CONCORD_{name}", text)
    assert list(vars(read_settings()).values()) == [
        Path("/data"), Path("/cache"), "http://there", "http://store", ("cuda:0", "cpu"), 7, 8,
        Path("/scratch"), 3 * 2**29, 3, True,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("JOBS", "many", "expected a number of workers, got many"),
        ("JOBS", "", "expected a number of workers, got nothing"),
        ("BATCH_TOKENS", "0", "expected tokens per batch, got 0"),
        ("BATCH_IMAGES", "1.5", "expected images per batch, got 1.5"),
        ("MEMORY", "much", "expected GiB, got much"),
        ("MEMORY", "-1", "expected GiB, got -1"),
        ("MEMORY", "inf", "expected GiB, got inf"),
        ("MEMORY", "nan", "expected GiB, got nan"),
        ("KEEP", "yes", "expected 1 or 0, got yes"),
    ],
)
def test_a_wrong_value_is_refused_by_name(monkeypatch, name, text, said):
    monkeypatch.setenv(f"CONCORD_{name}", text)
    with pytest.raises(InputError, match=f"wrong setting in CONCORD_{name}: {said}"):
        read_settings()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("CONCORD_DEVCE", r"Did you mean 'CONCORD_DEVICE'\?$"),
        ("CONCORD_BATCH_IMAGE", r"Did you mean 'CONCORD_BATCH_IMAGES'\?$"),
        ("CONCORD_XYZ", "Did you mean .* or .* or"),
    ],
)
def test_a_wrong_name_is_refused_with_the_nearest_right_one(monkeypatch, wrong, said):
    monkeypatch.setenv(wrong, "1")
    told = rf"wrong setting in the environment: expected a known name, got {wrong}\. {said}"
    with pytest.raises(InputError, match=told):
        read_settings()


def looks_at_the_environment(path):
    """Whether a module speaks of `environ` or `getenv`, under any name of `os`."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = {getattr(node, field, None) for field in ("attr", "id", "name")}
        if names & {"environ", "environb", "getenv"}:
            return True
    return False


def test_no_other_module_looks_at_the_environment():
    modules = sorted((PROJECT / "stages").rglob("*.py"))
    found = [path for path in modules if looks_at_the_environment(path)]
    assert found == [PROJECT / "stages" / "core" / "run" / "settings.py"]


def test_the_documentation_names_every_setting():
    page = (PROJECT / "docs" / "running.md").read_text()
    assert [name for name in NAMES if f"`{name}`" not in page] == []
