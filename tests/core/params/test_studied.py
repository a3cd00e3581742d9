"""The models of both studies are known, can name folders, and are no two the same."""

import pytest

from stages.core.params.read import read_params
from stages.core.run.errors import InputError


def strings(params):
    return {spec.label: spec.string for spec in params.story_specs}


def test_the_story_has_a_model_its_twin_and_a_zoo(changed):
    params = read_params(changed(story__zoo=["gpt2", "gpt2-untrained", "hf:bert+untrained:3"]))
    minilm = "st:all-MiniLM-L6-v2"
    assert strings(params) == {
        "minilm": minilm,
        "minilm+untrained": f"{minilm}+untrained:0",
        "gpt2": "hf:gpt2",
        "gpt2-untrained": "hf:gpt2+untrained:0",
        "hf:bert+untrained:3": "hf:bert+untrained:3",
    }
    assert params.story_specs[1].seed == 0
    assert params.story_specs[0].label == "minilm"


@pytest.mark.parametrize(
    ("model", "seeds"),
    [
        ("minilm-untrained", [0, 1]),
        ("minilm-untrained-2", [2, 3]),
        ("minilm+untrained", [0, 1]),
        ("minilm+untrained:6", [6, 7]),
        ("hf:gpt2+untrained", [0, 1]),
        ("minilm-untrained+untrained", [1, 2]),
    ],
)
def test_the_twin_of_a_twin_is_its_next_draw(changed, model, seeds):
    params = read_params(changed(model=model))
    assert [spec.seed for spec in params.story_specs] == seeds
    assert [spec.label for spec in params.story_specs] == [model, f"{model}+untrained"]
    assert params.story_specs[1].seed == seeds[1]


def test_only_models_of_the_zoo_are_found(changed):
    params = read_params(changed())
    with pytest.raises(InputError, match=r"not in the zoo in params\.yaml: zoo: got 'minlm'"):
        params.zoo_spec("minlm")


@pytest.mark.parametrize(
    "name",
    ["../../evil", "/etc/x", "..", ".", ".hidden", "a..b", "hf:a/b", "hf:a@b", "a b", "ä"],
)
def test_names_that_are_no_folder_are_refused(changed, name):
    advice = r"\. Give it a short name: dvc exp run -S '\+models\.NAME="
    for key, value, use in (
        ("model", name, "model=NAME"),
        ("story__zoo", ["gpt2", name], r"'story\.zoo=\[NAME\]'"),
    ):
        said = rf"got {key.replace('__', '.')}: unfit as the name of a folder.*{advice}.* -S {use}"
        with pytest.raises(InputError, match=said):
            read_params(changed(**{key: value}))
    with pytest.raises(InputError, match="got zoo: expected short names, got "):
        read_params(changed(zoo=[name]))


def test_the_advice_repeats_the_string(changed):
    advice = r"-S '\+models\.NAME=hf:EleutherAI/pythia-70m@step1' -S model=NAME\.$"
    with pytest.raises(InputError, match=advice):
        read_params(changed(model="hf:EleutherAI/pythia-70m@step1"))
    with pytest.raises(InputError, match=r"-S '\+models\.NAME=file:/tmp/x' -S 'zoo=\[NAME\]'\.$"):
        read_params(changed(zoo=["file:/tmp/x"]))


@pytest.mark.parametrize("model", ["noise", "noise:2-4", "efficientnet", "timm:resnet18"])
def test_what_reads_no_words_is_no_model_of_the_story(changed, model):
    for key, value in (("model", model), ("story__zoo", [model])):
        with pytest.raises(InputError, match=f"model that reads no words: .*got '{model}'"):
            read_params(changed(**{key: value}))


@pytest.mark.parametrize(
    ("zoo", "message"),
    [
        (["minilm"], r"story\.zoo: 'minilm' is studied anyway\. Leave it out"),
        (["gpt2", "minilm+untrained"], r"zoo: 'minilm\+untrained' is studied anyway"),
        (["minilm-untrained"], r"the same model as 'minilm\+untrained', which is studied anyway"),
        (["gpt2", "gpt2"], r"story\.zoo: 'gpt2' is there twice"),
        (["gpt2", "hf:gpt2"], r"'hf:gpt2' is the same model as 'gpt2'"),
        (["gtp2", "mpnt"], r"story\.zoo: .*'gpt2'\?; story\.zoo: .*Did you mean 'mpnet' or"),
        ([3], r'story\.zoo: .*quote them: \["3"\]'),
    ],
)
def test_no_model_is_shown_the_story_twice(changed, zoo, message):
    with pytest.raises(InputError, match=message):
        read_params(changed(story__zoo=zoo))


@pytest.mark.parametrize(
    ("name", "string", "message"),
    [
        ("own", "hg:x", r"models\.own: unknown model scheme in hg:x: got 'hg'.*'hf'"),
        ("own", "noise:abc", r"models\.own: wrong widths in noise:abc: .*such as 512-8192"),
        ("own", "noise:500-8192", r"models\.own: wrong widths .*got 500-8192"),
        ("own", "noise:2-4+untrained", r"models\.own: noise has neither revision nor untrained"),
        ("own", "hf:x+untraned", r"models\.own: unknown model variant .*got \+untraned"),
        ("own", "minilm", r"models\.own: unknown model: expected scheme:name.*got 'minilm'"),
        ("own", 3, r'models\.own: expected a name; quote it: "3"'),
        ("a+b", "hf:x", r"models\.a\+b: unfit as a short name: .*got 'a\+b'"),
        ("a:b", "hf:x", r"models\.a:b: unfit as a short name"),
        ("a..b", "hf:x", r"models\.a\.\.b: unfit as a short name"),
        ("../x", "hf:x", r"models\.\.\./x: unfit as a short name"),
    ],
)
def test_models_that_are_not_in_use_are_read_too(changed, name, string, message):
    with pytest.raises(InputError, match=message):
        read_params(changed(**{f"models__{name}": string}))


def test_names_that_yaml_reads_as_something_else_need_quotes(changed):
    names = ["3", "yes", "1e3", "null", "2024-01-01"]
    models = {f"models__{name}": f"hf:a/m{at}" for at, name in enumerate(names)}
    for key in ("language__zoo", "story__zoo", "zoo"):
        path = changed(**models, **{key: names})
        read = read_params(path)
        zoo = {"language__zoo": read.language.zoo, "story__zoo": read.story.zoo, "zoo": read.zoo}
        assert zoo[key] == names
        path.write_text(path.read_text().replace("- '3'", "- 3"))
        with pytest.raises(InputError, match=r'zoo: .*quote them: \["3"'):
            read_params(path)


def test_a_short_name_may_hold_a_dot(changed):
    named = {"models__gpt2.5": "hf:a/b"}
    for key in ("language__zoo", "story__zoo", "zoo"):
        read = read_params(changed(**named, **{key: ["gpt2.5"]}))
        zoo = {"language__zoo": read.language.zoo, "story__zoo": read.story.zoo, "zoo": read.zoo}
        assert zoo[key] == ["gpt2.5"]


def test_a_name_that_was_parted_at_its_dot_is_told_of(changed):
    with pytest.raises(InputError, match=r"models\.gpt: expected a model string, got .*by hand"):
        read_params(changed(models__gpt={"5": "hf:a/b"}))


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("language__zoo", ["minlm"], r"language\.zoo: expected short names, got 'minlm'.*'minilm'"),
        ("language__zoo", ["hf:a/b"], r"language\.zoo.*'\+models\.NAME=hf:a/b'.*'language\.zoo="),
        ("language__zoo", ["efficientnet"], r"language\.zoo: .*model that reads no words"),
        ("language__zoo", ["noise"], r"language\.zoo: .*model that reads no words"),
        ("language__zoo", ["minilm", "minilm"], "'minilm' is there twice"),
        ("language__recordings", ["alic"], "unknown recording: got 'alic'.*Did you mean 'alice'"),
        ("language__recordings", [], "at least 1 item"),
        ("language__extract__exceptions", {"smolm2": 0}, r"exceptions: .*'smolm2'.*'smollm2'"),
    ],
)
def test_recordings_and_models_of_words_are_known(changed, key, value, said):
    with pytest.raises(InputError, match=said):
        read_params(changed(**{key: value}))


def test_the_language_study_has_the_models_of_its_zoo(changed):
    params = read_params(changed(language__zoo=["smollm2", "control-random", "minilm-untrained-1"]))
    assert [spec.label for spec in params.language_specs] == params.language.zoo
    assert [spec.scheme for spec in params.language_specs] == ["hf", "control", "st"]
    shown = params.language.extract.as_story("smollm2")
    assert (shown.presentation, shown.attention) == ("context", False)
    assert shown.context == params.language.extract.context


def test_single_models_read_another_number_of_words(changed):
    extract = read_params(changed(language__extract__exceptions={"smollm2": 0})).language.extract
    assert extract.as_story("smollm2").context == 0
    assert extract.as_story("minilm").context == extract.context > 0


@pytest.mark.parametrize(
    ("exceptions", "twin"),
    [
        ({"smollm2": 0}, "smollm2-untrained"),
        ({"smollm2-untrained": 0}, "smollm2-untrained"),
        ({"smollm2": 0, "smollm2-untrained": 0}, ""),
        ({"smollm2-whole": 0}, ""),
    ],
)
def test_an_untrained_twin_reads_what_its_model_reads(changed, exceptions, twin):
    """Or what words add would be told as what training adds."""
    path = changed(
        **{"models__smollm2-whole": "hf:HuggingFaceTB/SmolLM2-135M-Instruct"},
        language__zoo=["smollm2", "smollm2-whole", "smollm2-untrained"],
        language__extract__exceptions=exceptions,
    )
    if not twin:
        read_params(path)
        return
    with pytest.raises(InputError, match=rf"as many words for '{twin}' as for 'smollm2', whose"):
        read_params(path)
