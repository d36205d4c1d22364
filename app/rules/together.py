"""What JSON Schema has to say of members that depend on each other, so that a form asks for neither too much
nor too little. The validators of `conditions` say the same in Python; a test holds the two together."""

from typing import Final

from pydantic.config import JsonDict


def _when(member: str, choice: str, then: JsonDict) -> JsonDict:
    """What else holds when `member` is `choice`."""
    return {"if": {"properties": {member: {"const": choice}}}, "then": then}


def _goes_with(member: str, choice: str, dependent: str) -> JsonDict:
    """`dependent`, a whole number, is given with that choice and only with it."""
    given: JsonDict = {"required": [dependent], "properties": {dependent: {"type": "integer"}}}
    return {**_when(member, choice, given), "else": {"properties": {dependent: {"type": "null"}}}}


def _only(member: str, other: str) -> JsonDict:
    return {"required": [member], "properties": {member: {"type": "integer"}, other: {"type": "null"}}}


COMPARES: Final[JsonDict] = {
    "if": {"properties": {"op": {"enum": ["==", "!="]}}},
    "then": {"properties": {"value": {"type": "string"}}},
    "else": {"properties": {"value": {"type": "number"}}},
}
CHANGE: Final[JsonDict] = {
    "allOf": [_goes_with("against", "best_of_last", "n"), _goes_with("against", "median", "window_days")]
}
SILENCE: Final[JsonDict] = {"oneOf": [_only("days", "hours"), _only("hours", "days")]}
TOTAL: Final[JsonDict] = {
    "allOf": [
        {"properties": {"op": {"enum": [">=", ">", "<=", "<"]}, "value": {"type": "number"}}},
        _goes_with("window", "rolling", "window_days"),
        _when("window", "rolling", {"properties": {"project": {"const": False}}}),
    ]
}
