"""A model string says all about a model; a wrong one is refused."""

import pytest

from stages.core.names.models import noise_widths, parse_model
from stages.core.run.errors import InputError

SHORT = {
    "minilm": "st:all-MiniLM-L6-v2",
    "gpt2": "hf:gpt2",
    "twin": "hf:gpt2+untrained:4",
    "noise": "noise:512-8192",
}


@pytest.mark.parametrize(
    ("text", "string"),
    [
        ("gpt2", "hf:gpt2"),
        ("hf:gpt2", "hf:gpt2"),
        ("hf:EleutherAI/pythia-70m@step1000", "hf:EleutherAI/pythia-70m@step1000"),
        ("st:a+untrained", "st:a+untrained:0"),
        ("st:a+untrained:7", "st:a+untrained:7"),
        ("hf:a/b@main+untrained", "hf:a/b@main+untrained:0"),
        ("gpt2+untrained", "hf:gpt2+untrained:0"),
        ("gpt2+untrained:7", "hf:gpt2+untrained:7"),
        ("twin+untrained", "hf:gpt2+untrained:5"),
        ("gpt2+untrained+untrained", "hf:gpt2+untrained:1"),
        ("file:/some/folder", "file:/some/folder"),
        ("file:/a+b/c@d e", "file:/a+b/c@d e"),
        ("file:/a+b/c@d+untrained", "file:/a+b/c@d+untrained:0"),
        ("file:/a+untrained:x", "file:/a+untrained:x"),
        ("noise:512-8192", "noise:512-8192"),
        ("static:spacy-md", "static:spacy-md"),
        ("trigram:/a/b c@d+e.txt", "trigram:/a/b c@d+e.txt"),
        ("static:/a/b c@d+e.6B.300d.txt", "static:/a/b c@d+e.6B.300d.txt"),
        ("static:spacy-md+untrained:2", "static:spacy-md+untrained:2"),
        ("control:random-1600", "control:random-1600"),
        ("control:random-96:1.32", "control:random-96:1.32"),
        ("control:length", "control:length"),
    ],
)
def test_model_strings(text, string):
    spec = parse_model(text, SHORT)
    assert (spec.string, spec.label) == (string, text)
    again = parse_model(spec.string, {})
    assert (again.scheme, again.name, again.revision, again.seed) == (
        *(spec.scheme, spec.name, spec.revision, spec.seed),
    )


@pytest.mark.parametrize("text", ["hf:gpt2+trained", "hf:gpt2+untrained:x", "gpt2+untraned"])
def test_unknown_variants(text):
    with pytest.raises(InputError, match=r"unknown model variant .*expected \+untrained"):
        parse_model(text, SHORT)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("minlm", r"unknown model in `models`: expected a short name or .*Did you mean 'minilm'"),
        ("minlm+untrained", r"unknown model .*got 'minlm'\. Did you mean 'minilm'"),
        ("hg:gpt2", r"unknown model scheme in hg:gpt2: got 'hg'\. Did you mean 'hf'"),
        (
            "HF:gpt2",
            r"unknown model scheme in HF:gpt2: got 'HF'\. Known: control, file, hf",
        ),
        ("hf:", "unknown model .*got 'hf:'"),
        ("hf:a@", "unknown model .*got 'hf:a@'"),
        ("hf:a@b@c", "unknown model .*got 'hf:a@b@c'"),
        ("hf:a b", "unknown model .*got 'hf:a b'"),
        ("", "unknown model .*got ''"),
        ("twin+untrained:2", r"a twin has no twin of a given seed .*got \+untrained:2"),
        ("gpt2+untrained:4294967296", "seed too large .*expected less than 4294967296"),
        ("noise+untrained", "noise has neither revision nor untrained twin in noise"),
        ("noise:512-8192@main", "noise has neither revision nor untrained twin"),
        ("control:length+untrained", "control has neither revision nor untrained twin"),
        ("control:position@main", "control has neither revision nor untrained twin"),
        ("control:lenght", r"unknown control in control:lenght: .* length or position, got lenght"),
        ("control:random-0", r"unknown control .* expected random-UNITS or .* random-1600:0.4"),
        ("control:random-96:", "unknown control"),
        ("control:random-96:1.", "unknown control"),
        ("control:random-96:one", "unknown control"),
        ("control:length:1", "unknown control"),
        ("control:random-9999999", "unknown control"),
        ("static:", "unknown model .*got 'static:'"),
        ("noise:abc", "wrong widths in noise:abc: .*got abc"),
    ],
)
def test_wrong_model_strings(text, message):
    with pytest.raises(InputError, match=message):
        parse_model(text, SHORT)


def test_without_short_names_none_is_asked_for():
    with pytest.raises(InputError, match=r"^unknown model: expected scheme:name\S+ got 'gpt2'$"):
        parse_model("gpt2", {})


def test_widths_double():
    assert noise_widths(parse_model("noise", SHORT)) == [512, 1024, 2048, 4096, 8192]
    assert noise_widths(parse_model("noise:3-3", {})) == [3]


@pytest.mark.parametrize(
    "widths", ["512", "512-1000", "0-0", "512-256", "0-8", "a-b", "-8", "2-4294967296", "2-2097152"]
)
def test_wrong_widths(widths):
    with pytest.raises(InputError, match=r"wrong widths .* such as 512-8192, got"):
        parse_model(f"noise:{widths}", {})
