"""What an app begins with, as it travels."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, Self, cast, get_args
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.goals.standing import Status
from app.goals.terms import Area, Cadence, Measure
from app.queries.starts import InForce, Own
from app.schemas.bootstrap_examples import BOOTSTRAP
from app.schemas.check_in import Coping, Substance, Trigger
from app.schemas.enrollment import EnrollmentStatus
from app.schemas.goal import Feeds, GoalProgressNow, GoalStreakRead
from app.schemas.help import CrisisResource
from app.schemas.hours import worded
from app.schemas.safety_plan import SafetyPlanMark, SafetyPlanStep
from app.schemas.session_series import SessionKind
from app.schemas.supporter import StandsBy
from app.schemas.treatment_session import AttendanceStatus
from app.sentences import sentence
from app.treatment.reckoning import Reckoned

Kind = Literal["scale", "number", "count", "yes_no", "choice", "choices", "text"]

_CORE: Sequence[tuple[str, Kind, tuple[float, float] | None, Sequence[str]]] = (
    ("mood", "scale", (0, 10), ()),
    ("craving", "scale", (0, 10), ()),
    ("anxiety", "scale", (0, 10), ()),
    ("energy", "scale", (0, 10), ()),
    ("sleep_hours", "number", (0, 24), ()),
    ("used", "yes_no", None, ()),
    ("substances", "choices", None, get_args(Substance)),
    ("medication_taken", "yes_no", None, ()),
    ("meetings_attended", "count", (0, 20), ()),
    ("triggers", "choices", None, get_args(Trigger)),
    ("coping_used", "choices", None, get_args(Coping)),
    ("feels_safe", "yes_no", None, ()),
    ("note", "text", None, ()),
)


class QuestionOption(BaseModel):
    """One answer to choose: a code, or true and false."""

    code: str | bool
    label: str


class Question(BaseModel):
    """One question of the check-in, in the patient's language. `note` is answered beside the answers.

    `scale` and `count` take whole numbers, `number` any within its bounds, `choices` several codes.
    """

    code: str = Field(examples=["craving"])
    kind: Kind
    label: str = Field(examples=["Urge to use"])
    question: str = Field(description="The whole sentence to ask.")
    minimum: float | None = None
    maximum: float | None = None
    options: list[QuestionOption] = Field(default_factory=list)
    own: bool = Field(False, description="Asked by this program only.")


def questions_of(
    own: Sequence[Mapping[str, Any]], locale: str, overrides: Mapping[str, str]
) -> list[Question]:
    """The core questions of the check-in and then the program's `own`, as stored, in this language."""
    return [*_core_questions(locale, overrides), *(_own_question(each, locale) for each in own)]


def _core_questions(locale: str, overrides: Mapping[str, str]) -> Iterator[Question]:
    def say(key: str) -> str:
        return sentence(f"check_in.{key}", locale, overrides=overrides)

    for code, kind, bounds, choices in _CORE:
        options = [QuestionOption(code=each, label=say(f"choice.{code}.{each}")) for each in choices]
        if kind == "yes_no":
            options = [
                QuestionOption(code=value, label=say(f"choice.{word}"))
                for value, word in ((True, "yes"), (False, "no"))
            ]
        low, high = bounds or (None, None)
        yield Question(
            code=code, kind=kind, label=say(f"label.{code}"), question=say(f"question.{code}"), minimum=low,
            maximum=high, options=options,
        )  # fmt: skip


def _own_question(stored: Mapping[str, Any], locale: str) -> Question:
    label = stored["label"][locale]
    options = [
        QuestionOption(code=each["code"], label=each["label"][locale]) for each in stored.get("options", ())
    ]
    return Question(
        code=stored["code"], kind=stored["kind"], label=label, question=label, options=options, own=True,
        minimum=stored.get("minimum"), maximum=stored.get("maximum"),
    )  # fmt: skip


class Me(BaseModel):
    """Who is signed in."""

    id: UUID
    name: str | None = Field(description="Null for an integration.")
    role: str
    locale: str | None
    time_zone: str | None


class ProgramSummary(BaseModel):
    """A program, in short."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    level_of_care: str
    population: str
    minimum_weekly_hours: float
    maximum_weekly_hours: float
    time_zone: str


class Stay(BaseModel):
    """The patient's running stay, or their last one."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    status: EnrollmentStatus
    starts_on: date
    ends_on: date | None


class DueCheckIn(BaseModel):
    """Whether today's check-in was sent; `local_date` is the patient's today."""

    local_date: date
    done: bool


class InstrumentDue(BaseModel):
    """An instrument that is to be taken by now, as often as the program asks for it."""

    model_config = ConfigDict(from_attributes=True)

    instrument: str = Field(examples=["phq-9"])
    due_on: date
    overdue_days: int = Field(description="Since `due_on`; 0 is today.")


class Due(BaseModel):
    """What the patient is asked for today: no instrument before their stay, after it, or on a leave."""

    check_in: DueCheckIn
    instruments: list[InstrumentDue]


class ReminderRead(BaseModel):
    """A notice that the phone shows by itself at `at`, unless what it reminds of was sent by then."""

    at: datetime
    day: date = Field(description="The patient's local day that the check-in is of.")
    kind: Literal["check_in"]
    sentence: str = Field(description="May stand on a locked screen: it says nothing of treatment.")


class SessionAhead(BaseModel):
    """One session of the patient's, of today or the seven days after it."""

    id: UUID
    kind: SessionKind
    title: str
    starts_at: datetime
    ends_at: datetime = Field(description="Not included.")
    time_zone: str = Field(description="Where it takes place.")
    room: str | None
    telehealth_url: str | None
    cancelled: bool = Field(description="By the program.")
    attendance: AttendanceStatus | None = Field(description="The patient's own; null: nothing is known yet.")

    @classmethod
    def of(cls, own: Own) -> Self:
        """A session, and the patient's part in it."""
        part = own.part
        return cls(
            id=own.id, kind=cast(SessionKind, part.kind), title=own.title, starts_at=part.span.start,
            ends_at=part.span.end, time_zone=own.time_zone, room=own.room, telehealth_url=own.telehealth_url,
            cancelled=part.is_cancelled, attendance=cast(AttendanceStatus | None, part.status),
        )  # fmt: skip


class GoalNow(BaseModel):
    """A goal in force, and how it stands at this moment."""

    id: UUID
    area: Area | None
    statement: str | None
    measure: Measure | None
    cadence: Cadence | None
    due_on: date | None
    fed_by: Feeds
    status: Status
    progress: GoalProgressNow
    streak: GoalStreakRead | None
    entry_due: bool = Field(description="Whether the app is to ask for an entry of today.")

    @classmethod
    def of(cls, goal: InForce) -> Self:
        """From the wording in force and what was done."""
        standing, said = goal.standing, goal.terms
        streak = GoalStreakRead(**standing.streak._asdict()) if standing.streak else None
        return cls(
            id=goal.id, area=said.area, statement=said.statement, measure=said.measure, cadence=said.cadence,
            due_on=said.due_on, fed_by=said.fed_by, status=standing.status,
            progress=GoalProgressNow.of(standing), streak=streak, entry_due=goal.entry_due,
        )  # fmt: skip


class WeekNow(BaseModel):
    """The running week of treatment, in whole minutes: `GET …/hours` has the days and the rules."""

    week_of: date = Field(description="Its first day, where the program is.")
    attended_minutes: int
    projected_minutes: int = Field(description="Attended, and what is still to come.")
    minimum_hours: float = Field(description="What the week must have.")
    sentence: str = Field(description="How it stands, in plain words.")

    @classmethod
    def of(cls, reckoned: Reckoned, locale: str, overrides: Mapping[str, str]) -> Self | None:
        """A week in the patient's language; None for one in which they are in no program."""
        week, requirement, forecast = reckoned
        if requirement is None or forecast is None:
            return None
        return cls(
            week_of=week.week_of, attended_minutes=week.attended, projected_minutes=week.projected,
            minimum_hours=float(requirement.minimum_hours), sentence=worded(forecast, locale, overrides),
        )  # fmt: skip


class InstrumentSummary(BaseModel):
    """An instrument in its newest version. `has_text` is false where a licence keeps the wording out."""

    code: str = Field(examples=["phq-9"])
    version: str
    title: str
    has_text: bool


class Bootstrap(BaseModel):
    """Everything that an app needs to begin. What is for patients only is null or empty for others."""

    model_config = ConfigDict(json_schema_extra={"examples": [BOOTSTRAP]})

    server_time: datetime
    me: Me
    program: ProgramSummary | None = Field(description="The patient's.")
    enrollment: Stay | None
    programs: list[ProgramSummary] = Field(description="Those that a staff member works in.")
    due: Due | None
    reminders: list[ReminderRead] = Field(
        description="Of the coming seven days, the soonest first. Begin again after each check-in: what the "
        "later ones say, and whether they come, depends on it."
    )
    treatment_sessions: list[SessionAhead] = Field(
        description="Of today and the seven days after it, the earliest first: enough for a phone that is "
        "offline for a while."
    )
    goals: list[GoalNow] = Field(description="Those that were agreed and go on, the oldest first.")
    hours: WeekNow | None = Field(description="Null also for a patient who is in no program.")
    check_in_questions: list[Question]
    safety_plan: SafetyPlanMark | None = Field(
        description="The version of the patient's plan, or of the one that is shared with a supporter; null: "
        "none yet. A phone that has another one fetches it, and then has it without a network."
    )
    safety_plan_steps: list[SafetyPlanStep] = Field(description="How the plan is headed, and filled in.")
    stands_by: StandsBy | None = Field(description="Whom a supporter stands by.")
    instruments: list[InstrumentSummary]
    crisis_resources: list[CrisisResource]
