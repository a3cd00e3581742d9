"""Numbers as they were printed: the value, and what rounding leaves open."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from stages.core.results.replications import DIFFERS, MATCHES
from stages.core.run.errors import InputError


@dataclass(frozen=True)
class Printed:
    """A rounded number.

    Attributes
    ----------
    value : float
    half : float
        Half a unit of its last digit; 0 of a printed 0.
    """

    value: float
    half: float

    @property
    def ends(self) -> tuple[float, float]:
        """The least and the greatest number that is printed so."""
        return self.value - self.half, self.value + self.half


def printed(text: str, where: object) -> Printed:
    """Read `0.77` or `<3.5e-08`.

    Raises
    ------
    InputError
        If it is not a number.
    """
    try:
        number = Decimal(text.strip().removeprefix("<"))
    except InvalidOperation as error:
        raise InputError("not a number", where=where, got=repr(text)) from error
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int):
        raise InputError("not a finite number", where=where, got=repr(text))
    return Printed(float(number), 0.0 if number == 0 else 0.5 * 10.0**exponent)


def printed_interval(text: str, where: object) -> tuple[Printed, Printed] | None:
    """Read `[0.59, 0.88]`; nothing of `[nan, nan]`.

    Raises
    ------
    InputError
        If it is neither.
    """
    found = re.fullmatch(r"\[(\S+), (\S+)\]", text.strip())
    if found is None:
        raise InputError("not an interval", where=where, got=repr(text))
    if "nan" in found.groups():
        return None
    return printed(found[1], where), printed(found[2], where)


def verdict(low: float, high: float, published: float, half: float) -> str:
    """Whether what we find agrees with a printed number.

    Parameters
    ----------
    low, high : float
        The least and greatest value that we can find: inputs were rounded before they were
        printed.
    published, half : float
        The printed number, and half a unit of its last digit.
    """
    slack = 1e-9 * abs(published)
    overlap = low <= published + half + slack and published - half - slack <= high
    return MATCHES if overlap else DIFFERS
