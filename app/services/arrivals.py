"""Take somebody's word that they have come, who knows the code that is shown in the room."""

import hmac
from datetime import datetime
from typing import Final, Literal, NamedTuple
from uuid import UUID

from app.access import Actor, Permission
from app.database import Db
from app.errors import Conflict, NotFound, TooMany, Unacceptable
from app.models import Attendance
from app.queries import attendances as stored
from app.queries import audit, patients
from app.queries import wrong_codes as counted
from app.queries.attendances import Sitting
from app.sentences import negotiate, sentence
from app.services import attendances
from app.services.attendance_entries import blank, word_of
from app.treatment.attendance import ATTENDED, believed, was_there

MOST_WRONG_CODES: Final = 5
"""How many wrong codes somebody may send for one session."""
_WAIT_SECONDS: Final = 3600

Verdict = Literal["right", "wrong", "blocked"]


class Checked(NamedTuple):
    """What there is to say to a code, and in which language."""

    verdict: Verdict
    locale: str

    def require_right(self) -> None:
        """Raise `Unacceptable` for a wrong code, and `TooMany` after too many of them."""
        if self.verdict == "wrong":
            raise Unacceptable.at("/code", "wrong_code", sentence("arrival.wrong_code", self.locale))
        if self.verdict == "blocked":
            words = sentence("arrival.blocked", self.locale)
            raise TooMany(_WAIT_SECONDS, "too_many_wrong_codes", words)


class Arrival(NamedTuple):
    """Somebody's arrival, and whether this made it so."""

    attendance: Attendance
    sitting: Sitting
    is_new: bool


async def check_code(
    db: Db, actor: Actor, session_id: UUID, code: str, accept_language: str | None, now: datetime
) -> Checked:
    """Whether this is the code of the room; a wrong one is counted.

    In a unit of work of its own, as the count has to survive the refusal. Whoever sends many at once has them
    looked at one after the other. Raises `NotFound`.
    """
    sitting = await stored.sitting(db, actor, session_id)
    locale = negotiate((await patients.find(db, actor, actor.id)).locale, accept_language)
    if await counted.hold(db, session_id, actor.id) >= MOST_WRONG_CODES:
        return Checked("blocked", locale)
    if hmac.compare_digest(_plain(code), _plain(sitting.treatment_session.arrival_code)):
        return Checked("right", locale)
    await counted.add(db, blank(sitting.treatment_session, actor.id, now))
    audit.record(
        db, actor, now, Permission.ARRIVAL_REPORT, of="treatment_session", id=session_id,
        patient_id=actor.id, outcome="refused",
    )  # fmt: skip
    return Checked("wrong", locale)


async def arrive(
    db: Db, actor: Actor, session_id: UUID, occurred_at: datetime, *, locale: str, now: datetime
) -> Arrival:
    """Keep that the caller is in the room, whose code they know. Saying so again changes nothing.

    Whoever had been marked as missing is not. Raises `NotFound`, and `Conflict` for a session that is
    cancelled, that has not opened, or that has long been over.
    """
    sitting = await stored.sitting(db, actor, session_id, "presence")
    treatment_session = sitting.treatment_session
    if treatment_session.status == "cancelled":
        raise Conflict("session_cancelled", sentence("arrival.cancelled", locale))
    row = (await stored.held(db, treatment_session, [actor.id])).get(actor.id) or blank(
        treatment_session, actor.id, now
    )
    if row.status in ATTENDED:
        return Arrival(row, sitting, is_new=False)
    if actor.id not in await stored.enrolled(db, treatment_session, [actor.id]):
        raise NotFound
    came = believed(sitting.span, sitting.policy, occurred_at, now)
    if came is None:
        raise Conflict("not_open", sentence("arrival.not_open", locale))
    state = was_there(sitting.span, sitting.policy, came, None, now)
    await attendances.keep(db, sitting, row, state, word_of(actor), now)
    audit.record(
        db, actor, now, Permission.ARRIVAL_REPORT, of="attendance", id=row.id, patient_id=row.patient_id
    )
    return Arrival(row, sitting, is_new=True)


def _plain(code: str) -> bytes:
    """As it is compared: people type it from a board."""
    return code.replace(" ", "").upper().encode()
