"""From designs and responses to one row per measurement."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.regression.folds import Fold, Partition, share_tested
from stages.core.regression.ridge import Fit, cross_validate
from stages.core.regression.shift_null import ShiftNull
from stages.core.run.parallel import parallel_map
from stages.core.run.progress import progress
from stages.core.run.shared import Shared
from stages.core.stats.judged import Columns, judge_baseline, judged_table
from stages.core.stats.scores import Moments
from stages.encode.judging import PARTIAL, Asked, judge_choice, judge_fit
from stages.encode.shared_part import SHARED, parts
from stages.encode.without_pieces import parts_without, pieces_of, scores_without, without_table

Array = NDArray[np.float64]
Floats = NDArray[np.floating]
CHUNK = 500  # targets whose nested choices are held at once: seven float64 per fold and shift


@dataclass(frozen=True)
class _Study:
    """What all designs and targets are fitted with; see `cross_validate`."""

    folds: tuple[Fold, ...]
    lambdas: Array
    pieces: int


@dataclass(frozen=True)
class Measured:
    """What was found of some targets.

    Attributes
    ----------
    parts : tuple of (DataFrame, DataFrame)
        Of some targets each, rows of the results table, one per design, target and metric; and of
        the table of `stages.core.results.left_out_scores`: held-out scores of the layers that the
        inner folds choose, without each piece of the samples.
    pieces : tuple of Moments
        Sums over these pieces, of each hidden layer; beyond nuisance variables none are kept.
    """

    parts: tuple[tuple[pd.DataFrame, pd.DataFrame], ...]
    pieces: tuple[Moments, ...]


def measure(
    designs: dict[str, Array],
    kinds: dict[str, str],
    responses: Floats,
    names: pd.DataFrame,
    *,
    cut: Partition,
    lambdas: Array,
    null: ShiftNull,
    pieces: int,
    nuisance: Array | None = None,
    plain: tuple[Moments, ...] = (),
) -> Measured:
    """Predict every target from every design, and from the layers that the inner folds choose.

    Parameters
    ----------
    designs : dict of str to ndarray
        One (n_samples, n_units) array per layer or control.
    kinds : dict of str to str
        `hidden`, `attention` or `control` for each.
    responses : ndarray, shape (n_samples, n_targets)
    names : DataFrame
        The columns that name each target in the results.
    cut : Partition
    lambdas : ndarray, shape (n_lambdas,)
    null : ShiftNull
        Of the same folds.
    pieces : int
        Of all samples, at least: each fold is cut into as many as it takes.
    nuisance : ndarray, shape (n_samples, n_variables), optional
        Taken out of responses and designs inside every split.
    plain : tuple of Moments, optional
        `pieces` of the same layers measured without nuisance variables: to tell of the chosen
        layers what they share with these, and `r2_unique` and `r2_shared` without each piece.

    Returns
    -------
    Measured
        Rows of kind `nested` hold the score of the hidden layer that the inner folds of each fold
        choose, and name the layer that they choose on the whole. Without nuisance variables, rows
        of kind `baseline` hold R² of the training mean; with them, metrics are `r_partial`,
        `r2_partial` and `r2_unique`.
    """
    study = Shared(_Study(cut.folds, lambdas, -(-pieces // len(cut.folds))))
    shared = Shared(null)
    whole = {name: Shared(design) for name, design in designs.items()}
    known, suffix = (None, "") if nuisance is None else (Shared(nuisance), PARTIAL)
    fits = _fit_all(whole, kinds, responses, study, known)
    judged = _judge_all(
        fits, kinds, responses, names=names, null=shared, suffix=suffix, plain=plain
    )
    fitted = share_tested(cut.folds)
    parts = tuple((results, without.assign(fitted=fitted)) for results, without in judged)
    hidden = [fit.pieces for name, fit in fits.items() if kinds[name] == "hidden"]
    return Measured(parts, tuple(hidden) if nuisance is None else ())


def _fit_all(
    designs: dict[str, Shared[Array]],
    kinds: dict[str, str],
    responses: Floats,
    study: Shared[_Study],
    nuisance: Shared[Array] | None,
) -> dict[str, Fit]:
    """Fit every design, without what the nuisance variables explain of it."""
    fit = partial(_fit, targets=Shared(responses), study=study, nuisance=nuisance)
    asked = [(design, kinds[name] == "hidden") for name, design in designs.items()]
    return dict(zip(designs, parallel_map(fit, asked, "fit"), strict=True))


def _fit(
    asked: tuple[Shared[Array], bool],
    *,
    targets: Shared[Floats],
    study: Shared[_Study],
    nuisance: Shared[Array] | None,
) -> Fit:
    """Fit one design, in pieces where these are asked for: of those that may be chosen."""
    design, in_pieces = asked
    known = None if nuisance is None else nuisance.value
    settings = vars(study.value) | ({} if in_pieces else {"pieces": 1})
    return cross_validate(design.value, targets.value, **settings, nuisance=known)


def _judge_all(
    fits: dict[str, Fit],
    kinds: dict[str, str],
    responses: Floats,
    *,
    names: pd.DataFrame,
    null: Shared[ShiftNull],
    suffix: str,
    plain: tuple[Moments, ...],
) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Hold every design, and the choice among the hidden layers, against their nulls.

    Yields rows of the results table of some targets, and of scores without each piece.
    """
    hidden = [name for name in fits if kinds[name] == "hidden"]
    choice = np.stack([fits[name].inner_r2 for name in hidden]).argmax(axis=0)
    shared = {name: Shared(fit) for name, fit in fits.items()}
    judge = partial(judge_fit, targets=Shared(responses), null=null, suffix=suffix)
    for start in progress(range(0, len(names), CHUNK), "encode"):
        columns = slice(start, min(start + CHUNK, len(names)))
        here, chosen = names.iloc[columns], choice[:, columns]
        nowhere = dict.fromkeys(fits, np.zeros_like(chosen, dtype=bool))
        kept = nowhere | {name: chosen == k for k, name in enumerate(hidden)}
        asked = [Asked(fit, columns, kept[name]) for name, fit in shared.items()]
        judged = dict(zip(fits, parallel_map(judge, asked, "layers"), strict=True))
        tables = [
            judged_table(here, one.scores, layer=name, kind=kinds[name])
            for name, one in judged.items()
        ]
        candidates = [fits[name].columns(columns) for name in hidden]
        best = np.mean([fit.inner_r2 for fit in candidates], axis=1).argmax(axis=0)
        found = [judged[name] for name in hidden]
        nested = judge_choice(candidates, found, chosen, responses[:, columns], suffix)
        whole = [one.columns(columns) for one in plain]
        shared_part, left = _in_pieces(candidates, chosen, whole, suffix)
        labels = {"layer": np.array(hidden)[best], "kind": "nested"}
        tables.append(judged_table(here, nested | shared_part, **labels))
        if suffix != PARTIAL:
            baseline = judge_baseline(next(iter(fits.values())).observed.columns(columns))
            tables.append(judged_table(here, baseline, layer="mean", kind="baseline"))
        without = [without_table(here, one, **labels, metric=name) for name, one in left.items()]
        yield pd.concat(tables, ignore_index=True), pd.concat(without, ignore_index=True)


def _in_pieces(
    fits: Sequence[Fit], chosen: NDArray[np.intp], plain: Sequence[Moments], suffix: str
) -> tuple[dict[str, Columns], dict[str, Array]]:
    """Score the choice among some layers without each piece; with `plain`, its parts of R² too."""
    beyond = pieces_of([fit.pieces for fit in fits], chosen)
    left = {f"r{suffix}": scores_without(beyond)}
    if not plain:
        return {}, left
    whole = pieces_of(plain, chosen)
    shared = {"score": parts(beyond, whole)[1], "n": whole.n.sum(axis=0)}
    return {SHARED: shared}, left | parts_without(beyond, whole)
