"""One model and one recording: what is the same for all models, and the table of one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.activations.activations import read_about
from stages.core.names.layers import layer_kind
from stages.core.params.schema import Chance, Encode, Folds, Ridge
from stages.core.recording.types import Recording, stimuli_digest
from stages.core.regression.folds import Partition, partition
from stages.core.regression.ridge import lambda_grid
from stages.core.regression.shift_null import ShiftNull
from stages.core.results.left_out_scores import jackknife_table
from stages.core.results.results import results_table
from stages.core.stats.chance import draw_shifts, warn_of_short_runs
from stages.core.stats.devices import choose_backends
from stages.core.stats.multiple import adjust_together
from stages.encode.designs import control_designs, layer_designs
from stages.encode.encoding import Measured, measure
from stages.encode.shared_part import shared_rows
from stages.encode.targets import Responses, gather

Array = NDArray[np.float64]
ONSET = (
    "Hold scores against the control `onset`, or give what fades after run onset as nuisance "
    "variables"
)
PART = 1000  # targets, at least, of the people that are encoded together


@dataclass(frozen=True)
class Settings:
    """What encoding follows: sections of params.yaml, and whether words are centred."""

    folds: Folds
    ridge: Ridge
    chance: Chance
    encode: Encode
    centre: bool


@dataclass(frozen=True)
class Encoding:
    """What every model of a recording is encoded with.

    Attributes
    ----------
    recording : Recording
    responses : tuple of Responses
        Of at least `PART` targets, but for the last.
    controls : dict of str to ndarray, shape (n_samples, n_units)
    cut : Partition
    orders : ndarray of int, shape (n_shifts, n_samples)
        Shifts of the responses.
    null : ShiftNull
        Of these.
    settings : Settings
    """

    recording: Recording
    responses: tuple[Responses, ...]
    controls: dict[str, Array]
    cut: Partition
    orders: NDArray[np.intp]
    null: ShiftNull
    settings: Settings


def prepare(recording: Recording, settings: Settings) -> Encoding:
    """Gather the responses, cut the folds and draw the shifts.

    Raises
    ------
    InputError, ConcordError
        As `gather`, `partition`, `choose_backends` and `ShiftNull` do.
    """
    cut, gap = partition(recording.samples["run"].to_numpy(), settings.folds), settings.folds.gap
    warn_of_short_runs(cut.segments, gap, cut.joined, ONSET)
    orders = draw_shifts(cut.segments, settings.chance.draws, gap, settings.chance.seed, cut.joined)
    return Encoding(
        recording,
        gather(recording, settings.encode, PART),
        control_designs(recording, settings.encode),
        cut,
        orders,
        ShiftNull(cut.folds, orders, choose_backends()),
        settings,
    )


def encode_model(
    encoding: Encoding, activations: Path, *, hidden: bool = False
) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Predict every region or voxel from every layer of a model.

    Parameters
    ----------
    encoding : Encoding
    activations : Path
        The model's own folder.
    hidden : bool
        Whether only its hidden layers are asked for, and those only beyond the nuisance variables
        where the recording has some.

    Yields
    ------
    DataFrame, DataFrame
        The results table of some targets of some people, of what is asked of them, and the table of
        the chosen layers' scores without each piece of the story.

    Raises
    ------
    InputError
        If the activations are not those of the recording's stimuli.
    """
    recording, settings = encoding.recording, encoding.settings.encode
    about, rows = read_about(activations, stimuli_digest(recording.stimuli))
    centre = encoding.settings.centre
    designs = layer_designs(activations, about, rows, recording, settings, centre=centre)
    kinds = {name: layer_kind(name) for name in designs}
    kinds |= dict.fromkeys(encoding.controls, "control")
    asked = _asked(designs, kinds, encoding.controls, hidden=hidden)
    split = f"held-out {encoding.cut.scheme}"
    over = "voxels × layers" if settings.targets == "voxel" else "regions × layers"
    for people in encoding.responses:
        names = people.targets.assign(dataset=recording.dataset, model=about.label, split=split)
        repeated = names.columns.difference(["target", "ceiling"])
        named = names.astype(dict.fromkeys(repeated, "category"))
        parts = _measure_all(encoding, asked, kinds, people.series, named)
        tables = [results for results, _ in parts]
        adjusted = adjust_together(tables, ("subject", "kind", "metric"), over)
        for results, (_, without) in zip(adjusted, parts, strict=True):
            yield results_table(results), jackknife_table([without])


def _measure_all(
    encoding: Encoding,
    asked: Sequence[tuple[dict[str, Array], Array | None]],
    kinds: dict[str, str],
    series: NDArray[np.floating],
    names: pd.DataFrame,
) -> list[tuple[pd.DataFrame, pd.DataFrame]]:
    """Measure designs as they are, and then beyond nuisance variables, beside what they were."""
    found: list[Measured] = []
    for designs, known in asked:
        one = measure(
            designs,
            kinds,
            series,
            names,
            cut=encoding.cut,
            lambdas=lambda_grid(encoding.settings.ridge.lambdas),
            null=encoding.null,
            pieces=encoding.settings.encode.pieces,
            nuisance=known,
            plain=found[-1].pieces if found else (),
        )
        found.append(one)
    parts = [part for one in found for part in one.parts]
    if len(found) > 1:
        tables = [[results for results, _ in one.parts] for one in found]
        both = [pd.concat(some, ignore_index=True) for some in zip(*tables, strict=True)]
        parts += [(shared_rows(some), jackknife_table([])) for some in both]
    return parts


def encode_member(encoding: Encoding, activations: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Predict every region or voxel from every hidden layer of a family's member.

    Returns
    -------
    DataFrame, DataFrame
        The tables of `encode_model`, of all people.
    """
    parts = encode_model(encoding, activations, hidden=True)
    results, without = zip(*parts, strict=True)
    return pd.concat(results, ignore_index=True), pd.concat(without, ignore_index=True)


def _asked(
    designs: dict[str, Array], kinds: dict[str, str], controls: dict[str, Array], *, hidden: bool
) -> list[tuple[dict[str, Array], Array | None]]:
    """Which designs are measured, and beyond which nuisance variables."""
    layers = {name: design for name, design in designs.items() if kinds[name] == "hidden"}
    nuisance = controls.get("nuisance")
    if nuisance is None:
        return [(layers if hidden else designs | controls, None)]
    beyond = (layers, nuisance)
    return [beyond] if hidden else [(designs | controls, None), beyond]
