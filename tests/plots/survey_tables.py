"""Synthetic tables of the survey and of relate, by their contract; any of them without rows."""

import itertools

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from stages.core.names.areas import AREAS, network_of, purity_of
from stages.core.results.survey import TABLES, Survey
from stages.relate.relation_rows import relations_table

METRICS = ("cka_linear", "cka_linear_biased")
ZOO = {  # name: modality, architecture, seed
    "efficientnet": ("vision", "efficientnet", None),
    "efficientnet-untrained-0": ("vision", "efficientnet", 0),
    "efficientnet-untrained-1": ("vision", "efficientnet", 1),
    "minilm": ("language", "minilm", None),
    "minilm-untrained-0": ("language", "minilm", 0),
    "clip": ("both", "clip", None),
    "broken": ("", "broken", None),
    "noise": ("noise", "noise", None),
}
PEOPLE = ("subj01", "subj02", "subj05")
REGIONS = ("V1", "V4", "FFC", "PHA1", "TE2p", "PGi", "7PL", "44", "STSdp", "A5", "10v")
PLACE = ["subject", "region", "network", "metric"]


def zoo_of(n):
    """Make a zoo of n models of two modalities, an untrained twin after every second one."""
    zoo = {}
    for place in range(n):
        modality = ("vision", "language")[place // 2 % 2]
        trained = f"model-of-{modality}-{place // 2:02}"
        seed = 0 if place % 2 else None
        zoo[trained if seed is None else f"{trained}-untrained-0"] = (modality, trained, seed)
    return zoo


def towers(modality):
    return ("vision", "language") if modality == "both" else (modality,)


def network(region):
    return network_of(region) or ""


def survey_of(rng, zoo=None, people=PEOPLE, regions=REGIONS, *, layers=6, rdm=False):
    """Make a survey in which scores rise along depth the more anterior a region is."""
    zoo = ZOO if zoo is None else zoo
    place = {} if rdm else {region: -90.0 + 10 * i for i, region in enumerate(regions)}
    made = {"models": models(zoo, layers), "regions": region_rows(rng, people, regions, place)}
    made["scores"] = scores(rng, zoo, made["regions"], layers, "all" if rdm else "test")
    made["best"] = best(made["scores"])
    made |= summaries(rng, made, zoo)
    return Survey(**{name: fill(name, made.get(name, ())) for name in TABLES})


BLANK = {"text": "", "number": np.nan, "flag": False}
TYPES = {"text": str, "number": float, "flag": bool}


def fill(name, rows):
    """Give a table, or rows, exactly the columns of its contract."""
    table = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows))
    table = table.reindex(columns=list(TABLES[name])).reset_index(drop=True)
    for column, kind in TABLES[name].items():
        if kind != "number" or not is_numeric_dtype(table[column]):
            values = table[column].astype(object)
            table[column] = values.where(values.notna(), BLANK[kind]).astype(TYPES[kind])
    return table


def models(zoo, layers):
    for name, (modality, architecture, seed) in zoo.items():
        error = "" if modality else "weights refused: only pickles are there. " * 5
        yield {
            "model": name,
            "string": f"timm:{name}",
            "modality": modality,
            "architecture": architecture,
            "seed": seed,
            "trained": seed is None and modality != "noise",
            "parameters": 4.6e6 if modality else np.nan,
            "layers": layers if modality else 0,
            "width": 1280,
            "error": error,
        }


def region_rows(rng, people, regions, y):
    rows = []
    for subject, region in itertools.product(people, regions):
        centre = {"x": 0.0, "y": y[region] + rng.normal(), "z": 0.0} if y else {}
        rows.append({"subject": subject, "region": region, "network": network(region)} | centre)
    table = pd.DataFrame(rows, columns=list(TABLES["regions"]))
    return table.assign(voxels=100, purity=table["region"].map(purity_of).astype(float))


def scores(rng, zoo, regions, layers, split):
    rows = []
    where = list(regions[["subject", "region", "network"]].itertuples(index=False))
    index = {region: i for i, region in enumerate(regions["region"].unique())}
    for model, (modality, _, seed) in zoo.items():
        for tower, metric in itertools.product(towers(modality) if modality else (), METRICS):
            for layer in range(layers):
                depth = layer / max(layers - 1, 1)
                name = f"width_{512 * 2**layer:04}" if tower == "noise" else f"blocks.{layer}"
                for subject, region, code in where:
                    peak = 1 - abs(depth - index[region] / max(len(index), 1))
                    gain = 0 if tower == "noise" else 0.1 if seed is not None else 0.3
                    score = gain * peak + rng.normal(0, 0.01) + 0.4 * ("biased" in metric)
                    rows.append(
                        {"model": model, "modality": tower, "layer": name, "depth": depth}
                        | {"subject": subject, "region": region, "network": code}
                        | {"metric": metric, "split": split, "score": score, "kind": "layer"}
                        | {"null_mean": 0.4 * ("biased" in metric), "null_sd": 0.01 + 0.001 * layer}
                        | {"q": 0.001 if score > 0.05 else 0.4, "p": 0.01}
                        | {"ceiling": 0.5, "ceiling_kind": "ncsnr", "n": 200, "dataset": "made"}
                    )
    table = pd.DataFrame(rows, columns=list(TABLES["scores"]))
    kinds = ("nili_lower", "nili_upper") if split == "all" else ("between_subject",)
    for place, kind in enumerate(kinds):
        limits = regions.assign(kind="ceiling", ceiling_kind=kind, score=0.35 + 0.1 * place)
        for metric in METRICS:
            part = limits.assign(metric=metric, split=split, modality="", model="")
            part = part.reindex(columns=list(TABLES["scores"]))
            table = pd.concat([table, part], ignore_index=True) if len(table) else table
    if split == "all":
        table["ceiling"], table["ceiling_kind"] = np.nan, table["ceiling_kind"].replace("ncsnr", "")
    return table


def best(table):
    layer = table[table["kind"] == "layer"]
    by = ["model", "modality", "subject", "region", "metric"]
    chosen = layer.loc[layer.groupby(by, sort=False)["score"].idxmax()]
    return chosen.assign(kind="nested", chosen_on="train", chosen_score=chosen["score"])


def summaries(rng, made, zoo):
    """Make the tables that the survey derives, with made-up values where pictures only copy."""
    tables = made["scores"], made["best"]
    layer, chosen = (table[table["kind"] != "ceiling"] for table in tables)
    bins = layer.assign(bin=np.minimum((layer["depth"].astype(float) * 8).astype(int), 7) + 1)
    by = ["model", "modality", *PLACE, "bin"]
    within = chosen[chosen["network"] != ""]
    within = within.assign(purity=within["region"].map(purity_of).astype(float))
    means = within.groupby(["model", "modality", "subject", "network", "metric"], sort=False)
    people = list(made["regions"]["subject"].unique())
    ran = [(name, tower) for name, one in zoo.items() if one[0] for tower in towers(one[0])]
    difference = {subject: rng.normal(0, 0.1) for subject in people}
    where = made["regions"][["subject", "region", "network"]]
    contrast = where.assign(metric="cka_linear", language=0.2, vision=0.1)
    contrast["difference"] = [difference[subject] for subject in where["subject"]]
    contrast["difference"] += rng.uniform(-0.2, 0.2, len(contrast))
    contrast = contrast if {"vision", "language"} <= {one for _, one in ran} else contrast.head(0)
    mean = contrast.groupby(["region", "network", "metric"], sort=False)["difference"].mean()
    return {
        "means": [],
        "depth": bins.groupby(by, sort=False)["score"].mean().reset_index().assign(layers=1),
        "centres": list(centres(layer)),
        "gradient": [
            {"model": model, "modality": tower, "subject": subject, "metric": "cka_linear"}
            | {"quantity": quantity, "regions": 11, "spearman": rng.uniform(-1, 1), "p": 0.01}
            | {"smoothness": 30.0}
            for model, tower in ran
            for subject in (*people, "mean")
            for quantity in ("best_depth", "depth_centre")
        ],
        "networks": means.agg(
            score=("score", "mean"), regions=("region", "size"), purity=("purity", "mean")
        ).reset_index(),
        "bandwidth": [
            {"model": model, "modality": tower, "subject": subject, "region": region}
            | {"network": code, "kernel": "rbf", "bandwidth": bandwidth, "biased": biased}
            | {"score": 0.3 - 0.05 * abs(np.log2(min(bandwidth, 8.0))) + 0.4 * biased}
            for model, tower in ran
            for subject, region, code in where.itertuples(index=False)
            for bandwidth in (0.25, 0.5, 1.0, 2.0, 4.0, np.inf)
            for biased in (False, True)
        ],
        "consistency": [
            {
                "model": model,
                "modality": tower,
                "metric": "cka_linear",
                "first": first,
                "second": second,
            }
            | {"r": rng.uniform(0.2, 0.9), "rho": 0.5, "regions": 11}
            for model, tower in ran
            for first, second in itertools.combinations(people, 2)
        ],
        "agreement": [
            {"first": "cka_linear", "second": "rsa_spearman", "rho": 0.61, "low": 0.4}
            | {"high": 0.8, "regions": 11, "models": len(ran)}
            for _ in ran[:1]
        ],
        "contrast": pd.concat([contrast, mean.reset_index().assign(subject="mean")]),
        "control": layer.assign(
            units=512 * 2.0 ** (5 * layer["depth"].astype(float)).round(),
            noise=layer["null_mean"],
            projected=0.9 * layer["score"],
            chance=0.0,
            z_width=3.0,
            flagged=layer["metric"].str.endswith("biased"),
        ),
        "umap": [
            {"model": model, "modality": tower, "trained": zoo[model][2] is None}
            | {"x": rng.normal() + 5 * (tower == "language"), "y": rng.normal()}
            for model, tower in ran
        ],
    }


def centres(layer):
    """Mean depths weighted by scores, where one is positive."""
    by = ["model", "modality", "subject", "region", "metric", "network"]
    for key, rows in layer.groupby(by, sort=False):
        weights = rows["score"].clip(lower=0)
        if weights.any():
            centre = np.average(rows["depth"].astype(float), weights=weights)
            yield dict(zip(by, key, strict=True)) | {"depth_centre": centre}


def related(rng, benchmarks=("imagenet", "imagenet-real", "parameters"), modalities=("vision",)):
    """Make a table of relate."""
    rows = []
    for modality, benchmark in itertools.product(modalities, benchmarks):
        for statistic in ("pearson", "spearman", "partial_pearson", "partial_spearman"):
            value = rng.uniform(-0.4, 0.6)
            row = {"source": "made", "benchmark": benchmark, "modality": modality}
            row |= {"metric": "cka_linear", "n": 36, "families": 9, "statistic": statistic}
            row |= {"value": value, "low": value - 0.3, "high": value + 0.2, "p": 0.02}
            rows.append(row)
    return relations_table(rows)


def areas(n):
    """The first n areas of HCP-MMP1."""
    return AREAS[:n]
