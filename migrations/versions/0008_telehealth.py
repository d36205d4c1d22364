"""Telehealth platforms that tell who came."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"

MUTABLE = (
    "telehealth_event",
    "telehealth_integration",
    "telehealth_meeting",
    "telehealth_participant",
)


def upgrade() -> None:
    """Apply. There is no way back: a later migration mends what this one got wrong."""
    _telehealth_integration()
    _telehealth_meeting()
    _telehealth_participant()
    _telehealth_event()
    _away()
    _rights()


def _telehealth_integration() -> None:
    op.create_table(
        "telehealth_integration",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("previous_secret", sa.LargeBinary(), nullable=True),
        sa.Column("previous_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "platform in ('generic', 'zoom')", name=op.f("ck_telehealth_integration_platform")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.organization_id"],
            name=op.f("fk_telehealth_integration_organization"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_telehealth_integration")),
    )


def _telehealth_meeting() -> None:
    op.create_table(
        "telehealth_meeting",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("integration_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.String(), nullable=False),
        sa.Column("treatment_session_id", sa.Uuid(), nullable=True),
        sa.Column("session_series_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(treatment_session_id, session_series_id) = 1",
            name=op.f("ck_telehealth_meeting_of_one"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "integration_id"],
            ["telehealth_integration.organization_id", "telehealth_integration.id"],
            name=op.f("fk_telehealth_meeting_telehealth_integration"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "session_series_id"],
            ["session_series.organization_id", "session_series.id"],
            name=op.f("fk_telehealth_meeting_session_series"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "treatment_session_id"],
            ["treatment_session.organization_id", "treatment_session.id"],
            name=op.f("fk_telehealth_meeting_treatment_session"),
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "integration_id", "meeting_id", name=op.f("pk_telehealth_meeting")
        ),
    )
    for column in ("treatment_session_id", "session_series_id"):
        op.create_index(
            op.f(f"ix_telehealth_meeting_organization_id_{column}"),
            "telehealth_meeting",
            ["organization_id", column],
            unique=False,
        )


def _telehealth_participant() -> None:
    op.create_table(
        "telehealth_participant",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("integration_id", sa.Uuid(), nullable=False),
        sa.Column("participant_key", sa.String(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("shown_name", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("matched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("matched_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "integration_id"],
            ["telehealth_integration.organization_id", "telehealth_integration.id"],
            name=op.f("fk_telehealth_participant_telehealth_integration"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patient.organization_id", "patient.id"],
            name=op.f("fk_telehealth_participant_patient"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_telehealth_participant")),
    )
    op.create_index(
        op.f("ix_telehealth_participant_organization_id_patient_id"),
        "telehealth_participant",
        ["organization_id", "patient_id"],
        unique=False,
    )
    op.create_index(
        "uq_telehealth_participant",
        "telehealth_participant",
        ["organization_id", "integration_id", "participant_key"],
        unique=True,
    )
    op.create_index(
        "uq_telehealth_participant_given",
        "telehealth_participant",
        ["organization_id", "integration_id", "patient_id"],
        unique=True,
        postgresql_where=sa.text("given"),
    )


def _telehealth_event() -> None:
    op.create_table(
        "telehealth_event",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("integration_id", sa.Uuid(), nullable=False),
        sa.Column("event_key", sa.String(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("call_hashes", sa.ARRAY(sa.LargeBinary()), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("meeting_id", sa.String(), nullable=True),
        sa.Column("participant_id", sa.Uuid(), nullable=True),
        sa.Column("connection_key", sa.String(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind in ('started', 'ended', 'joined', 'left', 'no_show', 'url_validated')",
            name=op.f("ck_telehealth_event_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "integration_id"],
            ["telehealth_integration.organization_id", "telehealth_integration.id"],
            name=op.f("fk_telehealth_event_telehealth_integration"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "participant_id"],
            ["telehealth_participant.organization_id", "telehealth_participant.id"],
            name=op.f("fk_telehealth_event_telehealth_participant"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_telehealth_event")),
    )
    op.create_index(
        "ix_telehealth_event_look",
        "telehealth_event",
        ["organization_id", "look_at"],
        unique=False,
        postgresql_where=sa.text("look_at is not null"),
    )
    op.create_index(
        op.f("ix_telehealth_event_organization_id_integration_id_meeting_id_occurred_at"),
        "telehealth_event",
        ["organization_id", "integration_id", "meeting_id", "occurred_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_telehealth_event_organization_id_participant_id_occurred_at"),
        "telehealth_event",
        ["organization_id", "participant_id", "occurred_at"],
        unique=False,
    )
    op.create_index(
        "uq_telehealth_event",
        "telehealth_event",
        ["organization_id", "integration_id", "event_key"],
        unique=True,
    )


def _away() -> None:
    """Of somebody who was gone for a while there are several times in one session."""
    for table in ("attendance", "attendance_entry"):
        nothing = sa.text("'[]'::jsonb")
        op.add_column(table, sa.Column("away", postgresql.JSONB(), server_default=nothing, nullable=False))


def _rights() -> None:
    tenant = "organization_id = nullif(current_setting('app.organization_id', true), '')::uuid"
    for table in MUTABLE:
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(f"create policy tenant on {table} using ({tenant}) with check ({tenant})")
        op.execute(f"grant select, insert on {table} to handrail_service")
    for table in MUTABLE:
        op.execute(f"grant update on {table} to handrail_service")
