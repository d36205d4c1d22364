"""A reply with one thing in it changed: each of these, a test of the document must find."""

from collections.abc import Iterator
from typing import Any

from app.problems.answer import title
from tests.walk.matching import MORE, read_shown
from tests.walk.script import Message
from tests.walk.writing import laid_out


def misprints(shown: Message) -> Iterator[Message]:
    """Another status, each header with another value, each line or member of the body otherwise."""
    status = 204 if shown.status == 200 else 200
    yield shown._replace(first=f"HTTP/1.1 {status} {title(status)}")
    for header, value in shown.headers.items():
        yield shown._replace(headers={**shown.headers, header: f"x{value}"})
    if shown.body is None:
        yield shown._replace(body="{}")
    elif shown.body.startswith(("{", "[")):
        for other in _otherwise(read_shown(shown.body)):
            yield shown._replace(body=laid_out(other))
    else:
        lines = shown.body.split("\n")
        for place, line in enumerate(lines):
            if line != MORE:
                yield shown._replace(body="\n".join([*lines[:place], f"x{line}", *lines[place + 1 :]]))


def _otherwise(shown: Any) -> Iterator[Any]:
    """The JSON with one value changed, one member or item more or less."""
    if isinstance(shown, dict):
        for key, value in shown.items():
            rest = {other: each for other, each in shown.items() if other != key}
            if key == MORE or MORE not in shown:
                yield rest  # a member is gone, or the sign that there are more
            if key != MORE:
                yield {**rest, f"{key}_": value}
                yield from ({**shown, key: other} for other in _otherwise(value))
    elif isinstance(shown, list):
        yield [*shown[:-1], "one more", *shown[-1:]]
        for place, each in enumerate(shown):
            if each == MORE or MORE not in shown:
                yield [*shown[:place], *shown[place + 1 :]]
            if each != MORE:
                yield from ([*shown[:place], other, *shown[place + 1 :]] for other in _otherwise(each))
    else:
        yield _another(shown)


def _another(shown: Any) -> Any:
    match shown:
        case bool():
            return not shown
        case str():
            return f"x{shown}"
        case None:
            return 0
        case _:
            return shown + 1
