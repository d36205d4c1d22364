"""JSON without its traps.

Python's parser takes NaN and 1e999, lone surrogates, NUL, integers of any length, and the last of two equal
keys. Each of these is an error 500, or a lie, further in. One walk over the parsed value costs a check-in's
body a few microseconds, and keeps the rule in one place for every route.
"""

import json
from math import isfinite

from app.problems import MalformedJson

DEEPEST = 32
"""Levels of nesting that a body may have."""

_LARGEST = 2**63 - 1


def read_json(body: bytes) -> object:
    """The value of a JSON text in UTF-8.

    Raises `MalformedJson`, whose sentence names the trap and nothing of the body.
    """
    try:
        value = json.loads(body.decode(), object_pairs_hook=_members, parse_constant=_constant)
    except UnicodeDecodeError:
        raise MalformedJson("The body is not UTF-8.") from None
    except (ValueError, RecursionError):
        raise MalformedJson("The body is not valid JSON.") from None
    _check(value, 0)
    return value


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedJson("The body has the same member twice.")
    return members


def _constant(_: str) -> object:
    raise MalformedJson("The body has a number that is not finite.")


def _check(value: object, depth: int) -> None:
    if depth > DEEPEST:
        raise MalformedJson("The body is nested too deeply.")
    match value:
        case dict():
            for key, member in value.items():
                _check_text(key)
                _check(member, depth + 1)
        case list():
            for entry in value:
                _check(entry, depth + 1)
        case str():
            _check_text(value)
        case int() if not -_LARGEST <= value <= _LARGEST:
            raise MalformedJson("The body has a whole number that is too large.")
        case float() if not isfinite(value):
            raise MalformedJson("The body has a number that is not finite.")


def _check_text(text: str) -> None:
    if "\0" in text:
        raise MalformedJson("The body has a NUL character.")
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError:
        raise MalformedJson("The body has half of a surrogate pair.") from None
