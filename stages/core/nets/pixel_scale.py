"""The scale that a network's images are brought to, checked without the libraries of networks."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from stages.core.run.errors import InputError


def check_scale(scale: Mapping[str, Any], where: object) -> None:
    """Raise `InputError` if a network's mean or spread of pixels makes nothing of an image.

    Parameters
    ----------
    scale : mapping
        By name, a number or one per channel; of a spread (`std`), above 0. None for a default.
    where : object
        The model, for the message.
    """
    for name, values in scale.items():
        if values is None:
            continue
        try:
            found = np.asarray(values, dtype=float)
        except (TypeError, ValueError):
            found = np.array(np.nan)
        if not np.isfinite(found).all() or ("std" in name and not (found > 0).all()):
            expected = "finite numbers" + (" above 0" if "std" in name else "")
            raise InputError(
                "wrong scale of pixels", where=f"{name} of {where}", expected=expected, got=values
            )
