"""What does not fit is refused before any work, with what would do; what fits keeps within it."""

import multiprocessing
import re
import resource
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest

from stages.align.engine import measure
from stages.align.representation import Dissimilarities
from stages.align.routines.needs import check_memory
from stages.core.names.metrics import parse_metric
from stages.core.run.errors import InputError
from stages.core.stats.backend import gib, make_backend

NAMES = [
    *("cka_linear", "cka_rbf_0.5", "rsa_pearson", "rsa_spearman_euclidean", "svcca"),
    *("mutual_knn_5", "cycle_knn_5", "cknna_5", "lcs_knn_5"),
]
MIB = 2**20


def asked(names, n=100):
    return [parse_metric(name, n) for name in names]


@pytest.mark.parametrize("name", NAMES)
def test_the_amount_that_it_names_would_do_and_less_would_not(rng, name):
    sides = [[rng.standard_normal((100, width)) for width in (30, 200)] for _ in range(2)]
    with pytest.raises(InputError, match=r"Set CONCORD_MEMORY to \S+ \(GiB\)") as refused:
        check_memory(*sides, asked([name]), 1, make_backend(None, "float64", 1000))
    enough = int(re.search(r"at least (\d+) bytes", str(refused.value))[1])
    check_memory(*sides, asked([name]), 1, make_backend(None, "float64", enough))
    measure(*sides, [name], np.arange(100)[None], make_backend(None, "float64", enough))
    with pytest.raises(InputError, match="too little memory"):
        check_memory(*sides, asked([name]), 1, make_backend(None, "float64", enough - 1))


def test_what_takes_most_is_named(rng):
    side = [rng.standard_normal((100, 30)) for _ in range(5)]
    small = make_backend(None, "float64", 1000)
    with pytest.raises(InputError, match="too little memory for a row of every kernel"):
        check_memory(side, side, asked(["mutual_knn_5", "cka_linear", "cka_rbf_1"]), 1, small)
    square = [Dissimilarities(np.ones((100, 100)) - np.eye(100))]
    with pytest.raises(InputError, match="too little memory"):
        check_memory(square, square, asked(["rsa_pearson"]), 3, small)


def test_gib_are_rounded_up():
    assert [gib(amount) for amount in (1, 2**30, 2**30 + 1, 5 * 2**29)] == [
        *("0.01", "1", "1.01", "2.5")
    ]


def peak_of(name, memory):
    """Bytes that measuring takes at its peak, in a process of its own."""
    rng = np.random.default_rng(0)
    left, right = (
        [rng.standard_normal((1000, 60), dtype=np.float32) for _ in range(count)]
        for count in (4, 30)
    )
    order = np.arange(1000)[None]
    tiny = [x[:20] for x in left]
    measure(tiny, tiny, [name], order[:, :20], make_backend(None, "float32", 2**28))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    measure(left, right, [name], order, make_backend(None, "float32", memory))
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024


@pytest.mark.parametrize("name", ["cka_rbf_1", "rsa_spearman", "cycle_knn_10", "cycle_knn_5"])
def test_the_peak_is_within_a_fifth_of_what_is_allowed(name):
    memory = 64 * MIB
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert pool.submit(peak_of, name, memory).result() <= 1.2 * memory
