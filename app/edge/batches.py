"""Batches: a trap in the JSON of one item spoils no other.

A phone that cut a note in the middle of an emoji would else send its offline queue again and again, and
never get rid of what stands behind that note.
"""

import json

from app.edge.strict_json import read_json
from app.edge.strict_route import StrictRequest, StrictRoute
from app.problems import MalformedJson


class BatchRequest(StrictRequest):
    """A request whose items are read one by one."""

    async def json(self) -> object:
        """The parsed body; an item with a trap is the `MalformedJson` that says so."""
        return read_batch(await self.body())


class BatchRoute(StrictRoute):
    """A route that takes `{"items": […]}`."""

    request_class = BatchRequest


class _Members(list[tuple[str, object]]):
    """A JSON object as it was written, with members that stand twice."""


def read_batch(body: bytes) -> object:
    """The value of a JSON text in UTF-8, in which each of the `items` is its value or a `MalformedJson`.

    Raises `MalformedJson` for a trap outside of the items.
    """
    try:
        return read_json(body)
    except MalformedJson:
        match _as_written(body):
            case [("items", list() as items)]:
                return {"items": [_read(item) for item in items]}
        raise


def _as_written(body: bytes) -> object:
    try:
        return json.loads(body.decode(), object_pairs_hook=_Members)
    except (ValueError, RecursionError):
        return None


def _read(item: object) -> object:
    try:
        return read_json(_text(item).encode())
    except MalformedJson as trap:
        return trap


def _text(value: object) -> str:
    if isinstance(value, _Members):
        return "{" + ",".join(f"{json.dumps(name)}:{_text(member)}" for name, member in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_text, value)) + "]"
    return json.dumps(value)
