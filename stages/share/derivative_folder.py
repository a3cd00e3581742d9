"""A folder of derivatives as BIDS has them, and what belongs to every file of it."""

from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from stages.core.names.spaces import Space, space_of
from stages.core.names.vocabulary import GROUP, MEAN
from stages.core.recording.types import Recording
from stages.core.run.errors import InputError
from stages.core.run.files import atomic, write_json
from stages.share.bids_labels import distinct_labels, file_name
from stages.share.known_places import is_simulated, sources_of
from stages.share.tsv_tables import filled, meanings, write_tsv

BIDS_VERSION = "1.11.1"
PROJECT = "concord"
# Whose licence is meant where none is given.
THEIRS = "No terms of its own: those of the recordings apply, and MIT's to the software."
# BIDS has no statistical maps yet, nor tables of nobody in particular.
NOBODY = (GROUP, MEAN)
MODELS = "models"  # folder of what is of no brain
IGNORED = (
    "*_statmap.*",
    "*_inflated.surf.gii",
    "*_dseg.label.gii",
    "*_dseg.dlabel.nii",
    GROUP,
    MODELS,
)
# Signs that mean something in Markdown and HTML.
MARKUP = str.maketrans(dict.fromkeys("<>&[]()!`*#|\n\r", " "))
PAGE = """# {title}

Agreement of artificial networks with brains, written by Concord {version}.

- `participants.tsv`: which person of the recording each label stands for; `descriptions.tsv`: what
  each `desc-` stands for.
- `sub-*/func/*_statmap.nii.gz`: a number per voxel, 0 where there is none; `Mask` in the `.json`
  beside it names the image that tells which voxels have one. Where regions were scored, all voxels
  of a region have its score.
- `sub-*/func/*_dseg.nii.gz`, `.tsv`: which region each voxel belongs to.
- `sub-*/func/*_statmap.tsv`: all scores, one a row; the `.json` beside it tells what each column
  means. `n/a` is what is not there.
- `sub-*/func/*_statmap.func.gii`, `.pscalar.nii`: scores on the cortical surface, where the
  recording has one, 0 where there is none; `Maps` in the `.json` names the arrays of vertices.
- `sub-*/func/*_statmap.dscalar.nii`, `*_dseg.dlabel.nii`: of CIFTI, the same of all grayordinates
  that were studied, voxels below the cortex among them.
- `group`: scores of the average of all people. `models`: scores of models alone. Both, and maps,
  are beyond what BIDS describes so far: `.bidsignore` names them.
"""
# What a name of BIDS begins with; people of a BIDS recording are called so already.
PREFIX = "sub-"


@dataclass
class Derivative:
    """A folder that is being written.

    Attributes
    ----------
    folder : Path
    task : str
        Label of the study.
    people : dict of str to str
        Label of every subject that is somebody.
    space : Space
        Of the voxels.
    described : dict of str to str
        What each `desc` stands for.
    """

    folder: Path
    task: str
    people: dict[str, str]
    space: Space
    described: dict[str, str] = field(default_factory=dict)

    def place(
        self, who: str, suffix: str, extension: str, *, room: str = "func", **entities: str
    ) -> Path:
        """Say where a file goes.

        Parameters
        ----------
        who : str
            A subject, or a top folder: `group` or `models`.
        suffix, extension : str
        room : str
            Folder of the subject.
        **entities
            Besides subject and task, which anatomy has not.

        Raises
        ------
        InputError
            If the recording has no such subject.
        """
        if who in self.people:
            entities = {"sub": self.people[who]} | entities
            below = self.folder / f"{PREFIX}{self.people[who]}" / room
        elif who in (*NOBODY, MODELS):
            below = self.folder / (MODELS if who == MODELS else GROUP)
        else:
            raise InputError("unknown subject", expected=list(self.people), got=repr(who))
        named = entities if room == "anat" else {"task": self.task} | entities
        return below / file_name(named, suffix, extension)

    def image(self, who: str, suffix: str, extension: str, **entities: str) -> Path:
        """Say where something of a person's voxels goes: as `place`, with their space."""
        space = {"space": self.space.label} if self.space.label else {}
        return self.place(who, suffix, extension, **space, **entities)

    def describe(self, desc: str, text: str) -> str:
        """Keep what a `desc` stands for; it may stand for one thing only."""
        spelled = {name.casefold(): name for name in self.described}
        known = spelled.get(desc.casefold(), desc)
        if self.described.get(known, text) != text:
            raise InputError(
                "names that differ in other signs than letters and digits",
                where=f"desc-{desc}",
                got=f"{self.described[known]!r} and {text!r}",
                do="Rename one of them.",
            )
        self.described[known] = text
        return known

    def table(self, who: str, rows: pd.DataFrame, kind: str, suffix: str, desc: str) -> None:
        """Write a table, and what its columns mean."""
        rows = filled(rows)
        write_tsv(self.place(who, suffix, ".tsv", desc=desc), rows)
        about = {"Description": self.described[desc]} | meanings(rows, kind)
        write_json(self.place(who, suffix, ".json", desc=desc), about)


def open_derivative(folder: Path, study: str, recording: Recording) -> Derivative:
    """Begin a folder, with a label for every subject that is somebody.

    Raises
    ------
    InputError
        If two subjects have the same label.
    """
    names = [subject.name for subject in recording.subjects if subject.name not in NOBODY]
    space = space_of(recording.dataset, recording.space)
    spare = PREFIX if all(name.startswith(PREFIX) for name in names) else ""
    labels = distinct_labels((name.removeprefix(spare) for name in names), "subjects")
    people = {name: labels[name.removeprefix(spare)] for name in names}
    return Derivative(folder, study, people, space)


def close_derivative(made: Derivative, dataset: str, raw: Path) -> None:
    """Write what BIDS wants to know of the whole folder.

    Parameters
    ----------
    made : Derivative
    dataset : str
        Name of the recording.
    raw : Path
        Folder of its raw data.
    """
    title = f"Concord, {made.task} study of the recording {dataset}"
    if is_simulated(raw):
        title += " (simulated brains: nobody was measured)"
    sources = sources_of(dataset, raw)
    about: dict[str, Any] = {
        "Name": title,
        "BIDSVersion": BIDS_VERSION,
        "DatasetType": "derivative",
        "GeneratedBy": [{"Name": "Concord", "Version": version(PROJECT)}],
    }
    write_json(
        made.folder / "dataset_description.json",
        about | ({"SourceDatasets": sources} if sources else {}),
    )
    _write(made.folder / ".bidsignore", "".join(f"{pattern}\n" for pattern in IGNORED))
    plain = title.translate(MARKUP)
    _write(made.folder / "README.md", PAGE.format(title=plain, version=version(PROJECT)))
    _write_described(made)
    people = pd.DataFrame(
        {
            "participant_id": [f"{PREFIX}{label}" for label in made.people.values()],
            "recording_name": list(made.people),
        }
    )
    if len(people):
        write_tsv(made.folder / "participants.tsv", people)
        write_json(made.folder / "participants.json", meanings(people, "participants"))


def _write_described(made: Derivative) -> None:
    rows = [{"desc_id": f"desc-{desc}", "description": t} for desc, t in made.described.items()]
    described = pd.DataFrame(rows, columns=["desc_id", "description"])
    write_tsv(made.folder / "descriptions.tsv", described)
    write_json(made.folder / "descriptions.json", meanings(described, "descriptions"))


def _write(path: Path, text: str) -> None:
    with atomic(path) as partial:
        partial.write_text(text, encoding="utf-8")
