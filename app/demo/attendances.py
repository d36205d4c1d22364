"""What is known of the demonstration's patients in their sessions, as rows; and as the rules see it."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from app.demo.cast import Organization, Patient, id_of
from app.demo.presence import Part
from app.demo.rows import Row
from app.queries.histories import readings
from app.rules.reading import Source
from app.rules.replay_case import Answer
from app.treatment.attendance import State


class Entry(NamedTuple):
    """One state of somebody's part in a session, counted from 1, and when it was recorded."""

    part: Part
    number: int
    state: State
    at: datetime


def entries(part: Part) -> Iterator[Entry]:
    """The states that somebody's part was in, the first first."""
    yield Entry(part, 1, part.state, part.known_at)
    if part.made_up_at is not None:
        yield Entry(part, 2, State("made_up"), part.made_up_at)


def attendance_row(organization: Organization, patient: Patient, part: Part) -> Row:
    """How it stands."""
    *_, (_, number, state, at) = entries(part)
    notice = part.notice
    return dict(
        id=part.id, **_state(organization, patient, part, state),
        notice_kind=notice and notice.kind, notice_reason=notice and notice.reason,
        notice_at=notice and notice.at, excused_by="policy" if notice else None,
        makes_up_id=part.makes_up_id, wrong_codes=0,
        revision=number, changed_at=at,
    )  # fmt: skip


def entry_rows(organization: Organization, patient: Patient, part: Part) -> Iterator[Row]:
    """How it came to that."""
    sitting = part.sitting
    for _, number, state, at in entries(part):
        yield dict(
            attendance_id=part.id, revision=number,
            **_state(organization, patient, part, state), filed_at=sitting.span.start,
            local_date=sitting.day, received_at=at, reason=None,
        )  # fmt: skip


def _state(organization: Organization, patient: Patient, part: Part, state: State) -> Row:
    source = _source(part, state)
    counselor = id_of("staff", patient.counselor)
    patient_id = id_of("patient", patient.key)
    return {
        "organization_id": organization.id, "session_id": part.sitting.id, "patient_id": patient_id,
        "program_id": id_of("program", patient.program), "status": state.status,
        "arrived_at": state.arrived_at, "left_at": state.left_at, "away": [], "minutes": state.minutes,
        "source": source,
        "changed_by": {"patient": patient_id, "staff": counselor}.get(source),
    }  # fmt: skip


def _source(part: Part, state: State) -> str:
    """Who says so: a patient who arrives or tells ahead, staff who call the roll, nobody at a no-show."""
    if state.status in {"unexcused", "made_up"}:
        return "system"
    if part.notice or state.status == "arrived":
        return "patient"
    return "staff" if part.sitting.held.telehealth_url is None else "telehealth"


def answers(parts: Iterable[Part]) -> Iterator[Answer]:
    """Every state as the rules see it. Who came, or told in time, is history: no rule stems from that."""
    for part, number, state, at in (entry for each in parts for entry in entries(each)):
        sitting, source = part.sitting, Source("attendance", part.id, number)
        stored = (*source, sitting.span.start, sitting.day, at, _payload(state))
        told = tuple(readings([stored]))
        yield Answer(source, sitting.span.start, at, told, evaluated=state.status == "unexcused")


def _payload(state: State) -> Row:
    return {"status": state.status, "minutes": state.minutes}
