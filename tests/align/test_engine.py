"""Each metric is its textbook's, invariant to what it should be, and by chance where noise is."""

import subprocess
import sys
from functools import partial

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from stages.align import engine
from stages.align.controls import Moments
from stages.align.engine import align, measure
from stages.align.representation import Deferred, Dissimilarities
from stages.core.names.metrics import parse_metric
from stages.core.run.errors import InputError
from stages.core.stats.backend import make_backend
from stages.core.stats.random_projection import project
from stages.core.stats.row_orders import row_orders
from tests.align.naive import METRICS, rdm
from tests.conftest import PROJECT

NAMES = list(METRICS)
CENTRED = [name for name in NAMES if name.startswith(("cka", "svcca"))]
TOLERANCE = 1e-4  # between precisions; neighbours that are tied but for rounding may change places


def scores(left, right, names, backend):
    n = len(getattr(left[0], "values", left[0]))
    found = measure(left, right, names, np.arange(n)[None], backend)
    return {name: values[..., 0] for name, values in found.items()}


@pytest.fixture
def views(structured, exact):
    left, right = structured
    return left, right, scores(left, right, NAMES, exact)


@pytest.mark.parametrize("name", NAMES)
def test_every_metric_is_its_textbook_definition(views, name):
    left, right, found = views
    expected = [[METRICS[name](x, y) for y in right] for x in left]
    assert_allclose(found[name], expected, atol=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_so_it_is_on_noise_and_on_few_rows(rng, exact, name):
    left, right = [[rng.standard_normal((13, p)) for p in (11, 60)] for _ in range(2)]
    expected = [[METRICS[name](x, y) for y in right] for x in left]
    assert_allclose(scores(left, right, [name], exact)[name], expected, atol=1e-9)


def test_turning_and_scaling_features_changes_nothing_that_does_not_look_at_units(
    views, rng, exact
):
    left, right, before = views
    names = [name for name in NAMES if "sigma" not in name and name not in UNITS]
    turned = []
    for x in left:
        rotation, _ = np.linalg.qr(rng.standard_normal((x.shape[1],) * 2))
        turned.append(3 * x @ rotation)
    after = scores(turned, right, names, exact)
    for name in names:
        assert_allclose(after[name], before[name], atol=1e-8, err_msg=name)


UNITS = ("rsa_pearson", "rsa_spearman", "rsa_cosine")  # a correlation over units


def test_shifting_features_changes_nothing_that_centres_them(views, exact):
    left, right, before = views
    after = scores([x + 5 for x in left], right, CENTRED, exact)
    for name in CENTRED:
        assert_allclose(after[name], before[name], atol=1e-8, err_msg=name)


@pytest.mark.parametrize("name", NAMES)
def test_permuting_rows_together_changes_nothing(views, rng, exact, name):
    left, right, before = views
    order = rng.permutation(len(left[0]))
    after = scores([x[order] for x in left], [y[order] for y in right], [name], exact)
    assert_allclose(after[name], before[name], atol=1e-9)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "cycle_knn_1"])
def test_a_representation_is_identical_with_itself(structured, exact, name):
    left, _ = structured
    assert_allclose(np.diag(scores(left, left, [name], exact)[name]), 1, atol=1e-9)


def test_each_draw_of_the_null_permutes_the_rows_of_the_left_side(views, exact):
    left, right, _ = views
    orders = row_orders(len(left[0]), 2, seed=3)
    found = measure(left, right, NAMES, orders, exact)
    for place, order in enumerate(orders):
        expected = scores([x[order] for x in left], right, NAMES, exact)
        for name in NAMES:
            assert_allclose(found[name][..., place], expected[name], atol=1e-9, err_msg=name)


@pytest.mark.parametrize("permute", ["rows", "shifts"])
def test_features_that_are_deferred_score_as_they_do_at_hand(views, permute):
    left, right, _ = views
    later = [[Deferred(x.shape, partial(np.copy, x)) for x in side] for side in (left, right)]
    how = {"draws": 3, "seed": 0, "dtype": "float64", "permute": permute}
    found, expected = (align(*side, NAMES, **how) for side in (later, (left, right)))
    for name in NAMES:
        for column in ("score", "null_mean", "null_sd", "z", "p"):
            assert_array_equal(getattr(found[name], column), getattr(expected[name], column))


def test_blocks_change_nothing(views):
    left, right, before = views
    small = make_backend(None, "float64", 340_000)
    for name, values in scores(left, right, NAMES, small).items():
        assert_allclose(values, before[name], atol=1e-10, err_msg=name)


def test_too_little_memory_says_how_much_it_takes(structured):
    for name in ("cka_linear", "mutual_knn_5", "rsa_pearson", "svcca", "lcs_knn_5"):
        with pytest.raises(InputError, match=r"too little memory for .*: expected at least \d+"):
            scores(*structured, [name], make_backend(None, "float64", 1000))


def test_what_does_not_fit_is_refused_before_any_work(structured, monkeypatch):
    monkeypatch.setattr(engine, "measure", lambda *_: pytest.fail("worked"))
    with pytest.raises(InputError, match="too little memory for a row of every kernel"):
        align(*structured, ["cka_linear"], draws=3, seed=0, memory=20_000)


@pytest.mark.parametrize(
    ("device", "dtype"), [(None, "float32"), ("cpu", "float32"), ("cpu", "float64")]
)
def test_libraries_and_precisions_agree(views, device, dtype):
    left, right, before = views
    found = scores(left, right, NAMES, make_backend(device, dtype, 2**28))
    for name in NAMES:
        tolerance = TOLERANCE if dtype == "float32" else 1e-9
        assert_allclose(found[name], before[name], atol=tolerance, err_msg=name)


@pytest.mark.skipif("not __import__('torch').cuda.is_available()", reason="no CUDA device here")
def test_cuda_agrees(views):
    left, right, before = views
    found = scores(left, right, NAMES, make_backend("cuda", "float32", 2**28))
    for name in NAMES:
        assert_allclose(found[name], before[name], atol=TOLERANCE, err_msg=name)


def test_the_default_needs_no_torch():
    program = (
        "import sys, numpy as np\n"
        "from stages.align.engine import align\n"
        "x = np.random.default_rng(0).standard_normal((20, 5))\n"
        "align([x], [x], ['cka_linear', 'mutual_knn_3'], draws=1, seed=0)\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], cwd=PROJECT, check=True)


def test_planted_views_stand_out_of_their_null_and_noise_does_not(structured, rng):
    left, right = structured
    noise = rng.standard_normal((len(left[0]), 30))
    found = align(left[:2], [right[0], noise], NAMES, draws=99, seed=0)
    for name in NAMES:
        assert (found[name].p[:, 0] <= 1 / 100).all() or name.endswith("knn_1"), name
        assert (found[name].z[:, 0] > 3).all(), name
        assert (found[name].p[:, 1] > 0.01).all(), name


def test_the_null_of_noise_is_the_chance_level(rng):
    left, right = [[rng.standard_normal((100, 20)) for _ in range(2)] for _ in range(2)]
    names = [
        "cka_linear",
        "cka_rbf_1",
        "mutual_knn_10",
        "cycle_knn_10",
        "rsa_pearson",
        "rsa_spearman",
    ]
    for name, found in align(left, right, names, draws=200, seed=0).items():
        chance = parse_metric(name, 100).chance(100)
        # Hubs, rows that are the neighbours of many, make fewer cycles than even neighbours do.
        tolerance = 0.08 if name.startswith("cycle") else 1e-12
        assert_allclose(found.null_mean, chance, atol=tolerance, err_msg=name)


@pytest.mark.parametrize("name", ["cka_linear", "cka_rbf_1_biased", "rsa_spearman", "svcca"])
def test_p_is_uniform_under_the_null(rng, name):
    left, right = [[rng.standard_normal((30, 14)) for _ in range(20)] for _ in range(2)]
    found = align(left, right, [name], draws=99, seed=1)[name]
    assert not found.drawn.any()
    assert abs((found.p <= 0.1).mean() - 0.1) < 0.04
    assert abs(found.p.mean() - 0.5) < 0.05


CLOSED = [name for name in NAMES if name.startswith(("cka_", "mutual", "rsa", "svcca"))]


def test_closed_nulls_are_those_of_many_draws(structured, exact):
    """Mean, sd, z and p, whatever the kernel, distance or number of neighbours."""
    left, right = structured
    names = [name for name in CLOSED if not name.endswith("knn_1")]
    found = align(left, right, names, draws=1, seed=0, dtype="float64")
    measured = measure(left, right, names, row_orders(len(left[0]), 1000, 7), exact)
    for name, values in measured.items():
        null, score = values[..., 1:], values[..., 0]
        sd, rough = null.std(axis=-1), 0.12
        assert_allclose(found[name].score, score, atol=1e-9, err_msg=name)
        assert (np.abs(found[name].null_mean - null.mean(axis=-1)) < 0.15 * sd).all(), name
        assert_allclose(found[name].null_sd, sd, rtol=rough, err_msg=name)
        expected = (score - found[name].null_mean) / found[name].null_sd
        assert_allclose(found[name].z, expected, err_msg=name)
        often = (null >= score[..., None]).mean(axis=-1)
        sure = (often > 0.05) & ~found[name].drawn
        assert_allclose(found[name].p[sure], often[sure], rtol=0.35, err_msg=name)


def test_means_with_a_formula_are_those_of_many_draws(structured, exact):
    """Of cycles and common subsequences, whose sd is drawn."""
    left, right = structured
    names = ["cycle_knn_6", "lcs_knn_5"]
    found = align(left, right, names, draws=50, seed=0)
    many = measure(left, right, names, row_orders(len(left[0]), 1000, 7), exact)
    for name in names:
        null = many[name][..., 1:]
        few = found[name]
        assert few.drawn.all()
        assert (np.abs(few.null_mean - null.mean(axis=-1)) < 0.1 * null.std(axis=-1)).all(), name
        assert_allclose(few.z, (few.score - few.null_mean) / few.null_sd)


def test_where_moments_do_not_tell_the_tail_it_is_drawn(rng):
    """One row far out on the left, or few rows; mean and sd are exact all the same."""
    left, right = [[rng.standard_normal((40, 6)) for _ in range(2)] for _ in range(2)]
    left[0][0] *= 30
    found = align(left, right, ["cka_linear"], draws=99, seed=0)["cka_linear"]
    assert found.drawn[0].all()
    assert not found.drawn[1].any()
    assert_allclose(found.null_mean, 0)
    assert_allclose(found.null_sd, np.sqrt(2 / (40 * 37)))
    few = align([left[1][:10]], [right[1][:10]], ["cka_linear", "mutual_knn_3"], draws=99, seed=0)
    for scores in few.values():
        assert scores.drawn.all()
        assert (scores.p >= 1 / 100).all()


def test_a_score_far_above_its_null_needs_no_draws(rng):
    """One row far out in both: no tail is known, but the bound of moments is."""
    left = rng.standard_normal((40, 6))
    left[0] *= 30
    found = align([left], [left], ["cka_linear"], draws=99, seed=0)["cka_linear"]
    assert not found.drawn[0, 0]
    assert_allclose(found.z, np.sqrt(40 * 37 / 2))
    assert found.p[0, 0] <= 1 / (1 + found.z[0, 0] ** 2)


def test_equal_seeds_draw_equal_nulls(structured):
    one, two, other = [align(*structured, ["svcca"], draws=5, seed=s)["svcca"] for s in (0, 0, 1)]
    assert_array_equal(one.null_mean, two.null_mean)
    assert (one.null_mean != other.null_mean).all()


def test_width_moves_the_biased_metric_and_not_the_debiased_one(rng):
    """Facts of the published headline metric: .49 to .92 in pure noise from width 512 to 8192."""
    widths = (512, 1024, 2048, 4096, 8192)
    left = [rng.standard_normal((515, width), dtype=np.float32) for width in widths]
    right = [rng.standard_normal((515, 2048), dtype=np.float32)]
    names = ["cka_rbf_sigma_36_biased", "cka_linear_biased", "cka_linear", "cka_rbf_1"]
    found = scores(left, right, names, make_backend(None, "float32", 2**28))
    for name in names[:2]:
        assert (np.diff(found[name][:, 0]) > 0).all()
        assert found[name][-1, 0] > 0.7
    for name in names[2:]:
        assert np.abs(found[name]).max() <= 0.01


def test_a_noise_twin_has_the_width_and_the_moments_of_its_representation(rng):
    x = rng.standard_normal((4000, 3)) * [1, 5, 0] + [0, 9, 2]
    twin = Moments.of(x.astype(np.float32)).noise(len(x), rng)
    assert twin.dtype == np.float32
    assert_allclose(twin.mean(axis=0), x.mean(axis=0), atol=0.3)
    assert_allclose(twin.std(axis=0), x.std(axis=0), rtol=0.05)
    assert abs(np.corrcoef(twin[:, 1], x[:, 1])[0, 1]) < 0.1


def test_a_projection_keeps_the_geometry_in_a_common_width(rng, exact):
    x = rng.standard_normal((60, 5)) @ rng.standard_normal((5, 4000))
    narrow = project(x, 400, rng)
    assert narrow.shape == (60, 400)
    assert_allclose((narrow**2).sum(), (x**2).sum(), rtol=0.05)
    assert scores([x], [narrow], ["cka_linear"], exact)["cka_linear"][0, 0] > 0.97
    with pytest.raises(InputError, match="width to project to: expected 1 to 400, got 401"):
        project(narrow, 401, rng)


def test_dissimilarities_serve_for_features(views, exact):
    """Squared distances for kernels; for neighbours and RSA the distance each would have made."""
    left, right, before = views
    squares = [Dissimilarities(((x[:, None] - x) ** 2).sum(axis=2)) for x in left]
    names = [name for name in NAMES if name.startswith("cka")]
    for name, values in scores(squares, right, names, exact).items():
        assert_allclose(values, before[name], atol=1e-9, err_msg=name)
    for distance, names in (
        ("cosine", ["mutual_knn_6", "cycle_knn_6", "lcs_knn_5", "edit_knn_5"]),
        ("correlation", ["rsa_pearson", "rsa_spearman", "rsa_cosine"]),
    ):
        matrices = [Dissimilarities(square(rdm(x, distance))) for x in left]
        for name, values in scores(matrices, right, names, exact).items():
            assert_allclose(values, before[name], atol=1e-9, err_msg=name)


def square(pairs):
    n = round((1 + np.sqrt(1 + 8 * len(pairs))) / 2)
    matrix = np.zeros((n, n))
    matrix[np.triu_indices(n, 1)] = pairs
    return matrix + matrix.T


@pytest.mark.parametrize("name", ["cknna_5", "svcca"])
def test_what_needs_features_refuses_dissimilarities(structured, exact, name):
    left, right = structured
    matrix = Dissimilarities(square(rdm(left[0], "cosine")))
    with pytest.raises(InputError, match=rf"{name} needs features in right\[1\]"):
        scores(left, [right[0], matrix], [name], exact)


def test_without_draws_there_is_no_score(structured):
    with pytest.raises(InputError, match="no null in draws: expected 1 or more, got 0"):
        align(*structured, ["cka_linear"], draws=0, seed=0)
