"""Tiny texts, pictures and settings of training, to be written anywhere."""

import numpy as np
from PIL import Image

SUBJECTS, VERBS, OBJECTS = ("witch", "boy", "owl"), ("saw", "took", "lost"), ("broom", "hat", "key")
WORDS = {
    "runs": ["read-0"],
    "size": "tiny",
    "sizes": {"tiny": {"layers": 2, "width": 32, "heads": 2}},
    "vocabulary": 320,
    "held_out": 0.1,
    "block": 16,
    "batch": 8,
    "steps": 12,
    "keep": [0, 1, 4],
    "lr": 0.01,
    "warmup": 0.05,
    "floor": 0.1,
    "betas": [0.9, 0.95],
    "eps": 1e-8,
    "weight_decay": 0.1,
    "clip": 1.0,
    "precision": "float32",
}
# The published recipe, but for the network, the sizes and the numbers of steps.
IMAGES = {
    "runs": ["labels-0"],
    "model": "test_efficientnet",
    "size": 32,
    "held_out": 0.25,
    "split_seed": 0,
    "batch": 8,
    "calibration": 0,
    "epochs": 3,
    "keep": [0, 1, 4],
    "keep_epochs": [],
    "optimiser": {
        "name": "rmsproptf",
        "lr": 0.016,
        "lr_batch": 0,
        "momentum": 0.9,
        "alpha": 0.9,
        "eps": 0.001,
        "weight_decay": 1e-5,
    },
    "schedule": {
        "name": "step",
        "per": "epoch",
        "decay_epochs": 2.4,
        "decay_rate": 0.969,
        "warmup_epochs": 1,
        "warmup_lr": 1e-6,
        "min_lr": 0.0,
    },
    "drop": 0.3,
    "drop_path": 0.2,
    "smoothing": 0.1,
    "augment": {
        "policy": "rand-m9-mstd0.5",
        "scale": [0.08, 1.0],
        "flip": 0.5,
        "colour": 0.0,
        "erase": 0.3,
        "erase_mode": "pixel",
        "interpolation": "random",
    },
    "crop": 0.875,
    "interpolation": "bicubic",
    "ema": {"decay": 0.9999, "warmup": False},
    "precision": "float32",
}


def tell(rng, n_lines):
    """A text with an order of words: who did what."""
    return "".join(
        f"the {rng.choice(SUBJECTS)} {rng.choice(VERBS)} a {rng.choice(OBJECTS)} .\n"
        for _ in range(n_lines)
    )


def write_classes(folder, rng):
    """Write three classes of pictures: red, green and blue stripes, with noise."""
    for channel, name in enumerate(("red", "green", "blue")):
        (folder / name).mkdir(parents=True)
        for k in range(12):
            pixels = rng.integers(0, 60, (40, 40, 3))
            pixels[:, :: channel + 2, channel] += 180
            Image.fromarray(pixels.astype(np.uint8)).save(folder / name / f"{k}.png")
    return folder
