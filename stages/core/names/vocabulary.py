"""Words and levels that several stages must spell alike."""

# Subjects of a table that are nobody: the average of the responses, and the mean of the scores.
GROUP = "group"
MEAN = "mean"

# Of curves over training: their side, the layer that was chosen on other data, and the mean over
# regions.
ALIGNMENT, PERFORMANCE = "alignment", "performance"
CHOSEN = "chosen"
EVERYWHERE = "all"

# Splits of the images whose scores did not choose a layer.
HELD_APART = ("test", "all")
TRAIN = "train"

# Kinds of model that have learnt nothing, and the scheme and modality of the second.
UNTRAINED = "untrained"
NOISE = "noise"

# The level of p and q below which something is called found.
SIGNIFICANT = 0.05

HEMISPHERES = ("left", "right")
# How atlases end the names of regions of one hemisphere.
ENDINGS = {"_L": "left", "_R": "right"}


def hemisphere_of(region: str) -> str:
    """`left` or `right`, by how a region's name ends; empty where it does not say."""
    return ENDINGS.get(region[-2:], "")


def hemisphere_mean(hemisphere: str) -> str:
    """Name the mean over the regions of a hemisphere."""
    return f"{hemisphere} hemisphere"
