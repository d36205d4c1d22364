"""Goals as they travel."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.goals.smart import Code, Letter, lacks
from app.goals.standing import Pace, Standing, Status
from app.goals.terms import Area, Cadence, FedBy, Measure, Terms
from app.models import GoalVersion
from app.queries.goal_standings import Reckoned
from app.queries.goals import Known
from app.schemas.fields import Body, Day, Line, Text, Uuid7, Whole, WholeNumber
from app.schemas.goal_examples import CHANGE, GOAL_BODY, GOAL_PAGE, GOAL_READ, VERSIONS
from app.sentences import sentence

Feeds = Annotated[
    FedBy | None,
    Field(
        description="What the goal is counted from by itself: meetings or days without use, as check-ins say"
        " (`meetings_attended`, `used`), or sessions or minutes in sessions. Null: from entries."
    ),
]
EveryDays = Annotated[Whole, Field(ge=1, le=90)]


class GoalTerms(Body):
    """What a goal says. A draft may leave out whatever is not known yet."""

    area: Area | None = None
    statement: Line | None = None
    measure: Measure | None = None
    relevance: Text | None = Field(None, description="Why it matters, in the patient's words.")
    confidence: Annotated[int, Field(ge=0, le=10), WholeNumber] | None = Field(
        None, description="How sure the patient is, 0 to 10."
    )
    starts_on: Day | None = None
    due_on: Day | None = Field(None, description="The last day that counts.")
    cadence: Cadence | None = None
    fed_by: Feeds = None
    review_every_days: EveryDays | None = None


class GoalBody(GoalTerms):
    """A draft of a goal. The phone may make the id, so that sending twice is the same goal."""

    model_config = ConfigDict(json_schema_extra={"examples": [GOAL_BODY]})

    id: Uuid7 | None = None

    def terms(self) -> Terms:
        """What it says."""
        return Terms.model_validate(self.model_dump(exclude={"id"}))


class GoalChange(GoalTerms):
    """What is to change; the rest stays, and null takes something away. `measure` and `cadence` are replaced
    whole."""

    model_config = ConfigDict(json_schema_extra={"examples": [CHANGE]})

    reason: Text | None = Field(None, description="Why; needed once the goal was agreed.")

    def changes(self) -> dict[str, Any]:
        """The terms that are to be others, by name."""
        return self.model_dump(exclude_unset=True, exclude={"reason"})


class GoalAgreementBody(Body):
    """Nothing needs to be said: the newest wording is signed."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}, {"row_version": 1}]})

    row_version: Annotated[Whole, Field(ge=1)] | None = Field(
        None, description="The version that was read: when it is said, nothing else is signed (412)."
    )


class GoalLackRead(BaseModel):
    """One thing that a draft lacks."""

    letter: Letter
    code: Code
    words: str = Field(description="The same in plain words, in the reader's language.")


class GoalSignatureRead(BaseModel):
    """One signature."""

    model_config = ConfigDict(from_attributes=True)

    signed_as: Literal["patient", "counselor"]
    signer_id: UUID
    at: datetime


class GoalWording(BaseModel):
    """What a goal says; what is null, a draft lacks."""

    area: Area | None
    statement: str | None
    measure: Measure | None
    relevance: str | None
    confidence: int | None
    starts_on: date | None
    due_on: date | None
    cadence: Cadence | None
    fed_by: Feeds
    review_every_days: int | None


class GoalVersionBase(GoalWording):
    """One wording of a goal, by whom and why."""

    version: int
    reason: str | None = Field(description="Null: it was the first.")
    author_id: UUID
    at: datetime
    signatures: list[GoalSignatureRead]


class GoalProposal(GoalVersionBase):
    """A wording that waits for signatures, while another is in force."""

    lacks: list[GoalLackRead]


class GoalVersionRead(GoalVersionBase):
    """One wording of a goal."""

    in_force: bool


class GoalVersions(BaseModel):
    """Every wording of a goal, the newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [VERSIONS]})

    items: list[GoalVersionRead]

    @classmethod
    def of(cls, known: Known, versions: Sequence[GoalVersion]) -> Self:
        """All versions of one goal."""
        return cls(
            items=[
                GoalVersionRead(**_version(known, each), in_force=each.number == known.goal.agreed_version)
                for each in versions
            ]
        )


class GoalProgressNow(BaseModel):
    """How far it is; null is what a draft does not say enough for."""

    value: float | None
    expected: float | None = Field(description="Where it should be by today, if all went evenly.")
    pace: Pace | None

    @classmethod
    def of(cls, standing: Standing) -> Self:
        """From how the goal stands."""
        expected = None if standing.expected is None else round(standing.expected, 2)
        return cls(value=standing.value, expected=expected, pace=standing.pace)


class GoalStreakRead(BaseModel):
    """Days or weeks in a row. Today and two days before it break none: their entries may come late."""

    unit: Literal["days", "weeks"]
    current: int
    longest: int


class GoalRead(GoalWording):
    """A goal: the wording in force (of a draft the draft), and how it stands at this moment."""

    model_config = ConfigDict(json_schema_extra={"examples": [GOAL_READ]})

    id: UUID
    patient_id: UUID
    program_id: UUID | None
    status: Status
    version: int = Field(description="The newest wording.")
    agreed_version: int | None = Field(description="The wording in force; null for a draft.")
    lacks: list[GoalLackRead] = Field(description="What keeps a draft from being agreed.")
    progress: GoalProgressNow
    streak: GoalStreakRead | None = Field(description="Null: a goal that has none.")
    signatures: list[GoalSignatureRead] = Field(description="Under this wording.")
    proposal: GoalProposal | None = Field(description="A newer wording that waits for signatures.")
    review_on: date | None
    review_overdue: bool
    closed_at: datetime | None = Field(description="When somebody closed it; null also when time did.")
    closed_by: UUID | None
    close_reason: str | None
    created_at: datetime
    created_by: UUID
    row_version: int = Field(description="What If-Match names. Entries of progress do not change it.")

    @classmethod
    def of(cls, reckoned: Reckoned, locale: str, now: datetime) -> Self:
        """A goal as it stands now, in the reader's language."""
        known, standing = reckoned
        goal, today = known.goal, known.today(now)
        is_draft = standing.status == "draft"
        waiting = _lacks(known, locale, today) if known.waits else []
        overdue = goal.closed_at is None and goal.review_on is not None and goal.review_on < today
        return cls(
            **{name: getattr(goal, name) for name in _COLUMNS},
            **_wording(known.shown), status=standing.status, lacks=waiting if is_draft else [],
            progress=GoalProgressNow.of(standing),
            streak=GoalStreakRead(**standing.streak._asdict()) if standing.streak else None,
            signatures=_signatures(known, known.shown.number), review_overdue=overdue,
            proposal=(
                GoalProposal(**_version(known, known.newest), lacks=waiting)
                if known.waits and not is_draft
                else None
            ),
        )  # fmt: skip


_COLUMNS = (
    "id", "patient_id", "program_id", "version", "agreed_version", "review_on", "closed_at", "closed_by",
    "close_reason", "created_at", "created_by", "row_version",
)  # fmt: skip


class GoalPage(BaseModel):
    """A page of goals."""

    model_config = ConfigDict(json_schema_extra={"examples": [GOAL_PAGE]})

    items: list[GoalRead]
    next_cursor: str | None


def _wording(version: GoalVersion) -> dict[str, Any]:
    terms = Terms.model_validate(version.terms)
    found = {name: getattr(terms, name) for name in GoalWording.model_fields}
    if terms.measure is not None:
        found["measure"] = terms.measure.model_copy(update={"counts": terms.counts})
    return found


def _version(known: Known, version: GoalVersion) -> dict[str, Any]:
    return {
        **_wording(version), "version": version.number, "reason": version.reason,
        "author_id": version.author_id, "at": version.at,
        "signatures": _signatures(known, version.number),
    }  # fmt: skip


def _signatures(known: Known, number: int) -> list[GoalSignatureRead]:
    return [GoalSignatureRead.model_validate(each) for each in known.signed(number)]


def _lacks(known: Known, locale: str, today: date) -> list[GoalLackRead]:
    return [
        GoalLackRead(letter=each.letter, code=each.code, words=sentence(f"goal.lacks.{each.code}", locale))
        for each in lacks(Terms.model_validate(known.newest.terms), today)
    ]
