"""Routes whose requests are kept on this machine's disk while the database is away, and answered with 202.

A handler says what it takes in, by `@kept_as("check_in")` under its `@router.post(…)` on a router of
`KeptRoute`s. It needs the arguments `patient_id`, `body`, `actor`, `now` and `accept_language`. Whoever may
not do what they ask for, or asks for what cannot be, is refused before anything is kept.
"""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Final, Literal, Protocol, TypeVar
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from app.access import Actor
from app.database import Db
from app.edge.lenient_route import LenientRequest, LenientRoute
from app.edge.strict_route import StrictRequest, StrictRoute
from app.errors import Unavailable
from app.problems import is_database_away
from app.schemas.kept import KeptReply

Kind = Literal["check_in", "assessment", "crisis_flag"]
"""What is kept; other requests are not."""

HURRY_SECONDS: Final = 2.0
"""How long the database may take over what is on the safety floor, before it is kept here and paged for."""

_MARK: Final = "kept_as"
_NO_ID: Final = UUID(int=0)
_Handler = TypeVar("_Handler", bound=Callable[..., Coroutine[Any, Any, Any]])


@dataclass(frozen=True, slots=True)
class Sent:
    """One thing that somebody sent. `body` is what its schema made of it, `raw` its JSON as it came.

    `id` (of the check-in, the assessment, the flag) and `is_urgent` (it is on the safety floor) are for the
    keeper to tell.
    """

    kind: Kind
    patient_id: UUID
    actor: Actor
    body: Any
    raw: object
    accept_language: str | None
    now: datetime
    token_expired: bool = False
    idempotency_key: str | None = None
    id: UUID = _NO_ID
    is_urgent: bool = False


class Keeper(Protocol):
    """What keeps. It stands at `app.state.keeper`."""

    @property
    def is_away(self) -> bool:
        """Whether the database did not answer lately: not worth waiting for."""

    async def has_more_of(self, sent: Sent) -> bool:
        """Whether something that the same patient sent earlier still waits for the database."""

    def doubt(self) -> None:
        """The database failed a request."""

    def look_at(self, sent: Sent) -> Sent:
        """The same with its id, and whether it is urgent. Raises what its service would, for what can be told
        without the database."""

    async def keep(self, sent: Sequence[Sent]) -> Sequence[KeptReply]:
        """Keep on disk what was looked at, all or nothing, and page for what is urgent; what to answer.
        Raises `Unavailable`."""


def kept_as(kind: Kind) -> Callable[[_Handler], _Handler]:
    """Marks a handler whose requests are kept."""

    def mark(handler: _Handler) -> _Handler:
        setattr(handler, _MARK, kind)
        return handler

    return mark


def keeper_of(request: Request) -> Keeper:
    """Who keeps for this application."""
    keeper: Keeper = request.app.state.keeper
    return keeper


async def should_wait(keeper: Keeper, sent: Sent) -> bool:
    """Whether to keep it without asking the database: that is away, or others of this patient are before it.

    What is urgent waits for no others.
    """
    return keeper.is_away or (not sent.is_urgent and await keeper.has_more_of(sent))


def is_away(failure: Exception) -> bool:
    """Whether it is for the database's sake that a request failed."""
    return isinstance(failure, Unavailable) or is_database_away(failure)


KEPT_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    202: {
        "model": KeptReply,
        "description": "Kept on disk while the database is away; it is worked on when the database is back.",
    }
}


class _Unasked(Unavailable):
    """The database was not even asked."""


class _Attempt:
    """One request, and what was sent with it once that is known."""

    def __init__(self, request: Request, kind: Kind) -> None:
        self.kind = kind
        self.keeper = keeper_of(request)
        self.raw: object = None
        self.sent: Sent | None = None
        self._request = request

    def read(self, values: Mapping[str, Any]) -> Sent:
        """What was sent, from the handler's own arguments."""
        sent = Sent(
            self.kind,
            values["patient_id"],
            values["actor"],
            values["body"],
            self.raw,
            values["accept_language"],
            values["now"],
            getattr(self._request.state, "token_expired", False),
            values.get("idempotency_key"),
        )
        return self.keeper.look_at(sent)


_current: ContextVar[_Attempt | None] = ContextVar("handrail_kept_attempt", default=None)


class _KeptRequest(StrictRequest):
    """Remembers what was sent."""

    async def json(self) -> Any:
        """The parsed body."""
        value = await super().json()
        if (attempt := _current.get()) is not None:
            attempt.raw = value
        return value


class KeptRoute(StrictRoute):
    """A route that keeps the requests of a marked handler; any other handler's are served as ever."""

    request_class = _KeptRequest

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        self._kind: Kind | None = getattr(endpoint, _MARK, None)
        if self._kind is not None:
            options["responses"] = {**(options.get("responses") or {}), **KEPT_RESPONSES}
            endpoint = _attempted(endpoint)
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The strict handler; when the database fails it, what it was asked is kept."""
        handle = super().get_route_handler()
        kind: Kind | None = self._kind
        if kind is None:
            return handle

        async def kept_or_handled(request: Request) -> Response:
            attempt = _Attempt(request, kind)
            _current.set(attempt)
            try:
                # The unit of work ends with FastAPI's stack of this name: its commit may fail as well.
                async with AsyncExitStack() as within:
                    request.scope["fastapi_function_astack"] = within
                    return await handle(request)
            except Exception as failure:
                if attempt.sent is None or not is_away(failure):
                    raise
                if not isinstance(failure, _Unasked):
                    attempt.keeper.doubt()
                sent = attempt.sent
            (reply,) = await attempt.keeper.keep([sent])
            return Response(reply.model_dump_json(), 202, media_type="application/json")

        return kept_or_handled


class _KeptLenientRequest(_KeptRequest, LenientRequest):
    """Remembers what could be read."""


class KeptLenientRoute(KeptRoute, LenientRoute):
    """As `KeptRoute`, and whatever can be read of a body is."""

    request_class = _KeptLenientRequest


def _attempted(handler: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Any]:
    """The handler, told apart by what it was given: does that bear waiting, and is anybody there to ask."""

    @wraps(handler)
    async def attempted(**values: Any) -> Any:
        attempt = _current.get()
        assert attempt is not None
        sent, keeper = attempt.read(values), attempt.keeper
        attempt.sent = sent
        if await should_wait(keeper, sent):
            raise _Unasked
        if sent.is_urgent and isinstance(db := values.get("db"), Db):
            db.hurry(HURRY_SECONDS)
        return await handler(**{**values, "body": sent.body})

    return attempted
