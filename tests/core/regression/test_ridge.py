"""Cross-validated ridge: against scikit-learn, himalaya, a naive null, and planted truth."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score
from sklearn.preprocessing import StandardScaler

from stages.core.params.schema import Folds, Lambdas
from stages.core.regression import hats
from stages.core.regression.folds import partition
from stages.core.regression.ridge import lambda_grid
from stages.core.run.errors import InputError
from stages.core.stats.chance import draw_shifts, significance
from stages.core.stats.scores import METRICS, pearson, pick, r_squared
from tests.core.regression.fits_with_null import cross_validate, cross_validate_many

LAMBDAS = lambda_grid(Lambdas(low=1.0, high=1e4, count=5))


def naive_predictions(X, Y, splits, strength):
    """Held-out predictions, and training means, by scikit-learn."""
    predicted, base = np.full(Y.shape, np.nan), np.full(Y.shape, np.nan)
    for split in splits:
        scaler = StandardScaler().fit(X[split.train])
        model = Ridge(alpha=strength).fit(scaler.transform(X[split.train]), Y[split.train])
        predicted[split.test] = model.predict(scaler.transform(X[split.test])).reshape(
            -1, Y.shape[1]
        )
        base[split.test] = Y[split.train].mean(axis=0)
    return predicted, base


def naive_choice(X, Y, fold):
    """Index of the lambda with the least squared error over the inner folds, per target."""
    errors = []
    for strength in LAMBDAS:
        predicted, _ = naive_predictions(X, Y, fold.inner, strength)
        errors.append(np.nansum((Y - predicted) ** 2, axis=0))
    return np.argmin(errors, axis=0)


def naive_nested(X, Y, cut):
    predicted = np.full(Y.shape, np.nan)
    for fold in cut.folds:
        choice = naive_choice(X, Y, fold)
        for target, index in enumerate(choice):
            found = naive_predictions(X, Y[:, [target]], [fold.outer], LAMBDAS[index])
            predicted[fold.outer.test, target] = found[0][fold.outer.test, 0]
    return predicted


@pytest.fixture(params=["runs", "blocks"])
def cut(request):
    runs = np.repeat([1, 2, 3, 4], [40, 55, 47, 50])
    return partition(runs, Folds(scheme=request.param, blocks=4, gap=3))


@pytest.fixture(params=[12, 250], ids=["tall", "wide"])
def problem(request, rng):
    X = rng.standard_normal((192, request.param)) * rng.uniform(0.1, 9, request.param) + 5
    weights = rng.standard_normal((request.param, 6)) / np.sqrt(request.param)
    Y = (X - 5) @ weights * [1, 1, 0.3, 0.3, 0, 0] + rng.standard_normal((192, 6)) + 3
    return X, Y


def test_agrees_with_scikit_learn_nested_by_hand(problem, cut):
    X, Y = problem
    fit = cross_validate(X, Y, cut.folds, LAMBDAS, np.empty((0, len(Y)), dtype=int))
    predicted = naive_nested(X, Y, cut)
    expected_r = [np.corrcoef(Y[:, t], predicted[:, t])[0, 1] for t in range(Y.shape[1])]
    assert_allclose(pearson(fit.observed), expected_r, atol=1e-8)
    assert_allclose(r_squared(fit.observed), r2_score(Y, predicted, multioutput="raw_values"))
    chosen = [[LAMBDAS[i] for i in naive_choice(X, Y, fold)] for fold in cut.folds]
    assert_allclose(fit.lambdas, chosen)


@pytest.mark.parametrize("fault", ["none", "shift a row", "flip a sign", "drop a lambda"])
def test_the_oracle_can_fail(problem, cut, fault):
    """It agrees as long as nothing is broken, and so notices predictions of nothing, too."""
    X, Y = problem
    one, none = np.array([30.0]), np.empty((0, len(Y)), dtype=int)
    fit = cross_validate(X, Y, cut.folds, one, none)
    broken = np.roll(X, 1, axis=0) if fault == "shift a row" else X
    strength = 1e-6 if fault == "drop a lambda" else one[0]
    predicted, base = naive_predictions(broken, Y, [f.outer for f in cut.folds], strength)
    predicted = 2 * base - predicted if fault == "flip a sign" else predicted
    expected = r2_score(Y, predicted, multioutput="raw_values")
    assert np.allclose(r_squared(fit.observed), expected, atol=1e-3) == (fault == "none")


def test_agrees_with_himalaya_where_both_choose_one_lambda(problem, cut):
    from himalaya.ridge import RidgeCV

    X, Y = problem
    one = np.array([30.0])
    fit = cross_validate(X, Y, cut.folds, one, np.empty((0, len(Y)), dtype=int))
    predicted = np.empty_like(Y)
    for fold in cut.folds:
        scaler = StandardScaler().fit(X[fold.outer.train])
        model = RidgeCV(alphas=one, fit_intercept=True, cv=2, solver_params={"warn": False})
        model.fit(scaler.transform(X[fold.outer.train]), Y[fold.outer.train])
        predicted[fold.outer.test] = model.predict(scaler.transform(X[fold.outer.test]))
    assert_allclose(r_squared(fit.observed), r2_score(Y, predicted, multioutput="raw_values"))


def test_null_agrees_with_refitting_on_shifted_targets(problem, cut):
    X, Y = problem
    orders = draw_shifts(cut.segments, 7, 3, seed=1)
    fit = cross_validate(X, Y, cut.folds, LAMBDAS, orders)
    for draw, order in enumerate(orders):
        for target in range(Y.shape[1]):
            y = Y[order, target]
            predicted = np.empty_like(y)
            for f, fold in enumerate(cut.folds):
                strength = fit.lambdas[f, target]
                found = naive_predictions(X, y[:, None], [fold.outer], strength)
                predicted[fold.outer.test] = found[0][fold.outer.test, 0]
            r = np.corrcoef(y, predicted)[0, 1]
            assert_allclose(pearson(fit.null)[target, draw], r, atol=2e-4)
            assert_allclose(r_squared(fit.null)[target, draw], r2_score(y, predicted), atol=2e-4)


def assert_same(one, other, atol):
    """Scores, nulls and choices of two fits agree."""
    assert_allclose(one.lambdas, other.lambdas)
    assert_allclose(one.inner_r2, other.inner_r2, atol=1e-10)
    for score in METRICS.values():
        assert_allclose(score(one.observed), score(other.observed), atol=1e-10)
        assert_allclose(score(one.null), score(other.null), atol=atol)


def as_they_are(test, cost):
    return np.empty((0, len(test))), test


def turned_wrongly(test, cost):
    axes, turned = np.linalg.qr(test)
    return axes.T[::-1], turned


@pytest.fixture
def designs(rng, problem):
    """One design of the problem, narrower ones with parts of it, and one without information."""
    X, _ = problem
    noise = rng.standard_normal((192, 5))
    return [X, X[:, :4], np.column_stack([X[:, :2], noise]), noise[:, :1], np.ones((192, 2))]


def test_predictions_on_axes_and_on_rows_agree(problem, cut, monkeypatch):
    X, Y = problem[0][:, :8], problem[1]
    orders = draw_shifts(cut.segments, 50, 3, seed=0)
    on_axes = cross_validate(X, Y, cut.folds, LAMBDAS, orders)
    monkeypatch.setattr(hats, "turn", as_they_are)
    assert_same(on_axes, cross_validate(X, Y, cut.folds, LAMBDAS, orders), atol=1e-5)
    monkeypatch.setattr(hats, "turn", turned_wrongly)
    with pytest.raises(AssertionError):
        assert_same(on_axes, cross_validate(X, Y, cut.folds, LAMBDAS, orders), atol=1e-5)


def test_several_designs_at_once_agree_with_one_by_one(designs, problem, cut):
    _, Y = problem
    orders = draw_shifts(cut.segments, 50, 3, seed=0)
    together = cross_validate_many(designs, Y, cut.folds, LAMBDAS, orders)
    for design, fit in zip(designs, together, strict=True):
        assert_same(fit, cross_validate(design, Y, cut.folds, LAMBDAS, orders), atol=1e-5)
    with pytest.raises(AssertionError):
        assert_same(together[1], together[2], atol=1e-2)


def test_of_several_narrow_designs_only_those_that_hold_a_target_predict_it(rng, cut):
    heads = [rng.standard_normal((192, 8)) for _ in range(6)]
    targets = np.column_stack([heads[2][:, 5], heads[4] @ rng.standard_normal(8)])
    orders = draw_shifts(cut.segments, 199, 3, seed=0)
    weak = lambda_grid(Lambdas(low=1e-6, high=1e4, count=6))
    fits = cross_validate_many(heads, targets, cut.folds, weak, orders)
    scores = np.array([pearson(fit.observed) for fit in fits])
    p = np.array([significance(pearson(f.observed), pearson(f.null)).p for f in fits])
    held = np.zeros((6, 2), dtype=bool)
    held[[2, 4], [0, 1]] = True
    assert_allclose(scores[held], 1, atol=1e-6)
    assert (p[held] == 1 / 200).all()
    assert abs(scores[~held]).max() < 0.25
    assert (p[~held] > 0.01).all()


def test_floor_and_ceiling(rng, cut):
    X = rng.standard_normal((192, 20))
    targets = np.column_stack([X[:, 3], rng.standard_normal(192)])
    orders = draw_shifts(cut.segments, 200, 3, seed=0)
    fit = cross_validate(
        X, targets, cut.folds, lambda_grid(Lambdas(low=1e-6, high=1, count=3)), orders
    )
    assert_allclose(pearson(fit.observed)[0], 1, atol=1e-6)
    assert_allclose(r_squared(fit.observed)[0], 1, atol=1e-6)
    assert abs(pearson(fit.observed)[1]) < 0.2
    found = significance(pearson(fit.observed), pearson(fit.null))
    assert found.p[0] == 1 / 201
    assert found.p[1] > 0.05


def test_noise_is_significant_at_the_nominal_rate_despite_autocorrelation(rng):
    """AR(1) series on AR(1) designs: five per cent of tests reach p < .05, not more."""
    runs = np.repeat(np.arange(4), 60)
    cut = partition(runs, Folds(scheme="runs", blocks=2, gap=4))
    orders = draw_shifts(cut.segments, 199, 4, seed=0)
    noise = rng.standard_normal((240, 150 + 10))
    for row in range(1, 240):
        noise[row] += 0.8 * noise[row - 1]
    fit = cross_validate(noise[:, :10], noise[:, 10:], cut.folds, LAMBDAS, orders)
    p = significance(pearson(fit.observed), pearson(fit.null)).p
    assert (p < 0.05).mean() < 0.05 + 2.6 * np.sqrt(0.05 * 0.95 / 150)


@pytest.mark.parametrize("level", [0.0, -7.0, 1e8])
def test_units_constant_in_a_training_split_are_ignored(problem, cut, level):
    X, Y = problem
    flat = np.column_stack([X, np.full(len(X), level)])
    none = np.empty((0, len(Y)), dtype=int)
    with_flat = cross_validate(flat, Y, cut.folds, LAMBDAS, none)
    assert_allclose(
        pearson(with_flat.observed),
        pearson(cross_validate(X, Y, cut.folds, LAMBDAS, none).observed),
    )


def test_units_of_any_scale_and_sign_predict_alike(problem, cut):
    """Each is standardised by itself: one that is 1e8 times another does not make it constant."""
    X, Y = problem
    orders = draw_shifts(cut.segments, 3, 3, seed=0)
    fit, plain = (
        cross_validate(design, Y, cut.folds, LAMBDAS, orders)
        for design in (X * np.resize([1e8, -1e-4, 1, -1], X.shape[1]), X)
    )
    assert_allclose(pearson(fit.observed), pearson(plain.observed), atol=1e-8)
    assert_allclose(pearson(fit.null), pearson(plain.null), atol=1e-8)


def test_units_almost_constant_in_a_training_split_do_not_explode(problem, cut):
    X, Y = problem
    spike = np.full((192, 1), 1e-12)
    spike[5] = 1
    spike[100:, 0] += np.linspace(0, 1e-12, 92)
    orders = draw_shifts(cut.segments, 5, 3, seed=0)
    fit = cross_validate(np.column_stack([X, spike]), Y, cut.folds, LAMBDAS, orders)
    plain = cross_validate(X, Y, cut.folds, LAMBDAS, orders)
    assert_allclose(pearson(fit.observed), pearson(plain.observed), atol=0.05)
    assert_allclose(pearson(fit.null), pearson(plain.null), atol=0.1)


def test_a_design_without_information_predicts_the_mean(rng, cut):
    Y = rng.standard_normal((192, 2))
    fit = cross_validate(np.ones((192, 3)), Y, cut.folds, LAMBDAS, np.empty((0, 192), dtype=int))
    assert_allclose(pearson(fit.observed), 0)
    assert_allclose(r_squared(fit.observed), r_squared(fit.observed.without_prediction()))


def test_nested_choice_takes_each_fold_from_its_layer(problem, cut):
    X, Y = problem
    none = np.empty((0, len(Y)), dtype=int)
    fits = [cross_validate(design, Y, cut.folds, LAMBDAS, none) for design in (X, X[:, :3])]
    chosen = np.zeros((len(cut.folds), Y.shape[1]), dtype=int)
    chosen[1] = 1
    mixed = pick([fit.observed for fit in fits], chosen)
    assert_allclose(mixed.yd[0], fits[0].observed.yd[0])
    assert_allclose(mixed.yd[1], fits[1].observed.yd[1])


@pytest.mark.parametrize(
    ("where", "message"),
    [("design", "not finite in the design"), ("targets", "not finite in the targets")],
)
def test_refuses_values_that_are_not_finite(problem, cut, where, message):
    X, Y = (values.copy() for values in problem)
    {"design": X, "targets": Y}[where][3, 1] = np.nan
    with pytest.raises(InputError, match=message):
        cross_validate(X, Y, cut.folds, LAMBDAS, np.empty((0, len(Y)), dtype=int))


def test_refuses_a_constant_target(problem, cut):
    X, Y = problem[0], problem[1].copy()
    Y[:, 2] = 7
    with pytest.raises(InputError, match="constant target in column 2"):
        cross_validate(X, Y, cut.folds, LAMBDAS, np.empty((0, len(Y)), dtype=int))


def test_lambdas_are_strongest_first():
    assert_allclose(LAMBDAS, [1e4, 1e3, 1e2, 1e1, 1])
