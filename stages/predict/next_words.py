"""How well each model of a zoo predicts the next word of a text, one row each."""

import logging
import math
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

import pandas as pd

from stages.core.names.models import TRANSFORMERS, ModelSpec
from stages.core.nets.hardware import choose_devices
from stages.core.nets.language_head import NoLanguageHeadError, open_language_model
from stages.core.nets.next_word import TextLoss, text_loss
from stages.core.nets.source import find_source
from stages.core.results.results import rounded
from stages.core.results.text_losses import TEXT_LOSSES
from stages.core.run.errors import ConcordError

SHOWN = ("perplexity", "bits_per_byte")

log = logging.getLogger("concord.predict")


def predict(
    specs: Iterable[ModelSpec], name: str, content: str, stimuli: pd.DataFrame
) -> pd.DataFrame:
    """Measure every model that predicts words on a text, and set the stimuli's beside it.

    Parameters
    ----------
    specs : iterable of ModelSpec
    name, content : str
        Of the text.
    stimuli : DataFrame
        Table `words` of `stages.core.results.language_scores`, with what was measured on the words
        of each recording.

    Returns
    -------
    DataFrame
        Columns `TEXT_LOSSES`.
    """
    rows = [*_on_text(specs, name, content), *_on_stimuli(stimuli)]
    table = pd.DataFrame(rows).reindex(columns=list(TEXT_LOSSES))
    for column, kind in TEXT_LOSSES.items():
        values = table[column]
        text = values.astype(object).where(values.notna(), "")
        table[column] = values.astype(float) if kind == "number" else text
    return table


def _on_text(specs: Iterable[ModelSpec], name: str, content: str) -> Iterator[dict[str, Any]]:
    for spec in specs:
        row: dict[str, Any] = {"model": spec.label, "string": spec.string, "text": name}
        if spec.scheme not in TRANSFORMERS:
            log.info("%s: left out, since it is no network", spec.label)
            continue
        try:
            yield row | _numbers(_measured(spec, content))
        except NoLanguageHeadError as error:
            log.info("%s: left out: %s", spec.label, error)
        except ConcordError as error:
            log.warning("%s: %s", spec.label, error)
            yield row | {"error": str(error)}


def _measured(spec: ModelSpec, content: str) -> TextLoss:
    device = choose_devices()[0]
    reader = open_language_model(find_source(spec).folder, device, spec.seed)
    return text_loss(reader, [content], device)


def _numbers(found: TextLoss) -> dict[str, float]:
    sums = asdict(found)
    loss, per_word = sums.pop("per_token"), sums.pop("per_word")
    return sums | {"loss": loss, "perplexity": math.exp(loss), "loss_per_word": per_word}


def _on_stimuli(words: pd.DataFrame) -> Iterator[dict[str, Any]]:
    told = words[words["bits_per_byte"].notna()]
    for row in told.to_dict("records"):
        names = {"model": row["model"], "string": row["string"], "text": row["recording"]}
        yield names | {"bits_per_byte": row["bits_per_byte"]}


def shown_numbers(table: pd.DataFrame) -> dict[str, dict[str, dict[str, float]]]:
    """Pick the numbers by which two runs are compared, by text and model."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for row in table[table["error"] == ""].to_dict("records"):
        own = {name: rounded(row[name]) for name in SHOWN if pd.notna(row[name])}
        found.setdefault(row["text"], {})[row["model"]] = own
    return found
