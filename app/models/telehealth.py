"""Telehealth platforms that tell who came to a session: what they said, and about whom."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.tables import Identified, Table, Tenanted, refers, rooted


class TelehealthIntegration(Identified, Table):
    """One account at a platform that sends us signed events. The secrets are sealed."""

    __tablename__ = "telehealth_integration"
    __table_args__ = (
        rooted(),
        CheckConstraint("platform in ('generic', 'zoom')", name="platform"),
    )

    platform: Mapped[str]
    name: Mapped[str]
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    previous_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    previous_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID]
    disabled_at: Mapped[datetime | None]
    row_version: Mapped[int]


class TelehealthMeeting(Tenanted, Table):
    """Which session, or series of sessions, a platform's meeting is."""

    __tablename__ = "telehealth_meeting"
    __table_args__ = (
        refers("integration_id", "telehealth_integration"),
        refers("treatment_session_id", "treatment_session"),
        refers("session_series_id", "session_series"),
        CheckConstraint("num_nonnulls(treatment_session_id, session_series_id) = 1", name="of_one"),
        Index(None, "organization_id", "treatment_session_id"),
        Index(None, "organization_id", "session_series_id"),
    )

    integration_id: Mapped[UUID] = mapped_column(primary_key=True)
    meeting_id: Mapped[str] = mapped_column(primary_key=True)
    treatment_session_id: Mapped[UUID | None]
    session_series_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID]


class TelehealthParticipant(Identified, Table):
    """Somebody as a platform knows them: the id that we gave it for a patient, or one of its own.

    Without `matched_at` nobody has said yet who this is; with it and without `patient_id` it is nobody's
    patient. `shown_name` is what they called themselves there.
    """

    __tablename__ = "telehealth_participant"
    __table_args__ = (
        refers("integration_id", "telehealth_integration"),
        refers("patient_id", "patient"),
        Index(
            "uq_telehealth_participant", "organization_id", "integration_id", "participant_key", unique=True
        ),
        Index(
            "uq_telehealth_participant_given",
            "organization_id",
            "integration_id",
            "patient_id",
            unique=True,
            postgresql_where=text("given"),
        ),
        Index(None, "organization_id", "patient_id"),
    )

    integration_id: Mapped[UUID]
    participant_key: Mapped[str]
    patient_id: Mapped[UUID | None]
    given: Mapped[bool]
    shown_name: Mapped[str | None]
    created_at: Mapped[datetime]
    matched_at: Mapped[datetime | None]
    matched_by: Mapped[UUID | None]


class TelehealthEvent(Identified, Table):
    """One event of a platform, kept once. Which sessions it is of, its meeting and its time say.

    `event_key` is the sender's id of it, or a hash of its body where there is none. `content_hash` tells the
    same event from another under its id, `call_hashes` a call that came before from the sender's own repeat
    of it. `connection_key` is one connection of a participant, if the platform tells them apart. `look_at` is
    when a sweep must see to it; nothing once it was applied.
    """

    __tablename__ = "telehealth_event"
    __table_args__ = (
        refers("integration_id", "telehealth_integration"),
        refers("participant_id", "telehealth_participant"),
        CheckConstraint(
            "kind in ('started', 'ended', 'joined', 'left', 'no_show', 'url_validated')", name="kind"
        ),
        Index("uq_telehealth_event", "organization_id", "integration_id", "event_key", unique=True),
        Index(
            "ix_telehealth_event_look",
            "organization_id",
            "look_at",
            postgresql_where=text("look_at is not null"),
        ),
        Index(None, "organization_id", "participant_id", "occurred_at"),
        Index(None, "organization_id", "integration_id", "meeting_id", "occurred_at"),
    )

    integration_id: Mapped[UUID]
    event_key: Mapped[str]
    content_hash: Mapped[bytes] = mapped_column(LargeBinary)
    call_hashes: Mapped[list[bytes]] = mapped_column(ARRAY(LargeBinary))
    kind: Mapped[str]
    meeting_id: Mapped[str | None]
    participant_id: Mapped[UUID | None]
    connection_key: Mapped[str | None]
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
    look_at: Mapped[datetime | None]
