"""Hadidi, Feghhi et al. (2026): what shuffled folds add, beside a model that knows only time."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from stages.core.results.replications import RECOMPUTED
from stages.core.run.errors import InputError
from stages.replicate.plain_tables import read_plain
from stages.replicate.published_targets import Found, Target
from stages.replicate.relation_intervals import over_people

FOLDS = {"shuffled": "shuffled", "contiguous": "contig"}
MODELS = ("GPT2-XL", "OASM")
SCORES, SHARES = "hadidi2026/{}_pearson_r_{}.csv", "hadidi2026/oasm_omega_values.csv"
LAST = "-lt"  # features of the last token
# Mean r of GPT2-XL, shuffled and contiguous, of OASM, likewise, and omega, in per cent.
MEANS = {
    "pereira": (".398", ".140", ".451", ".000", "87.0"),
    "fedorenko": (".257", ".203", ".273", ".000", "61.2"),
    "blank": (".049", ".025", ".503", ".003", "100"),
}
OMEGA = "share of GPT2-XL's shuffled score that OASM explains, %"


def _targets() -> Iterator[Target]:
    for dataset, (*means, omega) in MEANS.items():
        names = [f"{dataset}, {model}, {folds}" for model in MODELS for folds in FOLDS]
        for name, value in zip(names, means, strict=True):
            yield Target(name, value, 0.001, RECOMPUTED, "mean r over participants")
        yield Target(f"{dataset}, {OMEGA}", omega, 0.1, RECOMPUTED)


TARGETS = tuple(_targets())


def derive_hadidi(files: Mapping[str, Path]) -> dict[str, Found]:
    """Average over the participants' language networks.

    Raises
    ------
    InputError
        If a table is unreadable or lacks the model.
    """
    found = {}
    omegas = read_plain(files[SHARES], ("feature_extraction", "dataset"), ("values",))
    for dataset in MEANS:
        for folds, short in FOLDS.items():
            path = files[SCORES.format(dataset, short)]
            table = read_plain(path, ("subjects", "Network", "Model"), ("perf",))
            for model in MODELS:
                own = table[table["Network"].eq("language") & table["Model"].eq(model)]
                if own.empty:
                    raise InputError("model missing", where=path, expected=model)
                found[f"{dataset}, {model}, {folds}"] = over_people(own["perf"])
        own = omegas[omegas["dataset"].eq(dataset) & omegas["feature_extraction"].eq(LAST)]
        found[f"{dataset}, {OMEGA}"] = over_people(own["values"])
    return found
