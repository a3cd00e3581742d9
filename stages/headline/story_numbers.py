"""The headline of the story study: what an abstract would say."""

from collections.abc import Mapping, Sequence
from typing import Any

from stages.headline.picking import coarse, mean_of, named, share_of

# The metrics that are read, by the name of the file.
PARTS = ("encode", "decode", "profile", "models", "recover")
# By the name that they have here: rates of what was planted in simulated brains.
PLANTED = {
    "planted_layer_exact": "regions_layer_exact",
    "planted_layer_within_one": "regions_layer_within_one",
    "planted_nothing_significant": "regions_nothing_significant",
    "planted_features_decoded": "features_planted_decoded",
    "absent_features_significant": "features_absent_significant",
    "planted_decode_auc": "decode_auc",
    "planted_preference_within_one": "profile_preferred_within_one",
}
# By the name that they have here: of the best layer, mean held-out r, and the share of features
# that every test finds there.
PROBED = {"probe_score": "probe", "probe_upheld": "probe_upheld"}


TESTS = {"significant": "q", "partial_significant": "partial_q"}


def story_numbers(found: Mapping[str, dict[str, Any]]) -> dict[str, float]:
    """Pick the headline.

    Parameters
    ----------
    found : mapping of str to dict
        The metrics named in `PARTS`, as the stages wrote them.

    Returns
    -------
    dict
        Means over regions of the held-out r of the layer chosen in the inner folds
        (`encode_score`), its ceiling, the score beyond the nuisance variables (`encode_partial`)
        and that of the nuisance variables alone (`encode_nuisance`), and the share of regions with
        q below .05; `probe_score`, and the share of features that are read against shifts, beyond
        the nuisance variables and from these words (`probe_upheld`), with those of the untrained
        twin; of decoding and profiles the means over regions; and rates of what was planted, where
        brains were simulated. What was not measured is left out.
    """
    return (
        _encoding(_regions(found["encode"]))
        | _models(found["models"])
        | _decoding(_regions(found["decode"]))
        | _profiles(_regions(found["profile"]))
        | {
            name: coarse(found["recover"][key])
            for name, key in PLANTED.items()
            if key in found["recover"]
        }
    )


def _regions(metrics: dict[str, Any]) -> list[dict[str, Any]]:
    """Entries of the regions; none where a stage was skipped and says why."""
    return [entry for entry in metrics.values() if isinstance(entry, dict)]


def _prefixed(prefix: str, numbers: Mapping[str, float]) -> dict[str, float]:
    return {f"{prefix}_{name}": value for name, value in numbers.items()}


def _means(regions: Sequence[dict[str, Any]], keys: Sequence[str]) -> dict[str, float]:
    return {name: value for key in keys for name, value in mean_of(regions, key).items()}


def _encoding(regions: list[dict[str, Any]]) -> dict[str, float]:
    means = _means(regions, ("score", "ceiling", "partial", "nuisance"))
    shares = {name: share_of(regions, q) for name, q in TESTS.items()}
    return _prefixed("encode", means | named(shares))


def _models(models: dict[str, Any]) -> dict[str, float]:
    """Of the model and its untrained twin, which come first."""
    pair = [entry for entry in models.values() if isinstance(entry, dict)][:2]
    numbers: dict[str, float | None] = {}
    for whose, entry in zip(("", "untrained_"), pair, strict=False):
        numbers |= {f"{whose}{name}": entry.get(key) for name, key in PROBED.items()}
    if len(pair) > 1:
        numbers["untrained_encode_score"] = pair[1].get("encode")
    return named(numbers)


def _decoding(regions: list[dict[str, Any]]) -> dict[str, float]:
    return _prefixed("decode", _means(regions, ("score", "ceiling", "significant")))


def _profiles(regions: list[dict[str, Any]]) -> dict[str, float]:
    means = _means(regions, ("score", "ceiling"))
    return _prefixed("profile", means | named({"significant": share_of(regions, "q")}))
