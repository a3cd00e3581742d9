"""What columns of tables mean that are not shared: checks, pieces, tasks, courses of training."""

from collections.abc import Mapping

CHECKS: Mapping[str, str] = {
    "stage": "Stage whose test is tried.",
    "test": "The test or the interval that is tried.",
    "layout": "How much was simulated, and in which order.",
    "situation": "What there is to find.",
    "method": "`ours`, or what is usual elsewhere, for comparison.",
    "asks": "What is asked of the case: the share of p up to .05 where there is nothing (false "
    "positives) or something (power) to find, the share of 95 % intervals that hold the truth "
    "(coverage), or the mean of an estimate (recovery).",
    "n_effective": "Number of independent values whose mean would vary as much.",
    "rate": "The share, or the mean, that was found.",
    "verdict": "What the number found is beside the number claimed or published.",
    "basis": "What the published number is: printed in a source, recomputed from its tables by "
    "other code than ours, or none.",
    "published": "The published number.",
    "ours": "The number that we found.",
    "tolerance": "Greatest difference that counts as within.",
    "needs": "The file that the number needs and that is not at hand.",
    "note": "What else there is to say.",
    "shown": "Whether the number is in the metrics and the picture.",
}

BESIDE: Mapping[str, str] = {
    "context": "Number of words in a passage that the model reads, the stimulus included; 0 is all "
    "of its run.",
    "piece": "Number of the piece of the stimuli that is left out.",
    "fitted": "Number of folds times their test rows per training row, by which errors seem too "
    "small; 0 where nothing is fitted.",
    "of": "Family of checkpoints.",
    "member": "Short name of the checkpoint.",
    "size": "Size of the family's model.",
    "weights": "Which weights of the checkpoint: as trained, or averaged.",
    "step": "Number of updates before the checkpoint.",
    "seen": "What training has shown by then: tokens or images, as the family has it.",
    "task": "What a language model is asked to do, or the recordings that a mean is over.",
    "measure": "What value is measured by.",
    "estimator": "How the layer predicts or is compared: ols, ridge, rdm or cka.",
    "folds": "How samples are held out: shuffled one by one, in the blocks or runs of the "
    "study, or none.",
    "text": "Name of the text whose words are predicted, or of the recording.",
    "tokens": "Number of the text's tokens.",
    "words": "Number of the text's words.",
    "bytes": "Number of the text's bytes.",
    "loss": "Cross-entropy in nats per token; compares between models of one vocabulary alone.",
    "perplexity": "Exponential of the loss; compares between models of one vocabulary alone.",
    "loss_per_word": "Cross-entropy in nats per word.",
    "control_score": "Score in the control network, mean over people.",
    "control_ceiling": "Ceiling of one person in the control network, from infinitely many others.",
    "effect": "Difference in standard deviations over people.",
    "targets": "Number of targets: regions or voxels.",
    "share": "Share of the targets of which the inner folds choose the layer.",
}

COURSES: Mapping[str, str] = {
    "side": "Alignment or performance.",
    "choice": "On what the layer was chosen; empty where none was.",
    "relative": "Value over its ceiling.",
    "gain": "Value minus that of the run's own step 0.",
    "mean": "Mean of the quantity over runs.",
    "n_runs": "Number of runs behind it.",
    "n_left_out": "Number of runs that have no value.",
    "reason": "Why there is no value.",
    "shape": "What the curve does: rises, falls, turns, or is flat; empty of too few checkpoints.",
    "rise": "Mean of the last values minus mean of the first.",
    "p_shape": "p of the curve's being monotone.",
    "peak_seen": "What training had shown at the peak of a curve that turns.",
    "fallen": "What is lost again after the peak, as a share of the range.",
    "unsettled": "Share of the rise that was made among the last values.",
    "octave": "Binary logarithm of what training had shown by then; in orders, relative to the "
    "mean of the run's places.",
    "lead": "Time of performance minus time of alignment in octaves: above 0, alignment is first.",
    "over": "What the interval is over: runs, sizes, runs and subjects, or other stimuli.",
    "p_exchanged": "p with the labels of both sides exchanged within runs.",
    "axis": "What is ordered: regions, networks or layers.",
    "against": "The order held against: depth, truth or other runs; empty of a single place.",
    "rank": "Rank of the place, the first being 1.",
    "left_out": "Places without a time in some run.",
    "direction": "What predicts what later: alignment performance, or the other way round.",
    "n_pairs": "Number of pairs of checkpoints.",
    "control": "The family that learnt what cannot be learnt: words in random order, or labels "
    "dealt at random.",
    "control_rise": "Rise of the control.",
    "control_gain": "Gain of the control.",
    "paired": "Whether runs are compared with the control's of the same seed; empty where not.",
    "n_control_runs": "Number of the control's runs behind it.",
}

AREAS: Mapping[str, str] = {
    "parts": "Whole areas, or those of each hemisphere.",
    "second_subject": "Whose responses the second area's are.",
    "second_region": "Name of the second area.",
    "second_hemisphere": "Hemisphere of the second area, as that of the first.",
    "second_model": "Short name of the second layer's model; empty for an area.",
    "umap_x": "First coordinate on the map of two dimensions (UMAP); neighbours alone mean "
    "something.",
    "umap_y": "Second coordinate on it.",
    "umap3_x": "First coordinate on the map of three dimensions (UMAP).",
    "umap3_y": "Second coordinate on it.",
    "umap3_z": "Third coordinate on it.",
    "mds_x": "First coordinate by classical scaling, in radians; distances mean something.",
    "mds_y": "Second coordinate by classical scaling.",
    "mds_z": "Third coordinate by classical scaling.",
    "end": "Which layer of the model: the first, the last, or the best in the same area of the "
    "other people.",
    "dimensions": "Number of dimensions of the map.",
    "kept": "Share of a point's nearest neighbours that are its nearest on the map, mean over "
    "points.",
    "points": "Number of layers and areas on the map.",
    "corrected": "Whether angles are those without the noise of areas.",
}

AREAS_OF_KIND: Mapping[str, Mapping[str, str]] = {
    "alike": {
        "id": "Id of the stimulus.",
        "group": "Id of the first stimulus of those whose images are nearly the same.",
    },
    "areas": {
        "kind": "Of whom and when both areas are: of two people or one; at showings of the images "
        "apart, or in means of all (`same trials` of one person).",
        "subject": "Whose responses the first area's are.",
        "region": "Name of the first area.",
        "hemisphere": "Hemisphere of the first area, L or R; empty where it lies in both.",
        "ceiling": "What two areas of one geometry would score; missing where repeats do not tell.",
        "n": "Number of images behind the score: all that everybody saw, or, of showings apart, "
        "those of them that were measured three times.",
    },
    "areas_layers": {
        "subject": "Whose area it is; empty beside another layer.",
        "second": "The second layer, or the area.",
        "parts": "Whole areas, or those of each hemisphere; empty beside another layer.",
        "hemisphere": "L or R; empty where the area lies in both, or beside another layer.",
        "ceiling": "What a model with the area's geometry would score; 1 of layers.",
        "n": "Number of images that everybody saw.",
    },
    "areas_points": {
        "kind": "area or layer.",
        "name": "Name of the area, or of the layer.",
        "modality": "What the layer's tower is shown; empty for an area.",
        "trained": "Whether the layer's model has learnt anything; false for an area.",
    },
    "areas_ends": {
        "hemisphere": "L or R; empty where the area lies in both.",
        "ceiling": "What a model with the area's geometry would score.",
    },
    "areas_fidelity": {
        "method": "umap, or mds, classical scaling.",
        "rho": "Spearman's correlation of distances on the map with the angles it is made of.",
    },
}
