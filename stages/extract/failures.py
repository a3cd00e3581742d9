"""Errors of other people's code, turned into ones that name the model."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from stages.core.run.errors import ConcordError, out_of_memory

log = logging.getLogger("concord.extract")


@contextmanager
def model_code(where: object, smaller: str) -> Iterator[None]:
    """Run code of a model, which may raise anything.

    Parameters
    ----------
    where : object
        The model.
    smaller : str
        What makes it need less memory.

    Raises
    ------
    ConcordError
        Whatever was raised.
    """
    try:
        yield
    except ConcordError:
        raise
    except Exception as error:
        if out_of_memory(error):
            raise ConcordError("out of memory", where=where, do=smaller) from error
        log.debug("%s broke", where, exc_info=True)
        why = f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"
        raise ConcordError("model broke", where=where, got=why) from error
