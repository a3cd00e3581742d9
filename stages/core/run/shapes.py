"""What a file holds, held against the form that it should have."""

from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from stages.core.run.errors import InputError

T = TypeVar("T")


def check_shape(
    content: Any, shape: TypeAdapter[T], path: Path, what: str, do: str, *, strict: bool = False
) -> T:
    """Check what was read from a file, and give it its types.

    Parameters
    ----------
    content
        As JSON has it.
    shape : TypeAdapter
    path : Path
        Of the file, for messages.
    what : str
        What is wrong if it is of another form.
    do : str
        What to do about that.
    strict : bool
        Whether nothing may be converted.

    Raises
    ------
    InputError
        Naming the first place that is of another form.
    """
    try:
        return shape.validate_python(content, strict=strict)
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join([str(path), *map(str, fault["loc"])])
        raise InputError(what, where=where, got=fault["msg"], do=do) from error
