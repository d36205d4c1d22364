"""A request that is sent twice changes something once: for POSTs that make something.

A handler asks for `OnlyOnce`, looks for the first answer, and keeps its own:

    if first := await once.first(body, body.id):
        return ProgramRead.model_validate(first)
    …
    return once.keep(ProgramRead.model_validate(program))
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel

from app.database import Db as UnitOfWork
from app.dependencies import CurrentActor, Db, Now
from app.errors import Conflict
from app.queries import idempotency
from app.queries.idempotency import Attempt

Reply = TypeVar("Reply", bound=BaseModel)
IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="Makes a request without an id of the client's own safe to send again.",
        examples=["8e03978e-40d5-43e8-bc93-6894a57f9324"],
    ),
]


@dataclass(slots=True)
class Once:
    """The current request as its caller may repeat it. Without a key and an id it is always the first."""

    operation: str
    key: str | None
    caller_id: UUID
    db: UnitOfWork
    now: datetime
    response: Response
    attempt: Attempt | None = None

    async def first(self, body: BaseModel, client_id: UUID | None = None) -> dict[str, Any] | None:
        """The reply to the same request before, with status 200; None when this is the first.

        `client_id` is the id that the client made, if any; it goes before the header. Raises `Conflict`
        when the id or the key came with another content or to another place before.
        """
        key = self.key if client_id is None else str(client_id)
        if key is None:
            return None
        content = body.model_dump_json(exclude_unset=True)
        fingerprint = sha256(f"{self.operation}\n{content}".encode()).digest()
        self.attempt = Attempt(self.caller_id, key, self.operation, fingerprint)
        earlier = await idempotency.first_answer(self.db, self.attempt)
        if earlier is None:
            return None
        if earlier.fingerprint != fingerprint:
            raise idempotency.id_taken() if client_id else _key_reused()
        self.response.status_code = 200
        return earlier.reply

    def keep(self, reply: Reply) -> Reply:
        """Remember this as the first answer, and give it back."""
        if self.attempt is not None:
            json = reply.model_dump(mode="json", by_alias=True)
            idempotency.remember(self.db, self.attempt, 201, json, self.now)
        return reply


async def once(
    *, request: Request, response: Response, actor: CurrentActor, db: Db, now: Now,
    idempotency_key: IdempotencyKey = None,
) -> Once:  # fmt: skip
    """The request as one that may be repeated."""
    return Once(f"{request.method} {request.url.path}", idempotency_key, actor.id, db, now, response)


OnlyOnce = Annotated[Once, Depends(once)]


def _key_reused() -> Conflict:
    return Conflict("idempotency_key_reused", "This key came with another request before; make a new one.")
