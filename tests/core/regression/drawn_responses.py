"""A fold of few rows whose responses are drawn anew, and a ridge of scikit-learn for each draw."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.preprocessing import StandardScaler

from stages.core.regression.block_orders import Block
from stages.core.regression.folds import Split

ROWS = [np.arange(14), np.arange(14, 27), np.arange(27, 38), np.arange(38, 42)]
N, DRAWS, FOLD = 42, 9, 1
# A gap takes part of the first block, and the last one whole.
SPLIT = Split(train=np.r_[0:11, 27:38], test=ROWS[FOLD])


@dataclass(frozen=True)
class Drawn:
    """Blocks whose orders are drawn, responses, and variables that may be known."""

    blocks: list[Block]
    responses: NDArray[np.float64]
    nuisance: NDArray[np.float64]

    @property
    def moved(self) -> list[NDArray[np.float32]]:
        """Responses of each block in each of its orders."""
        return [self.responses[block.orders].astype(np.float32) for block in self.blocks]

    def series(self, draw: int) -> NDArray[np.float64]:
        """All responses as one draw orders them."""
        parts = [self.responses[block.orders[block.drawn[draw]]] for block in self.blocks]
        return np.concatenate(parts)


def drawn(rng: np.random.Generator, n_orders: int = 5) -> Drawn:
    """Blocks of which each is shifted by itself."""
    blocks = [
        Block(
            rows,
            np.stack([np.roll(rows, shift) for shift in range(min(n_orders, len(rows)))]),
            rng.integers(0, min(n_orders, len(rows)), DRAWS),
        )
        for rows in ROWS
    ]
    return Drawn(blocks, rng.standard_normal(N) + 0.5, rng.standard_normal((N, 2)))


def beyond(nuisance: NDArray[np.float64], values: NDArray[np.float64], split: Split = SPLIT):
    """Training and test rows, without what a regression on the training rows explains."""
    fit = LinearRegression().fit(nuisance[split.train], values[split.train])
    return [values[rows] - fit.predict(nuisance[rows]) for rows in (split.train, split.test)]


def predictions(study: Drawn, design, strength: float, *, known: bool, split: Split = SPLIT):
    """Responses of the test rows and predictions less the training mean, (n_draws, n_test) each."""
    responses = np.stack([study.series(draw) for draw in range(DRAWS)], axis=1)
    (train, test), (own, left) = (
        beyond(study.nuisance, values, split)
        if known
        else (values[split.train], values[split.test])
        for values in (design, responses)
    )
    scaler = StandardScaler().fit(train)
    fit = Ridge(strength).fit(scaler.transform(train), own)
    return left.T, (fit.predict(scaler.transform(test)) - fit.intercept_).T


def sums(left, predicted):
    """Sums of predictions, of their squares, and of products, shape (3, n_draws)."""
    return np.stack(
        [predicted.sum(axis=1), (predicted**2).sum(axis=1), (left * predicted).sum(axis=1)]
    )
