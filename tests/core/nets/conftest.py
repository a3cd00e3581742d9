"""The tiny models and quiet surroundings of the tests of extraction serve here too."""

from tests.extract.conftest import _one_thread, _quiet_surroundings, tiny

__all__ = ["_one_thread", "_quiet_surroundings", "tiny"]
