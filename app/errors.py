"""The domain's refusals. Raised anywhere, mapped to HTTP once, in `app.problems`.

A message is one plain sentence for the reader of an answer. It is never built from what somebody
sent: no value, no name, no text of theirs. Everything given to these classes is public.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a body.

    `pointer` is a JSON pointer (RFC 6901) made of names that the schema or a catalogue knows, never of a
    key that only the sender knows; `""` is the whole body.
    """

    pointer: str
    code: str
    message: str


class HandrailError(Exception):
    """A refusal with a stable `code`, a sentence, and `extra` members for the answer.

    `retry_after` is in whole seconds.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        extra: Mapping[str, object] | None = None,
        faults: Iterable[Fault] = (),
        retry_after: int | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.extra = dict(extra or {})
        self.faults = tuple(faults)
        self.retry_after = retry_after


class BadRequest(HandrailError):
    """A request that its protocol answers with 400, whatever is wrong with it (400)."""


class Unauthenticated(HandrailError):
    """Nobody we know is asking (401). `challenge` is the answer's `WWW-Authenticate`."""

    challenge = "Bearer"

    def __init__(self, code: str = "unauthenticated", message: str = "Sign in first.") -> None:
        super().__init__(code, message)


class Forbidden(HandrailError):
    """Visible, but the role lacks the verb (403)."""

    def __init__(self, code: str = "forbidden", message: str = "Your role may not do this.") -> None:
        super().__init__(code, message)


class NotFound(HandrailError):
    """It does not exist, or is not the caller's (404)."""

    def __init__(self, code: str = "not_found", message: str = "There is no such thing here.") -> None:
        super().__init__(code, message)


class Conflict(HandrailError):
    """The state has moved on, or the id is taken by something else (409)."""

    def __init__(self, code: str, message: str, extra: Mapping[str, object] | None = None) -> None:
        super().__init__(code, message, extra=extra)


class PreconditionFailed(HandrailError):
    """`If-Match` names a version that is no longer the current one (412)."""

    def __init__(
        self, code: str = "version_changed", message: str = "It was changed meanwhile; read it again."
    ) -> None:
        super().__init__(code, message)


class Unacceptable(HandrailError):
    """Well formed, but not acceptable (422). Names every fault that was found."""

    def __init__(
        self,
        faults: Iterable[Fault],
        code: str = "unacceptable",
        message: str = "The body is not acceptable.",
    ) -> None:
        super().__init__(code, message, faults=faults)

    @classmethod
    def at(cls, pointer: str, code: str, message: str) -> Self:
        """With a single fault."""
        return cls([Fault(pointer, code, message)])


class PreconditionRequired(HandrailError):
    """A change without `If-Match` (428)."""

    def __init__(
        self, code: str = "if_match_required", message: str = "Send If-Match with the ETag that you read."
    ) -> None:
        super().__init__(code, message)


class TooMany(HandrailError):
    """Too often (429). `retry_after` is in whole seconds."""

    def __init__(
        self,
        retry_after: int,
        code: str = "too_many_requests",
        message: str = "Too many requests; wait a little.",
    ) -> None:
        super().__init__(code, message, retry_after=retry_after)


class Unavailable(HandrailError):
    """Not kept, and worth trying again (503). `retry_after` is in whole seconds."""

    def __init__(
        self,
        code: str = "unavailable",
        message: str = "Handrail cannot do this now; try again.",
        *,
        retry_after: int = 2,
    ) -> None:
        super().__init__(code, message, retry_after=retry_after)


class KeptConflict(Conflict):
    """A 409 although what was sent has been kept: the one refusal after which the unit of work commits."""
