"""A walk as it stands in a document: moments, requests, and the replies that are to follow.

A heading `## Monday, November 9, 2026` is a day, a paragraph that begins with `**17:55**` a time of it on the
clocks of the walk's zone. A block ```` ```http ```` that begins with a method is a request, one that begins
with `HTTP/1.1` the reply to the request above it. All else is prose.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.problems.answer import title

_DAY = re.compile(r"^## (\w+day), (\w+ \d{1,2}, \d{4})$")
_TIME = re.compile(r"^\*\*(\d\d:\d\d)\*\*")
_BLOCK = re.compile(r"^```http\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
_STATUS = re.compile(r"HTTP/1\.1 (\d{3}) (.+)")


class Misprint(Exception):
    """Something in the document that is no walk; says in which line."""


class Message(NamedTuple):
    """A request or a reply: its first line, headers by their names in lower case, and the body as it stands
    there, None when there is none."""

    first: str
    headers: Mapping[str, str]
    body: str | None

    @property
    def status(self) -> int:
        """A reply's."""
        return int(self.first.split()[1])


class Call(NamedTuple):
    """A request at a moment, and its reply. `place` is where the text of the reply stands in the document."""

    line: int
    at: datetime
    request: Message
    reply: Message
    place: slice


def read(document: str, zone: ZoneInfo) -> list[Call]:
    """Every call in its order. Raises `Misprint`."""
    calls: list[Call] = []
    moment: datetime | None = None
    asked: tuple[int, datetime, Message] | None = None
    for line, moment, block in _blocks(document, zone):
        message = _message(line, block[1])
        if not _is_reply(line, message):
            if asked is not None:
                raise Misprint(f"line {asked[0]}: a request without a reply")
            asked = line, moment, message
        elif asked is None:
            raise Misprint(f"line {line}: a reply without a request")
        else:
            calls.append(Call(*asked, message, slice(block.start(1), block.end(1))))
            asked = None
    if asked is not None:
        raise Misprint(f"line {asked[0]}: a request without a reply")
    return calls


def _blocks(document: str, zone: ZoneInfo) -> Iterator[tuple[int, datetime, re.Match[str]]]:
    """Each block with its line, and the moment that was last said before it; moments only go forward."""
    day: date | None = None
    said: datetime | None = None
    found = {document.count("\n", 0, each.start()) + 1: each for each in _BLOCK.finditer(document)}
    for line, text in enumerate(document.split("\n"), 1):
        if (heading := _DAY.match(text)) is not None:
            day = _day(line, *heading.groups())
        elif (clock := _TIME.match(text)) is not None:
            if day is None:
                raise Misprint(f"line {line}: a time of no day")
            later = datetime.combine(day, time.fromisoformat(clock[1]), zone)
            if said is not None and later.timestamp() <= said.timestamp():
                raise Misprint(f"line {line}: not later than the moment before")
            said = later
        elif line in found:
            if said is None:
                raise Misprint(f"line {line}: a call at no moment")
            yield line, said, found[line]


def _day(line: int, weekday: str, written: str) -> date:
    day = datetime.strptime(f"{written} +0000", "%B %d, %Y %z").date()
    if f"{day:%A}" != weekday:
        raise Misprint(f"line {line}: this is a {day:%A}")
    return day


def _message(line: int, text: str) -> Message:
    head, _, body = text.partition("\n\n")
    first, *rest = head.split("\n")
    if any(": " not in each for each in rest):
        raise Misprint(f"line {line}: a header without a value")
    headers = {name.lower(): value for name, value in (each.split(": ", 1) for each in rest)}
    return Message(first, headers, body or None)


def _is_reply(line: int, message: Message) -> bool:
    if message.first.startswith("HTTP/"):
        status = _STATUS.fullmatch(message.first)
        if status is None or title(int(status[1])) != status[2]:
            raise Misprint(f"line {line}: no status line")
        return True
    if re.fullmatch(r"(GET|POST|PUT|PATCH|DELETE) /\S+", message.first) is None:
        raise Misprint(f"line {line}: no request line")
    return False
