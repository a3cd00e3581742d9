"""What paragraphs of a methods text share: their form, and what several studies do alike."""

from dataclasses import dataclass

from stages.core.params.schema import Folds, Ridge
from stages.report.bibliography import OWN, RECORDINGS, in_text


@dataclass(frozen=True)
class Told:
    """A paragraph, and the keys of what it cites."""

    text: str
    cited: tuple[str, ...]


def recording_of(dataset: str) -> tuple[str, tuple[str, ...]]:
    """Name a recording with its citation, and the keys of that."""
    keys = RECORDINGS.get(dataset, OWN).cited
    name = f"the recording {dataset}"
    if dataset.endswith("simulated"):
        name = f"{name} (simulated: nobody was measured)"
    return (f"{name} {in_text(*keys)}" if keys else name), keys


def pooled(pooling: str) -> str:
    """Say what was kept of the tokens of a word or passage."""
    return "the state of the last token" if pooling == "last" else f"the {pooling} over its tokens"


def strengths(ridge: Ridge) -> str:
    """Say which regularisations were tried."""
    lambdas = ridge.lambdas
    return f"{lambdas.count} values from {lambdas.low:g} to {lambdas.high:g}"


def cross_validated(folds: Folds) -> str:
    """Say what was left out of series and words to test on."""
    parts = folds.blocks
    groups = f"{parts} groups of successive runs"
    schemes = {
        "runs": "leaving one run out",
        "groups": f"leaving out one of {groups}",
        "blocks": f"over {parts} contiguous blocks",
        "auto": f"leaving one run out ({groups} where there were more than ten, {parts} "
        "contiguous blocks where there were fewer than three)",
        "shuffled": f"over {parts} parts of single samples at random (which lets neighbours in "
        "time tell the answer)",
    }
    scheme = schemes[folds.scheme]
    if folds.scheme == "shuffled":
        return scheme
    return f"{scheme}, with {folds.gap} samples left out between training and test data that touch"
