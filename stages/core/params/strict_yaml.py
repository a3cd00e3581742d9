"""YAML as params.yaml needs it: small, plain, each key once."""

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, ScalarEvent
from ruamel.yaml.parser import Parser

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
        yaml = YAML(typ="safe", pure=True)
        yaml.Parser = _PlainParser
        return yaml.load(text)
    except _NotPlainError as error:
        line, odd = error.args
        raise InputError("YAML that is not plain", where=f"{path}, line {line}", got=odd) from error
    except UnicodeDecodeError as error:
        raise InputError("not UTF-8", where=path, got=f"byte {error.start}") from error
    except (YAMLError, ValueError) as error:  # ValueError: numbers and dates that are none
        raise InputError("unreadable YAML", where=path, got=_told(error)) from error


class _PlainParser(Parser):
    """Refuses what params.yaml needs not, before anything is made of it."""

    depth = 0

    def get_event(self) -> Any:
        """Give the next event, if it is plain."""
        event = super().get_event()
        begins = isinstance(event, CollectionStartEvent)
        self.depth += begins - isinstance(event, CollectionEndEvent)
        odd = ""
        if isinstance(event, AliasEvent):
            odd = f"alias *{event.anchor}"
        elif (begins or isinstance(event, ScalarEvent)) and event.tag is not None:
            odd = f"tag {event.tag}"
        elif self.depth > DEEPEST:
            odd = f"more than {DEEPEST} levels"
        if odd:
            raise _NotPlainError(event.start_mark.line + 1, odd[:80])
        return event


class _NotPlainError(Exception):
    """The line of what is not plain, and what it is."""


def _told(error: Exception) -> str:
    """Cut the message of the YAML library to one line, with the place."""
    problem = str(getattr(error, "problem", None) or error).partition("\n")[0]
    mark = getattr(error, "problem_mark", None)
    place = "" if mark is None else f", line {mark.line + 1}"
    return f"{problem[:160]}{place}"
