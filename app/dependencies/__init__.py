"""What a handler may ask for: who is asking, a unit of work, the time, a page, a permission."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import Depends, Header, Path, Query, Request
from fastapi.security import OAuth2PasswordBearer
from fastapi.security.base import SecurityBase

from app.access import Actor, Permission, Role
from app.database import Db as UnitOfWork
from app.database import unit_of_work
from app.errors import NotFound, PreconditionFailed, PreconditionRequired, Unacceptable, Unauthenticated
from app.tokens import TokenRefused

_scheme = OAuth2PasswordBearer(tokenUrl="/v1/auth/token", refreshUrl="/v1/auth/token", auto_error=False)


async def now(request: Request) -> datetime:
    """The moment at which this request is answered: read once, the same for everything that it does."""
    return moment_of(request)


Now = Annotated[datetime, Depends(now)]


def moment_of(request: Request) -> datetime:
    """As `now`, for other dependencies. The application's clock is `app.clock` unless a test sets another."""
    moment: datetime | None = getattr(request.state, "now", None)
    if moment is None:
        moment = request.state.now = request.app.state.clock()
    return moment


GRACE = timedelta(days=7)
"""So long after its end an access token that is in order otherwise may still bring a cry for help."""


def actor_of(request: Request) -> Actor:
    """Who is asking, from the access token alone: no statement is needed. Raises `Unauthenticated`."""
    actor: Actor | None = getattr(request.state, "actor", None)
    if actor is None:
        actor = request.state.actor = _read_actor(request)
    return actor


def actor_even_expired(request: Request) -> Actor:
    """As `actor_of`, also by a token that expired within the last `GRACE`: `token_expired` then says so.

    To be asked before anything else asks who it is.
    """
    if getattr(request.state, "actor", None) is None:
        request.state.actor = _read_actor(request, GRACE)
    return actor_of(request)


def _read_actor(request: Request, grace: timedelta = timedelta()) -> Actor:
    now, tokens = moment_of(request), request.app.state.tokens
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise Unauthenticated
    try:
        claims = tokens.verify(token, now=now, grace=grace)
    except TokenRefused:
        raise Unauthenticated("token_refused", "This access token is not valid; get a new one.") from None
    request.state.token_expired = tokens.is_expired(claims, now)
    return Actor(
        claims.organization_id, claims.kind, claims.subject, Role(claims.role), claims.credential_id,
        claims.device_id, frozenset(claims.scope), address_of(request),
        getattr(request.state, "request_id", None),
    )  # fmt: skip


def address_of(request: Request) -> str | None:
    """The caller's address, as uvicorn knows it (behind a trusted proxy: the forwarded one)."""
    return request.client.host if request.client else None


class SignedIn(SecurityBase):
    """A dependency that yields the actor.

    It asks the request and no other dependency: FastAPI solves what is below a dependency anew wherever it
    is named, and the actor is named by nearly everything.
    """

    def __init__(self) -> None:
        self.model = _scheme.model
        self.scheme_name = _scheme.scheme_name

    async def __call__(self, request: Request) -> Actor:
        """The actor. Raises `Unauthenticated`."""
        return actor_of(request)


CurrentActor = Annotated[Actor, Depends(SignedIn())]


class Requires(SignedIn):
    """A dependency that yields the actor when they hold the permission, and raises `Forbidden` when not."""

    def __init__(self, permission: Permission) -> None:
        super().__init__()
        self.permission = permission

    async def __call__(self, request: Request) -> Actor:
        """The actor, if they hold the permission."""
        request.state.permission = self.permission
        actor = actor_of(request)
        actor.require(self.permission)
        return actor


class RequiresEvenExpired(Requires):
    """As `Requires`, for a route that takes a token which expired not long ago.

    It stands before whatever else of the route asks who it is, such as `Whose`.
    """

    async def __call__(self, request: Request) -> Actor:
        """The actor, if they hold the permission."""
        actor_even_expired(request)
        return await super().__call__(request)


def requires(permission: Permission, *, even_expired: bool = False) -> Any:
    """`Annotated[Actor, requires(Permission.ALERT_READ)]`: how a route declares what it needs.

    `even_expired` is for the one thing that may be said with a sign-in that has run out.
    """
    return Depends(RequiresEvenExpired(permission) if even_expired else Requires(permission))


async def token_expired(request: Request) -> bool:
    """Whether the actor came with a token that has expired."""
    return bool(request.state.token_expired)


TokenExpired = Annotated[bool, Depends(token_expired)]


async def tenant_db(request: Request) -> AsyncIterator[UnitOfWork]:
    """The unit of work of the actor's organization; committed after the handler and before the response."""
    state, organization_id = request.app.state, actor_of(request).organization_id
    async with unit_of_work(state.engine, organization_id, state.lanes.of(request)) as db:
        yield db


async def global_db(request: Request) -> AsyncIterator[UnitOfWork]:
    """A unit of work that has no tenant yet, for signing in."""
    async with unit_of_work(request.app.state.engine, None) as db:
        yield db


Db = Annotated[UnitOfWork, Depends(tenant_db, scope="function")]
GlobalDb = Annotated[UnitOfWork, Depends(global_db, scope="function")]


async def whose(request: Request, patient_id: Annotated[Literal["me"] | UUID, Path()]) -> UUID:
    """The patient in the path; `me` is the caller, if they are one: a supporter names whom they stand by.

    For a patient, other patients do not exist.
    """
    actor = actor_of(request)
    if actor.role is Role.PATIENT and patient_id in {"me", actor.id}:
        return actor.id
    if actor.role is Role.PATIENT or patient_id == "me":
        raise NotFound
    assert isinstance(patient_id, UUID)
    return patient_id


Whose = Annotated[UUID, Depends(whose)]


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list: `limit` items after the opaque `cursor`."""

    limit: int
    after: tuple[str, ...] | None

    def next_cursor(self, more: bool, *keys: object) -> str | None:
        """The cursor behind the item with these sort keys; None at the end of the list."""
        if not more:
            return None
        return urlsafe_b64encode(orjson.dumps([str(key) for key in keys])).decode().rstrip("=")


async def page(
    limit: Annotated[int, Query(ge=1, le=200, description="How many items at most.")] = 50,
    cursor: Annotated[
        str | None, Query(max_length=500, description="`next_cursor` of the page before.")
    ] = None,
) -> Page:
    """A page of a list. Raises `Unacceptable` for a cursor that we did not make."""
    if cursor is None:
        return Page(limit, None)
    try:
        keys = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        keys = None
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise Unacceptable.at("/cursor", "bad_cursor", "This is not a cursor of this list.")
    return Page(limit, tuple(keys))


CurrentPage = Annotated[Page, Depends(page)]


async def expected_version(
    actor: CurrentActor,  # noqa: ARG001 - a stranger hears 401, wherever a route names its version
    if_match: Annotated[str | None, Header()] = None,
) -> int:
    """The row version that `If-Match` names. Raises `PreconditionRequired` or `PreconditionFailed`."""
    if if_match is None:
        raise PreconditionRequired
    version = if_match.strip('"')
    if not version.isdecimal() or len(version) > 9:
        raise PreconditionFailed
    return int(version)


ExpectedVersion = Annotated[int, Depends(expected_version)]


LONGEST_LANGUAGES = 200


async def preferred_languages(accept_language: Annotated[str | None, Header()] = None) -> str | None:
    """`Accept-Language` as sent; a patient's own preference goes before it.

    One that nobody needs so long is not looked at: no request is refused for its sake.
    """
    return accept_language if accept_language and len(accept_language) <= LONGEST_LANGUAGES else None


AcceptLanguage = Annotated[str | None, Depends(preferred_languages)]
