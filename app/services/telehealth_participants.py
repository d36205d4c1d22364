"""Say who somebody in a telehealth meeting is."""

from datetime import datetime
from uuid import UUID

from app.access import Actor, Permission
from app.database import Db
from app.errors import Conflict, NotFound, Unacceptable
from app.queries import attendances as known
from app.queries import audit, jobs
from app.queries import telehealth_events as events
from app.queries import telehealth_participants as stored
from app.queries.attendances import Sitting
from app.queries.telehealth_presence import Present, present
from app.services import telehealth_presence


async def match(
    db: Db, actor: Actor, session_id: UUID, participant_id: UUID, patient_id: UUID | None, now: datetime
) -> Present:
    """Say which patient somebody in a session is; None: nobody's patient. Attendance follows at once in this
    session, and by jobs in the others that they were in.

    Raises `NotFound`, `Unacceptable` for a patient who is not visible or has no stay in the program on that
    day, and `Conflict` for somebody whom the platform knows by an id that we gave it.
    """
    sitting = await known.sitting(db, actor, session_id, "presence")
    before = await _require_present(db, actor, sitting, participant_id, now)
    await _require_theirs(db, actor, sitting, patient_id)
    concerned = {each for each in (before.participant.patient_id, patient_id) if each is not None}
    await known.held(db, sitting.treatment_session, concerned)
    participant = await stored.find(db, participant_id, to_match=True)
    if participant.given:
        raise Conflict("id_given", "The platform knows them by the id that we gave it.")
    if participant.patient_id not in {None, *concerned}:
        raise Conflict("matched_meanwhile", "Somebody else has just matched them; read it again.")
    if participant.matched_at is None or participant.patient_id != patient_id:
        participant.patient_id, participant.matched_at, participant.matched_by = patient_id, now, actor.id
        await db.flush()
        for event_id in await events.look_again(db, now, participant_id=participant.id):
            jobs.apply_telehealth(db, event_id)
        await telehealth_presence.follow(db, [sitting], concerned, now)
    audit.record(
        db, actor, now, Permission.TELEHEALTH_MATCH, of="telehealth_participant", id=participant.id,
        patient_ids=sorted(concerned),
    )  # fmt: skip
    return Present(participant, before.state)


async def _require_present(
    db: Db, actor: Actor, sitting: Sitting, participant_id: UUID, now: datetime
) -> Present:
    for each in await present(db, actor, sitting, now):
        if each.participant.id == participant_id:
            return each
    raise NotFound


async def _require_theirs(db: Db, actor: Actor, sitting: Sitting, patient_id: UUID | None) -> None:
    if patient_id is None:
        return
    if not await known.seen(db, actor, [patient_id]):
        raise Unacceptable.at("/patient_id", "unknown_patient", "There is no such patient here.")
    if not await known.enrolled(db, sitting.treatment_session, [patient_id]):
        words = "This patient has no stay in the program on that day."
        raise Unacceptable.at("/patient_id", "not_enrolled", words)
