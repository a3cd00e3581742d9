"""Kriegeskorte et al. (2008): 92 images in human and monkey inferior temporal cortex."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from stages.core.results.replications import RECOMPUTED
from stages.core.run.errors import InputError
from stages.replicate.plain_tables import OBTAIN, read_variables
from stages.replicate.published_targets import Found, Target

PEOPLE_RDMS = "kriegeskorte2008/92_brainRDMs.mat"
SPECIES_RDMS = "kriegeskorte2008/Kriegeskorte_Neuron2008_supplementalData.mat"
IMAGES = 92
UPPER = np.triu_indices(IMAGES, 1)
CEILINGS = {"BE": ".431", "KO": ".296", "SN": ".452", "TI": ".335"}

Pairs = NDArray[np.float64]


def _targets() -> Iterator[Target]:
    yield Target("monkey ~ human", ".49", 0.01)
    yield Target("monkey ~ human, to four digits", ".4912", 0.001, RECOMPUTED)
    yield Target("monkey ~ human, Spearman", ".4389", 0.001, RECOMPUTED)
    yield Target("pairs of images", "4186", 0.0, RECOMPUTED)
    for person, value in CEILINGS.items():
        note = "Spearman, sessions averaged"
        yield Target(f"{person} ~ the other people", value, 0.001, RECOMPUTED, note)


TARGETS = tuple(_targets())


def derive_kriegeskorte(files: Mapping[str, Path]) -> dict[str, Found]:
    """Correlate dissimilarities of two species, and of each person with the mean of the others."""
    monkey, human = read_species(files[SPECIES_RDMS])
    people = read_people_rdms(files[PEOPLE_RDMS])
    n = len(monkey)
    found = {
        "monkey ~ human": Found(float(np.corrcoef(monkey, human)[0, 1]), n=n),
        "monkey ~ human, Spearman": Found(float(spearmanr(monkey, human)[0]), n=n),
        "pairs of images": Found(n, n=IMAGES),
    }
    found["monkey ~ human, to four digits"] = found["monkey ~ human"]
    ceilings = leave_one_out(people)
    return found | {
        f"{person} ~ the other people": Found(value, n=len(people))
        for person, value in ceilings.items()
    }


def leave_one_out(people: Mapping[str, Pairs]) -> dict[str, float]:
    """Spearman correlation of each person's dissimilarities with the mean of the others'."""
    return {
        name: float(
            spearmanr(
                own, np.mean([one for other, one in people.items() if other != name], axis=0)
            )[0]
        )
        for name, own in people.items()
    }


def read_species(path: Path) -> tuple[Pairs, Pairs]:
    """Read the matrices of the paper's figure 1: monkey and human, by pair.

    Raises
    ------
    InputError
        If the file is missing or unreadable, or they are not there.
    """
    struct = read_variables(path, ["RDMs_mIT_hIT_fig1"])["RDMs_mIT_hIT_fig1"]
    try:
        values = {
            str(np.squeeze(one["name"])): np.asarray(one["RDM"], dtype=np.float64).ravel()
            for one in struct.ravel()
        }
        monkey, human = values["mIT_674neurons"], values["hITvisStim_316vx"]
    except (KeyError, ValueError, TypeError, IndexError) as error:
        raise InputError("unexpected matrices", where=path, got=repr(error), do=OBTAIN) from error
    if {len(monkey), len(human)} != {len(UPPER[0])} or not np.isfinite(monkey + human).all():
        raise InputError("other pairs", where=path, expected=len(UPPER[0]), got=len(monkey))
    return monkey, human


def read_people_rdms(path: Path) -> dict[str, Pairs]:
    """Read the dissimilarities of every person, sessions averaged.

    Raises
    ------
    InputError
        If the file is missing or unreadable, or holds no finite matrices of 92 images.
    """
    struct = read_variables(path, ["RDMs"])["RDMs"]
    sessions: dict[str, list[Pairs]] = {}
    try:
        for one in struct.ravel():
            name = str(np.squeeze(one["name"])).split("|")[1].strip()
            matrix = np.asarray(one["RDM"], dtype=np.float64)
            sessions.setdefault(name, []).append(matrix[UPPER])
    except (KeyError, ValueError, TypeError, IndexError) as error:
        raise InputError("unexpected matrices", where=path, got=repr(error), do=OBTAIN) from error
    people = {name: np.asarray(np.mean(each, axis=0)) for name, each in sessions.items()}
    if set(people) != set(CEILINGS) or not all(np.isfinite(one).all() for one in people.values()):
        raise InputError("other people", where=path, expected=list(CEILINGS), got=list(people))
    return people
