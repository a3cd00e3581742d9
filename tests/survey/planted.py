"""A zoo, a recording and results of align that are made up."""

import numpy as np
import pandas as pd

from stages.core.activations.activations import Activations
from stages.core.names.models import parse_model
from stages.core.results.left_out_scores import jackknife_table
from stages.core.results.results import results_table
from stages.core.results.survey import read_survey
from stages.survey.scene.places import Place, region_table
from stages.survey.scene.survey_tables import Aligned, survey
from stages.survey.zoo_models import Model

DATASET = "nsd"
# From the back of the brain to the front.
REGIONS = ["V1", "V2", "V4", "PIT", "FFC", "PGp", "TE1p", "45"]
SUBJECTS = ["subj01", "subj02", "subj03"]
METRICS = ["cka_linear", "cka_linear_biased", "mutual_knn_10"]
PEOPLE = ["BE", "KO", "SN", "TI"]
NAMES = {
    "net": "timm:net",
    "net-untrained-0": "timm:net+untrained:0",
    "word": "st:word",
    "word-untrained-0": "st:word+untrained:0",
    "noise": "noise:512-8192",
}
MODALITY = {"net": "vision", "word": "language", "noise": "noise", "clip": "both"}
LAYERS = {
    "net": {f"blocks.{k}": 512 for k in range(6)},
    "word": {f"layer_{k:02d}": 384 for k in range(4)},
    "noise": {f"width_{width:04d}": width for width in (512, 2048, 8192)},
    "clip": {f"{tower}.{k}": 64 for tower in ("vision", "language") for k in range(3)},
}


def model(name, string=None, error=""):
    """A model of the zoo; its name begins with that of its kind."""
    spec = parse_model(name, {name: string or NAMES[name]})
    if error:
        return Model(spec, None, error)
    kind = name.partition("-")[0]
    layers = LAYERS[kind]
    about = Activations(
        model=spec.string, label=name, revision="r", modality=MODALITY[kind], parameters=1000,
        tokenizer="", seed=spec.seed, presentation="image", context=None, pooling="mean",
        dtype="float32", stimuli_digest="d", key="key", layers=layers,
        widths={layer: 2 * units for layer, units in layers.items()},
        heads=0, attention_statistics=[],
    )  # fmt: skip
    return Model(spec, about)


def zoo(*names):
    return [model(name) for name in names or NAMES]


def rows(models, subjects, regions, metrics=METRICS, splits=("train", "test")):
    """Rows of layers and their controls without scores, one per measurement."""
    layers = [(one.name, layer) for one in models if one.about for layer in one.about.layers]
    index = pd.MultiIndex.from_product([layers, subjects, regions, metrics, splits])
    table = index.to_frame(index=False, name=["at", "subject", "region", "metric", "split"])
    table["model"], table["layer"] = table["at"].str[0], table["at"].str[1]
    return table.drop(columns="at").assign(kind="layer")


def results(table, score, *, noise=0.0, projected=None, null_mean=0.0, null_sd=0.01, p=0.5, n=200):
    """Results of align, by model, of rows with these scores and controls."""
    full = table.assign(score=score, null_mean=null_mean, null_sd=null_sd, p=p)
    full = full.assign(z=(full["score"] - full["null_mean"]) / full["null_sd"])
    other = score if projected is None else projected
    parts = [full, table.assign(kind="noise", score=noise)]
    parts.append(table.assign(kind="projected", score=other))
    both = pd.concat(parts, ignore_index=True).assign(dataset=DATASET, n=float(n))
    tidy = results_table(both.to_dict("records"))
    return dict(list(tidy.groupby("model", sort=False)))


def place(subjects=SUBJECTS, regions=REGIONS):
    """Regions one after the other from back to front, 20 voxels each."""
    targets = pd.concat(
        [
            pd.DataFrame(
                {
                    "id": [f"{region}-{v}" for v in range(20)],
                    "region": region,
                    "hemisphere": ["L", "R"] * 10,
                    "i": np.arange(20.0),
                    "j": 10.0 * at + np.arange(20) % 2,
                    "k": 1.0,
                    "ceiling": np.linspace(0, 0.1 * at, 20),
                }
            )
            for at, region in enumerate(regions)
        ],
        ignore_index=True,
    )
    affine = np.diag([2.0, 2.0, 2.0, 1.0])
    affine[:3, 3] = (-20, -100, -30)
    table = region_table(DATASET, dict.fromkeys(subjects, targets), dict.fromkeys(subjects, affine))
    return Place(DATASET, "d", table)


def placeless(regions):
    """Matrices of dissimilarities, two of each subject: its region has no place."""
    bare = {"i": np.nan, "j": np.nan, "k": np.nan, "ceiling": np.nan}
    targets = {
        subject: pd.DataFrame({"region": [region] * 2, **bare})
        for subject, region in regions.items()
    }
    return Place(DATASET, "d", region_table(DATASET, targets, dict.fromkeys(regions)))


def surveyed(models, aligned, where, settings, folder):
    """The tables of a survey, by name, as they are read."""
    made = (Aligned(name, table, without(table)) for name, table in aligned.items())
    survey(models, made, where, settings, folder)
    return vars(read_survey(folder))


def without(table, pieces=4):
    """Scores of layers without each piece of the stimuli, by CKA: a little higher for each."""
    rows = table[(table["kind"] == "layer") & (table["metric"] == "cka_linear")]
    rows = rows[rows["split"] != "train"]
    parts = [rows.assign(piece=k, score=rows["score"] + 0.01 * k) for k in range(pieces)]
    return jackknife_table(parts)
