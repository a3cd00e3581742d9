"""One model and one recording of images: every layer to the voxels of every region."""

import logging
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.activations.activations import read_about, read_layer
from stages.core.names.vocabulary import HELD_APART
from stages.core.params.schema import EncodeScene, Folds, Ridge
from stages.core.recording.types import Recording, Subject, captions_digest, stimuli_digest
from stages.core.regression.folds import Fold
from stages.core.regression.ridge import Fit, cross_validate, lambda_grid
from stages.core.results.results import results_table
from stages.core.run.errors import ConcordError
from stages.core.run.parallel import parallel_map
from stages.core.run.shared import Shared
from stages.core.run.tables import check_same_ids
from stages.core.stats.multiple import adjust
from stages.core.stats.random_projection import project
from stages.core.stats.row_orders import row_orders
from stages.core.stats.scores import pick
from stages.encode.consecutive_folds import consecutive_folds
from stages.encode.image_folds import image_folds
from stages.encode.image_null import CLOSED, DRAWN, judge_each, judge_mean
from stages.encode.image_orders import image_orders
from stages.encode.image_sequence import warn_of_sequence
from stages.encode.image_targets import (
    CEILING,
    Voxels,
    check_images,
    gather_voxels,
    shown_rows,
)

Ints = NDArray[np.intp]
Layer = NDArray[np.float32]
HIDDEN, NESTED, METRIC = "hidden", "nested", "r"
APART, WHOLE = HELD_APART

log = logging.getLogger("concord.encode")


@dataclass(frozen=True)
class Settings:
    """What encoding of images follows: sections of params.yaml."""

    encode_scene: EncodeScene
    folds: Folds
    ridge: Ridge


@dataclass(frozen=True)
class _Person:
    """What is the same for all layers of a person.

    Attributes
    ----------
    name : str
    rows : ndarray of int
        Of the layers, one per image that the person saw.
    folds : tuple of Fold
    voxels : Voxels
    orders : ndarray of int, shape (n_draws, n_images)
        Of the images, for chance; none where it is exact.
    """

    name: str
    rows: Ints
    folds: tuple[Fold, ...]
    voxels: Voxels
    orders: Ints


def encode_images(
    recording: Recording, folder: Path, settings: Settings, groups: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Predict the voxels of every region from every layer of a model.

    Ridge regression is fitted on a person's own images and tested on those kept apart, or else in
    folds of images; regularisation and the layer of a region are chosen in the inner folds.

    Parameters
    ----------
    recording : Recording
        Of the kind `events`.
    folder : Path
        The model's activations.
    settings : Settings
    groups : DataFrame, optional
        Columns id, of all stimuli, and group, of which images are left out together.

    Returns
    -------
    DataFrame
        A results table of the kinds `hidden`, a layer, and `nested`, the layer that the inner folds
        choose by the mean R² over the region's voxels, in each outer fold; such a row names the
        layer that they choose on the whole. The split is `test` where images were kept apart, and
        `all` where every image was tested in its fold.

    Raises
    ------
    InputError
        If there are no responses to images, the activations are not those of the recording, or
        images are too few.
    ConcordError
        If no region of anybody is left.
    """
    check_images(recording)
    digests = stimuli_digest(recording.stimuli), captions_digest(recording.captions)
    about, table = read_about(folder, *digests)
    check_same_ids(
        list(recording.stimuli["id"]), list(table["id"]), "stimuli", folder, "Run again."
    )
    alike = _numbered(recording, groups)
    people = [_person(recording, subject, settings, alike) for subject in recording.subjects]
    found = [person for person in people if person is not None]
    if not found:
        raise ConcordError("no region left", where=recording.dataset, do="See the messages above.")
    layers = [read_layer(folder, name, about, len(table)) for name in about.layers]
    for one in found:
        warn_of_sequence(
            layers, one.rows, one.voxels.series, one.name, settings.encode_scene.permute
        )
    names = list(about.layers)
    labels = {"dataset": recording.dataset, "model": about.label}
    parts = [_encode_person(one, names, layers, settings).assign(**labels) for one in found]
    whole = results_table(pd.concat(parts, ignore_index=True))
    over = "voxels × layers" if settings.encode_scene.targets == "voxel" else "regions × layers"
    return adjust(whole, ("subject", "kind", "metric"), over)


def _numbered(recording: Recording, groups: pd.DataFrame | None) -> Ints:
    """Turn the group of every stimulus into a number; without any, each is one."""
    ids = list(recording.stimuli["id"])
    if groups is None:
        return np.arange(len(ids))
    do = "Run `dvc repro metrics/dvc.yaml:alike_images`."
    check_same_ids(ids, list(groups["id"]), "stimuli", "the groups of images", do)
    numbers: Ints = pd.factorize(groups["group"])[0].astype(np.intp)
    return numbers


def _person(
    recording: Recording, subject: Subject, settings: Settings, groups: Ints
) -> _Person | None:
    """Cut the images of a person, and collect the voxels; None where nothing is left to score."""
    rows = shown_rows(recording, subject)
    apart = np.zeros(len(rows), dtype=bool)
    if "split" in recording.samples:
        apart = (recording.samples["split"].to_numpy() == APART)[rows]
        if not apart.any():
            log.warning("subject %s left out: saw no image that is kept apart", subject.name)
            return None
    asked = settings.encode_scene
    folds, orders = _folds_and_orders(apart, groups[rows], asked, settings.folds.blocks)
    voxels = gather_voxels(subject, folds, asked)
    return None if voxels is None else _Person(subject.name, rows, folds, voxels, orders)


def _folds_and_orders(
    apart: NDArray[np.bool_], groups: Ints, asked: EncodeScene, parts: int
) -> tuple[tuple[Fold, ...], Ints]:
    """Cut the images of a person, and draw the orders that chance is made of."""
    how = asked.permute, asked.block
    if asked.permute != "rows":
        folds = consecutive_folds(apart, parts, groups, *how)
        return folds, row_orders(len(apart), asked.draws, asked.seed, *how)[1:]
    draws, rng = 0 if apart.any() else asked.draws, np.random.default_rng([asked.seed, len(apart)])
    return image_folds(apart, parts, asked.seed, groups), image_orders(groups, draws, rng)


def _encode_person(
    person: _Person, names: list[str], layers: list[Layer], settings: Settings
) -> pd.DataFrame:
    """Fit and judge all layers of one person."""
    fit = partial(_fit, person=Shared(person), settings=settings)
    fits = parallel_map(fit, [Shared(layer) for layer in layers], f"fit {person.name}")
    judge = partial(
        _judge_region,
        person=Shared(person),
        fits=Shared(dict(zip(names, fits, strict=True))),
        targets=settings.encode_scene.targets,
    )
    tables = parallel_map(judge, list(person.voxels.regions), f"encode {person.name}")
    split = WHOLE if len(person.folds) > 1 else APART
    return pd.concat(tables, ignore_index=True).assign(
        subject=person.name, metric=METRIC, split=split
    )


def _fit(layer: Shared[Layer], *, person: Shared[_Person], settings: Settings) -> Fit:
    """Fit one layer to all voxels of a person, from one factorisation of each split."""
    one, asked = person.value, settings.encode_scene
    design = layer.value[one.rows]
    if design.shape[1] > asked.width:
        rng = np.random.default_rng([asked.seed, design.shape[1]])
        design = project(design, asked.width, rng)
    lambdas = lambda_grid(settings.ridge.lambdas)
    return cross_validate(design, one.voxels.series, one.folds, lambdas)


def _judge_region(
    region: str, *, person: Shared[_Person], fits: Shared[dict[str, Fit]], targets: str
) -> pd.DataFrame:
    """Score every layer in one region, and the layer that the inner folds choose."""
    one = person.value
    columns = one.voxels.regions[region]
    here = {name: fit.columns(columns) for name, fit in fits.value.items()}
    layers = list(here)
    inner = np.stack([fit.inner_r2.mean(axis=1) for fit in here.values()])
    chosen = inner.argmax(axis=0)
    usual = layers[int(inner.mean(axis=1).argmax())]
    asked = [(name, HIDDEN, fit) for name, fit in here.items()]
    asked.append((usual, NESTED, _composed(list(here.values()), chosen)))
    judge = _rows_of_voxels if targets == "voxel" else _row_of_region
    tables = [judge(one, columns, fit).assign(layer=name, kind=kind) for name, kind, fit in asked]
    return pd.concat(tables, ignore_index=True).assign(region=region)


def _composed(fits: list[Fit], chosen: Ints) -> Fit:
    """Take each fold from the layer chosen in it."""
    n_voxels = fits[0].lambdas.shape[1]
    each = np.repeat(chosen[:, None], n_voxels, axis=1)
    folds = list(enumerate(chosen))
    return replace(
        fits[0],
        lambdas=np.stack([fits[layer].lambdas[fold] for fold, layer in folds]),
        inner_r2=np.stack([fits[layer].inner_r2[fold] for fold, layer in folds]),
        observed=pick([fit.observed for fit in fits], each),
        factors=tuple(fits[layer].factors[fold] for fold, layer in folds),
    )


def _row_of_region(person: _Person, columns: slice, fit: Fit) -> pd.DataFrame:
    found = judge_mean(fit, person.voxels.series[:, columns], person.orders)
    return _with_ceiling(pd.DataFrame([found]), person.voxels.ceilings[columns].mean(), fit)


def _rows_of_voxels(person: _Person, columns: slice, fit: Fit) -> pd.DataFrame:
    found: dict[str, Any] = {"target": person.voxels.ids[columns]}
    found |= judge_each(fit, person.voxels.series[:, columns], person.orders)
    kind = DRAWN if len(person.orders) else CLOSED
    table = pd.DataFrame(found).assign(null_kind=kind)
    return _with_ceiling(table, person.voxels.ceilings[columns], fit)


def _with_ceiling(table: pd.DataFrame, ceiling: Any, fit: Fit) -> pd.DataFrame:
    """Add what the scores are held against, and the number of images."""
    table = table.assign(ceiling=ceiling, n=fit.observed.n[:, 0].sum())
    return table.assign(ceiling_kind=np.where(table["ceiling"].notna(), CEILING, ""))
