"""Field types for bodies: each refuses what the database or a clock could not bear, and its JSON schema says
so in patterns and limits.

Tighten a number or a text where a body needs less: `Annotated[Whole, Field(ge=1, le=10)]`.
"""

import re
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Annotated
from unicodedata import normalize
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    NaiveDatetime,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError


class Body(BaseModel):
    """What a client sends: no unknown members, no coercion (`"4"` is no number, `1` is no boolean; a whole
    number does for a float). Choices are `Literal`s: an `Enum` member would need `Field(strict=False)`."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


_CONTROL = r"\x00-\x1f\x7f-\x9f\u2028\u2029"


def _tidy(value: str) -> str:
    return normalize("NFC", value).strip()


Line = Annotated[
    str,
    StringConstraints(
        strict=True, min_length=1, max_length=200, pattern=rf"^[^{_CONTROL}]*[^\s{_CONTROL}][^{_CONTROL}]*$"
    ),
    AfterValidator(_tidy),
    Field(examples=["Attend 12 meetings"]),
]
"""One line with something on it: 1 to 200 characters, none of them a control character; NFC, trimmed."""

Text = Annotated[
    str,
    StringConstraints(strict=True, max_length=4000, pattern=r"^[^\x00]*$"),
    AfterValidator(_tidy),
    Field(examples=["Slept badly, called my sponsor.\nBetter now."]),
]
"""What somebody writes: up to 4000 characters with line breaks, possibly none; NFC, trimmed.

Of control characters only NUL is refused: words are not lost over an odd byte from a clipboard.
"""

Code = Annotated[
    str, StringConstraints(strict=True, pattern=r"^[a-z][a-z0-9_.-]{0,63}$"), Field(examples=["craving"])
]
"""A code of an answer, a signal, a rule, an instrument."""

Whole = Annotated[int, Field(strict=True, ge=-(2**31), le=2**31 - 1)]
"""A whole number that fits PostgreSQL's `integer`."""


def _whole_float(value: object) -> object:
    return int(value) if type(value) is float and value.is_integer() else value


WholeNumber = BeforeValidator(_whole_float)
"""Lets 4.0 pass for 4, as JSON Schema does and as phones that know only doubles write it."""

Number = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-1e9, le=1e9)]
"""A finite number within ±10⁹."""


def _shaped(shape: str, error: PydanticCustomError) -> Callable[[object], object]:
    """A validator that lets only strings of this shape through to pydantic's own parser, which would take
    bare numbers and half a dozen spellings; values that our own code made pass."""
    matches = re.compile(shape).fullmatch

    def check(value: object) -> object:
        if isinstance(value, date | UUID) or (isinstance(value, str) and matches(value)):
            return value
        raise error

    return check


_HEX = "[0-9a-fA-F]"
_UUID7 = rf"^{_HEX}{{8}}-{_HEX}{{4}}-7{_HEX}{{3}}-[89abAB]{_HEX}{{3}}-{_HEX}{{12}}$"
_MONTH_AND_DAY = r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_HOUR_AND_MINUTE = r"([01][0-9]|2[0-3]):[0-5][0-9]"
# PostgreSQL refuses offsets from 16 hours on; nobody lives beyond 14.
_OFFSET = r"(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])"
_ANY_YEAR = "(19|20|21)[0-9]{2}"
_DAY = rf"^{_ANY_YEAR}-{_MONTH_AND_DAY}$"
_WALL_TIME = rf"^20[0-9]{{2}}-{_MONTH_AND_DAY}T{_HOUR_AND_MINUTE}(:[0-5][0-9])?$"


def _moment(year: str) -> str:
    return rf"^{year}-{_MONTH_AND_DAY}T{_HOUR_AND_MINUTE}:[0-5][0-9](\.[0-9]{{1,9}})?{_OFFSET}$"


def _schema(kind: str | None, pattern: str, example: str) -> WithJsonSchema:
    schema = {"type": "string", "pattern": pattern, "examples": [example]}
    return WithJsonSchema({**schema, "format": kind} if kind else schema)


def _uuid7(value: UUID) -> UUID:
    if value.version != 7:
        raise PydanticCustomError("uuid7", "not a UUID of version 7")
    return value


Uuid7 = Annotated[
    UUID,
    Field(strict=False),
    BeforeValidator(_shaped(_UUID7, PydanticCustomError("uuid7", "not a UUID of version 7"))),
    AfterValidator(_uuid7),
    _schema("uuid", _UUID7, "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e21"),
]
"""An id that the client made: UUID version 7, hyphenated."""

Moment = Annotated[
    AwareDatetime,
    Field(strict=False),
    BeforeValidator(_shaped(_moment("20[0-9]{2}"), PydanticCustomError("moment", "not a moment"))),
    _schema("date-time", _moment("20[0-9]{2}"), "2026-11-23T08:00:00-05:00"),
]
"""RFC 3339 with an offset, in the years 2000 to 2099; aware."""

DeviceMoment = Annotated[
    AwareDatetime,
    Field(strict=False),
    BeforeValidator(_shaped(_moment(_ANY_YEAR), PydanticCustomError("moment", "not a moment"))),
    _schema("date-time", _moment(_ANY_YEAR), "2026-11-23T08:00:00-05:00"),
]
"""A moment by a phone's clock, which may think that it is 1970: the years 1900 to 2199. For whatever may
carry a cry for help, because a bad clock never rejects one; the service judges it against `received_at`."""

Day = Annotated[
    date,
    Field(strict=False),
    BeforeValidator(_shaped(_DAY, PydanticCustomError("day", "not a day"))),
    _schema("date", _DAY, "2026-11-23"),
]
"""A calendar day, in the years 1900 to 2199."""

WallTime = Annotated[
    NaiveDatetime,
    Field(strict=False),
    BeforeValidator(_shaped(_WALL_TIME, PydanticCustomError("wall_time", "not a wall time"))),
    _schema(None, _WALL_TIME, "2026-11-24T18:00"),
]
"""A date and time on somebody's wall, without an offset: it goes with a `Zone`. Naive."""


@cache
def time_zones() -> frozenset[str]:
    """The IANA zones that this server knows."""
    return frozenset(available_timezones() - {"Factory", "localtime"})


def _known_zone(value: str) -> str:
    if value not in time_zones():
        raise PydanticCustomError("time_zone", "not an IANA time zone")
    return value


Zone = Annotated[
    str,
    StringConstraints(strict=True, max_length=64),
    AfterValidator(_known_zone),
    # A format and no enum: the list changes with every release of the zone data.
    WithJsonSchema(
        {"type": "string", "format": "iana-time-zone", "maxLength": 64, "examples": ["America/New_York"]}
    ),
]
"""The name of an IANA time zone."""
