"""YAML as params.yaml needs it: small, plain, each key once."""

from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, ScalarEvent

from stages.core.run.errors import InputError

MOST_BYTES = 200_000
DEEPEST = 20


def load_yaml(path: Path) -> object:
    """Load a YAML file.

    Raises
    ------
    InputError
        If it is too large, not UTF-8, not YAML, or holds aliases (which can expand without end),
        tags or a key twice.
    """
    size = path.stat().st_size
    if size > MOST_BYTES:
        expected = f"at most {MOST_BYTES} bytes"
        raise InputError("file too large", where=path, expected=expected, got=size)
    try:
        text = path.read_bytes().decode("utf-8-sig")
        _check_plain(text, path)
        return YAML(typ="safe", pure=True).load(text)
    except UnicodeDecodeError as error:
        raise InputError("not UTF-8", where=path, got=f"byte {error.start}") from error
    except (YAMLError, ValueError) as error:  # ValueError: numbers and dates that are none
        raise InputError("unreadable YAML", where=path, got=_told(error)) from error


def _check_plain(text: str, path: Path) -> None:
    """Refuse what params.yaml needs not, before anything is made of it."""
    depth = 0
    for event in YAML(typ="safe", pure=True).parse(text):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        odd = ""
        if isinstance(event, AliasEvent):
            odd = f"alias *{event.anchor}"
        elif isinstance(event, ScalarEvent | CollectionStartEvent) and event.tag is not None:
            odd = f"tag {event.tag}"
        elif depth > DEEPEST:
            odd = f"more than {DEEPEST} levels"
        if odd:
            where = f"{path}, line {event.start_mark.line + 1}"
            raise InputError("YAML that is not plain", where=where, got=odd[:80])


def _told(error: Exception) -> str:
    """Cut the message of the YAML library to one line, with the place."""
    problem = str(getattr(error, "problem", None) or error).partition("\n")[0]
    mark = getattr(error, "problem_mark", None)
    place = "" if mark is None else f", line {mark.line + 1}"
    return f"{problem[:160]}{place}"
