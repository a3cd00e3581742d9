"""From regions and features to one row per measurement, and to maps of weights."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.core.names.features import family
from stages.core.names.vocabulary import GROUP
from stages.core.params.schema import Decode
from stages.core.recording.regions import Columns
from stages.core.recording.types import Recording, Subject
from stages.core.regression.folds import Partition
from stages.core.run.parallel import parallel_map
from stages.core.run.shared import Shared
from stages.core.stats.judged import baseline_rows, judged_rows
from stages.core.stats.scores import METRICS, Moments, halves, pearson
from stages.core.time.sampled_features import Features
from stages.decode.decoded_regions import cut_region
from stages.decode.frem import Decoder

Array = NDArray[np.float64]
BATCH = 120  # parcels of all regions that are decoded together, to bound the memory
CEILING = "inter-subject reliability of predictions"

log = logging.getLogger("concord.decode")


@dataclass(frozen=True)
class Decoding:
    """What was decoded.

    Attributes
    ----------
    rows : list of dict
        Rows of the results table.
    best : dict of str to str
        The feature that the inner folds find best in each region.
    weights : dict
        By subject and region, shape (n_voxels, n_features).
    baseline : list of dict
        Rows of kind `baseline`, one per feature: R² of the training mean, the same everywhere.
    """

    rows: list[dict[str, Any]]
    best: dict[str, str]
    weights: dict[tuple[str, str], Array]
    baseline: list[dict[str, Any]]


@dataclass(frozen=True)
class _Study:
    """What all batches of regions are decoded with; see `measure`."""

    subjects: dict[str, Subject]
    regions: Mapping[str, Mapping[str, Columns]]
    features: Features
    cut: Partition
    lambdas: Array
    orders: NDArray[np.intp]
    settings: Decode


def measure(
    recording: Recording,
    regions: Mapping[str, Mapping[str, Columns]],
    features: Features,
    *,
    cut: Partition,
    lambdas: Array,
    orders: NDArray[np.intp],
    settings: Decode,
) -> Decoding:
    """Decode every feature from every region of every subject.

    Parameters
    ----------
    recording : Recording
    regions : mapping
        Columns by region and subject, from `find_regions`.
    features : Features
    cut : Partition
    lambdas : ndarray, shape (n_lambdas,)
    orders : ndarray of int, shape (n_shifts, n_samples)
    settings : Decode

    Returns
    -------
    Decoding
        Rows hold r and R² of all folds, r of their two halves, and, for the subject `group`, the
        mean of each over the subjects against the mean of their nulls. The ceiling of r is
        estimated from the predictions of the other subjects.
    """
    _report_constant(features, cut)
    _report_single(regions, len(recording.subjects))
    subjects = {subject.name: subject for subject in recording.subjects}
    study = Shared(_Study(subjects, regions, features, cut, lambdas, orders, settings))
    batches = list(_batches(regions, settings.parcels))
    parts = parallel_map(partial(_decode, shared=study), batches, "decode")
    return Decoding(
        [row for part in parts for row in part.rows],
        {region: best for part in parts for region, best in part.best.items()},
        {key: weights for part in parts for key, weights in part.weights.items()},
        parts[0].baseline,
    )


def _report_constant(features: Features, cut: Partition) -> None:
    """Name the features that some split has nothing to learn from."""
    splits = [split for fold in cut.folds for split in fold.inner]
    flat = np.array([np.ptp(features.series[split.train], axis=0) == 0 for split in splits])
    for name, times in zip(features.names, flat.sum(axis=0), strict=True):
        if times:
            log.warning(
                "feature %s is constant in the training rows of %d of %d splits: "
                "the models of those splits predict its mean",
                *(name, times, len(splits)),
            )


def _report_single(regions: Mapping[str, Mapping[str, Columns]], n_subjects: int) -> None:
    """Name the regions of which there is no average over subjects."""
    for region, columns in regions.items():
        if len(columns) == 1 < n_subjects:
            log.warning("region %s has no average: only subject %s has it", region, *columns)


def _batches(
    regions: Mapping[str, Mapping[str, Columns]], percent: float
) -> Iterator[tuple[str, ...]]:
    """Put regions together until they have many parcels; all subjects of a region stay together."""
    batch: tuple[str, ...] = ()
    parcels = 0.0
    for region, columns in regions.items():
        batch = (*batch, region)
        parcels += sum(len(found) for found in columns.values()) * percent / 100
        if parcels >= BATCH:
            yield batch
            batch, parcels = (), 0.0
    if batch:
        yield batch


def _decode(batch: tuple[str, ...], *, shared: Shared[_Study]) -> Decoding:
    """Decode the regions of a batch."""
    study = shared.value
    regions = {region: study.regions[region] for region in batch}
    keys = [(name, region) for region, columns in regions.items() for name in columns]
    decoder = Decoder(
        [cut_region(study.subjects[name], regions[region][name]) for name, region in keys],
        study.cut.folds,
        study.lambdas,
        study.settings,
    )
    features = study.features
    decoded = dict(zip(keys, decoder.fit(features.series), strict=True))
    ceilings = {
        region: _ceilings({name: decoded[name, region].predictions for name in columns}, study.cut)
        for region, columns in regions.items()
    }
    rows = []
    for chunk, sums in decoder.shifted(features.series, study.orders):
        shifted = dict(zip(keys, sums, strict=True))
        for region, columns in regions.items():
            pairs = {
                name: (_columns(decoded[name, region].observed, chunk), shifted[name, region])
                for name in columns
            }
            bounds = {name: values[chunk] for name, values in ceilings[region].items()}
            rows += _judge(region, features.names[chunk], pairs, bounds)
    best = {
        region: features.names[
            int(np.mean([decoded[name, region].inner_r2 for name in columns], axis=0).argmax())
        ]
        for region, columns in regions.items()
    }
    names = [{"target": name, "family": family(name)} for name in features.names]
    weights = {key: found.weights for key, found in decoded.items()}
    return Decoding(rows, best, weights, baseline_rows(names, decoded[keys[0]].observed))


def _columns(moments: Moments, chunk: slice) -> Moments:
    return Moments(*(values[:, chunk] for values in vars(moments).values()))


def _judge(
    region: str,
    features: Sequence[str],
    pairs: Mapping[str, tuple[Moments, Moments]],
    ceilings: Mapping[str, Array],
) -> list[dict[str, Any]]:
    """Score some features in one region, subject by subject and on average."""
    observed = _with_mean({name: _scores(one) for name, (one, _) in pairs.items()})
    null = _with_mean({name: _scores(many) for name, (_, many) in pairs.items()})
    counts = next(iter(pairs.values()))[0]
    n = dict.fromkeys(METRICS, counts.n.sum(axis=0))
    n |= {f"r_{name}": half.n.sum(axis=0) for name, half in halves(counts).items()}
    rows = []
    for name, scores in observed.items():
        labels: list[dict[str, Any]] = [
            {"subject": name, "region": region, "target": feature, "family": family(feature)}
            | {"kind": "frem"}
            for feature in features
        ]
        for metric, values in scores.items():
            judged = judged_rows(labels, metric, values, null[name][metric], n[metric])
            if metric == "r" and name in ceilings:
                for row, ceiling in zip(judged, ceilings[name], strict=True):
                    row |= {"ceiling": float(ceiling), "ceiling_kind": CEILING}
            rows += judged
    return rows


def _with_mean(people: dict[str, dict[str, Array]]) -> dict[str, dict[str, Array]]:
    """Add the mean over the subjects, where there are two or more."""
    if len(people) < 2:
        return people
    metrics = next(iter(people.values()))
    mean = {name: np.mean([one[name] for one in people.values()], axis=0) for name in metrics}
    return people | {GROUP: mean}


def _scores(moments: Moments) -> dict[str, Array]:
    """Score all folds, and r in each half of them."""
    whole = {metric: score(moments) for metric, score in METRICS.items()}
    return whole | {f"r_{name}": pearson(half) for name, half in halves(moments).items()}


def _ceilings(predictions: Mapping[str, Array], cut: Partition) -> dict[str, Array]:
    """Bound what the predictions of each subject can correlate with anything in the stimuli.

    The predictions of other subjects share with them what the stimuli caused and nothing else, so
    that their mean correlation estimates the reliability of one, and its square root the bound.

    Parameters
    ----------
    predictions : mapping of str to ndarray, shape (n_samples, n_features)

    Returns
    -------
    dict
        By subject and for `group`, shape (n_features,); empty for a single subject.
    """
    if len(predictions) < 2:
        return {}
    standard = np.stack([_standardise(values, cut) for values in predictions.values()])
    correlations = np.einsum("snf,tnf->stf", standard, standard) / standard.shape[1]
    own = np.einsum("ssf->sf", correlations)
    reliability = (correlations.sum(axis=1) - own) / (len(standard) - 1)
    bounds = np.sqrt(np.maximum(reliability, 0))
    return dict(zip(predictions, bounds, strict=True)) | {GROUP: bounds.mean(axis=0)}


def _standardise(predictions: Array, cut: Partition) -> Array:
    """Remove the mean of every fold, which the subjects share, and scale."""
    left = predictions.copy()
    for fold in cut.folds:
        left[fold.outer.test] -= left[fold.outer.test].mean(axis=0)
    scale = left.std(axis=0)
    return left / np.where(scale > 0, scale, 1)
