"""What every column of the tables means: one dictionary, for sidecars of BIDS and for Croissant.

A name means the same in all tables, but for those that `OF_KIND` defines anew for a kind of table.
"""

from collections.abc import Mapping

from stages.core.run.errors import ConcordError
from stages.share.further_columns import AREAS, AREAS_OF_KIND, BESIDE, CHECKS, COURSES

_WHOSE: Mapping[str, str] = {
    "dataset": "Name of the recording.",
    "recording": "Name of the recording.",
    "subject": "Whose responses: a person, `group` for the average of all people's responses, or "
    "`mean` for the mean of people's scores.",
    "region": "Name of the brain region, as the recording's atlas has it.",
    "target": "Single target of the score: a voxel of the region, or a linguistic feature as "
    "type/name; empty where it is the region's average.",
    "family": "Family of linguistic features that the target belongs to.",
    "network": "Network of the brain that most of the region lies in, of Yeo's seven: VIS visual, "
    "SOM somatomotor, DAN and VAN dorsal and ventral attention, LIM limbic, FPN frontoparietal, "
    "DMN default mode; empty where that is none.",
    "purity": "Share of the region, on average of a network's regions, that lies in the network.",
    "mixed": "Regions of which less than half lies in the network.",
    "hemisphere": "L or R, both where the region has voxels in both.",
    "voxels": "Number of voxels of the region.",
    "model": "Short name of the model.",
    "string": "The model as scheme:name, with revision and untrained variant.",
    "modality": "What the model, or the tower of it, is shown: language, vision, both, or noise.",
    "architecture": "Short name of the model that has the same architecture and is trained.",
    "seed": "Seed of the random weights of an untrained model.",
    "trained": "Whether the model has learnt anything.",
    "parameters": "Number of the model's parameters.",
    "layers": "Number of layers.",
    "width": "Units of the widest layer.",
    "error": "Why the model could not be run; empty where it could.",
    "bits_per_byte": "How well the model predicts the recording's text: cross-entropy in bits per "
    "byte of it.",
    "layer": "Layer of the model; for scores of a chosen layer, the one that was chosen (of "
    "several folds the most frequent choice).",
    "best_layer": "Layer that was chosen most often.",
    "depth": "Place of the layer in its model, from 0 (first) to 1 (last).",
    "units": "Units of the layer as compared.",
    "kind": "What was scored: hidden or attention layers, single heads, the layer chosen on other "
    "data (nested), control models, layers of the zoo (layer), the mean of the training data "
    "(baseline), or an ensemble of decoders (frem).",
    "metric": "Measure of agreement that score is of: r and r2 are held-out correlation and "
    "explained variance; _partial beyond nuisance variables; r2_unique and r2_shared the parts "
    "that are the model's own and shared with them; r_odd and r_even on every other part; r_words "
    "against other orders of words; others are metrics of representational alignment.",
    "split": "Stimuli on which the score was found.",
    "chosen_on": "Data on which the layer was chosen.",
    "chosen_score": "Score of the chosen layer on the data on which it was chosen.",
}

_SCORES: Mapping[str, str] = {
    "score": "Score by the metric named.",
    "null_mean": "Mean of the score under the null.",
    "null_sd": "Standard deviation of the score under the null.",
    "null": "Mean of the score under the null.",
    "null_kind": "Whether p is of a formula (closed) or a share of draws (drawn); empty where a "
    "study has one kind alone, or no null.",
    "z": "Score minus mean of the null, in standard deviations of the null.",
    "p": "Probability of such a score, or a larger one, under the null.",
    "q": "p adjusted for the false discovery rate over the tests that q_family names.",
    "q_family": "The tests over which q is adjusted.",
    "ceiling": "How well any model could score, by what ceiling_kind or kind says.",
    "ceiling_kind": "How the ceiling was found.",
    "n": "Number of samples, stimuli or models behind the score.",
    "row_lag": "Autocorrelation from one row to the next, the smaller of both sides.",
    "row_repeats": "Share of rows that have a near-duplicate, the larger of both sides.",
    "low": "Lower end of the 95 % interval.",
    "high": "Upper end of the 95 % interval.",
    "people": "Number of people.",
    "people_low": "Lower end of the 95 % interval over stimuli and people.",
    "people_high": "Upper end of the 95 % interval over stimuli and people.",
    "people_p": "p of the difference over stimuli and people.",
    "people_q": "people_p adjusted for the false discovery rate.",
}

_PAIRS: Mapping[str, str] = {
    "other": "Short name of the model compared with.",
    "other_modality": "Modality of the model compared with.",
    "other_score": "Score of the model compared with.",
    "difference": "First score minus second.",
    "ahead": "Number of people in whom the model is ahead, by p of their own.",
    "behind": "Number of people in whom the model is behind, by p of their own.",
}

_CEILINGS: Mapping[str, str] = {
    "curve": "How a ceiling was extrapolated; empty where it was not.",
    "subjects": "How many people were averaged; where one is held out, the others.",
    "endpoint": "Number of others from which one more adds less than .0005.",
    "failed": "Share of replicates behind the interval in which there was no ceiling.",
    "part": "Whether the point was measured, extrapolated, or a replicate of that.",
    "replicate": "Who was left out, or the number of the draw.",
    "others": "How many other people were averaged.",
    "value": "Value of the quantity.",
}

_SURVEY: Mapping[str, str] = {
    "x": "Millimetres to the right.",
    "y": "Millimetres to the front.",
    "aside": "Millimetres from the midline.",
    "reliability": "Median ceiling of the region's voxels.",
    "bin": "Part of the model's depth, from 0.",
    "depth_centre": "Mean depth of the model's layers, weighted by their scores.",
    "quantity": "Depth of the best layer, or centre of depth of all layers.",
    "regions": "Number of regions.",
    "spearman": "Spearman's correlation of depth with place, from the back to the front.",
    "smoothness": "Distance, in mm, over which regions of a map are alike.",
    "kernel": "Kernel of the metric.",
    "bandwidth": "Bandwidth of the kernel in medians of the distances; infinite if it is linear.",
    "biased": "Whether the metric is the biased one.",
    "normalized": "Score over the largest over bandwidths, missing where that is not positive.",
    "first": "First of two subjects.",
    "second": "Second of two subjects.",
    "r": "Pearson's correlation.",
    "rho": "Spearman's correlation.",
    "language": "Score of the best language model.",
    "vision": "Score of the best vision model.",
    "language_model": "The best language model.",
    "vision_model": "The best vision model.",
    "noise": "Score of noise of the layer's width, mean and variance.",
    "projected": "Score of the layer projected to the common width.",
    "chance": "What the metric gives to unrelated representations if taken at its word.",
    "z_width": "Score minus score of noise as wide, in standard deviations of the null.",
    "flagged": "Whether width alone explains the score.",
}

_RELATIONS: Mapping[str, str] = {
    "source": "Where the benchmark's scores are from.",
    "benchmark": "Name of the benchmark, or of what stands in its place.",
    "families": "Number of families of models.",
    "statistic": "The statistic that value is of.",
    "loo_low": "Least value with any one family left out.",
    "loo_high": "Greatest value with any one family left out.",
    "p_independent": "p, had all models been independent.",
}

_WORDS: Mapping[str, str] = {
    "beyond": "Score beyond nuisance variables.",
    "beyond_q": "q of the score beyond nuisance variables.",
    "nuisance": "Score of nuisance variables alone.",
    "oasm": "Score of the position in the run alone.",
    "onset": "Score of the time since the run's beginning alone.",
    "normalised": "Score over ceiling, missing where the ceiling is too low or unclear.",
    "normalised_low": "Lower end of the 95 % interval of normalised, the ceiling being given.",
    "normalised_high": "Upper end of the 95 % interval of normalised, the ceiling being given.",
    "people_score": "Mean score over people.",
    "people_ceiling": "Ceiling of one person from infinitely many others, mean over people.",
    "people_ceiling_low": "Lower end of the 95 % interval of people_ceiling.",
    "people_ceiling_high": "Upper end of the 95 % interval of people_ceiling.",
    "people_normalised": "people_score over people_ceiling.",
    "surprisal": "Correlation of the responses with how unexpected words were to the model.",
    "surprisal_p": "p of surprisal.",
    "surprisal_beyond": "Partial correlation with surprisal given nuisance variables.",
    "surprisal_beyond_p": "p of surprisal_beyond.",
}

_LADDER: Mapping[str, str] = {
    "claim": "What is claimed: that a model predicts, surpasses another, or precedes performance.",
    "rung": "What the claim is held against.",
    "place": "Number of the rung, from what is asked first.",
    "state": "Whether the claim holds, fails, or was not asked.",
    "why": "Why it was not asked, or what speaks against it.",
}

_LEGENDS: Mapping[str, str] = {
    "index": "Number in the image.",
    "name": "Name of the region.",
    "volume": "Number of the volume in the image, from 0.",
    "feature": "Linguistic feature, as type/name.",
    "type": "Type of the feature.",
    "participant_id": "Label of the person in the names of files.",
    "recording_name": "Name of the person in the recording.",
    "desc_id": "Label in the names of files.",
    "description": "What the label stands for.",
}

# By topic, in the order of docs/columns.md.
TOPICS: Mapping[str, Mapping[str, str]] = {
    "Whose, where, of what": _WHOSE,
    "Scores and what they are held against": _SCORES,
    "Models two by two": _PAIRS,
    "Ceilings": _CEILINGS,
    "The survey of a zoo": _SURVEY,
    "Relations over models": _RELATIONS,
    "Recordings of words, each with all models": _WORDS,
    "The ladder of evidence": _LADDER,
    "Calibration and published numbers": CHECKS,
    "Checkpoints, pieces, tasks and what else stands beside": BESIDE,
    "Courses of training": COURSES,
    "Areas beside areas, and layers among them": AREAS,
    "Legends of images": _LEGENDS,
}
MEANINGS: Mapping[str, str] = {
    name: meaning for meanings in TOPICS.values() for name, meaning in meanings.items()
}

OF_KIND: Mapping[str, Mapping[str, str]] = {
    "regions": {
        "x": "Mean of the voxels, millimetres to the right.",
        "y": "Mean of the voxels, millimetres to the front.",
        "z": "Mean of the voxels, millimetres to the top.",
    },
    "agreement": {
        "first": "First of two metrics.",
        "second": "Second of two metrics.",
        "rho": "Spearman's correlation over models, mean over regions.",
        "low": "Its lower tenth over regions.",
        "high": "Its upper tenth over regions.",
        "models": "Number of models, in the region that has the fewest.",
    },
    "umap": {
        "x": "First coordinate on the map of models; neighbours alone mean something.",
        "y": "Second coordinate on the map of models; neighbours alone mean something.",
    },
    "encoding": {
        "measure": "encoding, held-out r of ridge regression, or alignment, by the metric.",
        "kind": "layer, one of all, or nested, the one that other data chose.",
        "n": "Number of images that were tested.",
    },
    **AREAS_OF_KIND,
    "ceilings_story": {"kind": "What the ceiling bounds."},
    "ceilings_language": {"kind": "What the ceiling bounds."},
    "ceilings_story_points": {"value": "Correlation of a person with the mean of so many others."},
    "ceilings_language_points": {
        "value": "Correlation of a person with the mean of so many others."
    },
    "jackknife": {"score": "Score without the piece."},
    "family_pieces": {"score": "Score without the piece."},
    "calibrate": {
        "claim": "What the rate should be: of recovery, the truth.",
        "n": "Number of simulated values.",
    },
    "replicate": {
        "source": "Where the number was published.",
        "quantity": "What the number is of.",
    },
    "language_networks": {
        "network": "The control network that the language network stands beside.",
        "score": "Score in the language network, mean over people.",
        "ceiling": "Ceiling of one person in the language network, from infinitely many others.",
        "p": "Probability of as large a difference were its sign random in each person, two-sided.",
    },
    "rescore": {
        "model": "Short name of the model; `places` knows which samples are neighbours, and "
        "`people` are others in place of a model.",
        "layer": "Layer of the model; of `people`, the mean of the `others`, or `infinitely_many`.",
        "kind": "Hidden layers, a control, or a ceiling (of `people`).",
        "error": "Median absolute deviation over people, scaled as a standard deviation: how "
        "people differ, not how sure the score is.",
        "subjects": "Number of people.",
        "targets": "Number of targets, over all people.",
    },
    "trajectory_curves": {
        "region": "Region, network, or `all` for the mean over regions.",
        "measure": "Metric of alignment, or measure of performance.",
    },
    "trajectory_bands": {"quantity": "What mean is of: value, relative or gain."},
    "trajectory_run_onsets": {
        "share": "Share of the rise that octave is the time of.",
        "noise": "Standard deviation about the curve.",
    },
    "trajectory_onsets": {
        "share": "Share of the rise that octave is the time of.",
        "seen": "What training had shown at that octave: tokens or images.",
    },
    "trajectory_run_leads": {
        "share": "Share of the rise by which times are compared.",
        "null_mean": "Mean lead of two curves that follow one course.",
        "null_sd": "Standard deviation of such leads.",
    },
    "trajectory_leads": {
        "share": "Share of the rise by which times are compared.",
        "p": "One-sided, for a lead above 0.",
        "null_mean": "Mean lead of pairs of curves that follow one course.",
        "null_sd": "Standard deviation of such mean leads.",
        "verdict": "Whether alignment precedes performance, follows it, or neither is told; over "
        "stimuli, in these runs.",
    },
    "trajectory_order": {"place": "Region, network or layer; empty in rows of whole orders."},
    "trajectory_rises": {"p": "One-sided, for a rise above 0."},
    "trajectory_controls": {
        "difference": "What the family gains less what its control gains.",
        "p": "One-sided, that the family gains no more than its control.",
        "n_left_out": "Number of runs that are not compared.",
        "verdict": "Whether the family gains more than its control, or the control as much.",
    },
    "trajectory_control_courses": {
        "difference": "What the family gains less what its control gains.",
        "p": "One-sided, that the family gains no more than its control.",
        "n_left_out": "Number of runs that are not compared.",
    },
    "schrimpf2021": {"value": "How well the model does, by the measure."},
    "profile": {
        "score": "Agreement of the profiles, over features, of a region and a layer.",
        "n": "Number of features compared.",
    },
}


def column_meaning(kind: str, column: str) -> str:
    """Say what a column means.

    Parameters
    ----------
    kind : str
        Of table: a key of `OF_KIND`, or any other.
    column : str

    Raises
    ------
    ConcordError
        If nobody has said.
    """
    found = OF_KIND.get(kind, {}).get(column) or MEANINGS.get(column)
    if found is None:
        raise ConcordError("column without a meaning", where=f"table {kind}", got=column)
    return found
