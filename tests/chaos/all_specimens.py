"""Every specimen of the campaign, in its order."""

from tests.chaos import picture_specimens, specimens

ALL = (*specimens.ALL, *picture_specimens.ALL)
