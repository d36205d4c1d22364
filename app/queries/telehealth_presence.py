"""Who was in a session by the account of telehealth platforms."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from app.access import Actor
from app.database import Db
from app.models import TelehealthParticipant
from app.queries import attendances as known
from app.queries import telehealth_events as events
from app.queries import telehealth_participants as stored
from app.queries.attendances import Sitting
from app.telehealth.presence import Event, Stay, stays
from app.telehealth.presence import state as come_to
from app.treatment.attendance import State


class Present(NamedTuple):
    """Somebody who was in a session by a platform's account, and what that comes to by itself."""

    participant: TelehealthParticipant
    state: State


async def present(db: Db, actor: Actor, sitting: Sitting, now: datetime) -> Sequence[Present]:
    """Everybody who was in a session by a platform's account, those first who came first; of patients those
    whom the actor sees."""
    told: dict[UUID, list[Event]] = defaultdict(list)
    ended: list[Event] = []
    for each in await events.of_session(db, sitting.treatment_session):
        (ended if each.participant_id is None else told[each.participant_id]).append(each.event)
    found = await stored.known(db, list(told))
    patient_ids = {each.patient_id for each in found.values() if each.patient_id is not None}
    seen = {None, *await known.seen(db, actor, patient_ids)}
    there = [
        Present(participant, state)
        for participant_id, participant in found.items()
        if participant.patient_id in seen
        and (state := _state(sitting, stays([*told[participant_id], *ended]), now)) is not None
    ]
    return sorted(there, key=lambda each: (each.state.arrived_at or now, each.participant.id))


def _state(sitting: Sitting, found: Sequence[Stay], now: datetime) -> State | None:
    return come_to(sitting.span, sitting.policy, found, now)
