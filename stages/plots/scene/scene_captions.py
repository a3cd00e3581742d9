"""What a report says of the pictures of the scene study."""

from stages.core.names.vocabulary import GROUP, MEAN
from stages.core.results.survey import Survey
from stages.plots.kit.picture import counted
from stages.plots.kit.planted import Truth

PLANTED = "; an outline is the model whose layer drives the region"
# By the picture's name; what is in braces is given by `facts`.
CAPTIONS = {
    "align/best": (
        "Alignment of {models} with {regions} by {metric}, mean over {people}, of the layer that "
        "was chosen on other data; a dot marks q < .05 in most subjects, grey what was not "
        "measured, bars above the ceiling where it is known, colours below the networks, as high "
        "as the share of the region that lies in it{planted}."
    ),
    "align/layers": (
        "Alignment along the relative depth of {models} with {regions} or, where there are many, "
        "with their networks, by {metric}, mean over {people}; a grey band holds the untrained "
        "twins, the light one 95 % of the null of all layers, lines across are ceilings."
    ),
    "survey/models": (
        "The {all_models} of the zoo, each with its greatest alignment with a region by {metric}, "
        "mean over {people}; those in red failed."
    ),
    "survey/depth": (
        "Alignment of every part of a trained model's depth, the first layers below, with "
        "{regions}, from posterior to anterior, by {metric}, mean over layers and {people}; grey "
        "parts have no layer."
    ),
    "survey/gradient": (
        "Depth of a trained model that agrees with a region against how anterior the region is, "
        "by {metric}; a dot is one region of one of {people} that it aligns with (p below .05), in "
        "the colour of its network, hollow where less than half of the region lies in it; above "
        "stand Spearman's ρ of the mean over subjects, its p, in brackets how smooth the map of "
        "depths is, and the range of the subjects' own."
    ),
    "survey/gradients": (
        "Spearman's ρ of depth with place, mean over {people}, by {metric}: the share of trained "
        "models with no greater one; a dot is a model, filled where p is below .05."
    ),
    "survey/networks": (
        "Alignment of the best layer by {metric}, mean over the regions of each network, of "
        "trained models (left bars) and the mean of their untrained twins (right bars, grey); "
        "bars are means over {people}, dots one subject each; below stand the networks and the "
        "mean share of their regions that lies in them."
    ),
    "survey/bandwidth": (
        "Alignment of trained models by the bandwidth of the kernel, mean over {people}, with "
        "{regions} or, where there are many, with their networks; a ring marks the best bandwidth "
        "of a model that aligns at all."
    ),
    "survey/consistency": (
        "Correlation over {regions} between the best alignments, by {metric}, of every two of "
        "{people}, for each trained model."
    ),
    "survey/metrics": (
        "Do two metrics rank models alike? Spearman's ρ over models, untrained ones included and "
        "noise left out, in each of {regions}, mean over these; scores are those of the layers "
        "chosen on other data, mean over {people}."
    ),
    "survey/contrast": (
        "Alignment of the best language model less that of the best vision model, by {metric}, in "
        "{regions}; bars are means over {people}, in the colour of the network, hatched where "
        "less than half of the region lies in it, dots one subject each."
    ),
    "survey/umap": (
        "Map of {models} on which those are near each other that agree with the same of "
        "{regions} by {metric}; hollow dots are untrained."
    ),
    "survey/control": (
        "Alignment of the layers of {models} against their number of units, mean over {regions} "
        "and {people}; a dot is a layer, a cross the same layer projected to a common width, a "
        "dash noise as wide as it, the line nothing but noise; a score is flagged that such noise "
        "explains."
    ),
}
CORTEX = {
    "vision": "Alignment of the best trained vision model with every region by {metric}, {whose}.",
    "language": (
        "Alignment of the best trained language model with every region by {metric}, {whose}."
    ),
    "contrast": (
        "Alignment of the best trained language model less that of the best vision model, in "
        "every region, by {metric}, {whose}; red where language is better."
    ),
}
MAPS = (
    "Alignment of {model} with every region by {metric}, {whose}, of the layer that was chosen on "
    "other data; colours are the same for all models."
)
PERFORMANCE = (
    "Correlation over models of alignment with performance and size, with 95 % intervals; filled "
    "dots have q < .05, n is the number of models."
)


def facts(survey: Survey, metric: str, truth: Truth | None = None) -> dict[str, str]:
    """Say what the captions leave open.

    Parameters
    ----------
    survey : Survey
    metric : str
    truth : mapping of str to Planted, optional
        By region, what drives it, where that is known.
    """
    people = set(survey.regions["subject"]) - {GROUP, MEAN}
    ran = survey.models["error"] == ""
    return {
        "metric": metric,
        "models": counted(int(ran.sum()), "model"),
        "all_models": counted(len(ran), "model"),
        "regions": counted(survey.regions["region"].nunique(), "region"),
        "planted": PLANTED if truth else "",
        "people": counted(len(people), "subject"),
    }
