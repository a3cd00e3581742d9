"""How time and memory of alignment grow, beside what this machine could do at best.

One thread, processor time. The best is measured in the same run: a product of matrices, a copy in
memory, and an exponential in the cache. Each row names the limit that it comes nearest to.
"""

from dataclasses import dataclass
from pathlib import Path
from time import process_time

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from stages.align.ceilings import ncsnr_ceiling
from stages.align.engine import measure
from stages.core.params.read import read_params
from stages.core.stats.backend import make_backend
from tests.benchmarks.conftest import peak_memory
from tests.conftest import PROJECT

pytestmark = pytest.mark.benchmark

METRICS = ["cka_linear", "cka_rbf_0.5", "cka_rbf_1", "cka_rbf_2", "mutual_knn_10"]
KERNELS, EXPONENTIALS, K = 4, 1, 10
WIDTH, ITEM, MEMORY = 128, 4, 2**29
VOXELS = 150
ROWS = [(n, 12, 45) for n in (500, 1000, 2000, 5000, 9000)]
LAYERS = [(1000, layers, 180) for layers in (3, 12, 48)]
REGIONS = [(1000, 12, regions) for regions in (45, 180, 720)]
SLACK = 2**27  # what the interpreter and the libraries take besides


@dataclass(frozen=True)
class Best:
    """What this machine does at most in a second: operations, bytes, exponentials."""

    operations: float
    bytes: float
    exponentials: float


def seconds_of(work, repeats):
    work()
    start = process_time()
    for _ in range(repeats):
        work()
    return (process_time() - start) / repeats


def measure_best():
    square = np.ones((2048, 2048), dtype=np.float32)
    large = np.ones(2**26, dtype=np.float32)
    small = -np.random.default_rng(0).random(2**15, dtype=np.float32)
    to_square, to_large, to_small = (np.empty_like(one) for one in (square, large, small))
    with threadpool_limits(1):
        return Best(
            2 * len(square) ** 3 / seconds_of(lambda: np.matmul(square, square, out=to_square), 3),
            2 * large.nbytes / seconds_of(lambda: np.copyto(to_large, large), 3),
            len(small) / seconds_of(lambda: np.exp(small, out=to_small), 300),
        )


def work_of(n, layers, regions):
    """Operations, bytes and exponentials that the algorithm asks for at least.

    Distances are made once, above the diagonal; of kernels that double in bandwidth one takes an
    exponential; each is written once and read for all products. For neighbours one product finds
    them; sets of them are bits, which hardly count.
    """
    sides, above = layers + regions, n**2 / 2
    operations = 2 * above * (sides * WIDTH + KERNELS * layers * regions)
    operations += 2 * n**2 * sides * WIDTH
    moved = ITEM * above * (2 * KERNELS * sides + 2 * sides) + ITEM * n**2 * 2 * sides
    return Best(operations, moved, above * EXPONENTIALS * sides)


def resident():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def run(n, layers, regions):
    """Processor seconds, and memory in MB that came on top of the representations."""
    rng = np.random.default_rng(0)
    left, right = (
        [rng.standard_normal((n, WIDTH), dtype=np.float32) for _ in range(count)]
        for count in (layers, regions)
    )
    backend, order = make_backend(None, "float32", MEMORY), np.arange(n)[None]
    with threadpool_limits(1):
        before, start = resident(), process_time()
        measure(left, right, METRICS, order, backend)
        return process_time() - start, peak_memory() - before


def line(size, seconds, memory, best):
    work = work_of(*size)
    rates = {name: value / seconds for name, value in vars(work).items()}
    shares = {name: rates[name] / getattr(best, name) for name in rates}
    nearest = max(shares, key=shares.get)
    return (
        "{:6d} {:4d} {:4d} {:8.2f} s {:6.2f} GB ".format(*size, seconds, memory / 1024)
        + " ".join(f"{rates[name] / 1e9:7.2f} G{name}/s {shares[name]:4.0%}" for name in rates)
        + f"  nearest limit: {nearest}"
    )


def test_growth(alone, capsys):
    best = measure_best()
    with capsys.disabled():
        limits = ", ".join(f"{value / 1e9:.2f} G{name}/s" for name, value in vars(best).items())
        print(f"\ngeometry, growth; one thread of this machine: {limits}")
        print("     n layers regions; seconds, memory besides the features, rates and their shares")
        for size in dict.fromkeys(ROWS + LAYERS + REGIONS):
            _, _, (seconds, memory) = alone(run, *size)
            print(line(size, seconds, memory, best))
            assert memory * 2**20 <= 1.2 * MEMORY + SLACK


def ceiling(n):
    """Processor seconds of the ceiling of one region, and memory in MB on top of its responses."""
    rng = np.random.default_rng(0)
    signal = rng.standard_normal((n, 20), dtype=np.float32)
    noise = rng.standard_normal((n, VOXELS), dtype=np.float32)
    responses = signal @ rng.standard_normal((20, VOXELS), dtype=np.float32) + 3 * noise
    backend, share = make_backend(None, "float32", MEMORY), np.full(VOXELS, 0.4)
    names = read_params(PROJECT / "params.yaml").align.metrics
    with threadpool_limits(1):
        before, start = resident(), process_time()
        ncsnr_ceiling(responses, share, names, seed=0, backend=backend)
        return process_time() - start, peak_memory() - before


def test_growth_of_ceilings(alone, capsys):
    with capsys.disabled():
        print(f"\nceiling of a region of {VOXELS} voxels, the metrics of params.yaml")
        for n in (1000, 2000, 5000, 9000):
            _, _, (seconds, memory) = alone(ceiling, n)
            print(f"{n:6d} images {seconds:8.2f} s {memory / 1024:6.2f} GB")
            assert memory * 2**20 <= 1.2 * MEMORY + SLACK
