"""The recording contract: what `prepare` writes and every analysis reads.

A recording is a folder `data/prepared/<dataset>/`:

- `recording.json`: dataset, kind, TR, cleaning, sources with hashes, subjects; `shifted`, the
  seconds by which the responses were moved back in time before they came here (absent for 0); and
  `space`, the template, mesh or image that voxels and vertices are of, as BIDS calls it (absent
  where the dataset's name tells).
- `stimuli.parquet`: one row per word or image, in order: id, text, run, onset and duration in
  seconds, and `sample`, the id of the sample during which it began (empty if none was kept).
- `samples.parquet`: one row per measurement: id, run, onset in seconds.
- `captions.parquet` (images): id, number from 0, text; one or more rows per stimulus, in the order
  of the stimuli, of which the first is the stimulus's text; where nothing else is known of the
  images, these texts alone.
- `images.hdf5` (images): see `stages.core.pictures.images`.
- `surface.parquet`, `<subject>/surface.parquet` and `<subject>/mesh.safetensors` (optional): where
  the regions lie on the cortical surface; see `stages.core.pictures.surfaces`.
- `features.parquet` (optional): id and one column `type/name` per annotated feature.
- `nuisance.parquet` (optional): id and one column per nuisance variable of the stimuli.
- `<subject>/responses.safetensors`: `responses`, float32, samples × targets.
- `<subject>/targets.parquet`: id, region, hemisphere, voxel indices i, j, k from 0, ceiling; of
  grayordinates `structure` too, the name that CIFTI has for the part of the brain.
- `<subject>/samples.parquet` (optional): id and repeats, the samples that this subject's rows
  are and how many measurements each averages; without it, the rows are all the samples.
- `<subject>/single.safetensors` (optional): `responses`, float32, single measurements of the
  samples that `single`, a column of `<subject>/samples.parquet`, marks: the first of each, then the
  second of each, and so on.

Images are shown many times and in another order to everyone, so that they have no time: their
run is `1`, their onset and duration are the position in the table and 1.

Of kind `events`, an image is a sample (its id is the stimulus's) and a response is its mean over
repeats. A column `split` of the samples says which are kept apart: `test`, the others `train`.

Of kind `rdm`, a sample is a pair of images, a response their dissimilarity, and a target one
measured matrix. Samples have columns `first` and `second`, ids of stimuli, in the order of
`scipy.spatial.distance.squareform`, which makes a column of responses the symmetric matrix.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.run.tables import digest

KINDS = ("timeseries", "events", "rdm")


STIMULUS_COLUMNS = ("id", "text", "run", "onset", "duration", "sample")


SAMPLE_COLUMNS = ("id", "run", "onset")


TARGET_COLUMNS = ("id", "region", "hemisphere", "i", "j", "k", "ceiling")


OWN_SAMPLE_COLUMNS = ("id", "repeats")


CAPTION_COLUMNS = ("id", "number", "text")


PAIR_COLUMNS = ("first", "second")


@dataclass(frozen=True)
class Cleaning:
    """What was removed from every run of the responses.

    Attributes
    ----------
    detrend : bool
        A straight line.
    high_pass : float
        Fluctuations slower than this period in seconds; 0 for none.
    standardize : bool
        Mean and standard deviation.
    confounds : tuple of str
        What else left the responses, such as movement; it is one person's, and never taken out of
        what everybody was shown.
    """

    detrend: bool
    high_pass: float
    standardize: bool
    confounds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Timeline:
    """When the samples were taken, and what was done to the responses.

    Attributes
    ----------
    samples : DataFrame
        Columns id, run, onset (seconds).
    tr : float or None
        Seconds between samples; None for events.
    cleaning : Cleaning or None
    shifted : float
        Seconds by which the responses were moved back in time, towards the stimuli that caused
        them, before they came here; 0 if they stand when they were measured.
    """

    samples: pd.DataFrame
    tr: float | None
    cleaning: Cleaning | None
    shifted: float = 0.0


@dataclass(frozen=True)
class Subject:
    """The responses of one subject.

    Attributes
    ----------
    name : str
    responses : ndarray of float32, shape (n_samples, n_targets)
    targets : DataFrame
        One row per target, columns `TARGET_COLUMNS`; i, j, k are missing and hemisphere
        is empty where they mean nothing; ceiling is missing where encode estimates it.
    affine : ndarray, shape (4, 4), or None
        From voxel indices counted from 0 to millimetres.
    shape : tuple of int or None
        Dimensions of the volume.
    samples : DataFrame or None
        Columns `OWN_SAMPLE_COLUMNS`, in the order of the recording's samples: those that the
        rows of the responses are; None for all of them.
    single : ndarray of float32, shape (n_repeats × n_single, n_targets), or None
        Single measurements of the samples that the column `single` marks: the first of each, then
        the second of each, and so on.
    """

    name: str
    responses: NDArray[np.float32]
    targets: pd.DataFrame
    affine: NDArray[np.float64] | None = None
    shape: tuple[int, int, int] | None = None
    samples: pd.DataFrame | None = None
    single: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class Stream:
    """A subject whose responses are made while they are written; `Subject` when read back.

    Attributes
    ----------
    name : str
    parts : iterable of (ndarray of float32, DataFrame)
        Responses, shape (n_samples, any), and the table of their targets; taken one at a time.
    at_most : int
        Targets in all parts together, or more.
    samples, affine, shape
        As in `Subject`.
    single : iterable of ndarray of float32, or None
        Single measurements, of the targets of each part; taken after all parts.
    """

    name: str
    parts: Iterable[tuple[NDArray[np.float32], pd.DataFrame]]
    at_most: int
    samples: pd.DataFrame
    affine: NDArray[np.float64] | None = None
    shape: tuple[int, int, int] | None = None
    single: Iterable[NDArray[np.float32]] | None = None


@dataclass(frozen=True)
class Recording:
    """Stimuli, samples and responses of one dataset; see the module's text and `Timeline`.

    `streams` are only written: a recording that was read has all its subjects in `subjects`. Images
    and surfaces lie in the folder beside it: see `stages.core.pictures`.
    """

    dataset: str
    kind: str
    tr: float | None
    cleaning: Cleaning | None
    stimuli: pd.DataFrame
    samples: pd.DataFrame
    subjects: list[Subject]
    features: pd.DataFrame | None = None
    nuisance: pd.DataFrame | None = None
    sources: dict[str, str] = field(default_factory=dict)
    captions: pd.DataFrame | None = None
    streams: list[Stream] = field(default_factory=list)
    shifted: float = 0.0
    space: str = ""

    @property
    def everyone(self) -> list[Subject | Stream]:
        """All subjects, those whose responses are made while they are written included."""
        return [*self.subjects, *self.streams]

    @property
    def timeline(self) -> Timeline:
        """When the samples were taken, and what was done to the responses."""
        return Timeline(self.samples, self.tr, self.cleaning, self.shifted)


def stimuli_digest(stimuli: pd.DataFrame) -> str:
    """Digest of all that a model is shown: ids, texts, order, runs and times."""
    return digest(stimuli, STIMULUS_COLUMNS)


def captions_digest(captions: pd.DataFrame | None) -> str:
    """Digest of all captions of the stimuli; empty where there are none."""
    return "" if captions is None else digest(captions, CAPTION_COLUMNS)
