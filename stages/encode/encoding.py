"""From designs and responses to one row per measurement."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.core.regression.folds import Fold, Partition
from stages.core.regression.ridge import Fit, cross_validate
from stages.core.run.parallel import parallel_map
from stages.core.run.shared import Shared
from stages.core.stats.judged import baseline_rows, scored_rows
from stages.core.stats.scores import pick
from stages.encode.nuisance import partial_out

Array = NDArray[np.float64]
CHUNK = 500
PARTIAL = "_partial"


@dataclass(frozen=True)
class _Study:
    """What all designs and targets are fitted with; see `cross_validate`."""

    folds: tuple[Fold, ...]
    lambdas: Array
    orders: NDArray[np.intp]


def measure(
    designs: dict[str, Array],
    kinds: dict[str, str],
    responses: Array,
    targets: list[dict[str, Any]],
    *,
    cut: Partition,
    lambdas: Array,
    orders: NDArray[np.intp],
) -> list[dict[str, Any]]:
    """Predict every target from every design, and from the layers that the inner folds choose.

    Parameters
    ----------
    designs : dict of str to ndarray
        One (n_samples, n_units) array per layer or control.
    kinds : dict of str to str
        `hidden`, `attention` or `control` for each.
    responses : ndarray, shape (n_samples, n_targets)
    targets : list of dict
        The columns that name each target in the results.
    cut : Partition
    lambdas : ndarray, shape (n_lambdas,)
    orders : ndarray of int, shape (n_shifts, n_samples)

    Returns
    -------
    list of dict
        Rows of the results table, one per design, target and metric. Rows of kind `nested` hold
        the score of the hidden layer that the inner folds of each fold choose, and name the layer
        that they choose on the whole; rows of kind `baseline` hold R² of the training mean. The
        metrics `r_partial` and `r2_partial` of hidden layers, where there is a design `nuisance`,
        are those of responses and layers from which it was taken out.
    """
    hidden = [layer for layer in designs if kinds[layer] == "hidden"]
    whole = {layer: Shared(design) for layer, design in designs.items()}
    partialled = None
    if "nuisance" in designs:
        nuisance = designs["nuisance"]
        responses_left = partial_out(responses, nuisance)
        partialled = {layer: Shared(partial_out(designs[layer], nuisance)) for layer in hidden}
    fit = partial(_fit_all, study=Shared(_Study(cut.folds, lambdas, orders)))
    rows: list[dict[str, Any]] = []
    for start in range(0, responses.shape[1], CHUNK):
        chunk = slice(start, start + CHUNK)
        names = targets[chunk]
        fits = fit(whole, responses[:, chunk])
        rows += _scored(names, fits, kinds)
        rows += _nested(names, {layer: fits[layer] for layer in hidden})
        rows += baseline_rows(names, next(iter(fits.values())).observed)
        if partialled is not None:
            fits = fit(partialled, responses_left[:, chunk])
            rows += _scored(names, fits, kinds, PARTIAL) + _nested(names, fits, PARTIAL)
    return rows


def _fit_all(
    designs: dict[str, Shared[Array]], responses: Array, *, study: Shared[_Study]
) -> dict[str, Fit]:
    """Fit every design."""
    fit = partial(_fit, targets=Shared(responses), study=study)
    return dict(zip(designs, parallel_map(fit, list(designs.values()), "encode"), strict=True))


def _fit(design: Shared[Array], *, targets: Shared[Array], study: Shared[_Study]) -> Fit:
    """Fit one design."""
    return cross_validate(design.value, targets.value, **vars(study.value))


def _scored(
    names: list[dict[str, Any]], fits: dict[str, Fit], kinds: dict[str, str], suffix: str = ""
) -> list[dict[str, Any]]:
    """Score every design by itself."""
    rows = []
    for layer, fit in fits.items():
        labels = [{"layer": layer, "kind": kinds[layer], **name} for name in names]
        rows += scored_rows(labels, fit.observed, fit.null, suffix)
    return rows


def _nested(
    names: list[dict[str, Any]], fits: dict[str, Fit], suffix: str = ""
) -> list[dict[str, Any]]:
    """Score the layer chosen inside each fold, for every target."""
    inner = np.stack([fit.inner_r2 for fit in fits.values()])
    chosen = inner.argmax(axis=0)
    overall = inner.mean(axis=1).argmax(axis=0)
    layers = list(fits)
    labels = [
        {"layer": layers[best], "kind": "nested", **name}
        for best, name in zip(overall, names, strict=True)
    ]
    observed = pick([fit.observed for fit in fits.values()], chosen)
    shifted = pick([fit.null for fit in fits.values()], chosen)
    return scored_rows(labels, observed, shifted, suffix)
