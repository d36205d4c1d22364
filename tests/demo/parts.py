"""How the demonstration's patients come to their sessions, when it is opened at some moment."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache

from app.demo.agenda import Agenda
from app.demo.cast import ORGANIZATIONS, Organization, Patient
from app.demo.course import Course
from app.demo.living import DAYS, _lived
from app.demo.presence import Part


def parts_of(patient: Patient, now: datetime, lived: Course | None = None) -> Sequence[Part]:
    """What is known of somebody by then."""
    organization = next(each for each in ORGANIZATIONS if patient in each.patients)
    agenda = _agenda(organization, now)
    lived = lived or _lived(patient, agenda.zones[patient.program], now)
    return agenda.of(patient, lived).parts


@cache
def _agenda(organization: Organization, now: datetime) -> Agenda:
    return Agenda(organization, now - timedelta(days=DAYS), now)
