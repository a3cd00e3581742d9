"""Predictions of nuisance variables, and of a layer beside them, by scikit-learn."""

import numpy as np
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.preprocessing import StandardScaler


def alone_and_both(nuisance, design, target, folds, strengths):
    """Held-out predictions of nuisance variables, and of these and what the layer adds."""
    alone, both = np.empty(len(target)), np.empty(len(target))
    for fold, strength in zip(folds, strengths, strict=True):
        train, test = fold.outer.train, fold.outer.test
        known = LinearRegression().fit(nuisance[train], target[train])
        out = LinearRegression().fit(nuisance[train], design[train])
        left = [design[rows] - out.predict(nuisance[rows]) for rows in (train, test)]
        scaler = StandardScaler().fit(left[0])
        ridge = Ridge(strength, fit_intercept=False)
        ridge.fit(scaler.transform(left[0]), target[train] - known.predict(nuisance[train]))
        alone[test] = known.predict(nuisance[test])
        both[test] = alone[test] + ridge.predict(scaler.transform(left[1]))
    return alone, both
