"""What align says of simulated images."""

from collections.abc import Iterator
from functools import partial

import pandas as pd

from stages.calibrate.observed import Case, of_results
from stages.calibrate.simulated_images import (
    ALONE,
    GROUP,
    GROUPED,
    SIZES,
    STIMULI,
    TIMED,
    write_images,
)
from stages.calibrate.stage_runs import Changes, StageRun, Study, run_stages
from stages.core.params.schema import Calibrate
from stages.core.results.calibrations import OURS, POWER

# Of each kind of null one: closed, of counts, of ranks.
FEW = ["cka_linear", "mutual_knn_10", "rsa_spearman"]
SINGLE = "single rows permuted"
PERMUTED = {
    ALONE: (("rows", 1, OURS),),
    GROUPED: (("blocks", GROUP, OURS), ("rows", 1, SINGLE)),
    TIMED: (("shifts", 8, OURS), ("rows", 1, SINGLE)),
}
LAYOUT = f"{STIMULI} images"


def image_cases(study: Study) -> Iterator[pd.DataFrame]:
    """Simulate images by themselves, in groups and in time, and look at what align says."""
    settings = study.settings
    for place, (situation, ways) in enumerate(PERMUTED.items()):
        for recording in range(settings.recordings):
            seed = settings.seed + 2000 + 100 * place + recording
            write = partial(write_images, situation=situation, regions=settings.targets, seed=seed)
            metrics = study.params.align.metrics if situation == ALONE else FEW
            runs = [
                StageRun("align", write, _changes(settings, metrics, permute, block, seed))
                for permute, block, _ in ways
            ]
            for (_, _, method), table in zip(ways, run_stages(runs, study), strict=True):
                marked = table.assign(
                    left=f"{recording}:" + table["layer"], right=f"{recording}:" + table["region"]
                )
                yield from align_cases(marked, metrics, situation, method)


def _changes(
    settings: Calibrate, metrics: list[str], permute: str, block: int, seed: int
) -> Changes:
    how = {"permute": permute, "block": block, "seed": seed, "draws": settings.draws}
    align = {"metrics": metrics, "compared": metrics[:1], "min_voxels": 1} | how
    first = {"metric": metrics[0]}
    return {"align": align, "survey": first, "trajectory": first}


def align_cases(
    table: pd.DataFrame, metrics: list[str], situation: str, method: str
) -> Iterator[pd.DataFrame]:
    """Judge every metric: its false positives, and its power where something is planted."""
    layers = table[table["kind"].eq("layer")]
    names = layers["region"].str.split("/", expand=True)
    for metric in metrics:
        mine = layers["metric"].eq(metric)
        nothing = mine & names[0].eq("nothing")
        yield of_results(layers[nothing], Case("align", metric, situation, LAYOUT, method))
        for size in SIZES if situation == ALONE and metric in FEW else ():
            own = layers[mine & names[0].eq(f"{size:g}") & names[1].eq(layers["layer"])]
            planted = f"{size:.0%} of variance planted"
            yield of_results(own, Case("align", metric, planted, LAYOUT, asks=POWER))
