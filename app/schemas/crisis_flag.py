"""Crisis flags as they travel."""

from datetime import UTC, date, datetime
from typing import Any, Literal, Self
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from babel.dates import format_date
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    model_validator,
)
from pydantic_core import ValidationError

from app.models import CrisisFlag
from app.schemas.contact_attempt import ContactAttemptRead
from app.schemas.crisis_flag_examples import (
    CRISIS_FLAG_BODY,
    CRISIS_FLAG_DETAIL,
    CRISIS_FLAG_PAGE,
    CRISIS_FLAG_READ,
    CRISIS_FLAG_RECEIPT,
    CRISIS_FLAG_REPLY,
    CRISIS_FLAG_STATUS,
)
from app.schemas.fields import DeviceMoment, Text, Uuid7, Zone
from app.schemas.follow_up import FollowUpRead
from app.schemas.help import Help
from app.sentences import sentence

LONGEST = 4000
"""Of a text that is longer, so many characters are kept."""
_WORDS = ("what", "where", "reach_me", "with_me")

Status = Literal["open", "acknowledged", "resolved"]
RaisedBy = Literal["patient", "supporter", "staff", "rule"]
SeenBy = Literal["counselor", "a_counselor", "team", "service"]
"""Who saw a flag: the patient's own counselor, another one, anybody else here, an outside crisis service."""


class CrisisFlagBody(BaseModel):
    """A cry for help. Nothing is required, and no body at all will do.

    A member that cannot be used is left out, and the reply names it; of a text that is too long the beginning
    is kept. Other members are not looked at.
    """

    model_config = ConfigDict(
        frozen=True, strict=True, hide_input_in_errors=True,
        json_schema_extra={"examples": [CRISIS_FLAG_BODY, {}]},
    )  # fmt: skip

    id: Uuid7 | None = Field(None, description="Made by the phone, so that sending twice is one flag.")
    occurred_at: DeviceMoment | None = Field(None, description="Now, unless it says something plausible.")
    time_zone: Zone | None = Field(None, description="The patient's own, unless it is another.")
    recorded_at: DeviceMoment | None = Field(None, description="By the phone's clock.")
    what: Text | None = Field(None, description="What is the matter.")
    where: Text | None = Field(None, description="Where they are.")
    reach_me: Text | None = Field(None, description="How to reach them now.")
    with_me: Text | None = Field(None, description="Who is with them.")

    _ignored: tuple[str, ...] = PrivateAttr(())
    _spelled_id: str | None = PrivateAttr(None)

    @property
    def ignored(self) -> list[str]:
        """The members of which something could not be kept."""
        return list(self._ignored)

    def flag_id(self, sender: UUID, idempotency_key: str | None, now: datetime) -> UUID | None:
        """The id that was sent, or one that follows from what was sent instead: sent again, it is the same.

        None when nothing was. Where that is no id of an app's making, it lasts for an hour of the clock: an
        app that always sends the same must not have its owner's next cry taken for this one.
        """
        spelled = self._spelled_id or idempotency_key
        hour = now.astimezone(UTC).strftime("%Y-%m-%dT%H")
        return self.id or (uuid5(sender, f"{hour} {spelled}") if spelled else None)

    @model_validator(mode="wrap")
    @classmethod
    def _take_what_can_be_used(cls, sent: Any, read: ModelWrapValidatorHandler[Self]) -> Self:
        if not isinstance(sent, dict):
            return read(sent)
        shortened = {
            name: text[:LONGEST]
            for name in _WORDS
            if isinstance(text := sent.get(name), str) and len(text) > LONGEST
        }
        usable = {**sent, **shortened}
        ignored = set(shortened)
        try:
            body = read(usable)
        except ValidationError as unfit:
            ignored |= (unusable := {str(each["loc"][0]) for each in unfit.errors(include_input=False)})
            body = read({name: value for name, value in usable.items() if name not in unusable})
        body._ignored = tuple(sorted(ignored))
        if "id" in ignored and isinstance(spelled := sent["id"], str):
            body._spelled_id = spelled[:200]
        return body


class CrisisFlagReceipt(BaseModel):
    """A kept flag, for somebody whose sign-in has run out: nothing of the record goes along."""

    model_config = ConfigDict(json_schema_extra={"examples": [CRISIS_FLAG_RECEIPT]})

    id: UUID
    status: Status
    help: Help = Field(description="What happens now, and whom to call.")
    ignored: list[str] = Field(description="The members of which something could not be kept.")


class CrisisFlagReply(CrisisFlagReceipt):
    """A kept flag, and what it brought about."""

    model_config = ConfigDict(json_schema_extra={"examples": [CRISIS_FLAG_REPLY]})

    alert_id: UUID | None = Field(description="The alert that is open before this answers.")
    care_team_told: bool = Field(description="Whether somebody of the care team has that alert.")


class CrisisFlagStatus(BaseModel):
    """What a supporter sees of a flag that they raised."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [CRISIS_FLAG_STATUS]})

    id: UUID
    patient_id: UUID
    status: Status
    occurred_at: datetime
    received_at: datetime


class CrisisFlagRead(CrisisFlagStatus):
    """What a patient sees of a flag of their own."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [CRISIS_FLAG_READ]})

    local_date: date
    raised_by_kind: RaisedBy
    acknowledged_at: datetime | None
    resolved_at: datetime | None
    seen: str | None = Field(
        None,
        description="Who has seen it and when, in the patient's language and by their clock.",
        examples=["Your counselor has seen this at 14:02."],
    )


class CrisisFlagDetail(CrisisFlagRead):
    """A flag as the care team sees it."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [CRISIS_FLAG_DETAIL]})

    alert_id: UUID | None
    raised_by: UUID | None = Field(description="Nobody for a rule.")
    raised_by_name: str | None = Field(
        None, description="Also that of a supporter who was let go since. Nobody's for a rule."
    )
    raised_by_relation: str | None = Field(
        None, description="What a supporter is to the patient, in the patient's words."
    )
    rule: str | None = Field(description="The rule that raised it.")
    filed_at: datetime = Field(description="When it counts as lived.")
    recorded_at: datetime | None
    what: str | None
    where: str | None
    reach_me: str | None
    with_me: str | None
    token_expired: bool = Field(description="Raised with a sign-in that had run out.")
    acknowledged_by: UUID | None
    resolved_by: UUID | None
    outcome: str | None
    contact_attempts: list[ContactAttemptRead] | None = Field(
        None, description="Who tried to reach them, oldest first; not in lists."
    )
    follow_up: FollowUpRead | None = Field(
        None, description="When somebody is to speak with them again; not in lists."
    )

    @classmethod
    def of(cls, flag: CrisisFlag) -> Self:
        """The row; whatever goes along with it is put in by the caller."""
        row = {name: getattr(flag, name) for name in cls.model_fields if hasattr(flag, name)}
        words = {"where": flag.place, "reach_me": flag.reach, "with_me": flag.company}
        return cls.model_validate({**row, **words})


AnyCrisisFlag = CrisisFlagDetail | CrisisFlagRead | CrisisFlagStatus


class CrisisFlagPage(BaseModel):
    """Flags, newest first, as far as the reader sees of each."""

    model_config = ConfigDict(json_schema_extra={"examples": [CRISIS_FLAG_PAGE]})

    items: list[AnyCrisisFlag]
    next_cursor: str | None


def seen_sentence(
    flag: CrisisFlag, seen_by: SeenBy, locale: str, zone: ZoneInfo, now: datetime
) -> str | None:
    """Who has seen a flag, and when, by the clock of the patient; the day too, when it is not today's."""
    if flag.acknowledged_at is None:
        return None
    at = flag.acknowledged_at.astimezone(zone)
    if at.date() == now.astimezone(zone).date():
        return sentence(f"crisis.seen_by_{seen_by}", locale, time=f"{at:%H:%M}")
    day = format_date(at.date(), "MMM d" if locale == "en" else "d MMM", locale=locale)
    return sentence(f"crisis.seen_by_{seen_by}_on", locale, day=day, time=f"{at:%H:%M}")
