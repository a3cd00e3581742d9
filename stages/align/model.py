"""One model and one recording: every layer with every region of every subject."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from stages.align.controls import Features
from stages.align.side_scores import measure_side, possible_metrics
from stages.align.sides import RegionSet, cut_sides
from stages.core.activations.activations import read_about, read_layer
from stages.core.params.schema import Align
from stages.core.recording.types import Recording, captions_digest, stimuli_digest
from stages.core.results.results import results_table
from stages.core.run.parallel import parallel_map
from stages.core.run.shared import Shared
from stages.core.run.tables import check_same_ids
from stages.core.run.tensors import let_go
from stages.core.stats.backend import Backend
from stages.core.stats.devices import choose_backends

# What a score shares with its ceiling.
KEYS = ["subject", "region", "metric", "split"]
# The ceiling that stands beside a score, where there are several.
USUAL = ("split_half", "ncsnr", "nili_lower", "spearman_brown", "between_regions")

log = logging.getLogger("concord.align")


@dataclass(frozen=True)
class _Task:
    """Regions to align with all layers, and where."""

    side: Shared[RegionSet]
    backend: Backend


def align_model(
    recording: Recording, folder: Path, ceilings: pd.DataFrame, settings: Align
) -> pd.DataFrame:
    """Align a model with a recording.

    Parameters
    ----------
    recording : Recording
    folder : Path
        The model's activations.
    ceilings : DataFrame
        Made by `stages.align.ceiling_table.ceiling_table`.
    settings : Align

    Returns
    -------
    DataFrame
        A results table of the kinds `layer`, `noise`, `projected` and `ceiling`.

    Raises
    ------
    InputError
        If activations and recording do not belong together, a metric is unknown or no region is
        large enough.
    """
    label, layers = read_layers(folder, recording)
    let_go_of(recording)
    sides = cut_sides(recording, settings.min_voxels)
    metrics = possible_metrics(settings.metrics, sides)
    backends = choose_backends()
    tasks = [_Task(Shared(side), backends[k % len(backends)]) for k, side in enumerate(sides)]
    run = partial(_measure, layers=Shared(layers), metrics=metrics, settings=settings)
    scores = pd.concat(parallel_map(run, tasks, f"align {label}"), ignore_index=True)
    table = pd.concat([with_ceilings(scores, ceilings), ceilings], ignore_index=True)
    return results_table(table.assign(dataset=recording.dataset, model=label))


def _measure(
    task: _Task, *, layers: Shared[dict[str, Features]], metrics: Sequence[str], settings: Align
) -> pd.DataFrame:
    """Score one set of regions."""
    return measure_side(task.side.value, layers.value, metrics, settings, task.backend)


def read_layers(folder: Path, recording: Recording) -> tuple[str, dict[str, Features]]:
    """Map all layers of a model, rows in the order of the stimuli; the label comes first.

    Layers that are the same for every stimulus are left out by name: nothing is like them.
    """
    digests = stimuli_digest(recording.stimuli), captions_digest(recording.captions)
    about, rows = read_about(folder, *digests)
    check_same_ids(list(recording.stimuli["id"]), list(rows["id"]), "stimuli", folder, "Run again.")
    layers = {}
    for name in about.layers:
        layers[name] = read_layer(folder, name, about, len(rows))
        let_go(layers[name])
    constant = [name for name, values in layers.items() if _is_constant(values)]
    if constant:
        names = ", ".join(constant)
        log.warning("%s: the same for every stimulus, left out: %s", about.label, names)
    return about.label, {name: layers[name] for name in layers if name not in constant}


def let_go_of(recording: Recording) -> None:
    """Free the memory of what was looked at to check a recording."""
    for subject in recording.subjects:
        let_go(subject.responses)
        if subject.single is not None:
            let_go(subject.single)


def _is_constant(values: Features) -> bool:
    """Tell, at the first row that differs, whether none does."""
    return all((row == values[0]).all() for row in values)


def with_ceilings(scores: pd.DataFrame, ceilings: pd.DataFrame) -> pd.DataFrame:
    """Put beside each score the usual ceiling of its region, where there is one.

    Where a metric has ceilings from repeats, none stands beside the scores of regions in which
    repeats do not agree, rather than `ncsnr`, which is higher.
    """
    usual = ceilings[ceilings["ceiling_kind"].isin(USUAL)]
    kinds, where = usual["ceiling_kind"], pd.MultiIndex.from_frame(usual[["metric", "split"]])
    repeated = where.isin(where[kinds.eq("split_half").to_numpy()])
    usual = usual[~(repeated & kinds.eq("ncsnr").to_numpy())]
    usual = usual[[*KEYS, "ceiling", "ceiling_kind"]]
    found = scores.merge(usual, on=KEYS, how="left", validate="many_to_one")
    return found.assign(ceiling_kind=found["ceiling_kind"].where(found["ceiling"].notna(), ""))
