"""Whom a person can call or text in a crisis, by country and date, in their language.

The numbers are configuration (`app/data/crisis_resources.json`): each listing says from when it holds, when
it was last checked and against what. There is always an answer: an unknown country and a date before
every listing get one too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from importlib.resources import files
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from app.sentences import sentence


@dataclass(frozen=True, slots=True)
class Resource:
    """One place to turn to. `call` and `text` begin with the number to dial; plain words may follow it.
    `chat` is where one can write with somebody at once, `url` where there is more to read."""

    name: str
    call: str | None = None
    text: str | None = None
    chat: str | None = None
    url: str | None = None
    hours: str | None = None


class _Line(BaseModel):
    """A line as configured: `name` and `hours` are keys of the catalogue."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    call: str | None = None
    press: str | None = None
    text: str | None = None
    word: str | None = None
    chat: str | None = None
    url: str | None = None
    hours: str
    emergency: bool = False


class _Listing(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    valid_from: date
    checked_on: date
    source: str
    lines: tuple[_Line, ...] = Field(min_length=1)


_LISTINGS: Final = TypeAdapter(dict[str, tuple[_Listing, ...]]).validate_json(
    (files("app") / "data" / "crisis_resources.json").read_bytes()
)


def resources(country: str, on: date, locale: str, extra: Sequence[Resource] = ()) -> tuple[Resource, ...]:
    """What holds in `country` (ISO 3166-1 alpha-2) on the day `on`, `extra` (the organization's own) first.

    Never empty: an unknown country gets the sentence that names the local emergency number.
    """
    lines = _lines(country, on)
    if not lines:
        local = Resource(sentence("resource.local_emergency", locale), hours=sentence("hours.always", locale))
        return (*extra, local)
    return (*extra, *(_translated(line, locale) for line in lines))


def own_lines(
    stored: Sequence[Mapping[str, Any]], on: date, program_id: UUID | None = None
) -> tuple[Resource, ...]:
    """The organization's own lines that hold on the day `on`: those of the program first, then those of all.

    Each of `stored` is what `Resource` holds, and may say from which day to which (`valid_from`, `valid_to`)
    and for which program (`program_id`).
    """
    program = str(program_id) if program_id else None
    in_force = [line for line in stored if _holds(line, on) and line.get("program_id") in {None, program}]
    in_force.sort(key=lambda line: line.get("program_id") is None)
    return tuple(
        Resource(**{name: value for name, value in line.items() if name in _SHOWN}) for line in in_force
    )


_SHOWN: Final = tuple(field.name for field in fields(Resource))


def _holds(line: Mapping[str, Any], on: date) -> bool:
    since, until = line.get("valid_from"), line.get("valid_to")
    return (since is None or since <= on.isoformat()) and (until is None or on.isoformat() <= until)


def danger_now(country: str, on: date, locale: str, overrides: Mapping[str, str] | None = None) -> str:
    """The sentence "if you are in danger now, call …" with the emergency number of `country`."""
    for line in _lines(country, on):
        if line.emergency and line.call:
            return sentence("danger.call", locale, overrides=overrides, number=line.call)
    return sentence("danger.call_local", locale, overrides=overrides)


def _lines(country: str, on: date) -> tuple[_Line, ...]:
    """The newest listing in force on `on`; the oldest one when a clock stands before them all."""
    listings = sorted(_LISTINGS.get(country.strip().upper(), ()), key=lambda listing: listing.valid_from)
    in_force = [listing for listing in listings if listing.valid_from <= on] or listings[:1]
    return in_force[-1].lines if in_force else ()


def _translated(line: _Line, locale: str) -> Resource:
    call, text = line.call, line.text
    if call and line.press:
        call = sentence("resource.call_then_press", locale, number=call, digit=line.press)
    if text and line.word:
        text = sentence("resource.text_word", locale, number=text, word=line.word)
    name, hours = sentence(line.name, locale), sentence(line.hours, locale)
    return Resource(name, call, text, line.chat, line.url, hours)
