"""`ETag`: the version of what can be changed, the content of what is cached."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Protocol, TypeVar

from fastapi import Response

from app.dependencies.conditional import matches


class Versioned(Protocol):
    """A reply that says which version of its row it is."""

    @property
    def row_version(self) -> int:
        """Counts the changes."""


Reply = TypeVar("Reply", bound=Versioned)


def tagged(response: Response, reply: Reply) -> Reply:
    """Give the reply's version as `ETag`: what a change names in `If-Match`."""
    response.headers["ETag"] = f'"{reply.row_version}"'
    return reply


def unless_known(
    body: bytes, media_type: str, if_none_match: str | None, headers: Mapping[str, str]
) -> Response:
    """The body with a strong `ETag` of its own; 304 without it for who has it."""
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    if matches(if_none_match, etag):
        return Response(status_code=304, headers={**headers, "ETag": etag})
    return Response(body, headers={**headers, "ETag": etag}, media_type=media_type)
