"""A card for activations that are passed on, as hubs of data sets read it.

A data set card is Markdown below a head in YAML (Hugging Face; after Gebru et al. 2021,
doi:10.1145/3458723): what is in it, of whom, how it came about, and on which terms.
"""

import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

from huggingface_hub import DatasetCardData

from stages.core.activations.activations import Activations, read_about, read_layer
from stages.core.recording.recorded_captions import read_captions_digest
from stages.core.recording.recording_files import read_stimuli
from stages.core.recording.types import stimuli_digest
from stages.core.run.errors import InputError
from stages.core.run.origins import RERUN
from stages.core.run.seals import read_sealed, seal_of
from stages.share.derivative_folder import MARKUP, PROJECT
from stages.share.known_places import sources_of

UNKNOWN = "unknown"  # what hubs call terms that nobody gave
TERMS = re.compile(r"[a-z0-9][a-z0-9.+-]*")
CARD = """---
{head}
---

# {title}

What {count} layers of {model} hold of {rows} words, sentences or images, as float32, extracted by
Concord {version}.

| file | units | units before projection | SHA-256 |
|---|---|---|---|
{layers}

- `rows.parquet`: which of them each row is (`id`), its run, and when it was, in seconds. What was
  shown is not here: it is that of {stimuli}.
- `activations.json`: how all this came about, with the digest of every file.

```python
from safetensors.numpy import load_file

layer = load_file("{first}.safetensors")["activations"]  # rows × units
```

| how | |
|---|---|
| model | {model}, revision {revision} |
| weights | {weights} |
| stimuli | {dataset}, digest {digest} |
| presentation | {presentation} |
| precision of the forward pass | {dtype} |

Terms: {terms}
"""


def write_card(folder: Path, recording: Path, raw: Path, licence: str) -> str:
    """Describe the activations of a model, all of whose files are whole.

    Parameters
    ----------
    folder : Path
        Of one model, as extract writes it.
    recording : Path
        Folder of the recording whose stimuli were shown.
    raw : Path
        Folder of its raw data.
    licence : str
        As hubs write it, such as `cc-by-4.0`; empty where none is given.

    Returns
    -------
    str
        Markdown with a head in YAML.

    Raises
    ------
    InputError
        If a file is missing or was changed, the stimuli are others, or the licence is not written
        as hubs do.
    """
    if licence and not TERMS.fullmatch(licence):
        expected = "an identifier in small letters, such as cc-by-4.0"
        raise InputError("wrong licence", where="--license", expected=expected, got=repr(licence))
    dataset = str(read_sealed(recording / "recording.json", RERUN)["dataset"])
    digest = stimuli_digest(read_stimuli(recording / "stimuli.parquet"))
    about, rows = read_about(folder, digest, read_captions_digest(recording))
    for layer in about.layers:
        read_layer(folder, layer, about, len(rows))
    title = f"Activations of {plain(about.label)} for {plain(dataset)}"
    urls = ", ".join(source["URL"] for source in sources_of(dataset, raw))
    return CARD.format(
        head=_head(about, dataset, title, licence, seal_of(folder / "activations.json", RERUN)),
        title=title,
        model=public_name(about),
        version=version(PROJECT),
        rows=f"{len(rows):,}",
        count=len(about.layers),
        layers="\n".join(_line(about, layer) for layer in about.layers),
        stimuli=plain(dataset) + (f" ({urls})" if urls else ""),
        first=next(iter(about.layers)),
        revision=f"`{about.revision}`",
        weights="as trained" if about.seed is None else f"untrained, drawn with seed {about.seed}",
        dataset=plain(dataset),
        digest=f"`{about.stimuli_digest}`",
        presentation=plain(_presentation(about)),
        dtype=about.dtype,
        terms=f"{licence}."
        if licence
        else "none given; those of the model and of the stimuli apply.",
    )


def plain(name: str) -> str:
    """Take the signs out of a name that mean something in Markdown."""
    return name.translate(MARKUP)


def public_name(about: Activations) -> str:
    """Name a model as its string does; of a folder of one's own, its label alone."""
    return plain(about.label if about.model.startswith("file:") else about.model)


def _head(about: Activations, dataset: str, title: str, licence: str, digest: str) -> str:
    """Write the head: keys of the hub, and below `concord` what machines may want besides."""
    own: dict[str, Any] = {
        "model": public_name(about),
        "revision": about.revision,
        "seed": about.seed,
        "stimuli": dataset,
        "stimuli_digest": about.stimuli_digest,
        "layers": about.layers,
        "digest": digest,
    }
    data = DatasetCardData(
        license=licence or UNKNOWN,
        pretty_name=title,
        tags=["activations", "representations", about.modality],
        viewer=False,
        concord=own,
    )
    return str(data.to_yaml())


def _line(about: Activations, layer: str) -> str:
    units, width = about.layers[layer], about.widths[layer]
    return f"| `{layer}.safetensors` | {units} | {width} | `{about.digests[layer]}` |"


def _presentation(about: Activations) -> str:
    parts = [about.presentation]
    parts += [f"context: {about.context}"] if about.context is not None else []
    parts += [f"pooled: {about.pooling}"] if about.pooling else []
    return ", ".join(parts)
