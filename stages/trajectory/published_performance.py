"""Published scores of public checkpoints, where the members of a family are those."""

import logging
import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from stages.core.results.training_scores import MIXNETS, read_mixnet, read_zero_shot
from stages.core.run.errors import InputError
from stages.core.run.fetch import fetch
from stages.trajectory.curves.curve_names import RUN

logger = logging.getLogger("concord.trajectory")
# By whose scores: how a model string says that a member is theirs, and of which size. The
# first Pythias (`-v0`) and TensorFlow's MixNets (`tf_mixnet_s`) were other trainings, and untrained
# twins none.
WHO = {
    "pythia": re.compile(
        r"(?<![A-Za-z0-9_])pythia-([0-9.]+[mb])-deduped(?!-v0|[A-Za-z0-9])(?!.*\+untrained)"
    ),
    "mixnet": re.compile(r"(?<![A-Za-z0-9_])mixnet_(xl|[sml])(?![A-Za-z0-9])(?!.*\+untrained)"),
}
COLUMNS = [*RUN, "step", "seen", "measure", "value"]


def published_performance(
    members: pd.DataFrame, published: Mapping[str, str], folder: Path
) -> pd.DataFrame:
    """Read published scores of the members of families that name them.

    Parameters
    ----------
    members : DataFrame
        Rows of `members.parquet` of the families studied.
    published : mapping of str to str
        By family, a key of `WHO`, or nothing.
    folder : Path
        Its `sources.json` lists the published files, which are fetched if a family asks for them.

    Returns
    -------
    DataFrame
        of, size, seed, weights, step, seen, measure (`lambada_loss`, `piqa_accuracy`,
        `imagenet_top1` and the like), value: at every published step between the first and the last
        member of a run, whether there is a member or not, since a curve that is cut to the steps
        that both have tells of another rise. Steps of MixNets are the epochs of their checkpoints.
        Runs without published scores are not among them, and are counted in the log.

    Raises
    ------
    InputError
        If no member of a family is one of those whose scores it names, or a file is wrong.
    """
    asked = {name: who for name, who in published.items() if who}
    if not asked:
        return pd.DataFrame(columns=COLUMNS)
    files = fetch(folder)
    parts = [
        _scores(members[members["family"].eq(name)], name, who, files)
        for name, who in asked.items()
    ]
    return pd.concat(parts, ignore_index=True)


def _scores(
    members: pd.DataFrame, family: str, who: str, files: Mapping[str, Path]
) -> pd.DataFrame:
    """Join the runs of a family with what is published of them."""
    theirs = members.assign(whose=members["string"].str.extract(WHO[who], expand=False))
    theirs = theirs.assign(each=theirs["seen"] / theirs["step"].where(theirs["step"] > 0))
    series = theirs.groupby(
        ["family", "size", "seed", "weights", "whose"], sort=False, dropna=False
    )
    runs = series.agg(
        first=("step", "min"), last=("step", "max"), each=("each", "max")
    ).reset_index()
    on = ["whose"] if who == "pythia" else ["whose", "weights"]
    both = runs.merge(_table(who, files), on=on)
    both = both[both["step"].between(both["first"], both["last"])]
    if both.empty:
        raise InputError(
            "no published score",
            where=f"params.yaml: families.{family}.published: {who}",
            expected=f"members such as {_example(who)}",
            got=members["string"].iloc[0] if len(members) else "none that ran",
        )
    found = both[["size", "seed", "weights"]].drop_duplicates()
    logger.info("%s: %d of %d runs have published scores", family, len(found), len(runs))
    seen = (both["step"] * both["each"]).where(both["step"] > 0, 0.0)
    return both.rename(columns={"family": "of"}).assign(seen=seen)[COLUMNS]


def _table(who: str, files: Mapping[str, Path]) -> pd.DataFrame:
    """Arrange published scores, a row for each: whose, weights, step, measure, value."""
    if who == "pythia":
        wide, place = read_zero_shot(files), ["size", "step"]
    else:
        if MIXNETS not in files:
            raise InputError("file not listed", where="sources.json", expected=MIXNETS)
        wide = read_mixnet(files[MIXNETS]).drop(columns="seen")
        names = {"epoch": "step", "top1": "imagenet_top1", "top5": "imagenet_top5"}
        wide, place = wide.rename(columns=names), ["size", "weights", "step"]
    long = wide.melt(place, var_name="measure", value_name="value")
    return long.rename(columns={"size": "whose"})


def _example(who: str) -> str:
    if who == "pythia":
        return "hf:EleutherAI/pythia-70m-deduped@step512"
    return "file:FOLDER/mixnet_s/checkpoint-8.pth.tar@ema, of weights `ema` or `raw`, at step 8"
