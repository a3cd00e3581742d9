"""Sums on a device, here PyTorch's CPU, are those of every draw by itself, and those of NumPy."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from torch.profiler import ProfilerActivity, profile

from stages.core.params.schema import Folds, Lambdas
from stages.core.regression import device_sums, device_tables, factorised
from stages.core.regression.device_moved import Moved
from stages.core.regression.factors import SummedFactors
from stages.core.regression.folds import partition
from stages.core.regression.ridge import cross_validate, lambda_grid, shifted
from stages.core.regression.shift_null import ShiftNull
from stages.core.run.errors import InputError
from stages.core.stats.backend import make_backend
from stages.core.stats.chance import draw_shifts
from tests.core.regression.fits_with_null import one_by_one

RUNS = np.repeat([1, 2, 3, 4], [40, 55, 47, 50])
LAMBDAS = lambda_grid(Lambdas(low=1.0, high=1e4, count=5))
TOLERANCE = 2e-6  # of the largest sum, as that of NumPy's own single precision
DEVICE = make_backend("cpu", "float32", 2**28)


def cut(scheme):
    """Whole runs, or two blocks of each: the gap then cuts into the other one."""
    return partition(RUNS, Folds(scheme=scheme, blocks=8, gap=3))


def study(folds, *, known):
    """Fits of three designs, and six targets that follow the first, each less than the last one.

    It is wider than a fold; the second is narrower, and the third the same in all of a run.
    """
    rng = np.random.default_rng(7)
    wide = rng.standard_normal((192, 90)) * rng.uniform(0.1, 9, 90)
    designs = [wide, wide[:, :5], np.repeat(np.eye(4), [40, 55, 47, 50], axis=0)]
    signal = wide[:, :5] @ rng.standard_normal((5, 6)) / np.geomspace(1, 300, 6)
    targets = signal + rng.standard_normal((192, 6)) + 3
    nuisance = rng.standard_normal((192, 3)) if known else None
    fits = [cross_validate(one, targets, folds, LAMBDAS, nuisance) for one in designs]
    assert len(np.unique(fits[0].lambdas[0])) > 1
    return fits, targets


def sums_on(backends, folds, orders, fits, targets):
    """All sums, one `Moments` per fit, of targets that make one batch."""
    ((_, found),) = shifted(fits, targets, ShiftNull(folds, orders, backends))
    return found


def assert_same(found, expected, tolerance):
    for name, values in vars(expected).items():
        most = tolerance * np.abs(values).max(initial=1)
        assert_allclose(getattr(found, name), values, rtol=0, atol=most, err_msg=name)


def draws(kind, segments):
    rng = np.random.default_rng(1)
    return {
        "many shifts": lambda: draw_shifts(segments, 70, 3, seed=1),
        "few shifts": lambda: draw_shifts(segments, 4, 3, seed=1),
        "permutations": lambda: np.array([rng.permutation(192) for _ in range(5)]),
        "none": lambda: np.empty((0, 192), dtype=int),
    }[kind]()


@pytest.mark.parametrize("kind", ["many shifts", "few shifts", "permutations", "none"])
@pytest.mark.parametrize("known", [False, True], ids=["plain", "beyond nuisance"])
@pytest.mark.parametrize("scheme", ["runs", "blocks"])
def test_every_sum_is_that_of_its_own_fit_and_of_numpy(scheme, known, kind):
    folds, segments = cut(scheme).folds, cut(scheme).segments
    fits, targets = study(folds, known=known)
    orders = draws(kind, segments)
    found = sums_on([DEVICE], folds, orders, fits, targets)
    numpys = sums_on([], folds, orders, fits, targets)
    for fit, one, other in zip(fits, found, numpys, strict=True):
        assert_same(one, one_by_one(fit, targets, orders), TOLERANCE)
        assert_same(one, other, TOLERANCE)


@pytest.mark.parametrize("fault", ["draws in another order", "one regularisation for all"])
def test_the_oracle_can_fail(fault, monkeypatch):
    folds, segments = cut("runs").folds, cut("runs").segments
    fits, targets = study(folds, known=False)
    add_up, matrices = Moved.add_up, device_tables._Matrices.__call__
    broken = {
        "draws in another order": (Moved, "add_up", lambda *args: add_up(*args).flip(1)),
        "one regularisation for all": (
            device_tables._Matrices, "__call__", lambda self, strength: matrices(self, 100.0),
        ),
    }[fault]  # fmt: skip
    monkeypatch.setattr(*broken)
    orders = draws("many shifts", segments)
    expected = one_by_one(fits[0], targets, orders)
    (found,) = sums_on([DEVICE], folds, orders, fits[:1], targets)
    assert np.abs(found.yd - expected.yd).max() > 1e-2 * np.abs(expected.yd).max()


def test_a_design_that_is_the_same_in_all_of_a_fold_predicts_exactly_nothing():
    """However sums are rounded: its predictions do not vary within a fold."""
    folds = cut("runs").folds
    fits, targets = study(folds, known=False)
    orders = draws("many shifts", cut("runs").segments)
    *_, found = sums_on([DEVICE], folds, orders, fits, targets)
    assert_array_equal(found.dd, found.d**2 / found.n)
    assert_array_equal(found.yd, found.y * found.d / found.n)


@pytest.mark.parametrize("known", [False, True], ids=["plain", "beyond nuisance"])
def test_batches_keep_to_the_memory_allowed(known, rng):
    """Where they take most of it: targets of one regularisation, a design wider than a fold."""
    folds, orders = cut("blocks").folds, draws("many shifts", cut("blocks").segments)
    targets, nuisance = rng.standard_normal((192, 70)), rng.standard_normal((192, 3))
    design = rng.standard_normal((192, 200))
    fit = cross_validate(design, targets, folds, LAMBDAS[:1], nuisance if known else None)
    each, fixed = device_sums.needs(ShiftNull(folds, orders).blocks)
    allowed = fixed + 60 * each
    null = ShiftNull(folds, orders, [make_backend("cpu", "float32", allowed)])
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as watched:
        batches = list(shifted([fit], targets, null))
    assert [columns for columns, _ in batches] == [slice(0, 60), slice(60, 70)]
    whole = sums_on([], folds, orders, [fit.columns(slice(60, 70))], targets[:, 60:])
    assert_same(batches[1][1][0], whole[0], TOLERANCE)
    events = watched.profiler.kineto_results.events()
    taken = np.cumsum([event.nbytes() for event in events if event.name() == "[memory]"])
    assert 0.5 * allowed < taken.max() <= allowed


def test_too_little_memory_is_refused_before_any_work_with_what_would_do():
    folds, orders = cut("runs").folds, draws("few shifts", cut("runs").segments)
    needed = sum(device_sums.needs(ShiftNull(folds, orders).blocks))
    ShiftNull(folds, orders, [make_backend("cpu", "float32", needed)])
    with pytest.raises(InputError, match=r"null of one target.*Set CONCORD_MEMORY to \S+ \(GiB\)"):
        ShiftNull(folds, orders, [make_backend("cpu", "float32", needed - 1)])


def test_numpy_is_left_as_it_is_and_has_what_is_summed_over_blocks(monkeypatch):
    """To the bit: where no device is named, and where samples are many and units few."""
    folds, orders = cut("runs").folds, draws("few shifts", cut("runs").segments)
    fits, targets = study(folds, known=False)
    numpy = make_backend(None, "float32", 1)
    before = sums_on([], folds, orders, fits, targets)
    for one, other in zip(sums_on([numpy], folds, orders, fits, targets), before, strict=True):
        assert_same(one, other, 0)
    monkeypatch.setattr(factorised, "PRODUCTS", 0)
    monkeypatch.setattr(factorised, "TALL", 1)
    fits, targets = study(folds, known=False)
    assert isinstance(fits[1].factors[0], SummedFactors)
    (expected,) = sums_on([], folds, orders, fits[1:2], targets)
    (found,) = sums_on([DEVICE], folds, orders, fits[1:2], targets)
    assert_same(found, expected, 0)


def test_a_null_on_a_device_travels():
    """To another process, where its devices are made anew."""
    folds, orders = cut("runs").folds, draws("few shifts", cut("runs").segments)
    fits, targets = study(folds, known=False)
    null = pickle.loads(pickle.dumps(ShiftNull(folds, orders, [DEVICE])))
    ((_, found),) = shifted(fits, targets, null)
    for one, other in zip(found, sums_on([DEVICE], folds, orders, fits, targets), strict=True):
        assert_same(one, other, 0)
