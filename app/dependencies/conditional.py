"""A poll that already has the answer: the same ETag while the feed's head, the asker and the question are."""

from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Request, Response

from app.access import Role
from app.dependencies import actor_of
from app.watermark import Head

PRIVATE = {"Cache-Control": "private, no-store"}
UNCHANGED: dict[int | str, dict[str, Any]] = {
    304: {"description": "The client has it already (`If-None-Match`)."}
}

IfNoneMatch = Annotated[
    str | None, Header(max_length=1000, description="The ETag of the answer that the client has.")
]


def matches(if_none_match: str | None, tag: str) -> bool:
    """Whether the client has the representation with this tag: the weak comparison of RFC 9110, 13.1.2."""
    sent = {each.strip().removeprefix("W/") for each in (if_none_match or "").split(",")}
    return tag.removeprefix("W/") in sent or "*" in sent


def not_modified(tag: str) -> Response:
    """304, with the tag."""
    return Response(status_code=304, headers={"ETag": tag, **PRIVATE})


class Poll:
    """One asker's question, and the answer to it that they have."""

    def __init__(self, actor_id: UUID, role: Role, question: str, if_none_match: str | None) -> None:
        self._asked = f"{actor_id} {role} {question}"
        self._if_none_match = if_none_match

    def tag(self, head: Head) -> str:
        """The ETag of the answer as of a head."""
        return f'W/"{sha256(f"{head} {self._asked}".encode()).hexdigest()[:32]}"'

    def has(self, head: Head) -> bool:
        """Whether the client has the answer as of a head."""
        return matches(self._if_none_match, self.tag(head))

    def headers(self, head: Head) -> dict[str, str]:
        """What to send along with the answer as of a head, read before it."""
        return {"ETag": self.tag(head), **PRIVATE}


async def current_poll(request: Request, if_none_match: IfNoneMatch = None) -> Poll:
    """The current request as a poll."""
    actor = actor_of(request)
    return Poll(actor.id, actor.role, request.url.query, if_none_match)


CurrentPoll = Annotated[Poll, Depends(current_poll)]


async def known_head(request: Request) -> Head | None:
    """The feed's head, as far as this process may trust what it knows; None: ask the database."""
    head: Head | None = request.app.state.watermark.head(actor_of(request).organization_id)
    return head


KnownHead = Annotated[Head | None, Depends(known_head)]
