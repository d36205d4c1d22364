"""The older history of the demonstration: scored as ever, and written all at once, past the rules."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from app.database import Db
from app.demo.cast import Organization, Patient, id_at, id_of
from app.demo.course import Course, Filled, Told
from app.instruments.catalogue import instrument
from app.instruments.change import change
from app.instruments.scoring import score
from app.models import Assessment, CheckIn
from app.services.answers import fingerprint

BETWEEN_QUESTIONNAIRES = timedelta(minutes=4)
ON_THE_WAY = timedelta(seconds=2)


async def add(db: Db, organization: Organization, patient: Patient, lived: Course, zone: ZoneInfo) -> None:
    """Keep these check-ins and assessments of a patient."""
    orm = await db.orm()
    if told := [_check_in(organization, patient, told, zone) for told in lived.check_ins]:
        await orm.execute(insert(CheckIn), told)
    if filled := [
        row for code in ("phq-9", "gad-7") for row in _assessments(organization, patient, lived, zone, code)
    ]:
        await orm.execute(insert(Assessment), filled)


def questionnaires(filled: Filled) -> Iterator[tuple[str, datetime, dict[str, int]]]:
    """The two of a week: code, time, answers."""
    yield "phq-9", filled.at, filled.phq9
    if filled.gad7:
        yield "gad-7", filled.at + BETWEEN_QUESTIONNAIRES, filled.gad7


def _check_in(organization: Organization, patient: Patient, told: Told, zone: ZoneInfo) -> dict[str, Any]:
    patient_id = id_of("patient", patient.key)
    return dict(
        organization_id=organization.id, id=id_at(told.at, "check-in", patient.key), revision=0,
        patient_id=patient_id, program_id=id_of("program", patient.program),
        **_times(told.at, zone), answers=told.answers, note=told.note,
        fingerprint=fingerprint(patient_id, told.at, zone.key, told.answers, told.note, None),
    )  # fmt: skip


def _assessments(
    organization: Organization, patient: Patient, lived: Course, zone: ZoneInfo, code: str
) -> Iterator[dict[str, Any]]:
    known, patient_id = instrument(code), id_of("patient", patient.key)
    totals: list[float | None] = []
    for filled in lived.weekly:
        at, answers = next((at, answers) for name, at, answers in questionnaires(filled) if name == code)
        scored = score(known, answers)
        moved = change(known, scored.total, totals[-1] if totals else None, totals[0] if totals else None)
        totals.append(scored.total)
        yield dict(
            organization_id=organization.id, id=id_at(at, code, patient.key), revision=0,
            patient_id=patient_id, program_id=id_of("program", patient.program),
            instrument=code, version=known.version, **_times(at, zone),
            answers=answers, score={**asdict(scored), "change": asdict(moved)},
            fingerprint=fingerprint(patient_id, code, None, at, zone.key, answers, None),
        )  # fmt: skip


def _times(at: datetime, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "local_date": at.astimezone(zone).date(), "time_zone": zone.key, "occurred_at": at, "filed_at": at,
        "recorded_at": None, "received_at": at + ON_THE_WAY,
    }  # fmt: skip
