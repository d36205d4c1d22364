"""What a patient of the demonstration told, as it is kept: scored as ever, and without asking the rules."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from app.demo.cast import Organization, Patient, id_at, id_of
from app.demo.course import Course, Filled
from app.demo.rows import Row
from app.instruments.catalogue import instrument
from app.instruments.change import change
from app.instruments.scoring import score
from app.queries.histories import readings
from app.rules.default_pack import DEFAULT_PACK
from app.rules.floor import FLOOR_SIGNALS
from app.rules.reading import Source
from app.rules.replay_case import Answer
from app.services.answers import fingerprint

BETWEEN_QUESTIONNAIRES: Final = timedelta(minutes=4)
ON_THE_WAY: Final = timedelta(seconds=2)
_WANTED: Final = DEFAULT_PACK.signals | FLOOR_SIGNALS


class Past(NamedTuple):
    """Everything that somebody told, as rows."""

    check_ins: Sequence[Row]
    assessments: Sequence[Row]

    def before(self, moment: datetime) -> "Past":
        """What came before `moment`."""
        return Past(
            [each for each in self.check_ins if each["received_at"] < moment],
            [each for each in self.assessments if each["received_at"] < moment],
        )

    def answers(self) -> list[Answer]:
        """The same as the rules see it."""
        told = [_answer("check_in", each, each["answers"]) for each in self.check_ins]
        return told + [_answer("assessment", each, each) for each in self.assessments]


def past(organization: Organization, patient: Patient, lived: Course, zone: ZoneInfo) -> Past:
    """The rows of a course."""
    return Past(
        list(_check_ins(organization, patient, lived, zone)),
        [
            row
            for code in ("phq-9", "gad-7")
            for row in _assessments(organization, patient, lived, zone, code)
        ],
    )


def questionnaires(filled: Filled) -> Iterator[tuple[str, datetime, dict[str, int]]]:
    """The two of a week: code, time, answers."""
    yield "phq-9", filled.at, filled.phq9
    if filled.gad7:
        yield "gad-7", filled.at + BETWEEN_QUESTIONNAIRES, filled.gad7


def _answer(kind: str, row: Row, payload: Row) -> Answer:
    source, at, received_at = Source(kind, row["id"], row["revision"]), row["filed_at"], row["received_at"]
    stored = (*source, at, row["local_date"], received_at, payload)
    return Answer(source, at, received_at, tuple(readings([stored], _WANTED)))


def _check_ins(organization: Organization, patient: Patient, lived: Course, zone: ZoneInfo) -> Iterator[Row]:
    patient_id, program_id = id_of("patient", patient.key), id_of("program", patient.program)
    for told in lived.check_ins:
        yield dict(
            organization_id=organization.id, id=id_at(told.at, "check-in", patient.key), revision=0,
            patient_id=patient_id, program_id=program_id, **_times(told.at, zone), answers=told.answers,
            note=told.note,
            fingerprint=fingerprint(patient_id, told.at, zone.key, told.answers, told.note, None),
        )  # fmt: skip


def _assessments(
    organization: Organization, patient: Patient, lived: Course, zone: ZoneInfo, code: str
) -> Iterator[Row]:
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
