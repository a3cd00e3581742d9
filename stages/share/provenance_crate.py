"""Which command made which file from what, as an RO-Crate.

RO-Crate 1.1 (Soiland-Reyes et al. 2022) is JSON-LD in the root of a project: files and folders, and
an action of each run with its instrument, objects and results (schema.org), after the profile
Process Run Crate.
"""

import json
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from stages.share.derivative_folder import PROJECT, THEIRS
from stages.share.run_lock import Entry, Run

CONTEXT = "https://w3id.org/ro/crate/1.1/context"
CONFORMS_TO = "https://w3id.org/ro/crate/1.1"
DESCRIPTOR = "ro-crate-metadata.json"
SOFTWARE = "#concord"
Entity = dict[str, Any]


def describe_runs(runs: Sequence[Run], published: str, terms: str) -> Entity:
    """Describe the last run of every stage.

    Parameters
    ----------
    runs : sequence of Run
    published : str
        Day of publication.
    terms : str
        Address of the licence; empty for none of its own.
    """
    data = {one.path: one for run in runs for one in (*run.deps, *run.outs)}
    parameters = [one for run in runs for one in _parameters(run)]
    actions = [_action(run) for run in runs]
    root: Entity = {
        "@id": "./",
        "@type": "Dataset",
        "name": "Concord",
        "description": "Agreement of artificial networks with brains: how every result was made.",
        "datePublished": published,
        "hasPart": _links(_id(one) for one in data.values()),
        "mentions": _links(action["@id"] for action in actions),
        "license": {"@id": terms} if terms else THEIRS,
    }
    descriptor = {
        "@id": DESCRIPTOR,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": CONFORMS_TO},
    }
    software = {
        "@id": SOFTWARE,
        "@type": "SoftwareApplication",
        "name": "Concord",
        "softwareVersion": version(PROJECT),
    }
    entities = [descriptor, root, software, *map(_data, data.values()), *actions, *parameters]
    licence = [{"@id": terms, "@type": "CreativeWork", "name": terms}] if terms else []
    return {"@context": CONTEXT, "@graph": [*entities, *licence]}


def _id(entry: Entry) -> str:
    """Address of an entry: its path, a folder's with a slash behind it."""
    return quote(entry.path, safe="/+@=,") + ("/" if entry.is_folder else "")


def _links(ids: Iterable[str]) -> list[dict[str, str]]:
    return [{"@id": one} for one in ids]


def _data(entry: Entry) -> Entity:
    found: Entity = {
        "@id": _id(entry),
        "@type": "Dataset" if entry.is_folder else "File",
        "name": entry.path,
    }
    if entry.digest:
        found["identifier"] = entry.digest
    if entry.size is not None:
        found["contentSize"] = str(entry.size)
    if entry.files is not None:
        found["description"] = f"{entry.files} files; the digest is that of DVC's list of them"
    return found


def _action(run: Run) -> Entity:
    return {
        "@id": f"#run/{quote(run.stage, safe='@+')}",
        "@type": "CreateAction",
        "name": run.stage,
        "description": run.command,
        "instrument": {"@id": SOFTWARE},
        "object": _links(
            [*map(_id, run.deps), *(parameter["@id"] for parameter in _parameters(run))]
        ),
        "result": _links(map(_id, run.outs)),
        "actionStatus": {"@id": "http://schema.org/CompletedActionStatus"},
    }


def _parameters(run: Run) -> list[Entity]:
    """Parameters of a run, as JSON."""
    return [
        {
            "@id": f"#parameter/{quote(run.stage, safe='@+')}/{quote(str(name), safe='.')}",
            "@type": "PropertyValue",
            "name": f"{file}: {name}",
            "value": json.dumps(value, ensure_ascii=False, sort_keys=True, default=str),
        }
        for file, values in run.params.items()
        for name, value in values.items()
    ]
