"""The names of the metrics: what each asks for, and what it is by chance."""

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from stages.core.names.chances import common, returned, shared, zero
from stages.core.run.errors import InputError, did_you_mean

BIASED = "_biased"
NUMBER = r"[0-9]+(?:\.[0-9]+)?(?:e-?[0-9]+)?"
Chance = Callable[[int, int], float | None]


@dataclass(frozen=True)
class Kind:
    """What metrics of one kind have in common.

    Attributes
    ----------
    pattern : str
        Of the name.
    routine : str
        Which one computes it: `kernel`, `graph`, `sequence`, `subspace` or `dissimilarity`.
    dissimilarities : bool
        Whether dissimilarities alone suffice, without the features.
    chance : callable or None
        Its value for unrelated representations, from the number of rows and k; None where only
        the null of their permuted rows tells. It has a closed form for biased kernels, cosines of
        dissimilarities and SVCCA (see `stages.align.nulls`); that of `edit_knn` depends on n and k
        alone, but has no formula, and that of `cknna` on the graphs.
    least_k : int
        Smallest number of neighbours.
    """

    pattern: str
    routine: str
    dissimilarities: bool
    chance: Chance | None
    least_k: int = 1


K = r"(?P<k>[0-9]{1,9})"
KINDS = {
    "cka_linear": Kind("cka_linear", "kernel", True, zero),
    "cka_linear_biased": Kind("cka_linear_biased", "kernel", True, None),
    "cka_rbf_<bandwidth>": Kind(rf"cka_rbf_(?P<bandwidth>{NUMBER})", "kernel", True, zero),
    "cka_rbf_<bandwidth>_biased": Kind(
        rf"cka_rbf_(?P<bandwidth>{NUMBER})_biased", "kernel", True, None
    ),
    "cka_rbf_sigma_<sigma>_biased": Kind(
        rf"cka_rbf_sigma_(?P<sigma>{NUMBER})_biased", "kernel", True, None
    ),
    "cknna_<k>": Kind(f"cknna_{K}", "graph", False, None, least_k=2),
    "mutual_knn_<k>": Kind(f"mutual_knn_{K}", "graph", True, shared),
    "cycle_knn_<k>": Kind(f"cycle_knn_{K}", "graph", True, returned),
    "lcs_knn_<k>": Kind(f"lcs_knn_{K}", "sequence", True, common),
    "edit_knn_<k>": Kind(f"edit_knn_{K}", "sequence", True, None),
    "svcca": Kind("svcca", "subspace", False, None),
    "rsa_<comparison>[_<distance>]": Kind(
        r"rsa_(?P<comparison>pearson|spearman|cosine)(_(?P<distance>euclidean|cosine))?",
        "dissimilarity",
        True,
        None,
    ),
}
# What the names of KINDS stand for, where a wrong name says nothing better.
USUAL = {"<bandwidth>": "0.5", "<sigma>": "36", "<k>": "10"}
RSA = tuple(
    f"rsa_{comparison}{distance}"
    for comparison in ("pearson", "spearman", "cosine")
    for distance in ("", "_euclidean", "_cosine")
)


@dataclass(frozen=True)
class Metric:
    """One metric, as its name says.

    Attributes
    ----------
    name : str
    kind : Kind
    biased : bool
    bandwidth : float or None
        Width of an RBF kernel, in medians of the distances.
    sigma : float or None
        Width of an RBF kernel, in the units of the features.
    k : int
        Number of neighbours; 0 where there are none.
    comparison : {"pearson", "spearman", "cosine", ""}
        Of dissimilarities.
    distance : {"correlation", "euclidean", "cosine"}
        That makes the dissimilarities of features.
    """

    name: str
    kind: Kind
    biased: bool
    bandwidth: float | None
    sigma: float | None
    k: int
    comparison: str
    distance: str

    def chance(self, n: int) -> float | None:
        """Value for unrelated representations of n rows; None where only a null tells."""
        if self.comparison in ("pearson", "spearman"):
            return 0.0
        return None if self.kind.chance is None else self.kind.chance(n, self.k)

    def nominal_chance(self, n: int) -> float | None:
        """As `chance`, but 0 for biased kernel alignments too, which claim as much."""
        return 0.0 if self.kind.routine == "kernel" else self.chance(n)

    @property
    def scale(self) -> float | None:
        """Bandwidth of a kernel in medians of the distances; None of other metrics.

        As it grows, the alignment of RBF kernels becomes that of linear ones, whose is infinite.
        """
        if self.kind.routine != "kernel" or self.sigma is not None:
            return None
        return math.inf if self.bandwidth is None else self.bandwidth


def debiased_and_biased(name: str) -> tuple[str, str]:
    """Name both variants of a kernel metric, of which one is given."""
    base = name.removesuffix(BIASED)
    return base, base + BIASED


def parse_metric(name: str, n: int | None = None) -> Metric:
    """Read the name of a metric.

    Parameters
    ----------
    name : str
        One of `KINDS`, such as `cka_rbf_0.5` or `mutual_knn_10`.
    n : int or None
        Number of rows it will be asked of, where it is known.

    Raises
    ------
    InputError
        If there is no such metric, a width is not positive and finite, or k does not fit the
        number of rows.
    """
    for kind in KINDS.values():
        found = re.fullmatch(kind.pattern, name)
        if found:
            break
    else:
        do = did_you_mean(name, _examples(name))
        raise InputError("unknown metric", where="metrics", got=name, do=do)
    said = found.groupdict()
    width = {key: float(said[key]) if said.get(key) else None for key in ("bandwidth", "sigma")}
    for one in width.values():
        if one is not None and not 0 < one < math.inf:
            expected, got = "a finite number" if one else "more than 0", f"{one:g}"
            raise InputError("width of a kernel", where=name, expected=expected, got=got)
    k = int(said["k"]) if "k" in said else 0
    if "k" in said and not kind.least_k <= k < (math.inf if n is None else n):
        among = "or more neighbours" if n is None else f"to {n - 1} neighbours among {n} rows"
        expected = f"{kind.least_k} {among}"
        raise InputError("wrong number of neighbours", where=name, expected=expected, got=k)
    return Metric(
        name,
        kind,
        name.endswith(BIASED),
        width["bandwidth"],
        width["sigma"],
        k,
        said.get("comparison") or "",
        said.get("distance") or "correlation",
    )


def _examples(wrong: str) -> list[str]:
    """Names of metrics of every kind, with the number that a wrong name holds where it fits."""
    number = re.search(NUMBER, wrong)
    names = list(RSA)
    for template, kind in KINDS.items():
        if kind.routine == "dissimilarity":
            continue
        slot = next((slot for slot in USUAL if slot in template), "")
        given = template.replace(slot, number[0]) if slot and number else ""
        fits = re.fullmatch(kind.pattern, given) and _is_allowed(given)
        names.append(given if fits else template.replace(slot, USUAL.get(slot, "")))
    return names


def _is_allowed(name: str) -> bool:
    """Whether the number in a metric's name is one that its kind takes."""
    try:
        parse_metric(name)
    except InputError:
        return False
    return True


def named_twice(names: Iterable[str]) -> tuple[str, str] | None:
    """Find two names of one metric, such as `cka_rbf_1` and `cka_rbf_1.0`, if there are any."""
    seen: dict[Metric, str] = {}
    for name in names:
        nameless = replace(parse_metric(name), name="")
        if nameless in seen:
            return seen[nameless], name
        seen[nameless] = name
    return None
