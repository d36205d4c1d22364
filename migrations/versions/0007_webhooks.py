"""Webhooks that go out: endpoints, deliveries, hand-offs; and the events of an alert are counted."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

APPEND_ONLY = ("webhook_attempt",)
MUTABLE = (
    "hand_off",
    "webhook_delivery",
    "webhook_endpoint",
)


def upgrade() -> None:
    """Apply. There is no way back: a later migration mends what this one got wrong."""
    _webhook_endpoint()
    _webhook_delivery()
    _webhook_attempt()
    _hand_off()
    _columns()
    _rights()


def _webhook_endpoint() -> None:
    op.create_table(
        "webhook_endpoint",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("event_types", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("program_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("secret_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous_secret", sa.LargeBinary(), nullable=True),
        sa.Column("previous_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_code", sa.String(), nullable=True),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tell_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("sending_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "disabled_code in ('by_hand', 'gone', 'failing')", name=op.f("ck_webhook_endpoint_disabled_code")
        ),
        sa.CheckConstraint("purpose in ('events', 'hand_off')", name=op.f("ck_webhook_endpoint_purpose")),
        sa.CheckConstraint(
            "status in ('enabled', 'disabled', 'deleted')", name=op.f("ck_webhook_endpoint_status")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.organization_id"],
            name=op.f("fk_webhook_endpoint_organization"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_webhook_endpoint")),
    )
    op.create_index(
        "ix_webhook_endpoint_tell",
        "webhook_endpoint",
        ["organization_id", "tell_at"],
        unique=False,
        postgresql_where=sa.text("tell_at is not null"),
    )
    op.create_index(
        "uq_webhook_endpoint_hand_off",
        "webhook_endpoint",
        ["organization_id"],
        unique=True,
        postgresql_where=sa.text("purpose = 'hand_off' and status <> 'deleted'"),
    )


def _webhook_delivery() -> None:
    op.create_table(
        "webhook_delivery",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=True),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'waiting') = (due_at is not null)", name=op.f("ck_webhook_delivery_due")
        ),
        sa.CheckConstraint(
            "status in ('waiting', 'delivered', 'parked')", name=op.f("ck_webhook_delivery_status")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "alert_id"],
            ["alert.organization_id", "alert.id"],
            name=op.f("fk_webhook_delivery_alert"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "endpoint_id"],
            ["webhook_endpoint.organization_id", "webhook_endpoint.id"],
            name=op.f("fk_webhook_delivery_webhook_endpoint"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_webhook_delivery")),
    )
    op.create_index(
        "ix_webhook_delivery_due",
        "webhook_delivery",
        ["organization_id", "endpoint_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_index(
        op.f("ix_webhook_delivery_organization_id_endpoint_id_created_at_id"),
        "webhook_delivery",
        ["organization_id", "endpoint_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_webhook_delivery_event",
        "webhook_delivery",
        ["organization_id", "endpoint_id", "position"],
        unique=True,
        postgresql_where=sa.text("position is not null"),
    )


def _webhook_attempt() -> None:
    op.create_table(
        "webhook_attempt",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered", sa.Boolean(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("answer", sa.Integer(), nullable=True),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "delivery_id"],
            ["webhook_delivery.organization_id", "webhook_delivery.id"],
            name=op.f("fk_webhook_attempt_webhook_delivery"),
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "delivery_id", "round", "number", name=op.f("pk_webhook_attempt")
        ),
    )


def _hand_off() -> None:
    op.create_table(
        "hand_off",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("page_id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("heeded", sa.Boolean(), nullable=True),
        sa.CheckConstraint("answer in ('acknowledged', 'declined')", name=op.f("ck_hand_off_answer")),
        sa.CheckConstraint("(answer is null) = (answered_at is null)", name=op.f("ck_hand_off_answered")),
        sa.CheckConstraint("(answer is null) = (heeded is null)", name=op.f("ck_hand_off_heeded")),
        sa.ForeignKeyConstraint(
            ["organization_id", "alert_id"],
            ["alert.organization_id", "alert.id"],
            name=op.f("fk_hand_off_alert"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "endpoint_id"],
            ["webhook_endpoint.organization_id", "webhook_endpoint.id"],
            name=op.f("fk_hand_off_webhook_endpoint"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "page_id"], ["page.organization_id", "page.id"], name=op.f("fk_hand_off_page")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patient.organization_id", "patient.id"],
            name=op.f("fk_hand_off_patient"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_hand_off")),
    )
    op.create_index(
        op.f("ix_hand_off_organization_id_alert_id_requested_at"),
        "hand_off",
        ["organization_id", "alert_id", "requested_at"],
        unique=False,
    )
    op.create_index("uq_hand_off_page", "hand_off", ["organization_id", "page_id"], unique=True)
    op.drop_constraint(op.f("ck_alert_entry_kind"), "alert_entry", type_="check")
    op.create_check_constraint(
        op.f("ck_alert_entry_kind"),
        "alert_entry",
        "kind in ('opened', 'repeated', 'reopened', 'acknowledged', 'resolved', 'assigned', 'noted',"
        " 'told', 'skipped', 'undelivered', 'ended', 'expired', 'snoozed', 'woken', 'restored', 'declined',"
        " 'answered_late', 'answered_in_vain')",
    )


def _columns() -> None:
    """Receivers of an alert's events put them in order by their number; those from before get theirs."""
    op.add_column("event", sa.Column("sequence", sa.Integer(), nullable=True))
    op.execute("alter table event no force row level security")
    op.execute(
        "update event e set sequence = n.sequence from (select organization_id, position, row_number() over"
        " (partition by organization_id, alert_id order by position) as sequence from event) n"
        " where n.organization_id = e.organization_id and n.position = e.position"
    )
    op.execute("alter table event force row level security")
    op.alter_column("event", "sequence", nullable=False)
    op.create_index("uq_event_sequence", "event", ["organization_id", "alert_id", "sequence"], unique=True)


def _rights() -> None:
    tenant = "organization_id = nullif(current_setting('app.organization_id', true), '')::uuid"
    for table in (*APPEND_ONLY, *MUTABLE):
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(f"create policy tenant on {table} using ({tenant}) with check ({tenant})")
        op.execute(f"grant select, insert on {table} to handrail_service")
    for table in MUTABLE:
        op.execute(f"grant update on {table} to handrail_service")
