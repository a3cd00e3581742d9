"""Tables of a language study with planted scores."""

import numpy as np
import pandas as pd

from stages.core.results.language_scores import EVERYWHERE, LAYERS, SCORES, WORDS
from stages.core.results.typed_tables import empty_table

# By recording: regions, ceiling (missing: none), people, and whether words were timed.
RECORDINGS = {
    "pereira2018": (("language", "auditory", "visual"), 0.5, 9, False),
    "ucl2013": (("N400", "P600", "first_pass"), np.nan, np.nan, True),
    "futrell2018": (("reading_time",), 0.7, 20, True),
}
# By model: string, architecture, whether trained, how good.
MODELS = {
    "minilm": ("st:minilm", "minilm", True, 0.6),
    "minilm-0": ("st:minilm+untrained:0", "minilm", False, 0.2),
    "minilm-1": ("st:minilm+untrained:1", "minilm", False, 0.3),
    "smollm": ("hf:smollm", "smollm", True, 0.9),
    "smollm-0": ("hf:smollm+untrained:0", "smollm", False, 0.25),
    "glove": ("static:glove", "glove", True, 0.4),
    "length": ("control:length", "length", False, 0.1),
}
NUISANCE, BEYOND, CAUSAL = 0.05, 0.5, ("smollm", "smollm-0")
N_LAYERS = 4


def made_zoo(models=MODELS, recordings=RECORDINGS, failed=()):
    """Make the tables: the score of a region is what the model is worth times its place."""
    rows = [
        _row(recording, region, place, model, recordings)
        for recording, (regions, *_) in recordings.items()
        for place, region in enumerate((*regions, EVERYWHERE))
        for model in models
        if model not in failed
    ]
    scores = _declared(rows, SCORES)
    tables = {"scores": scores, "words": _words(models, recordings, failed)}
    return tables | {"layers": _layers(scores)}


def _row(recording, region, place, model, recordings):
    _, ceiling, people, timed = recordings[recording]
    _, architecture, trained, worth = MODELS[model]
    share = 1.0 if region == EVERYWHERE else 1 - 0.2 * place
    score = 0.5 * worth * share
    causal = model in CAUSAL and timed
    control = region in ("auditory", "visual")
    own = np.nan if control else ceiling
    return {
        "recording": recording, "region": region, "model": model, "architecture": architecture,
        "trained": trained, "subject": "group", "layer": f"layer_{N_LAYERS // 2:02d}",
        "depth": 2 / 3, "score": score, "low": score - 0.05, "high": score + 0.05,
        "null_mean": 0.0, "q": 0.01 if worth > 0.35 else 0.4, "beyond": BEYOND * score,
        "nuisance": NUISANCE, "ceiling": own, "normalised": score / own,
        "normalised_low": (score - 0.05) / own, "normalised_high": (score + 0.05) / own,
        "ceiling_kind": "the mean of these subjects, from split halves" if np.isfinite(own) else "",
        "people": people, "people_score": 0.5 * score, "people_ceiling": own / 2,
        "people_ceiling_low": own / 2 - 0.03, "people_ceiling_high": own / 2 + 0.05,
        "people_normalised": 0.9 * score / own,
        "surprisal": 0.3 * worth if causal else np.nan, "surprisal_p": 0.001,
        "surprisal_beyond": 0.1 * worth if causal else np.nan, "surprisal_beyond_p": 0.2,
    }  # fmt: skip


def _words(models, recordings, failed):
    rows = [
        {
            "recording": recording, "model": model, "string": MODELS[model][0],
            "modality": "language", "architecture": MODELS[model][1], "seed": np.nan,
            "trained": MODELS[model][2], "parameters": 1e6, "layers": N_LAYERS, "width": 8,
            "error": "no weights" if model in failed else "",
            "bits_per_byte": 2 - MODELS[model][3] if model in CAUSAL else np.nan,
        }
        for recording in recordings
        for model in models
    ]  # fmt: skip
    return _declared(rows, WORDS)


def _layers(scores):
    rows = [
        {
            "recording": row["recording"], "region": row["region"], "model": row["model"],
            "layer": f"layer_{at:02d}", "depth": at / (N_LAYERS - 1), "null_mean": 0.0,
            "null_sd": 0.02, "score": row["score"] * (1 - 0.2 * abs(at - N_LAYERS // 2)),
        }
        for row in scores[scores["region"] != EVERYWHERE].to_dict("records")
        for at in range(N_LAYERS)
    ]  # fmt: skip
    return _declared(rows, LAYERS)


def _declared(rows, columns):
    if not rows:
        return empty_table(columns)
    table = pd.DataFrame(rows).reindex(columns=list(columns))
    numbers = [name for name, kind in columns.items() if kind == "number"]
    return table.astype(dict.fromkeys(numbers, float))
