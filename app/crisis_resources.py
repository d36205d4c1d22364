"""Whom a person can call or text in a crisis, by country and date, in their language.

The numbers are configuration (`app/data/crisis_resources.json`): each listing says from when it holds, when
it was last checked and against what. There is always an answer: an unknown country and a date before
every listing get one too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from app.sentences import sentence


@dataclass(frozen=True, slots=True)
class Resource:
    """One place to turn to. `call` and `text` begin with the number to dial; plain words may follow it."""

    name: str
    call: str | None = None
    text: str | None = None
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
    return Resource(name, call, text, line.url, hours)
