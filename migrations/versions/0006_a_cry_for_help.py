"""Somebody may be in danger: crisis flags, what follows them, safety plans, and supporters."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"

APPEND_ONLY = (
    "contact_attempt",
    "safety_plan",
)
MUTABLE = (
    "crisis_flag",
    "follow_up",
    "supporter",
)


def upgrade() -> None:
    """Apply. There is no way back: a later migration mends what this one got wrong."""
    _supporter()
    _safety_plan()
    _crisis_flag()
    _contact_attempt()
    _follow_up()
    _columns()
    _rights()


def _supporter() -> None:
    op.create_table(
        "supporter",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("shares", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("shares <@ array['safety_plan']::varchar[]", name=op.f("ck_supporter_shares")),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patient.organization_id", "patient.id"],
            name=op.f("fk_supporter_patient"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_supporter")),
    )
    op.create_index(
        op.f("ix_supporter_organization_id_patient_id"),
        "supporter",
        ["organization_id", "patient_id"],
        unique=False,
    )


def _safety_plan() -> None:
    op.create_table(
        "safety_plan",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("steps", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("written_by_kind", sa.String(), nullable=False),
        sa.CheckConstraint(
            "written_by_kind in ('patient', 'staff')", name=op.f("ck_safety_plan_written_by_kind")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patient.organization_id", "patient.id"],
            name=op.f("fk_safety_plan_patient"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "patient_id", "version", name=op.f("pk_safety_plan")),
    )


def _crisis_flag() -> None:
    op.create_table(
        "crisis_flag",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=True),
        sa.Column("alert_id", sa.Uuid(), nullable=True),
        sa.Column("raised_by_kind", sa.String(), nullable=False),
        sa.Column("raised_by", sa.Uuid(), nullable=True),
        sa.Column("rule", sa.String(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.String(), nullable=True),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("reach", sa.String(), nullable=True),
        sa.Column("company", sa.String(), nullable=True),
        sa.Column("token_expired", sa.Boolean(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Uuid(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(raised_by_kind = 'rule') = (rule is not null)", name=op.f("ck_crisis_flag_rule")
        ),
        sa.CheckConstraint(
            "raised_by_kind in ('patient', 'supporter', 'staff', 'rule')",
            name=op.f("ck_crisis_flag_raised_by_kind"),
        ),
        sa.CheckConstraint(
            "status in ('open', 'acknowledged', 'resolved')", name=op.f("ck_crisis_flag_status")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "alert_id"],
            ["alert.organization_id", "alert.id"],
            name=op.f("fk_crisis_flag_alert"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patient.organization_id", "patient.id"],
            name=op.f("fk_crisis_flag_patient"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "program_id"],
            ["program.organization_id", "program.id"],
            name=op.f("fk_crisis_flag_program"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_crisis_flag")),
    )
    op.create_index(
        "ix_crisis_flag_alert",
        "crisis_flag",
        ["organization_id", "alert_id"],
        unique=False,
        postgresql_where=sa.text("status <> 'resolved'"),
    )
    op.create_index(
        op.f("ix_crisis_flag_organization_id_patient_id_filed_at_id"),
        "crisis_flag",
        ["organization_id", "patient_id", "filed_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_crisis_flag_organization_id_received_at_id"),
        "crisis_flag",
        ["organization_id", "received_at", "id"],
        unique=False,
    )


def _contact_attempt() -> None:
    op.create_table(
        "contact_attempt",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("crisis_flag_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("staff_member_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "outcome in ('reached', 'left_message', 'no_answer', 'wrong_number')",
            name=op.f("ck_contact_attempt_outcome"),
        ),
        sa.CheckConstraint(
            "way in ('call', 'text', 'video', 'in_person', 'supporter', 'welfare_check')",
            name=op.f("ck_contact_attempt_way"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "crisis_flag_id"],
            ["crisis_flag.organization_id", "crisis_flag.id"],
            name=op.f("fk_contact_attempt_crisis_flag"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patient.organization_id", "patient.id"],
            name=op.f("fk_contact_attempt_patient"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "staff_member_id"],
            ["staff_member.organization_id", "staff_member.id"],
            name=op.f("fk_contact_attempt_staff_member"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_contact_attempt")),
    )
    op.create_index(
        op.f("ix_contact_attempt_organization_id_crisis_flag_id_at"),
        "contact_attempt",
        ["organization_id", "crisis_flag_id", "at"],
        unique=False,
    )


def _follow_up() -> None:
    op.create_table(
        "follow_up",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=True),
        sa.Column("crisis_flag_id", sa.Uuid(), nullable=False),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("due_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overdue_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overdue_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(status = 'done') = (done_at is not null)", name=op.f("ck_follow_up_done")),
        sa.CheckConstraint("(overdue_at is null) = (overdue_on is null)", name=op.f("ck_follow_up_overdue")),
        sa.CheckConstraint("status in ('due', 'done')", name=op.f("ck_follow_up_status")),
        sa.CheckConstraint("due_from < due_by", name=op.f("ck_follow_up_order")),
        sa.ForeignKeyConstraint(
            ["organization_id", "assignee_id"],
            ["staff_member.organization_id", "staff_member.id"],
            name="fk_follow_up_assignee",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "crisis_flag_id"],
            ["crisis_flag.organization_id", "crisis_flag.id"],
            name=op.f("fk_follow_up_crisis_flag"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patient.organization_id", "patient.id"],
            name=op.f("fk_follow_up_patient"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "program_id"],
            ["program.organization_id", "program.id"],
            name=op.f("fk_follow_up_program"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_follow_up")),
    )
    op.create_index(
        "ix_follow_up_due",
        "follow_up",
        ["organization_id", "due_by", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'due'"),
    )
    op.create_index(
        "ix_follow_up_look",
        "follow_up",
        ["organization_id", "look_at"],
        unique=False,
        postgresql_where=sa.text("look_at is not null"),
    )
    op.create_index(
        "ix_follow_up_overdue",
        "follow_up",
        ["organization_id", "overdue_at", "id"],
        unique=False,
        postgresql_where=sa.text("overdue_at is not null"),
    )
    op.create_index(
        op.f("ix_follow_up_organization_id_patient_id_due_by"),
        "follow_up",
        ["organization_id", "patient_id", "due_by"],
        unique=False,
    )


def _columns() -> None:
    """A supporter signs in as others do, with a code that the patient hands them. Whom to call is changed by
    one at a time."""
    op.add_column(
        "organization",
        sa.Column("crisis_lines_version", sa.Integer(), server_default=sa.text("1"), nullable=False),
    )
    for table, check, owners in (
        ("invitation", "for_one", "patient_id, staff_member_id, supporter_id"),
        ("credential", "belongs_to_one", "patient_id, staff_member_id, supporter_id, client_name"),
    ):
        op.add_column(table, sa.Column("supporter_id", sa.Uuid(), nullable=True))
        op.create_foreign_key(
            op.f(f"fk_{table}_supporter"),
            table,
            "supporter",
            ["organization_id", "supporter_id"],
            ["organization_id", "id"],
        )
        op.drop_constraint(op.f(f"ck_{table}_{check}"), table)
        op.create_check_constraint(op.f(f"ck_{table}_{check}"), table, f"num_nonnulls({owners}) = 1")
    op.create_index(
        "uq_credential_supporter",
        "credential",
        ["organization_id", "supporter_id"],
        unique=True,
        postgresql_where=sa.text("supporter_id is not null"),
    )


def _rights() -> None:
    tenant = "organization_id = nullif(current_setting('app.organization_id', true), '')::uuid"
    for table in (*APPEND_ONLY, *MUTABLE):
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(f"create policy tenant on {table} using ({tenant}) with check ({tenant})")
        op.execute(f"grant select, insert on {table} to handrail_service")
    for table in MUTABLE:
        op.execute(f"grant update on {table} to handrail_service")
