"""The roll of models: what they are, of which architecture, and the layers of those that ran."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from stages.core.activations.activations import (
    Activations,
    read_about,
    read_failure,
)
from stages.core.names.layers import layer_modality
from stages.core.names.models import CONTROL, ModelSpec
from stages.core.names.vocabulary import NOISE
from stages.core.results.survey import TABLES
from stages.survey.depths import relative_depths

LAYER_COLUMNS = ("model", "layer", "modality", "depth", "units")

log = logging.getLogger("concord.survey")


@dataclass(frozen=True)
class Model:
    """A model of the zoo.

    Attributes
    ----------
    spec : ModelSpec
    about : Activations or None
        None if it could not be run.
    error : str
        Why it could not; empty if it could.
    """

    spec: ModelSpec
    about: Activations | None
    error: str = ""

    @property
    def name(self) -> str:
        """The short name."""
        return self.spec.label

    @property
    def trained(self) -> bool:
        """Whether it has learnt anything: untrained twins, noise and controls have not."""
        return self.spec.seed is None and self.spec.scheme not in (NOISE, CONTROL)


def read_models(
    specs: Sequence[ModelSpec], folder: Path, digest: str, captions: str = ""
) -> list[Model]:
    """Read what was extracted from each model, or why nothing was.

    Parameters
    ----------
    specs : sequence of ModelSpec
        The zoo.
    folder : Path
        Of the dataset's activations.
    digest, captions : str
        Of the recording's stimuli, and of their captions.

    Raises
    ------
    InputError
        If a model has left neither, or was shown other stimuli.
    """
    models = []
    for spec in specs:
        error = read_failure(folder / spec.label)
        if error is None:
            models.append(Model(spec, read_about(folder / spec.label, digest, captions)[0]))
        else:
            log.warning("model %s left out, since it could not be run: %s", spec.label, error)
            models.append(Model(spec, None, error))
    return models


def call_roll(models: Sequence[Model]) -> pd.DataFrame:
    """Make the table of models, in the order of the zoo.

    Returns
    -------
    DataFrame
        Columns model, string, modality (`vision`, `language`, `both` or `noise`; empty if it could
        not be run), architecture (its trained twin's name where the zoo has one, else its own),
        seed (of untrained twins), trained, parameters and width (units of the widest layer before
        any projection), both missing if it could not be run, layers (0 then) and error.
    """
    twins = {_architecture(one.spec): one.name for one in reversed(models) if one.trained}
    rows = [
        {
            "model": model.name,
            "string": model.spec.string,
            "modality": about.modality if about else "",
            "architecture": twins.get(_architecture(model.spec), model.name),
            "seed": model.spec.seed,
            "trained": model.trained,
            "parameters": about.parameters if about else None,
            "layers": len(about.layers) if about else 0,
            "width": max(about.widths.values()) if about else None,
            "error": model.error,
        }
        for model in models
        for about in [model.about]
    ]
    roll = pd.DataFrame(rows, columns=list(TABLES["models"]))
    return roll.astype({"seed": "Int64", "parameters": float, "width": "Int64"})


def _architecture(spec: ModelSpec) -> tuple[str, str, str | None]:
    return spec.scheme, spec.name, spec.revision


def list_layers(models: Sequence[Model]) -> pd.DataFrame:
    """Make the table of layers.

    Returns
    -------
    DataFrame
        Columns model, layer, modality (of the layer's tower), depth (relative, in its tower;
        missing for noise, whose layers are widths) and units (as compared).
    """
    tables = [_layers_of(model.name, model.about) for model in models if model.about]
    empty = pd.DataFrame(columns=list(LAYER_COLUMNS)).astype({"depth": float, "units": int})
    return pd.concat(tables, ignore_index=True) if tables else empty


def _layers_of(name: str, about: Activations) -> pd.DataFrame:
    towers = [layer_modality(layer, about.modality) for layer in about.layers]
    table = pd.DataFrame(
        {
            "model": name,
            "layer": list(about.layers),
            "modality": towers,
            "depth": relative_depths(towers),
            "units": list(about.layers.values()),
        }
    )
    return table.assign(depth=table["depth"].where(table["modality"] != NOISE))
