"""Correlation over models that come in families, with or without their size held constant."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, stdtr, stdtrit
from scipy.stats import rankdata

from stages.core.run.errors import ConcordError
from stages.core.stats.wild_bootstrap import family_p

Array = npt.NDArray[np.float64]
MODELS, FAMILIES = 5, 3  # fewer say nothing
DEFINED = 0.9  # share of resamples in which the coefficient must exist
TINY = 1e-10  # of a variance of 1: what rounding leaves of none


class NotComputableError(ConcordError):
    """A correlation that these models cannot give."""


@dataclass(frozen=True)
class Correlation:
    """A correlation and how far it can be trusted.

    Attributes
    ----------
    value : float
    low, high : float
        95 % interval: families resampled with replacement, all their models with them.
    p : float
        Two-sided, by `family_p`: models of one family go together.
    p_independent : float
        Two-sided, of Student's t, as if every model were a family of its own. Covariates cost as
        many degrees of freedom as they have axes that are held constant.
    n, families : int
        Models and their families.
    loo_low, loo_high : float
        Least and greatest value without one family.
    """

    value: float
    low: float
    high: float
    p: float
    p_independent: float
    n: int
    families: int
    loo_low: float
    loo_high: float


def correlate(
    x: Array,
    y: Array,
    families: npt.NDArray[np.str_],
    covariates: Array | None = None,
    *,
    ranked: bool,
    resamples: int,
    seed: int,
) -> Correlation:
    """Correlate two quantities over models.

    The interval is that of the cluster bootstrap (Davison & Hinkley 1997, Bootstrap Methods, 3.8)
    at the expanded percentiles of `interval`.

    Parameters
    ----------
    x, y : ndarray, shape (n_models,)
    families : ndarray of str, shape (n_models,)
    covariates : ndarray, shape (n_models, n_covariates), optional
        Held constant: the correlation is of what is left of x and y after linear regression on
        them.
    ranked : bool
        Spearman's coefficient (of ranks, those of the covariates too) instead of Pearson's.
    resamples, seed : int

    Raises
    ------
    NotComputableError
        With fewer than 5 models (one more per covariate) or 3 families, or if x or y does not
        vary, or not beyond what the covariates explain, in all models or in too many resamples.
    """
    given = np.empty((len(x), 0)) if covariates is None else covariates
    columns = np.column_stack([x, y, given])
    if not np.isfinite(columns).all():
        raise ConcordError("value that is not finite", where="a correlation over models")
    held = given.shape[1]
    names, codes = np.unique(families, return_inverse=True)
    if len(x) < MODELS + held:
        raise NotComputableError(f"{len(x)} models, fewer than {MODELS + held}")
    if len(names) < FAMILIES:
        raise NotComputableError(f"{len(names)} families of models, fewer than {FAMILIES}")
    value = float(coefficients(columns, np.ones((1, len(x))), ranked=ranked)[0])
    if np.isnan(value):
        raise NotComputableError("a quantity does not vary, or not beyond the size of models")
    rng = np.random.default_rng(seed)
    drawn = resampled(codes, resamples, rng)
    low, high = interval(coefficients(columns, drawn, ranked=ranked), len(names))
    without = 1.0 - np.equal.outer(np.arange(len(names)), codes)
    without = without[without.sum(axis=1) >= 3 + held]
    others = coefficients(columns, without, ranked=ranked)
    if np.isnan(others).all():
        raise NotComputableError("undefined without any one family")
    like = _standard(np.apply_along_axis(rankdata, 0, columns) if ranked else columns)
    alike = like[:, 2:].T @ like[:, 2:]
    lost = int(np.linalg.matrix_rank(alike, rtol=TINY, hermitian=True)) if held else 0
    return Correlation(
        value=value,
        low=low,
        high=high,
        p=family_p(like[:, 0], like[:, 1], codes, like[:, 2:], draws=resamples, rng=rng),
        p_independent=p_value(value, len(x) - 2 - lost),
        n=len(x),
        families=len(names),
        loo_low=float(np.nanmin(others)),
        loo_high=float(np.nanmax(others)),
    )


def p_value(r: float, freedom: int) -> float:
    """Two-sided p of a correlation, by Student's t."""
    if abs(r) >= 1:
        return 0.0
    return float(2 * stdtr(freedom, -abs(r) * np.sqrt(freedom / (1 - r * r))))


def resampled(codes: npt.NDArray[np.intp], resamples: int, rng: np.random.Generator) -> Array:
    """Draw families with replacement and count how often each model comes with them.

    Returns
    -------
    ndarray, shape (resamples, n_models)
    """
    count = int(codes.max()) + 1
    drawn = rng.multinomial(count, np.full(count, 1 / count), size=resamples)
    return drawn[:, codes].astype(float)


def interval(draws: Array, families: int) -> tuple[float, float]:
    """95 % interval of the draws in which the coefficient exists.

    Percentiles are those that would give Student's interval of a mean of the families, as the
    plain ones are too short with few (Hesterberg 2015, The American Statistician 69:371, the
    expanded percentile interval).

    Raises
    ------
    NotComputableError
        If the coefficient does not exist in more than a tenth of the draws.
    """
    defined = draws[~np.isnan(draws)]
    if len(defined) < DEFINED * len(draws):
        raise NotComputableError(
            f"undefined in {1 - len(defined) / len(draws):.0%} of the resamples"
        )
    tail = ndtr(np.sqrt(families / (families - 1)) * stdtrit(families - 1, 0.025))
    low, high = np.quantile(defined, [tail, 1 - tail])
    return float(low), float(high)


def coefficients(columns: Array, weights: Array, *, ranked: bool) -> Array:
    """Correlate the first two columns given the others, once per row of weights.

    Parameters
    ----------
    columns : ndarray, shape (n_models, 2 + n_covariates)
    weights : ndarray, shape (n_draws, n_models)
        How often each model occurs.
    ranked : bool
        Of ranks within each draw.

    Returns
    -------
    ndarray, shape (n_draws,)
        Missing where one of the two does not vary beyond the covariates.
    """
    total = weights.sum(axis=1)[:, None, None]
    if ranked:
        values = np.stack([weighted_ranks(column, weights) for column in columns.T], axis=-1)
    else:
        values = np.broadcast_to(_standard(columns), (len(weights), *columns.shape))
    weighted = weights[:, :, None] * values
    values = values - weighted.sum(axis=1, keepdims=True) / total
    covariance = np.swapaxes(values * weights[:, :, None], 1, 2) @ values / total
    spread = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
    spread = np.where(spread > TINY, spread, np.inf)
    correlation = covariance / (spread[:, :, None] * spread[:, None, :])
    cross = correlation[:, :2, 2:]
    held = np.linalg.pinv(correlation[:, 2:, 2:], rcond=TINY, hermitian=True)
    left = correlation[:, :2, :2] - cross @ held @ np.swapaxes(cross, 1, 2)
    scale = np.sqrt(np.clip(left[:, 0, 0], 0, None) * np.clip(left[:, 1, 1], 0, None))
    exists = (left[:, 0, 0] > TINY) & (left[:, 1, 1] > TINY)
    quotient = np.divide(left[:, 0, 1], scale, out=np.full(len(weights), np.nan), where=exists)
    return np.asarray(np.clip(quotient, -1, 1))


def weighted_ranks(values: Array, weights: Array) -> Array:
    """Rank values that occur several times: the mean rank of their copies and ties.

    Parameters
    ----------
    values : ndarray, shape (n_models,)
    weights : ndarray, shape (n_draws, n_models)

    Returns
    -------
    ndarray, shape (n_draws, n_models)
        Of models that occur; of others, something finite.
    """
    order = np.argsort(values, kind="stable")
    _, starts, codes = np.unique(values[order], return_index=True, return_inverse=True)
    copies = np.add.reduceat(weights[:, order], starts, axis=1)
    ranks = np.cumsum(copies, axis=1) - copies + (copies + 1) / 2
    back = np.empty_like(order)
    back[order] = codes
    return np.asarray(ranks[:, back])


def _standard(columns: Array) -> Array:
    """Mean 0 and variance 1, so that one threshold serves all; constants stay 0."""
    centred = columns - columns.mean(axis=0)
    spread = centred.std(axis=0)
    absent = spread <= TINY * np.abs(columns).max(axis=0, initial=0)
    return np.asarray(np.where(absent, 0.0, centred / np.where(absent, 1.0, spread)))
