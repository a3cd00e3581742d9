"""Numbers that no table gives: a network has to be run, which the studies do."""

from collections.abc import Iterator

from stages.core.results.replications import RECOMPUTED
from stages.replicate.published_targets import Target

STUDY = "dvc exp run -S {}"
STORY = STUDY.format("story.dataset=alice -S story.centre=false")
SCENE = STUDY.format("scene.dataset=kriegeskorte2008")
REGIONS = ("LATL", "RATL", "LPTL", "LIPL", "LPreM", "LIFG")
# Held-out r of a hidden state in each region, averages in per cent signal change.
LAYERS = {
    0: (".42", ".24", ".30", ".40", ".44", ".31"),
    3: (".45", ".31", ".36", ".41", ".49", ".40"),
    6: (".24", ".18", ".04", ".15", ".33", ".27"),
}
RATE = (".21", ".21", ".25", ".35", ".32", ".25")
# Spearman correlation of the dissimilarities of each block with mean human IT and monkey IT.
BLOCKS = {
    "human": (".155", ".150", ".171", ".198", ".213", ".388", ".258"),
    "monkey": (".189", ".120", ".154", ".200", ".215", ".436", ".293"),
}
BEST_LAYER, BEST_BLOCK = 3, 5


def _alice() -> Iterator[Target]:
    for layer, values in LAYERS.items():
        for region, value in zip(REGIONS, values, strict=True):
            quantity, shown = f"MiniLM, hidden state {layer} ~ {region}", layer == BEST_LAYER
            yield Target(quantity, value, 0.01, RECOMPUTED, needs=STORY, shown=shown)
    for region, value in zip(REGIONS, RATE, strict=True):
        quantity = f"word rate alone ~ {region}"
        yield Target(quantity, value, 0.1, RECOMPUTED, needs=STORY, shown=False)


def _images() -> Iterator[Target]:
    for species, values in BLOCKS.items():
        for block, value in enumerate(values):
            quantity = f"EfficientNet-Lite0, block {block} ~ {species}"
            shown = block == BEST_BLOCK
            yield Target(quantity, value, 0.01, RECOMPUTED, needs=SCENE, shown=shown)


OF_NETWORKS = {"alice2016": tuple(_alice()), "kriegeskorte2008": tuple(_images())}
