import pytest

from stages.core.params.schema import Folds, Lambdas, Ridge
from stages.report.told import cross_validated, pooled, recording_of, strengths


def test_simulated_recordings_are_said_to_be_so():
    name, cited = recording_of("nsd-simulated")
    assert name == "the recording nsd-simulated (simulated: nobody was measured)"
    assert cited == ()
    name, cited = recording_of("alice")
    assert name == "the recording alice (Brennan et al. 2016)"
    assert cited == ("brennan2016",)
    assert recording_of("mine") == ("the recording mine", ())


def test_what_is_kept_of_tokens():
    assert pooled("last") == "the state of the last token"
    assert pooled("mean") == "the mean over its tokens"


def test_strengths_are_told_with_their_ends():
    lambdas = Lambdas(low=0.1, high=1e6, count=8)
    assert strengths(Ridge(lambdas=lambdas)) == "8 values from 0.1 to 1e+06"


@pytest.mark.parametrize(
    ("scheme", "said"),
    [
        ("runs", "leaving one run out"),
        ("groups", "leaving out one of 7 groups of successive runs"),
        ("blocks", "over 7 contiguous blocks"),
        ("auto", "leaving one run out (7 groups of successive runs where there were more than ten, "
         "7 contiguous blocks where there were fewer than three)"),
    ],
)  # fmt: skip
def test_folds_are_told_with_their_gap(scheme, said):
    gap = ", with 3 samples left out between training and test data that touch"
    assert cross_validated(Folds(scheme=scheme, blocks=7, gap=3)) == said + gap


def test_of_shuffled_folds_no_gap_is_told():
    told = cross_validated(Folds(scheme="shuffled", blocks=7, gap=3))
    assert told.startswith("over 7 parts of single samples at random")
    assert "gap" not in told
    assert "left out" not in told
