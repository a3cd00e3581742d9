"""A small laboratory's tables: single words, and words in time, as people write them."""

import numpy as np
import pandas as pd
from PIL import Image

TRAPS = ["NA", "null", "nan", '"', "naïve", "True", "3", "中国"]
N_RUNS, N_SCANS, TR = 3, 40, 1.5
N_IMAGES = 12


def write_events(folder, rng):
    """Forty words in four runs, of which the last is not measured, and two people."""
    words = (TRAPS * 5)[:40]
    ids = [f"w{k}" for k in range(40)]
    stimuli = pd.DataFrame({"id": ids, "text": words, "run": np.repeat(list("abcd"), 10)})
    stimuli.to_csv(folder / "stimuli.csv", index=False)
    truth = rng.normal(size=(39, 2))
    for name, shift in (("s1", 0.0), ("s2", 1.0)):
        (folder / name).mkdir()
        rows = np.r_[np.arange(39)[::-1], 5, 5]
        table = pd.DataFrame(truth[rows] + shift, columns=["N400", "P600"])
        table.loc[39:, "N400"] += 3.0  # of three repeats of w5
        table.insert(0, "id", [ids[row] for row in rows])
        table.to_csv(folder / name / "responses.csv", index=False)
    return truth


def write_series(folder, rng):
    """Three runs with a word in every scan, whose length a region follows."""
    runs, onset = np.repeat([1, 2, 3], N_SCANS), np.tile(TR * np.arange(N_SCANS), N_RUNS)
    samples = pd.DataFrame({"run": runs, "onset": onset})
    samples.to_csv(folder / "samples.csv", index=False)
    words = ["a" * (1 + k) for k in rng.integers(0, 9, len(runs))]
    ids = [f"w{k}" for k in range(len(runs))]
    stimuli = samples.assign(id=ids, text=words, onset=onset + 0.2, duration=0.5)
    stimuli.to_csv(folder / "stimuli.csv", index=False)
    lengths = np.array([len(word) for word in words], dtype=float)
    series = rng.normal(size=(len(runs), 2))
    series[:, 0] += 2 * lengths
    pd.DataFrame(series, columns=["planted", "silent"]).to_csv(
        folder / "responses.csv", index=False
    )


def write_pictures(raw, rng):
    """Write images of several sizes, of which two people saw some each, nobody the last."""
    (raw / "images").mkdir(parents=True)
    for k in range(N_IMAGES):
        pixels = rng.integers(0, 255, (40 + k, 60, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(raw / "images" / f"dog_{k}.png")
    ids = [f"i{k}" for k in range(N_IMAGES)]
    table = pd.DataFrame({"id": ids, "image": [f"dog_{k}.png" for k in range(N_IMAGES)]})
    table.to_csv(raw / "stimuli.csv", index=False)
    for name, seen in (("s1", [*range(8), 0]), ("s2", range(4, 11))):
        (raw / name).mkdir()
        values = pd.DataFrame(rng.normal(size=(len(seen), 3)), columns=["a", "b", "c"])
        values.insert(0, "id", [ids[k] for k in seen])
        values.to_csv(raw / name / "responses.csv", index=False)
    return raw
