"""Tables of families whose onsets are planted, in the form that the commands read."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from stages.core.activations.members import write_members
from stages.core.results.family_scores import PLACED
from stages.core.results.left_out_scores import jackknife_table
from stages.core.results.results import COLUMNS, results_table
from stages.core.run.tables import write_table

STEPS = [0, *(2**power for power in range(15))]
REGIONS = {"early": 5.0, "middle": 6.0, "late": 7.0}
LAYERS = {"layer_00": 0.4, "layer_01": 1.0, "layer_02": 0.8}
TOKENS = 64
NULL = {"null_mean": -0.01, "null_sd": 0.02}
SHARES = (0.7, 0.9, 1.0, 1.1, 1.3)  # of a score, by piece


def course(step, half):
    """A logistic course of log2 step; 0 before the first update."""
    return 0.0 if step == 0 else 1 / (1 + np.exp(-(np.log2(step) - half) / 0.7))


def planted_scores(seeds, lead, *, of="planted", noise=0.01, subjects=("group",), rise=0.3):
    """Scores and performance of a family whose alignment is `lead` octaves ahead in `middle`."""
    rng = np.random.default_rng(5)
    scores, performance = [], []
    for seed in range(seeds):
        pace = rng.normal(0, 0.3)
        for step in STEPS:
            run = {"size": "", "seed": seed, "weights": "", "step": step, "seen": step * TOKENS}
            member = {"member": f"{of}-{seed}-{step}", **run}
            for region, half in REGIONS.items():
                for layer, height in LAYERS.items():
                    for subject in subjects:
                        score = 0.05 + rise * height * course(step, half + pace)
                        score += noise * rng.normal()
                        place = {"region": region, "layer": layer, "subject": subject}
                        told = {"kind": "hidden", "metric": "r_partial", "ceiling": 0.6, **NULL}
                        scores.append(member | place | told | {"score": score, "model": of})
            done = course(step, REGIONS["middle"] + lead + pace)
            for measure, value in (("heldout_loss", 9 - 4 * done), ("heldout_accuracy", done / 2)):
                noisy = value + 0.003 * rng.normal()
                performance.append(member | {"family": of, "measure": measure, "value": noisy})
    return pd.DataFrame(scores).assign(of=of, dataset="nsd", split="all"), pd.DataFrame(performance)


def planted_pieces(scores: pd.DataFrame) -> pd.DataFrame:
    """Scores without each of five pieces, whose shares in each are its `SHARES`."""
    n = len(SHARES)
    parts = [
        scores.assign(piece=piece, score=scores["score"] * (1 - (share - 1) / (n - 1)))
        for piece, share in enumerate(SHARES)
    ]
    return pd.concat(parts, ignore_index=True).assign(fitted=0.0)


def write_families(folder: Path) -> Path:
    """Write two families, of which one is the control, and the truth of the other: its path."""
    for of, lead, rise in (("read", 1.0, 0.3), ("shuffled", 0.0, 0.0)):
        write_family(folder, of, *planted_scores(2, lead, of=of, rise=rise))
    truth = folder / "activations" / "read" / "truth.json"
    halves = [{"layer_00": 3.0, "layer_01": 4.0, "layer_02": 5.0}]
    truth.write_text(json.dumps({"halves": halves, "regions": list(REGIONS)}))
    return truth


def write_family(folder: Path, of: str, scores: pd.DataFrame, performance: pd.DataFrame) -> None:
    """Write the family's three files below a folder."""
    own = [name for name in scores if name not in COLUMNS]
    table = pd.concat([results_table(scores), scores[own]], axis=1)
    write_table(folder / "scores" / f"{of}.parquet", table)
    pieces = planted_pieces(scores)
    placed = pieces[[name for name in pieces if name in PLACED]]
    left = pd.concat([jackknife_table([pieces]), placed], axis=1)
    write_table(folder / "scores" / f"{of}.pieces.parquet", left)
    members = performance.drop_duplicates("member").drop(columns=["measure", "value"])
    blank = {"unit": "tokens", "string": "", "parameters": 0.0, "digest": "", "error": ""}
    write_members(folder / "activations" / of, members.assign(**blank, set_aside=""), performance)
