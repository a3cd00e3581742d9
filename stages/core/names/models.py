"""Model strings: what they mean and what they are called on disk."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from stages.core.run.errors import InputError, did_you_mean

SCHEMES = ("hf", "st", "timm", "file", "noise")
_PATTERN = re.compile(
    r"(?P<scheme>[a-z]+):(?P<name>[^@+]+)(@(?P<revision>[^@+]+))?(\+(?P<twin>.+))?"
)
_TWIN = re.compile(r"untrained(:(?P<seed>\d+))?")


@dataclass(frozen=True)
class ModelSpec:
    """A model as the user names it.

    Attributes
    ----------
    label : str
        The short name, or the slug of the model string: its folder's name.
    scheme : str
        `hf` (Hugging Face), `st` (sentence-transformers), `timm`, `file` (a folder) or `noise`.
    name : str
        Repository id, path, or of noise the least and greatest width.
    revision : str or None
        Branch, tag or commit asked for.
    seed : int or None
        Seed of the untrained twin; None for the trained model.
    """

    label: str
    scheme: str
    name: str
    revision: str | None
    seed: int | None

    @property
    def string(self) -> str:
        """The canonical model string."""
        revision = f"@{self.revision}" if self.revision else ""
        twin = "" if self.seed is None else f"+untrained:{self.seed}"
        return f"{self.scheme}:{self.name}{revision}{twin}"


def slug(text: str) -> str:
    """Turn a model string into a folder name: `hf:a/b+untrained` becomes `hf-a--b-untrained`."""
    return re.sub(r"[^A-Za-z0-9._-]", "-", text.replace("/", "--")).strip("-.")


def parse_model(text: str, short_names: Mapping[str, str], key: str = "model") -> ModelSpec:
    """Resolve a short name or a model string.

    The grammar is `scheme:name[@revision][+untrained[:seed]]`; the seed of an untrained
    twin is 0 unless given. `key` names the parameter in messages.

    Raises
    ------
    InputError
        If the text is neither a known short name nor a well-formed model string.
    """
    string = short_names.get(text, text)
    found = _PATTERN.fullmatch(string)
    if found is None:
        raise InputError(
            "unknown model",
            where=f"params.yaml: {key}",
            expected="a short name or scheme:name[@revision][+untrained[:seed]]",
            got=repr(text),
            do=did_you_mean(text, short_names),
        )
    if found["scheme"] not in SCHEMES:
        raise InputError(
            "unknown model scheme",
            where=f"params.yaml: {key}: {string}",
            got=repr(found["scheme"]),
            do=did_you_mean(found["scheme"], SCHEMES),
        )
    return ModelSpec(
        label=text if text in short_names else slug(text),
        scheme=found["scheme"],
        name=found["name"],
        revision=found["revision"],
        seed=_twin_seed(found["twin"], f"params.yaml: {key}: {string}"),
    )


def _twin_seed(twin: str | None, where: str) -> int | None:
    if twin is None:
        return None
    found = _TWIN.fullmatch(twin)
    if found is None:
        raise InputError(
            "unknown model variant",
            where=where,
            expected="+untrained or +untrained:SEED",
            got=f"+{twin}",
        )
    return int(found["seed"] or 0)
