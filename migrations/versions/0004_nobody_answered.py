"""Nobody answered: ladders, on-call schedules, pages, leaves, and the timers that sweeps look at."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"

APPEND_ONLY = ("page_attempt",)
MUTABLE = (
    "escalation_policy", "gateway", "leave_of_absence", "on_call_override", "on_call_schedule", "page",
)  # fmt: skip
DELETABLE = ("contact_method", "gateway", "on_call_override")

# Who is told of alerts that opened before there were ladders: `ladders.DEFAULTS` as of this migration.
LADDERS = """
    update alert set ladder = case severity
      when 'critical' then '{"steps": [{"tell": "primary", "wait_minutes": 5},
        {"tell": "on_call", "wait_minutes": 5}, {"tell": "supervisor", "wait_minutes": 5}],
        "rounds": null, "hold_minutes": 15, "quiet_hours": false, "working_days": false, "digest": false}'
      when 'urgent' then '{"steps": [{"tell": "primary", "wait_minutes": 15},
        {"tell": "on_call", "wait_minutes": 15}, {"tell": "supervisor", "wait_minutes": 30}],
        "rounds": null, "hold_minutes": 60, "quiet_hours": false, "working_days": false, "digest": false}'
      when 'high' then '{"steps": [{"tell": "primary", "wait_minutes": 240},
        {"tell": "on_call", "wait_minutes": 240}, {"tell": "supervisor", "wait_minutes": 480}],
        "rounds": null, "hold_minutes": 1440, "quiet_hours": true, "working_days": false, "digest": false}'
      else '{"steps": [{"tell": "primary", "wait_minutes": 1440},
        {"tell": "supervisor", "wait_minutes": 1440}],
        "rounds": null, "hold_minutes": 4320, "quiet_hours": true, "working_days": true, "digest": true}'
    end::jsonb
"""


def upgrade() -> None:
    """Apply. There is no way back: a later migration mends what this one got wrong."""
    _tables()
    _columns()
    _timers()
    _rights()


def _tables() -> None:
    op.create_table(
        "pulse",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_pulse")),
    )
    op.create_table(
        "gateway",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("hint", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("channel in ('email', 'sms', 'crisis_service')", name=op.f("ck_gateway_channel")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.organization_id"], name=op.f("fk_gateway_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "channel", name=op.f("pk_gateway")),
    )
    op.create_table(
        "on_call_schedule",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("rotation", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.organization_id"],
            name=op.f("fk_on_call_schedule_organization"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_on_call_schedule")),
    )
    op.create_table(
        "contact_method",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("staff_member_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("severities", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("hint", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "channel in ('email', 'sms', 'chat', 'pager')", name=op.f("ck_contact_method_channel")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "staff_member_id"],
            ["staff_member.organization_id", "staff_member.id"],
            name=op.f("fk_contact_method_staff_member"),
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "staff_member_id", "channel", name=op.f("pk_contact_method")
        ),
    )
    op.create_table(
        "on_call_override",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("schedule_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_member_id", sa.Uuid(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_on_call_override_order")),
        sa.ForeignKeyConstraint(
            ["organization_id", "schedule_id"],
            ["on_call_schedule.organization_id", "on_call_schedule.id"],
            name=op.f("fk_on_call_override_on_call_schedule"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "staff_member_id"],
            ["staff_member.organization_id", "staff_member.id"],
            name=op.f("fk_on_call_override_staff_member"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_on_call_override")),
    )
    op.create_index(
        op.f("ix_on_call_override_organization_id_schedule_id_ends_at"),
        "on_call_override",
        ["organization_id", "schedule_id", "ends_at"],
        unique=False,
    )
    op.create_table(
        "escalation_policy",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("ladder", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "severity in ('critical', 'urgent', 'high', 'routine')",
            name=op.f("ck_escalation_policy_severity"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "program_id"],
            ["program.organization_id", "program.id"],
            name=op.f("fk_escalation_policy_program"),
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "program_id", "severity", name=op.f("pk_escalation_policy")
        ),
    )
    op.create_table(
        "leave_of_absence",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrollment_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_at >= starts_at", name=op.f("ck_leave_of_absence_order")),
        sa.ForeignKeyConstraint(
            ["organization_id", "enrollment_id"],
            ["enrollment.organization_id", "enrollment.id"],
            name=op.f("fk_leave_of_absence_enrollment"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patient.organization_id", "patient.id"],
            name=op.f("fk_leave_of_absence_patient"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_leave_of_absence")),
    )
    op.create_index(
        op.f("ix_leave_of_absence_organization_id_patient_id_starts_at"),
        "leave_of_absence",
        ["organization_id", "patient_id", "starts_at"],
        unique=False,
    )
    op.create_table(
        "page",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("tell", sa.String(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("digest", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "channel in ('email', 'sms', 'chat', 'pager', 'crisis_service')", name=op.f("ck_page_channel")
        ),
        sa.CheckConstraint("status in ('waiting', 'sent', 'failed', 'dropped')", name=op.f("ck_page_status")),
        sa.CheckConstraint(
            "tell in ('primary', 'on_call', 'supervisor', 'crisis_service')", name=op.f("ck_page_tell")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "alert_id"], ["alert.organization_id", "alert.id"], name=op.f("fk_page_alert")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_page")),
        sa.UniqueConstraint(
            "organization_id", "alert_id", "cycle", "step", "recipient_id", "channel", name="uq_page_intent"
        ),
    )
    op.create_index(
        "ix_page_look",
        "page",
        ["organization_id", "look_at"],
        unique=False,
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_index(
        op.f("ix_page_organization_id_recipient_id_due_at"),
        "page",
        ["organization_id", "recipient_id", "due_at"],
        unique=False,
    )
    op.create_table(
        "page_attempt",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("page_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered", sa.Boolean(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "page_id"],
            ["page.organization_id", "page.id"],
            name=op.f("fk_page_attempt_page"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "page_id", "number", name=op.f("pk_page_attempt")),
    )


def _columns() -> None:
    op.add_column(
        "alert",
        sa.Column("ladder", postgresql.JSONB(), nullable=False, server_default=sa.text("'{}'::jsonb")),
    )
    op.add_column("alert", sa.Column("cycle", sa.Integer(), nullable=False, server_default=sa.text("1")))
    op.add_column("alert", sa.Column("step", sa.Integer(), nullable=False, server_default=sa.text("0")))
    for column in ("ladder", "cycle", "step"):
        op.alter_column("alert", column, server_default=None)
    op.add_column("alert", sa.Column("timer_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("alert", sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_alert_timer",
        "alert",
        ["organization_id", "timer_at"],
        unique=False,
        postgresql_where=sa.text("timer_at is not null"),
    )
    op.add_column("alert_entry", sa.Column("cycle", sa.Integer(), nullable=True))
    op.add_column("alert_entry", sa.Column("step", sa.Integer(), nullable=True))
    op.add_column("alert_entry", sa.Column("tell", sa.String(), nullable=True))
    op.add_column("alert_entry", sa.Column("until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("enrollment", sa.Column("absence_due_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_enrollment_absence_due",
        "enrollment",
        ["organization_id", "absence_due_at"],
        unique=False,
        postgresql_where=sa.text("absence_due_at is not null"),
    )
    op.add_column(
        "program",
        sa.Column(
            "calendar",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
    )
    op.add_column(
        "program",
        sa.Column(
            "cadence",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
    )
    op.add_column("program", sa.Column("on_call_schedule_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_program_on_call_schedule"),
        "program",
        "on_call_schedule",
        ["organization_id", "on_call_schedule_id"],
        ["organization_id", "id"],
    )
    for table in ("check_in", "assessment"):
        op.create_index(
            op.f(f"ix_{table}_organization_id_received_at"), table, ["organization_id", "received_at"]
        )
    op.drop_constraint("ck_alert_entry_kind", "alert_entry")
    op.create_check_constraint(
        op.f("ck_alert_entry_kind"),
        "alert_entry",
        "kind in ('opened', 'repeated', 'reopened', 'acknowledged', 'resolved', 'assigned', 'noted',"
        " 'told', 'skipped', 'undelivered', 'ended', 'expired', 'snoozed', 'woken', 'restored')",
    )


def _timers() -> None:
    """What was unresolved before is told at the next sweep; running stays are looked at then, too."""
    for table in ("alert", "enrollment"):  # else the owner's own update sees no row
        op.execute(f"alter table {table} no force row level security")
    op.execute(LADDERS)
    op.execute("update alert set timer_at = now() where status = 'open'")
    op.execute("update alert set timer_at = now() + interval '1 hour' where status = 'acknowledged'")
    op.execute("update enrollment set absence_due_at = now() where status in ('active', 'on_leave')")
    op.execute(
        "insert into leave_of_absence (organization_id, id, enrollment_id, patient_id, starts_at, created_at)"
        " select organization_id, gen_random_uuid(), id, patient_id, now(), now() from enrollment"
        " where status = 'on_leave'"
    )
    for table in ("alert", "enrollment"):
        op.execute(f"alter table {table} force row level security")


def _rights() -> None:
    tenant = "organization_id = nullif(current_setting('app.organization_id', true), '')::uuid"
    for table in sorted({*APPEND_ONLY, *MUTABLE, *DELETABLE}):
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(f"create policy tenant on {table} using ({tenant}) with check ({tenant})")
        op.execute(f"grant select, insert on {table} to handrail_service")
    for table in sorted({*MUTABLE, *DELETABLE}):
        op.execute(f"grant update on {table} to handrail_service")
    for table in DELETABLE:
        op.execute(f"grant delete on {table} to handrail_service")
    op.execute("grant select, insert, update on pulse to handrail_service")
