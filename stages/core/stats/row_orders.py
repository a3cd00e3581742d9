"""Orders of the rows that a null is made of."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from stages.core.run.errors import InputError

Ints = NDArray[np.intp]
FEWEST_BLOCKS = 6  # whose 720 orders tell p of .01
FEWEST_SHIFTS = 19  # that tell p of .05
WHERE = "params.yaml: align.block or encode_scene.block"
Draw = Callable[[int, int, int, np.random.Generator], Ints]


def row_orders(n: int, draws: int, seed: int, permute: str = "rows", block: int = 1) -> Ints:
    """Draw orders of n rows, of which the first leaves them as they are.

    Of unrelated rows, 200 in groups of five, p < .05 was found by linear CKA and mutual kNN in all
    cases where single rows are permuted, and in 5 to 10 % where blocks are. Of unrelated series,
    also in all; with shifts, where neighbours correlate .5, in 5 and 7 % (150 rows); where they
    correlate .9, still in 17 and 33 %, of 400 rows in 5 and 27 %: a circle is broken once, which
    neighbours in time see. Fewer rows in time are the better remedy then.

    Parameters
    ----------
    n, draws, seed : int
    permute : {"rows", "blocks", "shifts"}
        `rows`: each by itself. `blocks`: rows in succession together, for stimuli that come in
        groups. `shifts`: all rows in a circle, for stimuli that follow each other in time, whose
        autocorrelation blocks would break where they meet.
    block : int
        How many rows stay together, the last ones may be fewer; or the least shift. 1 for `rows`.

    Returns
    -------
    ndarray of int, shape (1 + draws, n)
        Of shifts, fewer where there are not as many.

    Raises
    ------
    InputError
        If too few blocks or shifts are left.
    """
    drawn = KINDS[permute](n, draws, block, np.random.default_rng(seed))
    return np.concatenate([np.arange(n)[None], drawn])


def _rows(n: int, draws: int, block: int, rng: np.random.Generator) -> Ints:
    if block != 1:
        raise InputError("rows by themselves", where=WHERE, expected=1, got=block)
    return rng.permuted(np.tile(np.arange(n), (draws, 1)), axis=1)


def _blocks(n: int, draws: int, block: int, rng: np.random.Generator) -> Ints:
    blocks = [np.arange(start, min(start + block, n)) for start in range(0, n, block)]
    if len(blocks) < FEWEST_BLOCKS:
        raise _too_few(f"blocks of {n} rows", (n - 1) // (FEWEST_BLOCKS - 1), block)
    orders = [rng.permutation(len(blocks)) for _ in range(draws)]
    return np.stack([np.concatenate([blocks[place] for place in order]) for order in orders])


def _shifts(n: int, draws: int, block: int, rng: np.random.Generator) -> Ints:
    shifts = np.arange(block, n - block + 1)
    if len(shifts) < FEWEST_SHIFTS:
        raise _too_few(f"shifts of {n} rows", (n + 1 - FEWEST_SHIFTS) // 2, block)
    some = rng.permutation(shifts)[:draws]
    orders: Ints = (np.arange(n) + some[:, None]) % n
    return orders


def _too_few(what: str, most: int, block: int) -> InputError:
    expected = f"at most {most}" if most > 0 else "more rows"
    return InputError(f"too few {what}", where=WHERE, expected=expected, got=block)


KINDS: dict[str, Draw] = {"rows": _rows, "blocks": _blocks, "shifts": _shifts}
