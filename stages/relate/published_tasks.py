"""What a published zoo does at tasks, such as GLUE, for those of our models that are in it."""

import logging
from collections.abc import Iterator, Mapping

import pandas as pd

from stages.core.names.models import parse_model
from stages.core.params.presets import find_preset
from stages.core.results.benchmarks import key
from stages.core.results.language_tasks import PERPLEXITY
from stages.core.stats.correlation import MODELS
from stages.relate.model_names import is_benchmarked, join, without_owner

ZOO = "schrimpf2021"
OWNER = "openai-community"  # of repositories that are named without one
PUBLISHED = "{task}, as published"

log = logging.getLogger("concord.relate")


def published_tasks(
    strings: Mapping[str, str], tasks: pd.DataFrame
) -> Iterator[tuple[str, "pd.Series[float]"]]:
    """Find how well trained models of ours do at tasks, by the names of their repositories.

    With fewer than `MODELS` of them nothing is yielded, which is logged with their names.

    Parameters
    ----------
    strings : mapping of str to str
        Model strings by short name.
    tasks : DataFrame
        From `stages.core.results.language_tasks.read_tasks`, of the zoo of `ZOO`.

    Yields
    ------
    task : str
    values : Series of float
        By short name; perplexities with their sign turned, so that more is better.
    """
    named = {name: parse_model(string, {}) for name, string in strings.items()}
    own = {name: key(spec.name) for name, spec in named.items() if is_benchmarked(spec)}
    theirs = _repositories()
    found = join(own, theirs, without_owner, f"tasks of {ZOO}")
    if len(found) < MODELS:
        log.warning(
            "tasks of %s: not correlated: %d models of ours are among its own (%s), fewer than %d",
            *(ZOO, len(found), ", ".join(found) or "none", MODELS),
        )
        return
    trained = tasks[tasks["trained"]]
    for task, rows in trained.groupby("task", sort=False):
        values = rows.set_index("model")["value"]
        values = -values if (rows["measure"] == PERPLEXITY).all() else values
        ours = pd.Series({name: theirs[one] for name, one in found.items()}).map(values)
        yield PUBLISHED.format(task=task), ours.dropna()


def _repositories() -> dict[str, str]:
    """Names in the published table by the key of each model's repository."""
    models = find_preset(ZOO).models
    named = {key(parse_model(string, {}).name): name for name, string in models.items()}
    return named | {f"{OWNER}--{one}": name for one, name in named.items() if "--" not in one}
