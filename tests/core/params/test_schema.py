"""Every wrong parameter is named, with what was expected, before any work."""

import pytest
from ruamel.yaml import YAML

from stages.core.names.models import parse_model, slug
from stages.core.params.read import read_params
from stages.core.run.errors import InputError
from tests.conftest import PROJECT

SHORT = {"minilm": "st:all-MiniLM-L6-v2", "gpt2": "hf:gpt2"}


@pytest.fixture
def changed(tmp_path):
    """Write params.yaml with changes given by dotted key; a value of None removes the key."""

    def write(**changes):
        content = YAML(typ="safe").load(PROJECT / "params.yaml")
        for dotted, value in changes.items():
            *sections, key = dotted.split("__")
            section = content
            for name in sections:
                section = section[name]
            if value is None:
                del section[key]
            else:
                section[key] = value
        path = tmp_path / "params.yaml"
        YAML().dump(content, path)
        return path

    return write


def test_the_committed_parameters_are_right():
    assert read_params(PROJECT / "params.yaml").model_spec.scheme == "st"


def test_scientific_notation_is_a_number(changed):
    path = changed()
    path.write_text(path.read_text().replace("1000000.0", "1e6"))
    assert read_params(path).ridge.lambdas.high == 1e6


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("chance__shfts", 10, r"chance\.shfts: unknown key\. Did you mean 'shifts'\?"),
        ("chance__shifts", None, r"chance\.shifts: missing key"),
        ("chance__shifts", 0, r"chance\.shifts: .*greater than or equal to 1, got 0"),
        ("chance__shifts", "many", r"chance\.shifts: .*integer, got 'many'"),
        ("folds__gap", 1.5, r"folds\.gap: .*integer, got 1\.5"),
        ("folds__gap", True, r"folds\.gap: .*integer, got True"),
        ("story__dataset", "alise", r"story\.dataset: expected .*alice.*did you mean 'alice'"),
        ("extract__pooling", "max", r"extract\.pooling: expected last or mean or sum, got 'max'"),
        ("ridge__lambdas__low", -1.0, r"ridge\.lambdas\.low: .*greater than 0, got -1"),
        ("ridge__lambdas__low", 1e9, r"low <= high expected"),
        ("encode__regions", 3, r"encode\.regions: expected all or a list of names, got 3"),
        ("zoo", ["minilm", "minilm"], r"zoo: 'minilm' is there twice"),
        ("zoo", ["minlm"], r"zoo: expected short names, got 'minlm'.*Did you mean 'minilm'"),
        ("zoo", ["hf:gpt2"], r"zoo: expected short names, got 'hf:gpt2'"),
        ("survey__metric", "cka_liner", r"expected one of geometry\.metrics.*'cka_linear'"),
        ("scene__simulate__own", 70, r"multiple of 250, the images of a session, got 245"),
        ("scene__dataset", "nds", r"scene\.dataset: expected nsd-simulated or nsd"),
        ("scene__sessions", [0], r"scene\.sessions"),
        ("prepare__subjects", [], r"prepare\.subjects: .*at least 1 item"),
        ("modle", "gpt2", r"modle: unknown key\. Did you mean 'model'"),
        ("model", "minlm", r"unknown model .*got 'minlm'\. Did you mean 'minilm'"),
        ("model", "hg:gpt2", r"unknown model scheme .*got 'hg'\. Did you mean 'hf'"),
    ],
)
def test_wrong_parameters(changed, key, value, message):
    with pytest.raises(InputError, match=message):
        read_params(changed(**{key: value}))


def test_all_faults_are_told_at_once(changed):
    with pytest.raises(InputError, match=r"folds\.gap.*chance\.shifts"):
        read_params(changed(folds__gap=-1, chance__shifts=0))


def test_missing_and_unreadable_files(tmp_path):
    with pytest.raises(
        InputError, match=r"file not found in .*params\.yaml.*folder of the project"
    ):
        read_params(tmp_path / "params.yaml")
    (tmp_path / "params.yaml").write_text("model: [unclosed")
    with pytest.raises(InputError, match="unreadable YAML"):
        read_params(tmp_path / "params.yaml")


@pytest.mark.parametrize(
    ("text", "string", "label"),
    [
        ("gpt2", "hf:gpt2", "gpt2"),
        ("hf:gpt2", "hf:gpt2", "hf-gpt2"),
        (
            "hf:EleutherAI/pythia-70m@step1000",
            "hf:EleutherAI/pythia-70m@step1000",
            "hf-EleutherAI--pythia-70m-step1000",
        ),
        ("st:a+untrained", "st:a+untrained:0", "st-a-untrained"),
        ("st:a+untrained:7", "st:a+untrained:7", "st-a-untrained-7"),
        ("file:/some/folder", "file:/some/folder", "file---some--folder"),
    ],
)
def test_model_strings(text, string, label):
    spec = parse_model(text, SHORT)
    assert (spec.string, spec.label) == (string, label)


@pytest.mark.parametrize("text", ["hf:gpt2+trained", "hf:gpt2+untrained:x"])
def test_unknown_variants(text):
    with pytest.raises(InputError, match=r"unknown model variant .*expected \+untrained"):
        parse_model(text, SHORT)


def test_a_slug_stays_in_its_folder():
    assert slug("../../etc") == "etc" or "/" not in slug("../../etc")
    assert not slug("file:../x").startswith(".")
