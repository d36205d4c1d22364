"""Field types of people: how to speak to them, and where to call."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

Locale = Literal["en", "es"]
"""A language that Handrail speaks."""

Phone = Annotated[
    str,
    StringConstraints(strict=True, max_length=40, pattern=r"^\+?[0-9][0-9 ()./x-]{2,38}$"),
    Field(examples=["+1 212 555 0100"]),
]
"""A telephone number as people write it."""
