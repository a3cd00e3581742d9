"""Every specimen of the campaign, in its order."""

from tests.chaos import language_specimens, later_specimens, picture_specimens, specimens

ALL = (*specimens.ALL, *picture_specimens.ALL, *later_specimens.ALL, *language_specimens.ALL)
