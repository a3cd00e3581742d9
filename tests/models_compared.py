"""Two models beside each other by RSA, by our jackknife and by rsatoolbox's bootstrap.

    python -m tests.models_compared STIMULI PEOPLE LEAN COMPARISON SIMULATIONS

prints a line for each way, of which `docs/evidence.md` has a table: how often a difference is found
(p < .05) where people lean to one model by LEAN (0: to neither), and its standard error for the
true one.
"""

import time
from unittest.mock import patch

import click
import numpy as np
import pandas as pd
from scipy.spatial.distance import pdist, squareform

from stages.align.engine import measure
from stages.align.representation import Dissimilarities
from stages.core.params.read import read_params
from stages.core.stats.backend import make_backend
from stages.core.stats.jackknife import over_both, over_stimuli, pseudo_values
from stages.core.stats.pieces import number_pieces
from tests.align.rsa_toolbox import METHODS, toolbox_rdms
from tests.conftest import PROJECT

DIMENSIONS, NOISE, APART = 10, 2.0, 0.4  # of features; of responses; of what people lean to
BOOTSTRAPS = 100
WAYS = ("ours, stimuli", "theirs, stimuli", "ours, both", "theirs, both")


@click.command()
@click.argument("stimuli", type=int)
@click.argument("people", type=int)
@click.argument("lean", type=float)
@click.argument("comparison", type=click.Choice(list(METHODS)))
@click.argument("simulations", type=int)
def main(stimuli, people, lean, comparison, simulations):
    """Simulate, compare by all ways, and print rates, standard errors and seconds."""
    settings = read_params(PROJECT / "params.yaml").align
    found = []
    for seed in range(simulations):
        rng = np.random.default_rng([seed, stimuli, people])
        models, brains = simulated(rng, stimuli, people, lean)
        pieces = number_pieces(np.arange(stimuli), settings.pieces, "rows", seed)
        np.random.seed(seed)  # noqa: NPY002 (rsatoolbox draws from the global state)
        rows = ours(models, brains, comparison, pieces) | theirs(models, brains, comparison)
        found += [{"way": way, **row} for way, row in rows.items()]
    table = pd.DataFrame(found)
    true = table.loc[table["way"] == WAYS[0], "difference"].std()
    for way, rows in table.groupby("way", sort=False):
        sd, seconds = np.sqrt(np.mean(rows["sd"] ** 2)), rows["seconds"].mean()
        click.echo(
            f"{stimuli} × {people}, lean {lean}, {comparison}, {way}: p < .05 in "
            f"{(rows['p'] < 0.05).mean():.3f} of {len(rows)}, standard error {sd:.4f} for "
            f"{true:.4f}, {seconds:.3f} s"
        )


def simulated(rng, n, people, lean):
    """Draw the dissimilarities of two models that hold as much of what people do, and of people.

    Of several people each leans to one of the models, and they lean by `lean` on average.
    """
    common, *own = rng.standard_normal((3, n, DIMENSIONS))
    models = [np.hstack([common, one]) for one in own]
    leans = lean + APART * rng.standard_normal(people) * (people > 1)
    brains = [
        np.hstack([common, own[0] * np.exp(by / 2), own[1] * np.exp(-by / 2)]) for by in leans
    ]
    noisy = [one + NOISE * rng.standard_normal(one.shape) for one in brains]
    return ([squareform(pdist(one, "sqeuclidean")) for one in side] for side in (models, noisy))


def ours(models, brains, comparison, pieces):
    """Compare by the jackknife over pieces of the stimuli, in these people and in others."""
    started = time.process_time()
    score = scores(models, brains, comparison, np.arange(len(pieces)))
    without = [
        scores(models, brains, comparison, np.flatnonzero(pieces != piece))
        for piece in range(pieces.max() + 1)
    ]
    shares = pseudo_values(score[0] - score[1], np.stack([w[0] - w[1] for w in without], axis=-1))
    seconds = time.process_time() - started
    ways = {"ours, stimuli": over_stimuli(shares)}
    if len(brains) > 1:
        ways["ours, both"] = over_both(shares)
    return {
        way: {"difference": one.mean, "sd": one.sd, "p": one.p, "seconds": seconds}
        for way, one in ways.items()
    }


def scores(models, brains, comparison, kept):
    """Scores of models × people over some stimuli, by the engine of the align stage."""
    name, rows = f"rsa_{comparison}", np.arange(len(kept))[None]
    sides = [
        [Dissimilarities(one[np.ix_(kept, kept)]) for one in side] for side in (models, brains)
    ]
    return measure(*sides, [name], rows, make_backend(None, "float64", 2**28))[name][..., 0]


def theirs(models, brains, comparison):
    """Compare by rsatoolbox, without the ceilings of every sample, which cost most."""
    from rsatoolbox.inference import eval_bootstrap_pattern, eval_dual_bootstrap
    from rsatoolbox.model import ModelFixed

    fixed = [ModelFixed(str(place), squareform(one)) for place, one in enumerate(models)]
    data = toolbox_rdms([squareform(one) for one in brains])
    asked = {"method": METHODS[comparison], "N": BOOTSTRAPS}
    ways = {"theirs, stimuli": lambda: eval_bootstrap_pattern(
        fixed, data, **asked, boot_noise_ceil=False
    )}  # fmt: skip
    if len(brains) > 1:
        ways["theirs, both"] = lambda: eval_dual_bootstrap(fixed, data, **asked)
    found = {}
    with patch("rsatoolbox.inference.evaluate.boot_noise_ceiling", return_value=(0.0, 0.0)):
        for way, run in ways.items():
            started = time.process_time()
            result = run()
            mean = result.get_means()
            found[way] = {
                "difference": mean[0] - mean[1],
                "sd": np.sqrt(max(result.diff_var[0], 0.0)),
                "p": result.test_pairwise()[0, 1],
                "seconds": time.process_time() - started,
            }
    return found


if __name__ == "__main__":
    main()
