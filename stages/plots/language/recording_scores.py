"""Every model on every recording of words, with the people behind averages and published numbers.

Of a recording, `SHOWN` names the regions that are told of; of any other the mean over its regions.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from stages.core.names.story_regions import CONTROL_NETWORKS
from stages.core.names.vocabulary import GROUP, MEAN
from stages.core.results.language_scores import DO, EVERYWHERE
from stages.core.results.leaks import mark, unmarked
from stages.core.run.errors import InputError
from stages.plots.language.zoo_scores import KNOW_NOTHING

SHOWN: Mapping[str, tuple[str, ...]] = {
    "naturalstories": ("reading_time",),
    "sherlock2017": ("aud_early",),
    "ucl2013": ("N400", "first_pass", "reading_time"),
}
PLACE = ["recording", "region"]
COLUMNS = [
    *PLACE, "model", "architecture", "trained", "control", "score", "low", "high", "q", "beyond",
    "nuisance", "surprisal", "surprisal_beyond", "ceiling", "n", "people", "people_score",
    "people_sd", "people_ceiling",
]  # fmt: skip


@dataclass(frozen=True)
class Published:
    """A number that was published of a region, and where replicate has it.

    Attributes
    ----------
    what : str
        In a table.
    quantity : str
        As replicate calls it, of the source that is named as the recording.
    """

    recording: str
    region: str
    what: str
    quantity: str


SURPRISAL, OTHERS = "surprisal of GPT-2 XL, no fit", "one person ~ the others"
PUBLISHED = (
    Published("ucl2013", "N400", SURPRISAL, "GPT-2 XL ~ N400"),
    Published("ucl2013", "reading_time", SURPRISAL, "GPT-2 XL ~ self-paced reading"),
    Published("sherlock2017", "aud_early", OTHERS, "aud_early, one person ~ the others"),
)


def people_rows(encoded: pd.DataFrame) -> pd.DataFrame:
    """Score every person, as the average of the people is scored.

    Parameters
    ----------
    encoded : DataFrame
        Results of encode, of all recordings and models.

    Returns
    -------
    DataFrame
        Columns recording, region, model, subject, score and n, of samples: means over targets, and
        of `all` over the regions but the control networks. Averages of people are there too.
    """
    kept = (encoded["kind"] == "nested") & (encoded["metric"] == "r")
    rows = encoded[kept & (encoded["subject"] != MEAN)]
    rows = rows.assign(recording=rows["dataset"] + mark(rows["split"]))
    by = ["recording", "model", "subject"]
    each = rows.groupby([*by, "region"], sort=False)[["score", "n"]].mean().reset_index()
    own = each[~each["region"].isin(CONTROL_NETWORKS)]
    whole = own.groupby(by, sort=False)[["score", "n"]].mean().reset_index()
    table = pd.concat([each, whole.assign(region=EVERYWHERE)], ignore_index=True)
    return table[[*PLACE, "model", "subject", "score", "n"]]


def recording_rows(scores: pd.DataFrame, words: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Put the models on the regions that are told of beside each other.

    Parameters
    ----------
    scores, words : DataFrame
        From `read_language_scores`.
    people : DataFrame
        From `people_rows`.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`: n is of samples, `people_sd` the standard deviation over people.

    Raises
    ------
    InputError
        If a recording lacks a region that is told of, or a score the results that it is of.
    """
    rows = pd.concat([_told(own) for _, own in scores.groupby("recording", sort=False)])
    rows = rows[rows["score"].notna()]
    by = [*PLACE, "model"]
    alone = people["subject"] == GROUP
    spread = people[~alone].groupby(by)["score"].std().rename("people_sd")
    rows = rows.join(people.groupby(by)["n"].max(), on=by).join(spread, on=by)
    lost = rows[rows["n"].isna()]
    if len(lost):
        raise InputError(
            "score without results",
            where=", ".join(lost[by].iloc[0]),
            do=DO,
        )
    strings = words.drop_duplicates("model").set_index("model")["string"]
    control = rows["model"].map(strings).str.startswith(KNOW_NOTHING)
    return rows.assign(control=control)[COLUMNS].reset_index(drop=True)


def _told(scores: pd.DataFrame) -> pd.DataFrame:
    """Keep the regions of one recording that are told of, in their order."""
    recording = str(scores["recording"].iloc[0])
    regions = SHOWN.get(unmarked(recording), (EVERYWHERE,))
    there = set(scores["region"])
    for region in regions:
        if region not in there:
            raise InputError("region that is not there", where=f"scores, {recording}", got=region)
    return pd.concat([scores[scores["region"] == region] for region in regions])


def published_rows(replications: pd.DataFrame, places: Iterable[tuple[str, str]]) -> pd.DataFrame:
    """Find what was published of the regions that are told of.

    Parameters
    ----------
    replications : DataFrame
        From `read_replications`.
    places : iterable of (str, str)
        Recordings and regions.

    Returns
    -------
    DataFrame
        Columns recording, region, what, published, and recomputed: ours from the published data.

    Raises
    ------
    InputError
        If a published number is not among those that were derived again.
    """
    known = replications.set_index(["source", "quantity"])[["published", "ours"]]
    there, rows = set(places), []
    for one in PUBLISHED:
        if (one.recording, one.region) not in there:
            continue
        if (one.recording, one.quantity) not in known.index:
            raise InputError(
                "published number that is not there",
                where=f"{one.recording}, {one.quantity}",
                do="Run `dvc repro metrics/dvc.yaml:replicate`.",
            )
        value, ours = known.loc[[(one.recording, one.quantity)]].to_numpy()[0]
        rows.append((one.recording, one.region, one.what, float(value), float(ours)))
    return pd.DataFrame(rows, columns=[*PLACE, "what", "published", "recomputed"])
