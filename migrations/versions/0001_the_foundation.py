"""The tables of check-ins, assessments, alerts, people, sign-in and audit."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Apply. There is no way back: a later migration mends what this one got wrong."""
    op.create_table(
        "audit_entry",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=True),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("patient_ids", postgresql.ARRAY(sa.Uuid()), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("request_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_audit_entry")),
    )
    op.create_index(
        "ix_audit_entry_patient",
        "audit_entry",
        ["organization_id", "patient_id", "at"],
        unique=False,
        postgresql_where=sa.text("patient_id is not null"),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("caller_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("reply", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "caller_id", "key", name=op.f("pk_idempotency_key")),
    )
    op.create_index(
        op.f("ix_idempotency_key_organization_id_created_at"),
        "idempotency_key",
        ["organization_id", "created_at"],
        unique=False,
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("subject_hash", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("subject_hash", name=op.f("pk_sign_in_attempt")),
    )
    op.create_table(
        "sign_in_name",
        sa.Column("name_hash", sa.LargeBinary(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("name_hash", name=op.f("pk_sign_in_name")),
    )
    op.create_table(
        "tenant",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_tenant")),
    )
    op.create_table(
        "organization",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column(
            "crisis_lines",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["tenant.organization_id"], name=op.f("fk_organization_tenant")
        ),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_organization")),
    )
    op.create_table(
        "feed_head",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("access_version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.organization_id"], name=op.f("fk_feed_head_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_feed_head")),
    )
    op.create_table(
        "patient",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("given_name", sa.String(), nullable=False),
        sa.Column("family_name", sa.String(), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("sex", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("sex in ('female', 'male')", name=op.f("ck_patient_sex")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.organization_id"], name=op.f("fk_patient_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_patient")),
    )
    op.create_table(
        "program",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("level_of_care", sa.String(), nullable=False),
        sa.Column("population", sa.String(), nullable=False),
        sa.Column("minimum_weekly_hours", sa.Numeric(precision=4, scale=1), nullable=False),
        sa.Column("maximum_weekly_hours", sa.Numeric(precision=4, scale=1), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("week_starts_on", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "questions",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.Column(
            "sentences",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("rule_set_version", sa.Integer(), nullable=False),
        sa.Column("lookback_days", sa.Integer(), nullable=False),
        sa.Column("lookback_latest", sa.Integer(), nullable=False),
        sa.Column("mixes_sources", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("population in ('adults', 'adolescents')", name=op.f("ck_program_population")),
        sa.CheckConstraint("minimum_weekly_hours <= maximum_weekly_hours", name=op.f("ck_program_hours")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.organization_id"], name=op.f("fk_program_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_program")),
    )
    op.create_table(
        "staff_member",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "role in ('counselor', 'supervisor', 'administrator', 'auditor')",
            name=op.f("ck_staff_member_role"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.organization_id"], name=op.f("fk_staff_member_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_staff_member")),
    )
    op.create_table(
        "alert",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=True),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("rule_set_version", sa.Integer(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("floor", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("occurrences", sa.Integer(), nullable=False),
        sa.Column("last_found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Uuid(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.CheckConstraint(
            "severity in ('critical', 'urgent', 'high', 'routine')", name=op.f("ck_alert_severity")
        ),
        sa.CheckConstraint("status in ('open', 'acknowledged', 'resolved')", name=op.f("ck_alert_status")),
        sa.ForeignKeyConstraint(
            ["organization_id", "assignee_id"],
            ["staff_member.organization_id", "staff_member.id"],
            name="fk_alert_assignee",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patient.organization_id", "patient.id"],
            name=op.f("fk_alert_patient"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "program_id"],
            ["program.organization_id", "program.id"],
            name=op.f("fk_alert_program"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_alert")),
    )
    op.create_index(
        "ix_alert_due",
        "alert",
        ["organization_id", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("status <> 'resolved'"),
    )
    op.create_index(
        op.f("ix_alert_organization_id_patient_id_opened_at"),
        "alert",
        ["organization_id", "patient_id", "opened_at"],
        unique=False,
    )
    op.create_index(
        "ix_alert_resolved",
        "alert",
        ["organization_id", "resolved_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'resolved'"),
    )
    op.create_index(
        "uq_alert_unresolved",
        "alert",
        ["organization_id", "patient_id", "rule"],
        unique=True,
        postgresql_where=sa.text("status <> 'resolved'"),
    )
    op.create_table(
        "assessment",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("instrument", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("score", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("revision", sa.Integer(), server_default=sa.text("0"), autoincrement=False, nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=True),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patient.organization_id", "patient.id"],
            name=op.f("fk_assessment_patient"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "program_id"],
            ["program.organization_id", "program.id"],
            name=op.f("fk_assessment_program"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", "revision", name=op.f("pk_assessment")),
    )
    op.create_index(
        op.f("ix_assessment_organization_id_patient_id_instrument_filed_at"),
        "assessment",
        ["organization_id", "patient_id", "instrument", "filed_at"],
        unique=False,
    )
    op.create_table(
        "care_team_member",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("staff_member_id", sa.Uuid(), nullable=False),
        sa.Column("function", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "function in ('primary_counselor', 'therapist', 'prescriber', 'case_manager', 'peer_supporter')",
            name=op.f("ck_care_team_member_function"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patient.organization_id", "patient.id"],
            name=op.f("fk_care_team_member_patient"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "staff_member_id"],
            ["staff_member.organization_id", "staff_member.id"],
            name=op.f("fk_care_team_member_staff_member"),
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "patient_id", "staff_member_id", name=op.f("pk_care_team_member")
        ),
    )
    op.create_index(
        op.f("ix_care_team_member_organization_id_staff_member_id"),
        "care_team_member",
        ["organization_id", "staff_member_id"],
        unique=False,
    )
    op.create_index(
        "uq_care_team_member_primary",
        "care_team_member",
        ["organization_id", "patient_id"],
        unique=True,
        postgresql_where=sa.text("function = 'primary_counselor'"),
    )
    op.create_table(
        "check_in",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("revision", sa.Integer(), server_default=sa.text("0"), autoincrement=False, nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=True),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patient.organization_id", "patient.id"],
            name=op.f("fk_check_in_patient"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "program_id"],
            ["program.organization_id", "program.id"],
            name=op.f("fk_check_in_program"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", "revision", name=op.f("pk_check_in")),
    )
    op.create_index(
        op.f("ix_check_in_organization_id_patient_id_filed_at"),
        "check_in",
        ["organization_id", "patient_id", "filed_at"],
        unique=False,
    )
    op.create_table(
        "credential",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("staff_member_id", sa.Uuid(), nullable=True),
        sa.Column("client_name", sa.String(), nullable=True),
        sa.Column("scope", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "num_nonnulls(patient_id, staff_member_id, client_name) = 1",
            name=op.f("ck_credential_belongs_to_one"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patient.organization_id", "patient.id"],
            name=op.f("fk_credential_patient"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "staff_member_id"],
            ["staff_member.organization_id", "staff_member.id"],
            name=op.f("fk_credential_staff_member"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.organization_id"], name=op.f("fk_credential_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_credential")),
    )
    op.create_index(
        "uq_credential_patient",
        "credential",
        ["organization_id", "patient_id"],
        unique=True,
        postgresql_where=sa.text("patient_id is not null"),
    )
    op.create_index(
        "uq_credential_staff_member",
        "credential",
        ["organization_id", "staff_member_id"],
        unique=True,
        postgresql_where=sa.text("staff_member_id is not null"),
    )
    op.create_table(
        "enrollment",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status in ('active', 'on_leave', 'completed', 'discharged')", name=op.f("ck_enrollment_status")
        ),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_enrollment_order")),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patient.organization_id", "patient.id"],
            name=op.f("fk_enrollment_patient"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "program_id"],
            ["program.organization_id", "program.id"],
            name=op.f("fk_enrollment_program"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_enrollment")),
    )
    op.create_index(
        op.f("ix_enrollment_organization_id_patient_id_program_id"),
        "enrollment",
        ["organization_id", "patient_id", "program_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_enrollment_organization_id_program_id_patient_id"),
        "enrollment",
        ["organization_id", "program_id", "patient_id"],
        unique=False,
    )
    op.create_index(
        "uq_enrollment_running",
        "enrollment",
        ["organization_id", "patient_id"],
        unique=True,
        postgresql_where=sa.text("status in ('active', 'on_leave')"),
    )
    op.create_table(
        "invitation",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("staff_member_id", sa.Uuid(), nullable=True),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "num_nonnulls(patient_id, staff_member_id) = 1", name=op.f("ck_invitation_for_one")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patient.organization_id", "patient.id"],
            name=op.f("fk_invitation_patient"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "staff_member_id"],
            ["staff_member.organization_id", "staff_member.id"],
            name=op.f("fk_invitation_staff_member"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_invitation")),
    )
    op.create_table(
        "program_staff",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("staff_member_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "program_id"],
            ["program.organization_id", "program.id"],
            name=op.f("fk_program_staff_program"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "staff_member_id"],
            ["staff_member.organization_id", "staff_member.id"],
            name=op.f("fk_program_staff_staff_member"),
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "program_id", "staff_member_id", name=op.f("pk_program_staff")
        ),
    )
    op.create_index(
        op.f("ix_program_staff_organization_id_staff_member_id"),
        "program_staff",
        ["organization_id", "staff_member_id"],
        unique=False,
    )
    op.create_table(
        "rule_set",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "author_id"],
            ["staff_member.organization_id", "staff_member.id"],
            name=op.f("fk_rule_set_staff_member"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "program_id"],
            ["program.organization_id", "program.id"],
            name=op.f("fk_rule_set_program"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "program_id", "version", name=op.f("pk_rule_set")),
    )
    op.create_table(
        "alert_entry",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=True),
        sa.CheckConstraint(
            "kind in ('opened', 'repeated', 'reopened', 'acknowledged', 'resolved', 'assigned', 'noted')",
            name=op.f("ck_alert_entry_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "alert_id"],
            ["alert.organization_id", "alert.id"],
            name=op.f("fk_alert_entry_alert"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_alert_entry")),
    )
    op.create_index(
        op.f("ix_alert_entry_organization_id_alert_id_id"),
        "alert_entry",
        ["organization_id", "alert_id", "id"],
        unique=False,
    )
    op.create_table(
        "alert_occurrence",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("rule_set_version", sa.Integer(), nullable=False),
        sa.Column("definition", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.Column("source_kind", sa.String(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("source_revision", sa.Integer(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "alert_id"],
            ["alert.organization_id", "alert.id"],
            name=op.f("fk_alert_occurrence_alert"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "alert_id", "number", name=op.f("pk_alert_occurrence")),
    )
    op.create_index(
        "uq_alert_occurrence_source",
        "alert_occurrence",
        ["organization_id", "source_id", "source_kind", "source_revision", "rule"],
        unique=True,
    )
    op.create_table(
        "device",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "credential_id"],
            ["credential.organization_id", "credential.id"],
            name=op.f("fk_device_credential"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_device")),
    )
    op.create_index(
        op.f("ix_device_organization_id_credential_id"),
        "device",
        ["organization_id", "credential_id"],
        unique=False,
    )
    op.create_table(
        "event",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "alert_id"],
            ["alert.organization_id", "alert.id"],
            name=op.f("fk_event_alert"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "position", name=op.f("pk_event")),
    )
    op.create_table(
        "refresh_token",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaced_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "device_id"],
            ["device.organization_id", "device.id"],
            name=op.f("fk_refresh_token_device"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_refresh_token")),
    )
    op.create_index(
        "ix_refresh_token_expiry",
        "refresh_token",
        ["organization_id", "expires_at"],
        unique=False,
        postgresql_where=sa.text("used_at is null"),
    )
    op.create_index(
        op.f("ix_refresh_token_organization_id_device_id"),
        "refresh_token",
        ["organization_id", "device_id"],
        unique=False,
    )
