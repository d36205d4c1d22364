"""Ninety days of one organization of the demonstration: most of them written at once, the last ones lived."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, update

from app.access import Actor
from app.database import Db
from app.demo import aiming, attendances, hours, rows, silence
from app.demo.aftermath import Aftermath
from app.demo.agenda import Agenda, Ways
from app.demo.attending import Attending
from app.demo.bygone import Bygone
from app.demo.cast import Organization, Patient, id_of
from app.demo.course import Course, course
from app.demo.crisis import Crisis
from app.demo.past import Past, past
from app.demo.presence import LATELY
from app.demo.recent import Recent
from app.demo.scenes import SCENES
from app.demo.sequence import Sequence as Steps
from app.demo.treated import Treated
from app.demo.weeks import Standing, standings
from app.models import Assessment, CheckIn, Enrollment, HoursStanding
from app.rules.conditions import signals_of
from app.rules.default_pack import DEFAULT_PACK
from app.rules.history import Pause
from app.rules.replay import ABSENCE, Compared, Found, replay
from app.rules.replay_case import Answer, Case, Stay
from app.rules.rule import Rule
from app.rules.signals import Kind, kind_of
from app.treatment.week import next_mid_week

DAYS: Final = 90
WATCHED: Final = LATELY
"""How far back the answers went through the rules as they came, and the care team through their alerts."""
_SCENE_ALONE: Final = timedelta(hours=30)
_OF_TREATMENT: Final = frozenset[Kind]({"attendance", "goal", "hours"})


class Living:
    """The days of everybody, up to now."""

    def __init__(self, db: Db, organization: Organization, supervisor: Actor, now: datetime) -> None:
        self._db, self._organization, self._now = db, organization, now
        self._admitted, self._watched = now - timedelta(days=DAYS), now - WATCHED
        self.steps = Steps(now)
        self._programs = {program.key: program for program in organization.programs}
        aftermath = Aftermath(db, organization, self.steps)
        self._recent = Recent(db, organization, supervisor, self.steps, aftermath)
        self._treated = Treated(db, organization, self.steps, aftermath)
        self._crisis = Crisis(db, organization, self.steps, aftermath, self._admitted)
        self._bygone = Bygone(organization, self._watched)
        self._agenda = Agenda(organization, self._admitted, now)
        self._attending = Attending(self._agenda, supervisor, self._watched, now)
        self._weeks: list[Standing] = []

    async def write(self) -> None:
        """Keep the days before the last ones, and what is known of these; expect the rest."""
        for patient in self._organization.patients:
            await self._tell(patient)
        await self._bygone.write(self._db)
        await self._attending.write(self._db, self._admitted)
        self._treated.expect_reckonings(self._attending.reckoned)
        self._treated.expect_made_up(self._attending.made_up)
        goals = aiming.agreed(self._organization, self._now)
        await aiming.write(self._db, goals)
        self._treated.expect_looks_at(goals)
        await self._write_weeks()
        await self._crisis.write()

    async def _tell(self, patient: Patient) -> None:
        program = self._programs[patient.program]
        zone = ZoneInfo(program.time_zone)
        lived = _lived(patient, zone, self._now)
        told = past(self._organization, patient, lived, zone)
        await self._keep(told.before(self._watched))
        ways = self._agenda.of(patient, lived)
        self._attending.add(patient, ways.parts)
        weeks = list(standings(patient, program, self._admitted, *ways, self._now))
        self._weeks += weeks
        found = self._found(patient, told, ways, weeks, zone)
        old = [each for each in found if each.at < self._watched]
        self._bygone.add(patient, old, hours.work_calendar(program, self._now.date()))
        self._expect(patient, lived, found[len(old) :], zone)

    async def _keep(self, told: Past) -> None:
        await rows.insert(self._db, CheckIn, told.check_ins)
        await rows.insert(self._db, Assessment, told.assessments)

    def _found(
        self, patient: Patient, told: Past, ways: Ways, weeks: Sequence[Standing], zone: ZoneInfo
    ) -> list[Found]:
        """What the rules find in a course, in order: those about treatment need fewer looks."""
        answers = told.answers()
        filled = [each._replace(evaluated=False) for each in answers if each.source.kind == "assessment"]
        treated = [*filled, *attendances.answers(ways.parts), *(each.answer() for each in weeks)]
        found = self._replayed(patient, answers, zone, _ABOUT_ANSWERS)
        found += self._replayed(patient, treated, zone, _ABOUT_TREATMENT)
        return sorted(found, key=lambda each: each.at)

    def _replayed(
        self, patient: Patient, answers: Sequence[Answer], zone: ZoneInfo, rules: Compared
    ) -> list[Found]:
        leave = Pause(self._now - silence.AWAY_SINCE, None, True)
        case = Case(
            id_of("patient", patient.key), sorted(answers, key=_in_order), [Stay(self._admitted.date())],
            zone, pauses=[leave] if patient.key == silence.ON_LEAVE else [],
        )  # fmt: skip
        return replay(case, rules, self._admitted, self._now)

    def _expect(self, patient: Patient, lived: Course, found: list[Found], zone: ZoneInfo) -> None:
        """The last days: what is told, and when it is missed. One silence is left to the sweep."""
        scene = next((scene for scene in SCENES if scene.patient == patient.key), None)
        self._recent.expect(patient, lived.since(self._watched), scene, zone)
        if patient.key == silence.ON_LEAVE:
            self._recent.expect_leave(patient, self._now - silence.AWAY_SINCE, zone)
        is_silent = patient.key == silence.SILENT
        silent_since = self._now - silence.LAST_HEARD if is_silent else self._now
        missed = (each for each in found if each.source.kind == ABSENCE and each.at < silent_since)
        self._recent.expect_absences(patient, ((each.at, each.source) for each in missed))

    async def _write_weeks(self) -> None:
        """Keep how the weeks stood, but for those that turned out short of late: these are lived."""
        short = [each for each in self._weeks if each.shortfall and each.at >= self._watched]
        kept = [each.row(self._organization) for each in self._weeks if each not in short]
        await rows.insert(self._db, HoursStanding, kept)
        for key, program in self._programs.items():
            due = next_mid_week(self._now, 0, ZoneInfo(program.time_zone))
            await self._set_hours_due(Enrollment.program_id == id_of("program", key), due)
        for each in short:
            mine = Enrollment.id == id_of("enrollment", each.patient.key)
            await self._set_hours_due(mine, each.at)
            self._treated.expect_short_week(each.patient, each.at)

    async def _set_hours_due(self, which: ColumnElement[bool], moment: datetime) -> None:
        tenant = Enrollment.organization_id == self._organization.id
        await self._db.execute(
            update(Enrollment)
            .where(tenant, which)
            .values(hours_due_at=moment)
            .execution_options(synchronize_session=False)
        )


def _lived(patient: Patient, zone: ZoneInfo, now: datetime) -> Course:
    lived = course(patient, now.astimezone(zone).date(), DAYS, zone)
    has_scene = any(scene.patient == patient.key for scene in SCENES)
    return silence.told_by(patient.key, lived.until(now - _SCENE_ALONE if has_scene else now), now, zone)


def _in_order(answer: Answer) -> tuple[object, ...]:
    return answer.received_at, answer.at, answer.source.id, answer.source.revision


def _compared(is_about: Callable[[Rule], bool]) -> Compared:
    some = DEFAULT_PACK.model_copy(update={"rules": tuple(filter(is_about, DEFAULT_PACK.rules))})
    return Compared(some, some)


def _is_about_treatment(rule: Rule) -> bool:
    return not _OF_TREATMENT.isdisjoint(map(kind_of, signals_of(rule.condition)))


_ABOUT_TREATMENT: Final = _compared(_is_about_treatment)
_ABOUT_ANSWERS: Final = _compared(lambda rule: not _is_about_treatment(rule))
