"""What cleaning leaves of drift, where that makes chance findings of it."""

import logging

from stages.core.recording.types import Recording

FEW = 2  # runs: of three or more, p < .05 in 5 to 7 % (docs/evidence.md)
COSINE = "cosine"  # fMRIPrep's names of its filter, among confounds

log = logging.getLogger("concord.prepare")


def warn_of_drift(recording: Recording) -> None:
    """Warn of one run or two of which a straight line was taken, and nothing else that is slow.

    Ends of such series bend alike, in layers as in responses, and shifts of a whole run do not.
    """
    cleaning = recording.timeline.cleaning
    if cleaning is None or not cleaning.detrend or cleaning.high_pass:
        return
    runs = recording.samples["run"].nunique()
    if runs <= FEW and not any(name.startswith(COSINE) for name in cleaning.confounds):
        log.warning(
            "slow series left in %s: expected story.prepare.high_pass where there are so few runs, "
            "got a straight line removed from %d: what is slow in layers and responses passes as "
            "agreement (p < .05 in 20 %%). Set story.prepare.high_pass to 128",
            *(recording.dataset, runs),
        )
