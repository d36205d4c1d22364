"""Telehealth platforms as they travel: accounts, meetings, ids, who was there, and what they call with."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from app.models import TelehealthIntegration, TelehealthMeeting
from app.queries.telehealth_integrations import Bound
from app.queries.telehealth_presence import Present
from app.schemas.attendance import Away
from app.schemas.attendance_examples import MONDAY
from app.schemas.fields import Body, Line, Uuid7, Whole
from app.schemas.telehealth_examples import (
    EVENT,
    GIVEN_ID,
    INTEGRATION_BODY,
    INTEGRATION_MADE,
    INTEGRATION_READ,
    MEETING,
    PRESENT,
    ZOOM_BODY,
)

Platform = Literal["generic", "zoom"]
Id = Annotated[UUID, Field(strict=False)]
Secret = Annotated[
    str,
    StringConstraints(strict=True, min_length=16, max_length=200, pattern=r"^[!-~]+$"),
    Field(description="Zoom's secret token of the app. Kept sealed; no reply shows it."),
]
MeetingId = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, pattern=r"^[!-~]+$"),
    Field(description="As the platform calls it.", examples=["evening-group"]),
]


class TelehealthIntegrationBody(Body):
    """An account at a platform. `generic` signs by Standard Webhooks, with a secret that Handrail makes."""

    model_config = ConfigDict(json_schema_extra={"examples": [INTEGRATION_BODY, ZOOM_BODY]})

    id: Uuid7 | None = None
    platform: Platform
    name: Line
    secret: Secret | None = None


class TelehealthIntegrationChange(Body):
    """What is to change; the rest stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"enabled": False}]})

    name: Line | None = None
    enabled: bool | None = Field(None, description="No: calls of this account are refused.")


class TelehealthRotationBody(Body):
    """How long the old secret is still good; for Zoom, the new one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"overlap_hours": 24}]})

    overlap_hours: Annotated[Whole, Field(ge=0, le=168)] = Field(
        24, description="0: at once only the new one, as when the old one has leaked."
    )
    secret: Secret | None = None


class TelehealthIntegrationRead(BaseModel):
    """An account. Its secret was shown when it was made."""

    model_config = ConfigDict(json_schema_extra={"examples": [INTEGRATION_READ]})

    id: UUID
    platform: Platform
    name: str
    enabled: bool
    disabled_at: datetime | None
    previous_until: datetime | None = Field(description="Until when the secret before is good as well.")
    created_at: datetime
    created_by: UUID
    row_version: int = Field(description="What If-Match names.")

    @classmethod
    def of(cls, integration: TelehealthIntegration, **more: Any) -> Self:
        """As it is kept."""
        names = TelehealthIntegrationRead.model_fields.keys() - {"enabled"}
        same = {name: getattr(integration, name) for name in names}
        return cls.model_validate({**same, "enabled": integration.disabled_at is None, **more})


class TelehealthIntegrationMade(TelehealthIntegrationRead):
    """An account with the secret that was just made."""

    model_config = ConfigDict(json_schema_extra={"examples": [INTEGRATION_MADE]})

    secret: str | None = Field(
        description="Shown only here. Null when the same request comes again, and when the platform made it."
    )


class TelehealthIntegrationList(BaseModel):
    """The organization's accounts, the oldest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [INTEGRATION_READ]}]})

    items: list[TelehealthIntegrationRead]


class TelehealthMeetingBody(Body):
    """What a meeting is: one session, or, for a room that is used again, a series of them."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"session_id": MONDAY}]})

    session_id: Id | None = None
    session_series_id: Id | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.session_id is None) == (self.session_series_id is None):
            raise PydanticCustomError("not_one", "neither or both of a session and a series")
        return self

    def bound(self) -> Bound:
        """As it is kept."""
        return Bound(self.session_id, self.session_series_id)


class TelehealthMeetingRead(BaseModel):
    """What a meeting is."""

    model_config = ConfigDict(json_schema_extra={"examples": [MEETING]})

    meeting_id: str
    session_id: UUID | None
    session_series_id: UUID | None
    created_at: datetime

    @classmethod
    def of(cls, meeting: TelehealthMeeting) -> Self:
        """As it is kept."""
        return cls(
            meeting_id=meeting.meeting_id,
            session_id=meeting.treatment_session_id,
            session_series_id=meeting.session_series_id,
            created_at=meeting.created_at,
        )


class TelehealthMeetingList(BaseModel):
    """The meetings of an account that are known, by their ids."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [MEETING]}]})

    items: list[TelehealthMeetingRead]


class TelehealthGivenId(BaseModel):
    """By which id a platform is to know a patient. It says nothing of them."""

    model_config = ConfigDict(json_schema_extra={"examples": [GIVEN_ID]})

    patient_id: UUID
    participant_id: str = Field(description="32 characters: for Zoom, its `customer_key`.")


class TelehealthPresent(BaseModel):
    """Somebody who was in a session by a platform's account."""

    model_config = ConfigDict(json_schema_extra={"examples": [PRESENT]})

    id: UUID
    integration_id: UUID
    shown_name: str | None = Field(description="What they called themselves.")
    patient_id: UUID | None = Field(description="Null: nobody has said, or they are nobody's patient.")
    matched_at: datetime | None = Field(description="When somebody said who this is; null: nobody has.")
    arrived_at: datetime | None
    left_at: datetime | None
    minutes: int
    away: list[Away]

    @classmethod
    def of(cls, present: Present) -> Self:
        """As it was found."""
        participant, state = present
        return cls(
            id=participant.id,
            integration_id=participant.integration_id,
            shown_name=participant.shown_name,
            patient_id=participant.patient_id,
            matched_at=participant.matched_at,
            arrived_at=state.arrived_at,
            left_at=state.left_at,
            minutes=state.minutes,
            away=[Away(left_at=gone, back_at=back) for gone, back in state.away],
        )


class TelehealthPresentList(BaseModel):
    """Who was there, those first who came first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [PRESENT]}]})

    items: list[TelehealthPresent]


class TelehealthMatchBody(Body):
    """Which patient somebody is; null: they are nobody's patient, such as the counselor."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"patient_id": GIVEN_ID["patient_id"]}]})

    patient_id: Id | None


class TelehealthReceived(BaseModel):
    """What became of a call."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "kept"}]})

    status: Literal["kept", "known", "ignored"] = Field(
        description="`known`: it came before. `ignored`: an event that is none of Handrail's business."
    )


class ZoomUrlValidated(BaseModel):
    """That this server knows the secret: what Zoom asks for before it sends anything."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"plainToken": "qgg8vlvZRS6UYooatFL8Aw", "encryptedToken": "23a89b634c017e53" * 4}]
        }
    )

    plainToken: str  # noqa: N815 - Zoom's name
    encryptedToken: str  # noqa: N815 - Zoom's name


CALL: dict[str, Any] = {
    "parameters": [
        {"name": name, "in": "header", "required": False, "schema": {"type": "string", "maxLength": 2000}}
        for name in (
            "webhook-id", "webhook-timestamp", "webhook-signature", "x-zm-request-timestamp",
            "x-zm-signature",
        )
    ],
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object"}, "example": EVENT}},
    },
}  # fmt: skip
"""How the OpenAPI document describes a call: its body is read as bytes."""
