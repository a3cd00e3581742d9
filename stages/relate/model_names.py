"""Names of models: the same network under the names that people give it."""

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches

from stages.core.names.models import ModelSpec
from stages.core.results.benchmarks import key

logger = logging.getLogger("concord.relate")
_COMMIT = re.compile(r"[0-9a-f]{40}")


def without_tag(known: str) -> str:
    """Drop the tag that names a timm model's weights: `resnet50.a1_in1k` to `resnet50`."""
    return known.split(".", maxsplit=1)[0]


def without_owner(known: str) -> str:
    """Drop the owner of a repository: `openai-community--gpt2` to `gpt2`."""
    return known.rsplit("--", maxsplit=1)[-1]


def lineage(name: str) -> str:
    """Name the family of architectures that a model belongs to.

    It is the first run of letters of the name without owner, `tf_` (weights ported to timm) and
    `all-` (the training data of sentence-transformers): `tf_efficientnet_lite0` is of
    `efficientnet`, `google/gemma-2-9b-it` of `gemma`.
    """
    bare = without_owner(key(name)).removeprefix("tf_").removeprefix("all-")
    found = re.match(r"[a-z]+", bare)
    return found.group() if found else bare


def is_benchmarked(spec: ModelSpec) -> bool:
    """Whether a published score under the model's name can be this network's.

    Not that of an untrained twin, of another revision than a repository's own (a step of
    training), of a folder, or of noise.
    """
    usual = spec.revision in (None, "main") or bool(_COMMIT.fullmatch(str(spec.revision)))
    return spec.seed is None and usual and spec.scheme in ("hf", "st", "timm")


def join(
    asked: Mapping[str, str], known: Iterable[str], shorten: Callable[[str], str], where: str
) -> dict[str, str]:
    """Find models in a table of benchmarks.

    A name that lacks the owner or the tag is found if one entry alone has it with any. What is
    not found is logged by name, with the nearest entries.

    Parameters
    ----------
    asked : mapping of str to str
        From the short name of a model to its key.
    known : iterable of str
        Keys of the table.
    shorten : callable
        Drops from a key what a name may lack.
    where : str
        The table, for the log.

    Returns
    -------
    dict of str to str
        From the short name to the key in the table.
    """
    entries = sorted(set(known))
    longer: dict[str, list[str]] = {}
    for entry in entries:
        longer.setdefault(shorten(entry), []).append(entry)
    found = {}
    for model, name in asked.items():
        candidates = [name] if name in entries else longer.get(name, [])
        if len(candidates) == 1:
            found[model] = candidates[0]
            continue
        near = candidates or get_close_matches(name, entries, n=3, cutoff=0.6) or ["none"]
        why = "several entries, name one" if candidates else "not there, nearest"
        logger.warning("%s: %s (%s): %s: %s", where, model, name, why, ", ".join(near))
    return found
