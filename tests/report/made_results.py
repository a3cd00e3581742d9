"""Made-up results of every study, as their stages write them."""

import numpy as np
import pandas as pd

from stages.core.names.vocabulary import EVERYWHERE
from stages.core.results.calibrations import CALIBRATION_COLUMNS
from stages.core.results.ladder import COLUMNS
from stages.core.results.language_scores import LAYERS, NETWORKS, SCORES, WORDS
from stages.core.results.relations import RELATION_COLUMNS
from stages.core.results.replications import REPLICATION_COLUMNS
from stages.core.results.results import results_table
from stages.core.results.story_ceilings import CEILING_COLUMNS
from stages.core.results.survey import write_survey
from stages.core.results.typed_tables import empty_table
from stages.core.run.tables import write_table
from stages.ladder.story_claims import Evidence, story_ladder
from stages.report.training_rows import TABLES as COURSES
from tests.ladder.findings import intervals, nested, pairs, roll
from tests.plots.ceiling_tables import ceiling_table
from tests.plots.survey_tables import survey_of
from tests.report.made_maps import write_weights
from tests.report.scene_means import means_of

BLANK = {"text": "", "number": float("nan"), "flag": False}
# Weights at the places of made_maps.py.
WEIGHTS = {"Verbs/run": (1.27, -0.25, 0.13), "Verbs/see": (-3.0, 1.0, 2.0)}
ATTACK = "</script><script>alert(1)</script>"


def typed(columns, rows):
    """Rows with all columns of a contract; texts that are not given are empty."""
    blank = {name: BLANK[kind] for name, kind in columns.items()}
    return pd.DataFrame([blank | row for row in rows])[list(columns)]


def encoded(rng, regions=("A", "B"), layers=3):
    """Results of encode: every layer of the models of the ladder, and the chosen ones."""
    rows = []
    for model in ("big", "big+untrained", "small"):
        for region in regions:
            for metric in ("r", "r_partial"):
                for layer in range(layers):
                    for subject in ("s0", "group"):
                        rows.append(
                            {"dataset": "toy", "subject": subject, "region": region}
                            | {"model": model, "layer": f"layer_{layer:02}", "kind": "hidden"}
                            | {"metric": metric, "score": rng.uniform(-0.1, 0.6)}
                            | {"null_mean": 0.01, "null_sd": 0.02, "ceiling": 0.7, "q": 0.01}
                        )
    return pd.concat([results_table(rows), nested(regions=regions)], ignore_index=True)


def probed(rng):
    """Results of probe of one model: two features of one type, and one of another."""
    rows = [
        {"dataset": "toy", "target": target, "family": family, "model": "big", "kind": "hidden"}
        | {"layer": f"layer_{layer:02}", "metric": metric, "score": rng.uniform(0, 0.5), "q": 0.01}
        for target, family in (("Verbs/run", "discourse"), ("Verbs/see", "discourse"), ("W/l", "W"))
        for layer in range(3)
        for metric in ("r", "r_partial", "r_words")
    ]
    return results_table(rows)


def headed(rng, layers=2, heads=3):
    """Results of probe of the attention heads of one model, held to shifts alone."""
    rows = [
        {"dataset": "toy", "target": target, "family": "discourse", "model": "big", "kind": "head"}
        | {"layer": f"attention_{layer:02}.head_{head:02}", "metric": metric}
        | {"score": rng.uniform(0, 0.5), "q": 0.01 if head == 1 else 0.3}
        for target in ("Verbs/run", "Verbs/see")
        for layer in range(1, layers + 1)
        for head in range(1, heads + 1)
        for metric in ("r", "r2")
    ]
    return results_table(rows)


def profiled(rng, regions=("A", "B")):
    """Results of profile, of a person and of the average."""
    rows = [
        {"dataset": "toy", "subject": subject, "region": region, "model": "big", "kind": "hidden"}
        | {"layer": f"layer_{layer:02}", "family": family, "metric": metric, "q": 0.01}
        | {"score": rng.uniform(-0.2, 0.9), "null_mean": 0.02, "ceiling": 0.9}
        for subject in ("s0", "group")
        for region in regions
        for layer in range(3)
        for family in ("all", "discourse")
        for metric in ("spearman", "spearman_preference", "cosine", "kappa")
    ]
    return results_table(rows)


def decoded(rng, regions=("A", "B")):
    """Results of decode."""
    rows = [
        {"dataset": "toy", "subject": "group", "region": region, "target": target, "kind": "frem"}
        | {"family": "discourse", "metric": "r", "score": rng.uniform(0, 0.5), "q": 0.2}
        for region in regions
        for target in ("Verbs/run", "Verbs/see")
    ]
    return results_table(rows)


def write_story(folder, rng, regions=("A", "B")):
    """Write the results of the story study."""
    write_table(folder / "encode.parquet", encoded(rng, regions))
    made = [probed(rng), headed(rng)]
    write_table(folder / "probe.parquet", pd.concat(made, ignore_index=True))
    write_table(folder / "profile.parquet", profiled(rng, regions))
    write_table(folder / "decode.parquet", decoded(rng, regions))
    write_weights(folder / "decode_maps", "s0", list(WEIGHTS), np.transpose(list(WEIGHTS.values())))
    write_table(folder / "models.parquet", roll())
    write_table(folder / "ceilings_story.parquet", ceiling_table(regions))


def write_scene(folder, rng):
    """Write the results of the scene study: few people and areas, models of every kind."""
    survey = survey_of(rng, people=("subj01", "subj02"), regions=("V1", "V4", "FFC"), layers=3)
    object.__setattr__(survey, "means", means_of(survey.best))
    write_survey(folder / "survey", survey)
    write_table(folder / "relate.parquet", empty_table(RELATION_COLUMNS))
    limits = survey.best.drop_duplicates(["subject", "region", "metric"])
    limits = limits.assign(model="", layer="", kind="ceiling", score=limits["ceiling"])
    write_table(folder / "ceilings.parquet", results_table(limits))
    return survey


def write_ladder(folder, regions=("A", "B")):
    """Write the ladder of the story study, and one without claims."""
    found = nested(regions=regions)
    evidence = Evidence(found, pairs(), intervals(found), roll(), empty_table(COLUMNS), 0.5)
    write_table(folder / "ladder" / "story.parquet", story_ladder(evidence))
    write_table(folder / "ladder" / "scene.parquet", empty_table(COLUMNS))
    write_table(folder / "ladder_training" / "trajectory_story.parquet", empty_table(COLUMNS))


def write_language(folder):
    """Write the results of the language study: one recording, one model, one that failed."""
    known = {"recording": "pereira2018-243", "model": "reader"}
    scores = [
        known | {"region": region, "score": score, "q": q, "ceiling": 0.5}
        for region, score, q in (("A", 0.3, 0.01), ("B", 0.1, 0.4), (EVERYWHERE, 0.2, 0.2))
    ]
    words = [
        known | {"modality": "language", "trained": True, "bits_per_byte": 1.25},
        {"recording": "pereira2018-243", "model": "broken", "error": "weights refused"},
    ]
    for name, columns, rows in (
        ("scores", SCORES, scores),
        ("words", WORDS, words),
        ("layers", LAYERS, [known | {"region": "A", "layer": "layer_00", "score": 0.3}]),
        ("networks", NETWORKS, [known | {"network": "MD", "difference": 0.125, "q": 0.03}]),
        ("ceilings/pereira2018-243", CEILING_COLUMNS, [{"region": "A", "ceiling": 0.875}]),
    ):
        write_table(folder / "language" / f"{name}.parquet", typed(columns, rows))
    related = [known | {"source": "made", "benchmark": "bits per byte", "value": -0.4}]
    table = typed(RELATION_COLUMNS, [{k: v for k, v in related[0].items() if k != "recording"}])
    write_table(folder / "language" / "relations.parquet", table)


def write_checks(folder):
    """Write a calibration and a replication of one row each."""
    rows = [{"stage": "encode", "test": "r", "verdict": "liberal", "rate": 0.09, "claim": 0.05}]
    write_table(folder / "calibration.parquet", typed(CALIBRATION_COLUMNS, rows))
    rows = [{"source": "made", "quantity": "neural", "published": 0.44, "ours": 0.4566}]
    write_table(folder / "replicate.parquet", typed(REPLICATION_COLUMNS, rows))


def write_courses(folder, steps=(0, 1, 512)):
    """Write the courses of one family, of the average and of a person, and one lead."""
    line = {"of": "planted", "quantity": "value", "n_runs": 2}
    aligned = [
        line
        | {"side": "alignment", "measure": "r", "layer": layer, "region": region}
        | {"subject": subject, "step": step, "seen": 64 * step, "mean": 0.1 * place}
        for place, step in enumerate(steps)
        for layer, region in (("chosen", EVERYWHERE), ("chosen", "A"), ("layer_00", "A"))
        for subject in ("group", "s1")
    ]
    performed = [
        line
        | {"side": "performance", "measure": "loss", "step": step, "seen": 64 * step}
        | {"mean": 5.0 - place}
        for place, step in enumerate(steps)
    ]
    leads = [
        {"of": "planted", "region": "A", "measure": "loss", "lead": 1.5, "verdict": "precedes"}
    ]
    write_table(folder / "bands.parquet", typed(COURSES["bands"], [*aligned, *performed]))
    rise = {"of": "planted", "region": EVERYWHERE, "rise": 0.2, "n_runs": 1}
    rises = [rise | {"over": "stimuli", "low": 0.1, "high": 0.3}]
    beside = rise | {"over": "runs", "control": "shuffled", "difference": 0.1}
    for name, rows in (
        ("leads", leads),
        ("rises", rises),
        ("controls", [beside | {"verdict": "not tested", "reason": "one run"}]),
    ):
        write_table(folder / f"{name}.parquet", typed(COURSES[name], rows))


def write_everything(folder, rng, regions=("A", "B")):
    """Write the results of all studies."""
    write_story(folder, rng, regions)
    survey = write_scene(folder, rng)
    write_ladder(folder, regions)
    write_language(folder)
    write_courses(folder / "trajectory" / "story")
    write_courses(folder / "trajectory" / "scene")
    write_checks(folder)
    return survey
