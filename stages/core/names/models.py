"""Model strings: what they mean, and which names may stand for them on disk."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from stages.core.run.errors import InputError, did_you_mean

SCHEMES = ("hf", "st", "timm", "file", "noise", "static", "trigram", "control")
# Folders of networks, most of them of transformers.
TRANSFORMERS = ("hf", "st", "file")
# Their models cannot be shown the words of a story.
WORDLESS = ("timm", "noise")
# Of the story alone: word vectors of a file or a package, counts of the words of a text, and what
# says nothing of meaning.
STATIC, TRIGRAM, CONTROL = "static", "trigram", "control"
UNNETWORKED = (STATIC, TRIGRAM, CONTROL)
CONTROLS = ("length", "position")
RANDOM = "random"
GRAMMAR = "scheme:name[@revision][+untrained[:seed]]"
SEEDS = 2**32
WIDEST = 2**20
# Of strings whose name is a path, which may hold any sign.
PATHS = ("file:", "static:", "trigram:")
_SEED = r"(?::(?P<seed>[0-9]{1,10}))?"
_TWIN = re.compile(rf"(?P<base>.+)\+untrained{_SEED}", re.DOTALL)
_STRING = re.compile(r"(?P<scheme>[A-Za-z0-9_-]+):(?P<name>.+)", re.DOTALL)
_NAME = re.compile(
    r"(?P<name>(?!.*\.\.)[A-Za-z0-9_-][A-Za-z0-9_./:-]*)(?:@(?P<revision>[^@+\s<>]+))?"
)
_WIDTHS = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")
_RANDOM = re.compile(
    rf"{RANDOM}-(?P<units>[1-9][0-9]{{0,6}})(?::(?P<draw>[0-9]{{1,15}}(?:\.[0-9]{{1,15}})*))?"
)
_SHORT_NAME = re.compile(r"(?!.*\.\.)[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}")
_FOLDER = re.compile(r"(?!\.)(?!.*\.\.)[A-Za-z0-9._:+-]{1,200}")


@dataclass(frozen=True)
class ModelSpec:
    """A model as the user names it.

    Attributes
    ----------
    label : str
        The short name or the model string, as given: its folder's name.
    scheme : str
        `hf` (Hugging Face), `st` (sentence-transformers), `timm`, `file` (a folder), `noise`,
        `static` (word vectors), `trigram` (counts of a text) or `control`.
    name : str
        Repository id, path, of noise the least and greatest width, or which control.
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


def parse_model(text: str, short_names: Mapping[str, str]) -> ModelSpec:
    """Resolve a short name or a model string.

    The grammar is `NAME[+untrained[:seed]]` with NAME a short name, or
    `scheme:name[@revision][+untrained[:seed]]`; the seed of an untrained twin is 0 unless given.
    A path after `file:`, `static:` or `trigram:` has no revision, and may hold `@` and `+`.
    `+untrained` without a seed, put to a model that is itself a twin, means its next draw: the seed
    is one more. So each model of the story has a twin, and the two are never the same.

    Parameters
    ----------
    text : str
    short_names : mapping of str to str
        Model strings by short name.

    Raises
    ------
    InputError
        If the text is neither a known short name nor a well-formed model string.
    """
    string, seeds = text, []
    while string not in short_names and (found := _TWIN.fullmatch(string)):
        string = found["base"]
        seeds.append(found["seed"])
    if string in short_names:
        spec = parse_model(short_names[string], {})
    else:
        spec = _parse_string(string, short_names)
    for seed in reversed(seeds):
        spec = _twin(spec, seed, text)
    return replace(spec, label=text)


def _parse_string(text: str, short_names: Mapping[str, str]) -> ModelSpec:
    """Read `scheme:name[@revision]`."""
    base, plus, variant = text.partition("+")
    if plus and not text.startswith(PATHS):
        raise InputError(
            "unknown model variant",
            where=base,
            expected="+untrained or +untrained:SEED",
            got=f"+{variant}",
        )
    found = _STRING.fullmatch(text)
    if found and found["scheme"] not in SCHEMES:
        raise InputError(
            "unknown model scheme",
            where=text,
            got=repr(found["scheme"]),
            do=did_you_mean(found["scheme"], SCHEMES),
        )
    if found and text.startswith(PATHS):
        return ModelSpec(text, found["scheme"], found["name"], None, None)
    named = found and _NAME.fullmatch(found["name"])
    if not found or not named:
        raise InputError(
            "unknown model",
            where="`models`" if short_names else None,
            expected="a short name or " * bool(short_names) + GRAMMAR,
            got=repr(text),
            do=did_you_mean(text, short_names) if short_names else None,
        )
    spec = ModelSpec(text, found["scheme"], named["name"], named["revision"], None)
    if spec.scheme == "noise":
        noise_widths(spec)
    if spec.scheme == CONTROL:
        control_units(spec)
    return spec


def _twin(spec: ModelSpec, given: str | None, where: str) -> ModelSpec:
    """Find the untrained twin of a model, or the next draw of one that is a twin."""
    if spec.scheme in ("noise", TRIGRAM, CONTROL):
        what = f"{spec.scheme} has neither revision nor untrained twin"
        raise InputError(what, where=where)
    if spec.seed is not None and given is not None:
        raise InputError(
            "a twin has no twin of a given seed",
            where=where,
            got=f"+untrained:{given}",
            do="Put +untrained:SEED to the trained model.",
        )
    seed = int(given or 0) if spec.seed is None else spec.seed + 1
    if seed >= SEEDS:
        raise InputError("seed too large", where=where, expected=f"less than {SEEDS}", got=seed)
    return replace(spec, seed=seed)


def noise_widths(spec: ModelSpec) -> list[int]:
    """Widths of the layers of noise, doubling from the least to the greatest.

    Raises
    ------
    InputError
        If the widths are not such a range, or a revision or untrained twin is asked for.
    """
    if spec.seed is not None or spec.revision is not None:
        raise InputError("noise has neither revision nor untrained twin", where=spec.string)
    found = _WIDTHS.fullmatch(spec.name)
    low, high = (int(found[1]), int(found[2])) if found else (0, 0)
    widths = [low << k for k in range(max(high // max(low, 1), 1).bit_length())]
    if low < 2 or widths[-1] != high or high > WIDEST:
        expected = "LOW-HIGH, the least width and one that doubling it leads to, such as 512-8192"
        raise InputError("wrong widths", where=spec.string, expected=expected, got=spec.name)
    return widths


def control_units(spec: ModelSpec) -> int:
    """Units of a control: of `random-N` N; of `length` and `position`, which are no draw, 0.

    Raises
    ------
    InputError
        If it is none of them, or a revision or untrained twin is asked for.
    """
    if spec.seed is not None or spec.revision is not None:
        raise InputError("control has neither revision nor untrained twin", where=spec.string)
    found = _RANDOM.fullmatch(spec.name)
    units = int(found["units"]) if found else 0
    if units > WIDEST or not (found or spec.name in CONTROLS):
        random = f"{RANDOM}-UNITS or {RANDOM}-UNITS:DRAW (such as {RANDOM}-1600:0.4)"
        expected = f"{random}, {' or '.join(CONTROLS)}"
        raise InputError("unknown control", where=spec.string, expected=expected, got=spec.name)
    return units


def control_draw(spec: ModelSpec) -> str:
    """Say which draw of its numbers a control `random-N:DRAW` is; empty for the first."""
    found = _RANDOM.fullmatch(spec.name)
    return (found["draw"] or "") if found else ""


def check_short_name(name: str) -> None:
    """Raise `InputError` unless a key of `models` can be a short name."""
    if not _SHORT_NAME.fullmatch(name):
        raise InputError(
            "unfit as a short name",
            expected="letters, digits and any of . _ -, no dot first, no two dots together",
            got=repr(name),
        )


def check_folder_name(text: str, use: str) -> None:
    """Raise `InputError` unless a model's name can name its folders and stages.

    Parameters
    ----------
    text : str
    use : str
        What sets the parameter, such as `model=NAME`, for the advice.
    """
    if not _FOLDER.fullmatch(text):
        raise InputError(
            "unfit as the name of a folder",
            expected="letters, digits and any of . _ : + -, no dot first, no two dots together",
            got=repr(text),
            do=name_it(text, use),
        )


def name_it(text: str, use: str) -> str:
    """Advise to give a model string a short name and to use that."""
    found = re.fullmatch(r"([a-z]+):[\w.:/@+-]+", text, re.ASCII)
    string = text if found and found[1] in SCHEMES else "STRING"
    return f"Give it a short name: dvc exp run -S '+models.NAME={string}' -S {use}."
