"""What rsatoolbox (Nili et al. 2014; Schütt et al. 2023) says of the same dissimilarities."""

import numpy as np

METHODS = {"pearson": "corr", "spearman": "spearman", "cosine": "cosine"}


def toolbox_rdms(rdms):
    """Dissimilarities above the diagonal, a row each; the import takes seconds."""
    from rsatoolbox.rdm import RDMs

    return RDMs(np.atleast_2d(rdms))


def toolbox_rdm(features, distance):
    """Dissimilarities as rsatoolbox makes them; its `euclidean` is squared, per unit."""
    from rsatoolbox.data import Dataset
    from rsatoolbox.rdm import calc_rdm

    return calc_rdm(Dataset(features), method=distance)


def toolbox_score(one, other, comparison):
    from rsatoolbox.rdm import compare

    return compare(one, other, METHODS[comparison]).item()


def toolbox_bounds(rdms, comparison):
    """Lower and upper bound of the ceiling, the mean over people."""
    from rsatoolbox.inference import boot_noise_ceiling

    return boot_noise_ceiling(toolbox_rdms(rdms), method=METHODS[comparison])


def toolbox_held_out_bounds(rdms, comparison):
    """The same by its other way, from sets of people left out one at a time."""
    from rsatoolbox.inference import cv_noise_ceiling
    from rsatoolbox.inference.crossvalsets import sets_leave_one_out_rdm

    whole = toolbox_rdms(rdms)
    _, tested, others = sets_leave_one_out_rdm(whole)
    return cv_noise_ceiling(whole, others, tested, method=METHODS[comparison])
