"""From the results of every model to the tables of the survey, one model after the other.

At the size of NSD a model has 600,000 rows, so that what is held is those of one model, the p of
all, and the few rows of each that are compared between models. The others go to the disk at once.
"""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from stages.core.params import schema
from stages.core.results.survey import TABLES, read_tables
from stages.core.results.typed_tables import empty_table
from stages.core.run.tables import write_table
from stages.survey.all_q import with_q
from stages.survey.all_scores import LAYER, gather
from stages.survey.depths import depth_centre, depth_profile
from stages.survey.growing import groups_of, growing, said_once
from stages.survey.model_pairs import pair_table, pairs_of
from stages.survey.piece_shares import Shares, piece_shares
from stages.survey.scene.bandwidth import bandwidth_table
from stages.survey.scene.choice import NESTED, choose_layers
from stages.survey.scene.consistency import consistency_table
from stages.survey.scene.contrast import contrast_table, leaders
from stages.survey.scene.control import control_table
from stages.survey.scene.embedding import model_map
from stages.survey.scene.gradient import gradients
from stages.survey.scene.metric_agreement import metric_agreement
from stages.survey.scene.networks import network_table
from stages.survey.scene.places import Place
from stages.survey.scene.summary import count_flags, region_means, sum_flags
from stages.survey.score_intervals import interval_table
from stages.survey.zoo_models import Model, call_roll, list_layers

# Tables of which every row is about one model, and those of them in which q comes last.
OWN = (
    *("scores", "best", "depth", "centres", "gradient"),
    *("networks", "bandwidth", "consistency", "control"),
)
WITH_Q = {
    "scores": (LAYER, ("metric", "split"), "models × layers × regions × subjects"),
    "best": (NESTED, ("metric",), "models × regions × subjects"),
}

log = logging.getLogger("concord.survey")


@dataclass(frozen=True)
class Aligned:
    """What align made of a model.

    Attributes
    ----------
    name : str
    results : DataFrame
    without : DataFrame
        Scores without pieces of the images; see `stages.core.results.left_out_scores`.
    """

    name: str
    results: pd.DataFrame
    without: pd.DataFrame


@dataclass(frozen=True)
class Between:
    """What is held of models that have been read, to compare them with others.

    Attributes
    ----------
    leading : DataFrame
        Rows of `best` of the trained models that lead in their modality.
    mapped : DataFrame
        Rows of `best` of the metric of the map.
    shares : dict of DataFrame
        Made by `piece_shares`.
    flags : DataFrame
        How many scores are flagged, made by `sum_flags`.
    """

    leading: pd.DataFrame
    mapped: pd.DataFrame
    shares: Shares
    flags: pd.DataFrame


def survey(
    models: Sequence[Model],
    aligned: Iterable[Aligned],
    place: Place,
    settings: schema.Survey,
    out: Path,
    *,
    made_from: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Write all tables.

    Parameters
    ----------
    models : sequence of Model
        The zoo, those included that could not be run.
    aligned : iterable of Aligned
        Of each model that ran, made when it is asked for.
    place : Place
        The recording.
    settings : Survey
        Of params.yaml.
    out : Path
        Folder.
    made_from : mapping of str to str, optional
        What the tables name as their origin; see `stages.core.run.origins`.

    Returns
    -------
    DataFrame
        How many scores are flagged: the sums over models of what `count_flags` makes.
    """
    roll, layers = call_roll(models), list_layers(models)
    trained = set(roll.loc[roll["trained"], "model"])
    parts = (
        (of_one_model(one.results, layers[layers["model"] == one.name], place, settings), one)
        for one in aligned
    )
    out.mkdir(parents=True, exist_ok=True)
    with said_once(log):
        between = _write_own(parts, trained, settings.metric, out, made_from or {})
    best, seed = between.mapped, settings.seed
    small = {
        "models": roll,
        "regions": place.regions,
        "agreement": metric_agreement(read_tables(out, ["means"])["means"]),
        "contrast": contrast_table(between.leading, trained),
        "umap": model_map(best, roll, settings.metric, settings.neighbours, seed),
        "pairs": pair_table(between.shares, pairs_of(roll, between.shares)),
        "intervals": interval_table(between.shares),
    }
    for name, rows in small.items():
        write_table(out / f"{name}.parquet", rows, made_from)
    return between.flags


def _write_own(
    parts: Iterable[tuple[dict[str, pd.DataFrame], Aligned]],
    trained: Collection[str],
    metric: str,
    out: Path,
    made_from: Mapping[str, str],
) -> Between:
    """Write the tables of each model, and then those with q; keep what compares models."""
    leading, mapped, flags = empty_table(TABLES["best"]), [empty_table(TABLES["best"])], []
    shares: Shares = {}
    with TemporaryDirectory(prefix=".", dir=out) as unfinished:
        folders = {name: Path(unfinished) if name in WITH_Q else out for name in OWN}
        with growing(folders, made_from) as tables:
            for own, one in parts:
                for part, table in tables.items():
                    table.append(own[part])
                best = own["best"]
                leading = leaders(pd.concat([leading, best], ignore_index=True), trained)
                mapped.append(best[best["metric"] == metric])
                shares |= piece_shares(best, one.without)
                flags.append(count_flags(own["control"]))
        for part, (kind, by, over) in WITH_Q.items():
            source, made = (folder / f"{part}.parquet" for folder in (folders[part], out))
            with_q(source, made, kind, by, over, made_from=made_from)
    with growing({"means": out}, made_from) as tables:
        for rows in groups_of(out / "best.parquet"):
            tables["means"].append(region_means(rows))
    return Between(leading, pd.concat(mapped, ignore_index=True), shares, sum_flags(flags))


def of_one_model(
    results: pd.DataFrame, layers: pd.DataFrame, place: Place, settings: schema.Survey
) -> dict[str, pd.DataFrame]:
    """Make those tables of a model that need no other, `OWN`; q is missing."""
    scores = gather([results], layers, place.dataset)
    best, centres = choose_layers(scores), depth_centre(scores)
    return {
        "scores": scores,
        "best": best,
        "depth": depth_profile(scores, settings.bins),
        "centres": centres,
        "gradient": gradients(best, centres, place.regions, settings.seed),
        "networks": network_table(best),
        "bandwidth": bandwidth_table(best),
        "consistency": consistency_table(best),
        "control": control_table(scores, layers),
    }
