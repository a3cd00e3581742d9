"""Where voxels lie, by what a recording and its dataset say."""

import pytest

from stages.core.names.spaces import space_of


@pytest.mark.parametrize(
    ("of", "standard", "icbm", "said", "label"),
    [
        (("lab", "MNI152NLin2009cAsym"), True, True, "MNI152NLin2009cAsym", "MNI152NLin2009cAsym"),
        (("lab", "MNIColin27"), True, False, "MNIColin27", "MNIColin27"),
        (("lab", "fsaverage"), False, False, "of the template fsaverage", "fsaverage"),
        (("lab", "T1w"), False, False, "T1w of each person", "T1w"),
        (("wehbe", ""), True, True, "SPM's normalisation", ""),
        (("simulated", ""), True, True, "SPM's normalisation", ""),
        (("lab", ""), False, False, "person's own space", ""),
        (("wehbe", "T1w"), False, False, "T1w of each person", "T1w"),
    ],
)
def test_spaces(of, standard, icbm, said, label):
    found = space_of(*of)
    assert (found.standard, found.of_icbm, found.label) == (standard, icbm, label)
    assert said in found.reference
