"""The scene study of a zoo as large as any: what of it is shown, and no more."""

import numpy as np
import pandas as pd

from stages.core.names.areas import AREAS, network_of
from stages.core.results.ladder import COLUMNS, RUNGS
from stages.core.results.survey import TABLES
from stages.core.run.tables import write_table
from tests.report.scene_means import means_of

BLANK = {"text": "", "number": np.nan, "flag": False}
METRICS = ("cka_linear", "rsa_pearson")


def crossed(**levels):
    """Every combination, the last level changing first."""
    index = pd.MultiIndex.from_product(levels.values(), names=levels)
    return index.to_frame(index=False)


def scored(rng, table):
    """Scores, chance and q of every row, as noisy as real ones."""
    z = rng.normal(3, 3, len(table))
    sd = rng.uniform(0.008, 0.03, len(table))
    q = np.clip(np.exp(-(z.clip(0) ** 2) / 2), 1e-12, 1)
    return table.assign(
        score=z * sd, null_mean=rng.normal(0, 1e-3, len(table)), null_sd=sd, q=q, p=q, n=515.0
    )


def filled(name, table):
    """Give a table all columns of its contract."""
    blank = {column: BLANK[kind] for column, kind in TABLES[name].items() if column not in table}
    return table.assign(**blank)[list(TABLES[name])]


def write_many(folder, rng, *, models=500, areas=180, people=8, metrics=METRICS[:1]):
    """Write the tables of a survey that a report reads."""
    names = [f"model-{place:03}" for place in range(models)]
    who = [f"subj{place:02}" for place in range(1, people + 1)]
    levels = {"metric": metrics, "model": names, "subject": who, "region": AREAS[:areas]}
    best = scored(rng, crossed(**levels))
    limits = pd.Series(rng.uniform(0.2, 0.9, areas), list(AREAS[:areas]))
    shares = pd.Series(rng.uniform(0.8, 1, people), who)
    best = best.assign(
        **{"kind": "nested", "split": "test", "modality": "vision", "dataset": "made"},
        layer=[f"blocks.{place}" for place in rng.integers(0, 12, len(best))],
        network=best["region"].map(network_of),
        ceiling=best["region"].map(limits) * best["subject"].map(shares),
    )
    layers = [f"blocks.{place}" for place in range(12)]
    few = {"metric": metrics[:1], "model": names[:10], "layer": layers, "subject": who}
    scores = scored(rng, crossed(**few, region=AREAS[:areas])).assign(
        kind="layer", split="test", modality="vision", ceiling=0.5, depth=0.5
    )
    roll = pd.DataFrame({"model": names, "modality": "vision", "architecture": names})
    roll = roll.assign(trained=True, parameters=1e7, layers=12.0, width=768.0)
    for name, table in (("best", best), ("scores", scores), ("models", roll)):
        write_table(folder / "survey" / f"{name}.parquet", filled(name, table))
    write_table(folder / "survey" / "means.parquet", means_of(best))
    write_table(
        folder / "survey" / "regions.parquet",
        filled("regions", pd.DataFrame({"region": AREAS[:1]})),
    )
    return best


def write_many_claims(folder, rng, *, models=20, areas=180):
    """Write a ladder of more claims than a page lists, every rung asked or not by chance."""
    names = [f"model-{place:03}" for place in range(models)]
    table = crossed(model=names, region=AREAS[:areas], rung=RUNGS)
    table = table.assign(
        dataset="made", claim="predicts", other="", modality="vision", metric=METRICS[0]
    )
    states = rng.choice(["holds", "fails", "not asked"], len(table))
    asked = states != "not asked"
    known = {"value": rng.normal(0.2, 0.1, len(table)), "q": rng.uniform(0, 0.1, len(table))}
    known |= {"low": known["value"] - 0.1 * rng.random(len(table))}
    known |= {"high": known["value"] + 0.1 * rng.random(len(table))}
    table = table.assign(
        state=states,
        why=np.where(asked, "the largest q of 8 people", "no other data"),
        place=table["rung"].map(RUNGS.index).astype(float),
        **{name: np.where(asked, numbers, np.nan) for name, numbers in known.items()},
    )
    write_table(folder / "ladder" / "scene.parquet", table[list(COLUMNS)])
