"""Zoos that were published, by name: their models as strings, and those that cannot be had so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stages.core.names.models import parse_model
from stages.core.run.errors import InputError, did_you_mean

MARK = "preset:"
TIMM = "timm:"  # what a pattern for names of timm's models begins with


@dataclass(frozen=True)
class Preset:
    """A zoo.

    Attributes
    ----------
    key : str
        The parameter that lists it.
    models : mapping of str to str
        Model strings by short name.
    left_out : mapping of str to str
        Models of the publication that no string names, and why.
    """

    key: str
    models: Mapping[str, str]
    left_out: Mapping[str, str]


def _of(owner: str, *names: str) -> dict[str, str]:
    """Name models as their repositories are, without dots, at which `-S` would part a name."""
    return {name.replace(".", "_"): f"hf:{owner}/{name}" for name in names}


_VECTORS = "vectors that no hub has: put the file somewhere, and name it `static:FILE`"
_OLD = "a network of another framework, which is no longer distributed"

PRESETS = {
    # The 43 models of Schrimpf et al. (2021, PNAS 118:e2105646118), by the names of their table.
    "schrimpf2021": Preset(
        key="language.zoo",
        models={
            **_of("distilbert", "distilbert-base-uncased"),
            **_of(
                "google-bert",
                *("bert-base-uncased", "bert-base-multilingual-cased", "bert-large-uncased"),
                "bert-large-uncased-whole-word-masking",
            ),
            **_of("distilbert", "distilroberta-base"),
            **_of("FacebookAI", "roberta-base", "roberta-large"),
            **_of(
                "FacebookAI",
                *("xlm-mlm-enfr-1024", "xlm-clm-enfr-1024", "xlm-mlm-xnli15-1024"),
                *("xlm-mlm-100-1280", "xlm-mlm-en-2048", "xlm-roberta-base", "xlm-roberta-large"),
            ),
            **_of("xlnet", "xlnet-base-cased", "xlnet-large-cased"),
            **_of("Salesforce", "ctrl"),
            **_of("google-t5", "t5-small", "t5-base", "t5-large", "t5-3b", "t5-11b"),
            **_of("albert", "albert-base-v1", "albert-large-v1", "albert-xlarge-v1"),
            **_of("albert", "albert-xxlarge-v1", "albert-base-v2", "albert-large-v2"),
            **_of("albert", "albert-xlarge-v2", "albert-xxlarge-v2"),
            "openaigpt": "hf:openai-community/openai-gpt",
            **_of("distilbert", "distilgpt2"),
            "gpt2": "hf:gpt2",
            **_of("openai-community", "gpt2-medium", "gpt2-large", "gpt2-xl"),
        },
        left_out={
            "ETM": _VECTORS,
            "glove": _VECTORS,
            "word2vec": _VECTORS,
            "lm_1b": _OLD,
            "skip-thoughts": _OLD,
            "transfo-xl-wt103": "of an architecture that transformers no longer has",
        },
    ),
    # The 43 chat models that Shen et al. (2025, arXiv 2507.01966) show captions, as the list in
    # their code has them; their table of correlations is over 36 of these.
    "shen2025": Preset(
        key="zoo",
        models={
            **_of("allenai", "Llama-3.1-Tulu-3-70B", "Llama-3.1-Tulu-3-8B"),
            **_of("princeton-nlp", "gemma-2-9b-it-SimPO"),
            **_of("meta-llama", "Llama-3.3-70B-Instruct", "Llama-3.1-70B-Instruct"),
            **_of("meta-llama", "Llama-3.1-8B-Instruct", "Llama-3.2-3B-Instruct"),
            **_of("meta-llama", "Llama-3.2-1B-Instruct"),
            **_of("mistralai", "Mistral-Large-Instruct-2411", "Mistral-Small-Instruct-2409"),
            **_of("mistralai", "Mistral-Nemo-Instruct-2407", "Ministral-8B-Instruct-2410"),
            **_of("mistralai", *(f"Mistral-7B-Instruct-v0.{at}" for at in (1, 2, 3))),
            **_of("Qwen", *(f"Qwen2.5-{size}B-Instruct" for size in (72, 32, 14, 7, 3, 1.5, 0.5))),
            **_of("Qwen", *(f"Qwen2-{size}B-Instruct" for size in (72, 7, 1.5, 0.5))),
            **_of("Qwen", *(f"Qwen1.5-{size}B-Chat" for size in (72, 32, 14, 7, 4, 1.8, 0.5))),
            **_of("google", *(f"gemma-2-{size}b-it" for size in (27, 9, 2))),
            **_of("google", "gemma-1.1-7b-it", "gemma-1.1-2b-it", "gemma-7b-it", "gemma-2b-it"),
            **_of("microsoft", "Phi-3-medium-4k-instruct", "Phi-3-mini-4k-instruct"),
        },
        left_out={
            "internlm2_5-20b-chat": "of an architecture that its repository brings as code, "
            "which is not run",
        },
    ),
}


def find_preset(name: str) -> Preset:
    """Find a zoo by its name.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    if name not in PRESETS:
        raise InputError("unknown preset", got=repr(name), do=did_you_mean(name, PRESETS))
    return PRESETS[name]


def of_timm(pattern: str, names: Sequence[str]) -> Preset:
    """Make a zoo of timm's image models, whose short names have no dots.

    Parameters
    ----------
    pattern : str
    names : sequence of str
        Those that are like it.

    Raises
    ------
    InputError
        If there is none.
    """
    if not names:
        expected = "a pattern with *, such as timm:vit_tiny*"
        raise InputError("no model of timm", expected=expected, got=repr(pattern))
    models = {name.replace(".", "_"): TIMM + name for name in names}
    return Preset("zoo", models, {})


def string_or_name(name: str, models: Mapping[str, str]) -> str:
    """Resolve a name to its model string; what names no model, such as a preset, is itself."""
    try:
        return parse_model(name, models).string
    except InputError:
        return name


def preset_fault(key: str, entry: str) -> str:
    """Say that a zoo lists a preset, whose models are stages of their own, and what writes them."""
    name = entry.removeprefix(MARK)
    known = name in PRESETS or name.startswith(TIMM)
    do = "Run `python -m stages.check preset`, which writes them here."
    told = do if known else did_you_mean(name, PRESETS)
    return f"{key}: expected the models of a preset by name, got {entry!r}. {told}"
