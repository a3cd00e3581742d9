"""Progress bars on stderr, silent when nobody is looking."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

T = TypeVar("T")


def progress(items: Iterable[T], description: str, total: int | None = None) -> Iterator[T]:
    """Iterate with a bar on stderr; quiet when stderr is not a terminal."""
    yield from tqdm(items, desc=description, total=total, disable=None, leave=False)
