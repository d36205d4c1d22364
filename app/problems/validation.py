"""Pydantic's findings in our words: where, what kind, which limit; never the value.

pydantic's own message, input, context and URL are not passed on. A location may contain keys that the sender
made up (an unknown member, a key of a dictionary), so a pointer ends at the last name that the schema knows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Protocol, get_args

from pydantic import TypeAdapter
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ErrorType

from app.rules.unfit import SENTENCES as OF_RULES
from app.schemas.problem import Place, ProblemFault

_PLACES: dict[int | str, Place] = {place: place for place in get_args(Place)}

# pydantic's error type: our code and sentence. A sentence quotes only what the schema itself says.
_SENTENCES = {
    "missing": ("missing", "Is required."),
    "extra_forbidden": ("unknown_member", "Has a member that is not known here."),
    "string_type": ("wrong_type", "Send text."),
    "string_unicode": ("malformed", "Send text in valid Unicode."),
    "int_type": ("wrong_type", "Send a whole number."),
    "int_parsing": ("wrong_type", "Send a whole number."),
    "int_from_float": ("wrong_type", "Send a whole number."),
    "int_parsing_size": ("too_large", "The number is too large."),
    "float_type": ("wrong_type", "Send a number."),
    "float_parsing": ("wrong_type", "Send a number."),
    "finite_number": ("malformed", "Send a finite number."),
    "bool_type": ("wrong_type", "Send true or false."),
    "bool_parsing": ("wrong_type", "Send true or false."),
    "list_type": ("wrong_type", "Send a list."),
    "dict_type": ("wrong_type", "Send an object."),
    "model_type": ("wrong_type", "Send an object."),
    "model_attributes_type": ("wrong_type", "Send an object."),
    "none_required": ("wrong_type", "Send null or leave it out."),
    "greater_than": ("too_small", "More than {gt}."),
    "greater_than_equal": ("too_small", "At least {ge}."),
    "less_than": ("too_large", "Less than {lt}."),
    "less_than_equal": ("too_large", "At most {le}."),
    "multiple_of": ("malformed", "A multiple of {multiple_of}."),
    "string_too_short": ("too_short", "At least {min_length} characters."),
    "string_too_long": ("too_long", "At most {max_length} characters."),
    "string_pattern_mismatch": ("malformed", "Has characters or a form that is not allowed here."),
    "too_short": ("too_short", "At least {min_length} entries."),
    "too_long": ("too_long", "At most {max_length} entries."),
    "literal_error": ("not_a_choice", "One of {expected}."),
    "enum": ("not_a_choice", "One of {expected}."),
    "union_tag_invalid": ("not_a_choice", "The kind is one of {expected_tags}."),
    "union_tag_not_found": ("missing", "Say which kind it is."),
    "uuid_type": ("malformed", "Send an id: a UUID."),
    "uuid_parsing": ("malformed", "Send an id: a UUID."),
    "uuid_version": ("malformed", "Send an id: a UUID of version {expected_version}."),
    "uuid7": ("malformed", "Send an id: a UUID of version 7."),
    "moment": ("malformed", "Send a moment with its offset, like 2026-11-23T08:00:00-05:00."),
    "day": ("malformed", "Send a day, like 2026-11-23."),
    "wall_time": ("malformed", "Send a local date and time, like 2026-11-24T18:00."),
    "time_of_day": ("malformed", "Send a local time of day, like 08:30."),
    "quiet_hours": ("quiet_hours", "Quiet hours need both ends, and two different ones."),
    "status_missing": ("missing", "Say how it was, or when they came or left."),
    "repeated": ("repeated", "Has the same entry twice."),
    "order": ("order", "The end lies before the beginning."),
    "no_way_to_reach": ("missing", "A line has a number or an address."),
    "date_from_datetime_parsing": ("malformed", "Send a day, like 2026-11-23."),
    "time_zone": ("unknown_time_zone", "Send the name of an IANA time zone, like America/New_York."),
} | {code: (code, sentence) for code, sentence in OF_RULES.items()}
_OTHERWISE = "Is not acceptable."
_PYDANTICS_OWN = frozenset(get_args(ErrorType))


class BodyField(Protocol):
    """What FastAPI knows of a route's body."""

    @property
    def field_info(self) -> FieldInfo:
        """Its annotation and constraints."""


@dataclass(frozen=True, slots=True)
class Names:
    """The member names of a body's schema, and the tags of its unions: words that we published."""

    members: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()


@lru_cache(maxsize=1024)
def names_of(body: BodyField | None) -> Names:
    """The words of a route's body schema; computed when a body is first refused."""
    if body is None:
        return Names()
    annotated: Any = Annotated[body.field_info.annotation, body.field_info]
    schema = TypeAdapter(annotated).json_schema()
    members: set[str] = set()
    tags: set[str] = set()
    _collect(schema, schema.get("$defs", {}), members, tags)
    return Names(frozenset(members), frozenset(tags))


def _collect(node: object, defs: Mapping[str, object], members: set[str], tags: set[str]) -> None:
    if isinstance(node, Mapping):
        members.update(_keys(node.get("properties")))
        members.update(_choices(node.get("propertyNames"), defs))
        tags.update(_keys(_entry(node.get("discriminator"), "mapping")))
        children = list(node.values())
    else:
        children = node if isinstance(node, list) else []
    for child in children:
        _collect(child, defs, members, tags)


def _choices(key_schema: object, defs: Mapping[str, object]) -> list[str]:
    reference = _entry(key_schema, "$ref")
    if isinstance(reference, str):
        key_schema = defs.get(reference.removeprefix("#/$defs/"))
    choices = _entry(key_schema, "enum")
    return choices if isinstance(choices, list) else []


def _keys(node: object) -> list[str]:
    return list(node) if isinstance(node, Mapping) else []


def _entry(node: object, key: str) -> object:
    return node.get(key) if isinstance(node, Mapping) else None


def validation_faults(errors: Sequence[ErrorDetails], names: Names) -> list[ProblemFault]:
    """Each place and kind once, in pydantic's order."""
    return list(dict.fromkeys(_fault(error, names) for error in errors))


def _fault(error: ErrorDetails, names: Names) -> ProblemFault:
    place, *path = error["loc"] or ("body",)
    if error["type"] == "extra_forbidden":
        path = path[:-1]
    known = _known_members(path, names) if place == "body" else _parameter(path)
    kind, shown = error["type"], error.get("ctx", {})
    if shown.get("field_type") == "Value":  # a text whose length is looked at after it was tidied
        kind = f"string_{kind}"
    code, sentence = _SENTENCES.get(kind) or (_own_code(kind), _OTHERWISE)
    return ProblemFault(
        place=_PLACES.get(place, "body"),
        pointer="".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in known),
        code=code,
        detail=sentence.format(**shown),
    )


def _own_code(kind: str) -> str:
    """A schema's own `PydanticCustomError` names a code; its message may quote, and is left behind."""
    return "unacceptable" if kind in _PYDANTICS_OWN else kind


def _known_members(path: Sequence[int | str], names: Names) -> Iterator[str]:
    for part in path:
        if isinstance(part, int) or part in names.members:
            yield str(part)
        elif part not in names.tags:
            return


def _parameter(path: Sequence[int | str]) -> list[str]:
    """The name of a query, path, header or cookie parameter: a declared one, unknown ones are not named."""
    return [str(part) for part in path[:1]]
