"""One model and one recording of images: every layer to the voxels of every region."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.activations.activations import read_about, read_layer
from stages.core.names.vocabulary import HELD_APART
from stages.core.params.schema import EncodeScene
from stages.core.recording.types import Recording, captions_digest, stimuli_digest
from stages.core.regression.folds import share_tested
from stages.core.regression.piece_scores import scores_without
from stages.core.regression.ridge import Fit, cross_validate, lambda_grid
from stages.core.results.left_out_scores import jackknife_table
from stages.core.results.results import results_table
from stages.core.run.parallel import parallel_map
from stages.core.run.shared import Shared
from stages.core.run.tables import check_same_ids
from stages.core.stats.multiple import adjust
from stages.core.stats.random_projection import project
from stages.core.stats.scores import pick
from stages.encode.image_null import CLOSED, DRAWN, judge_each, judge_mean
from stages.encode.image_people import Person, Settings, gather_people
from stages.encode.image_sequence import warn_of_sequence
from stages.encode.image_targets import CEILING, check_images
from stages.encode.without_pieces import without_table

Ints = NDArray[np.intp]
Layer = NDArray[np.float32]
HIDDEN, NESTED, METRIC = "hidden", "nested", "r"
APART, WHOLE = HELD_APART


def encode_images(
    recording: Recording, folder: Path, settings: Settings, groups: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
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
    DataFrame
        A table of `stages.core.results.left_out_scores`, of the kind `nested`: the same without
        each piece of the images that are tested.

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
    found = gather_people(recording, settings, groups)
    layers = [read_layer(folder, name, about, len(table)) for name in about.layers]
    for one in found:
        warn_of_sequence(
            layers, one.rows, one.voxels.series, one.name, settings.encode_scene.permute
        )
    names = list(about.layers)
    labels = {"dataset": recording.dataset, "model": about.label}
    parts = [_encode_person(one, names, layers, settings) for one in found]
    tables, without = ([part[k].assign(**labels) for part in parts] for k in (0, 1))
    whole = results_table(pd.concat(tables, ignore_index=True))
    over = "voxels × layers" if settings.encode_scene.targets == "voxel" else "regions × layers"
    return adjust(whole, ("subject", "kind", "metric"), over), jackknife_table(without)


def _encode_person(
    person: Person, names: list[str], layers: list[Layer], settings: Settings
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Fit and judge all layers of one person."""
    fit = partial(_fit, person=Shared(person), settings=settings)
    fits = parallel_map(fit, [Shared(layer) for layer in layers], f"fit {person.name}")
    judge = partial(
        _judge_region,
        person=Shared(person),
        fits=Shared(dict(zip(names, fits, strict=True))),
        settings=settings.encode_scene,
    )
    found = parallel_map(judge, list(person.voxels.regions), f"encode {person.name}")
    tables, without = zip(*found, strict=True)
    split = WHOLE if len(person.folds) > 1 else APART
    labels = {"subject": person.name, "metric": METRIC}
    fitted = share_tested(person.folds)
    return (
        pd.concat(tables, ignore_index=True).assign(split=split, **labels),
        pd.concat(without, ignore_index=True).assign(fitted=fitted, **labels),
    )


def _fit(layer: Shared[Layer], *, person: Shared[Person], settings: Settings) -> Fit:
    """Fit one layer to all voxels of a person, from one factorisation of each split."""
    one, asked = person.value, settings.encode_scene
    design = layer.value[one.rows]
    if design.shape[1] > asked.width:
        rng = np.random.default_rng([asked.seed, design.shape[1]])
        design = project(design, asked.width, rng)
    lambdas = lambda_grid(settings.ridge.lambdas)
    return cross_validate(design, one.voxels.series, one.folds, lambdas)


def _judge_region(
    region: str, *, person: Shared[Person], fits: Shared[dict[str, Fit]], settings: EncodeScene
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Score every layer in one region, and the layer that the inner folds choose.

    The second table is of that choice, without each piece of the images.
    """
    one = person.value
    columns = one.voxels.regions[region]
    here = {name: fit.columns(columns) for name, fit in fits.value.items()}
    layers = list(here)
    inner = np.stack([fit.inner_r2.mean(axis=1) for fit in here.values()])
    chosen = inner.argmax(axis=0)
    usual = layers[int(inner.mean(axis=1).argmax())]
    nested = _composed(list(here.values()), chosen)
    asked = [*((name, HIDDEN, fit) for name, fit in here.items()), (usual, NESTED, nested)]
    by_voxel = settings.targets == "voxel"
    judge = _rows_of_voxels if by_voxel else _row_of_region
    tables = [judge(one, columns, fit).assign(layer=name, kind=kind) for name, kind, fit in asked]
    left = scores_without(nested, one.voxels.series[:, columns], one.pieces, settings.pieces)
    names = one.voxels.ids[columns] if by_voxel else [""]
    scores = left if by_voxel else left.mean(axis=1, keepdims=True)
    labels = {"layer": usual, "kind": NESTED, "region": region}
    without = without_table(pd.DataFrame({"target": names}), scores, **labels)
    return pd.concat(tables, ignore_index=True).assign(region=region), without


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


def _row_of_region(person: Person, columns: slice, fit: Fit) -> pd.DataFrame:
    found = judge_mean(fit, person.voxels.series[:, columns], person.orders)
    return _with_ceiling(pd.DataFrame([found]), person.voxels.ceilings[columns].mean(), fit)


def _rows_of_voxels(person: Person, columns: slice, fit: Fit) -> pd.DataFrame:
    found: dict[str, Any] = {"target": person.voxels.ids[columns]}
    found |= judge_each(fit, person.voxels.series[:, columns], person.orders)
    kind = DRAWN if len(person.orders) else CLOSED
    table = pd.DataFrame(found).assign(null_kind=kind)
    return _with_ceiling(table, person.voxels.ceilings[columns], fit)


def _with_ceiling(table: pd.DataFrame, ceiling: Any, fit: Fit) -> pd.DataFrame:
    """Add what the scores are held against, and the number of images."""
    table = table.assign(ceiling=ceiling, n=fit.observed.n[:, 0].sum())
    return table.assign(ceiling_kind=np.where(table["ceiling"].notna(), CEILING, ""))
