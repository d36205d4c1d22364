"""Goals, sessions, attendance and hours: what is agreed, and whether the treatment takes place."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"

APPEND_ONLY = (
    "attendance_entry", "goal_review", "goal_signature", "goal_standing", "hours_standing", "payer_rule",
)  # fmt: skip
MUTABLE = (
    "attendance", "calendar_feed", "goal", "goal_progress", "goal_version", "series_place", "session_series",
    "treatment_session",
)  # fmt: skip
DELETABLE = ("goal_signature",)


def upgrade() -> None:
    """Apply. There is no way back: a later migration mends what this one got wrong."""
    _payer_rule()
    _calendar_feed()
    _goal()
    _session_series()
    _goal_progress()
    _goal_review()
    _goal_signature()
    _goal_standing()
    _goal_version()
    _hours_standing()
    _series_place()
    _treatment_session()
    _attendance()
    _attendance_entry()
    _columns()
    _first_look()
    _rights()


def _payer_rule() -> None:
    op.create_table(
        "payer_rule",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payer", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("level_of_care", sa.String(), nullable=False),
        sa.Column("minimum_age", sa.Integer(), nullable=True),
        sa.Column("maximum_age", sa.Integer(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("minimum_hours", sa.Numeric(precision=4, scale=1), nullable=False),
        sa.Column("maximum_hours", sa.Numeric(precision=4, scale=1), nullable=True),
        sa.Column("daily_minimum_minutes", sa.Integer(), nullable=True),
        sa.Column("minimum_days", sa.Integer(), nullable=True),
        sa.Column("citation", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_payer_rule_order")),
        sa.CheckConstraint("minimum_age <= maximum_age", name=op.f("ck_payer_rule_ages")),
        sa.CheckConstraint("minimum_hours <= maximum_hours", name=op.f("ck_payer_rule_hours")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.organization_id"], name=op.f("fk_payer_rule_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_payer_rule")),
    )
    op.create_index(
        op.f("ix_payer_rule_organization_id_payer_first_day"),
        "payer_rule",
        ["organization_id", "payer", "first_day"],
        unique=False,
    )


def _calendar_feed() -> None:
    op.create_table(
        "calendar_feed",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("staff_member_id", sa.Uuid(), nullable=True),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("shows_place", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "num_nonnulls(patient_id, staff_member_id) = 1", name=op.f("ck_calendar_feed_owner")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patient.organization_id", "patient.id"],
            name=op.f("fk_calendar_feed_patient"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "staff_member_id"],
            ["staff_member.organization_id", "staff_member.id"],
            name=op.f("fk_calendar_feed_staff_member"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_calendar_feed")),
    )
    op.create_index(
        op.f("ix_calendar_feed_organization_id_patient_id"),
        "calendar_feed",
        ["organization_id", "patient_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_calendar_feed_organization_id_staff_member_id"),
        "calendar_feed",
        ["organization_id", "staff_member_id"],
        unique=False,
    )


def _goal() -> None:
    op.create_table(
        "goal",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("agreed_version", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("status_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("close_reason", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status in ('draft', 'on_track', 'behind', 'achieved', 'not_achieved', 'retired')",
            name=op.f("ck_goal_status"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patient.organization_id", "patient.id"],
            name=op.f("fk_goal_patient"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "program_id"],
            ["program.organization_id", "program.id"],
            name=op.f("fk_goal_program"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_goal")),
    )
    op.create_index(
        "ix_goal_look",
        "goal",
        ["organization_id", "look_at"],
        unique=False,
        postgresql_where=sa.text("look_at is not null"),
    )
    op.create_index(
        op.f("ix_goal_organization_id_patient_id_created_at"),
        "goal",
        ["organization_id", "patient_id", "created_at"],
        unique=False,
    )
    op.create_index(
        "ix_goal_review",
        "goal",
        ["organization_id", "review_on", "id"],
        unique=False,
        postgresql_where=sa.text("review_on is not null"),
    )


def _session_series() -> None:
    op.create_table(
        "session_series",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("starts_local", sa.DateTime(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("recurrence", sa.String(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("room", sa.String(), nullable=True),
        sa.Column("telehealth_url", sa.String(), nullable=True),
        sa.Column("facilitator_ids", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("planned_until", sa.Date(), nullable=False),
        sa.Column("extend_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("audience in ('program', 'places')", name=op.f("ck_session_series_audience")),
        sa.CheckConstraint(
            "kind in ('group', 'individual', 'family', 'multifamily', 'workshop', 'expressive', 'medical',"
            " 'telehealth_check_in')",
            name=op.f("ck_session_series_kind"),
        ),
        sa.CheckConstraint("capacity between 1 and 200", name=op.f("ck_session_series_capacity")),
        sa.CheckConstraint("minutes between 5 and 720", name=op.f("ck_session_series_minutes")),
        sa.ForeignKeyConstraint(
            ["organization_id", "program_id"],
            ["program.organization_id", "program.id"],
            name=op.f("fk_session_series_program"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_session_series")),
    )
    op.create_index(
        "ix_session_series_extend",
        "session_series",
        ["organization_id", "extend_at"],
        unique=False,
        postgresql_where=sa.text("extend_at is not null"),
    )
    op.create_index(
        op.f("ix_session_series_organization_id_program_id"),
        "session_series",
        ["organization_id", "program_id"],
        unique=False,
    )


def _goal_progress() -> None:
    op.create_table(
        "goal_progress",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("goal_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "goal_id"],
            ["goal.organization_id", "goal.id"],
            name=op.f("fk_goal_progress_goal"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patient.organization_id", "patient.id"],
            name=op.f("fk_goal_progress_patient"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_goal_progress")),
    )
    op.create_index(
        op.f("ix_goal_progress_organization_id_goal_id_filed_at_id"),
        "goal_progress",
        ["organization_id", "goal_id", "filed_at", "id"],
        unique=False,
    )


def _goal_review() -> None:
    op.create_table(
        "goal_review",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("goal_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("next_review_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "goal_id"],
            ["goal.organization_id", "goal.id"],
            name=op.f("fk_goal_review_goal"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patient.organization_id", "patient.id"],
            name=op.f("fk_goal_review_patient"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_goal_review")),
    )
    op.create_index(
        op.f("ix_goal_review_organization_id_goal_id_at"),
        "goal_review",
        ["organization_id", "goal_id", "at"],
        unique=False,
    )


def _goal_signature() -> None:
    op.create_table(
        "goal_signature",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("goal_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("signed_as", sa.String(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("signer_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("signed_as in ('patient', 'counselor')", name=op.f("ck_goal_signature_signed_as")),
        sa.ForeignKeyConstraint(
            ["organization_id", "goal_id"],
            ["goal.organization_id", "goal.id"],
            name=op.f("fk_goal_signature_goal"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patient.organization_id", "patient.id"],
            name=op.f("fk_goal_signature_patient"),
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "goal_id", "version", "signed_as", name=op.f("pk_goal_signature")
        ),
    )


def _goal_standing() -> None:
    op.create_table(
        "goal_standing",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("goal_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("behind", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "goal_id"],
            ["goal.organization_id", "goal.id"],
            name=op.f("fk_goal_standing_goal"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patient.organization_id", "patient.id"],
            name=op.f("fk_goal_standing_patient"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_goal_standing")),
        sa.UniqueConstraint(
            "organization_id", "goal_id", "at", name=op.f("uq_goal_standing_organization_id_goal_id_at")
        ),
    )
    op.create_index(
        op.f("ix_goal_standing_organization_id_at_id"),
        "goal_standing",
        ["organization_id", "at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_goal_standing_organization_id_patient_id_at"),
        "goal_standing",
        ["organization_id", "patient_id", "at"],
        unique=False,
    )


def _goal_version() -> None:
    op.create_table(
        "goal_version",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("goal_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("terms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "goal_id"],
            ["goal.organization_id", "goal.id"],
            name=op.f("fk_goal_version_goal"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patient.organization_id", "patient.id"],
            name=op.f("fk_goal_version_patient"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "goal_id", "number", name=op.f("pk_goal_version")),
    )


def _hours_standing() -> None:
    op.create_table(
        "hours_standing",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrollment_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("week_of", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("required_minutes", sa.Integer(), nullable=False),
        sa.Column("projected_minutes", sa.Integer(), nullable=False),
        sa.Column("shortfall_minutes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "enrollment_id"],
            ["enrollment.organization_id", "enrollment.id"],
            name=op.f("fk_hours_standing_enrollment"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patient.organization_id", "patient.id"],
            name=op.f("fk_hours_standing_patient"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_hours_standing")),
        sa.UniqueConstraint(
            "organization_id",
            "enrollment_id",
            "week_of",
            name=op.f("uq_hours_standing_organization_id_enrollment_id_week_of"),
        ),
    )
    op.create_index(
        op.f("ix_hours_standing_organization_id_at_id"),
        "hours_standing",
        ["organization_id", "at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_hours_standing_organization_id_patient_id_at"),
        "hours_standing",
        ["organization_id", "patient_id", "at"],
        unique=False,
    )


def _series_place() -> None:
    op.create_table(
        "series_place",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status in ('placed', 'waiting', 'left')", name=op.f("ck_series_place_status")),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patient.organization_id", "patient.id"],
            name=op.f("fk_series_place_patient"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "series_id"],
            ["session_series.organization_id", "session_series.id"],
            name=op.f("fk_series_place_session_series"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_series_place")),
    )
    op.create_index(
        op.f("ix_series_place_organization_id_patient_id_series_id"),
        "series_place",
        ["organization_id", "patient_id", "series_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_series_place_organization_id_series_id_asked_at"),
        "series_place",
        ["organization_id", "series_id", "asked_at"],
        unique=False,
    )
    op.create_index(
        "uq_series_place_held",
        "series_place",
        ["organization_id", "series_id", "patient_id"],
        unique=True,
        postgresql_where=sa.text("status <> 'left'"),
    )


def _treatment_session() -> None:
    op.create_table(
        "treatment_session",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("slot", sa.DateTime(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("room", sa.String(), nullable=True),
        sa.Column("telehealth_url", sa.String(), nullable=True),
        sa.Column("facilitator_ids", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("arrival_code", sa.String(), nullable=False),
        sa.Column("is_exception", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by", sa.Uuid(), nullable=True),
        sa.Column("cancel_reason", sa.String(), nullable=True),
        sa.Column("reckon_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind in ('group', 'individual', 'family', 'multifamily', 'workshop', 'expressive', 'medical',"
            " 'telehealth_check_in')",
            name=op.f("ck_treatment_session_kind"),
        ),
        sa.CheckConstraint("status in ('planned', 'cancelled')", name=op.f("ck_treatment_session_status")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_treatment_session_order")),
        sa.ForeignKeyConstraint(
            ["organization_id", "program_id"],
            ["program.organization_id", "program.id"],
            name=op.f("fk_treatment_session_program"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "series_id"],
            ["session_series.organization_id", "session_series.id"],
            name=op.f("fk_treatment_session_session_series"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_treatment_session")),
        sa.UniqueConstraint(
            "organization_id",
            "series_id",
            "slot",
            name=op.f("uq_treatment_session_organization_id_series_id_slot"),
        ),
    )
    op.create_index(
        op.f("ix_treatment_session_organization_id_program_id_starts_at"),
        "treatment_session",
        ["organization_id", "program_id", "starts_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_treatment_session_organization_id_starts_at_id"),
        "treatment_session",
        ["organization_id", "starts_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_treatment_session_reckon",
        "treatment_session",
        ["organization_id", "reckon_at"],
        unique=False,
        postgresql_where=sa.text("reckon_at is not null"),
    )


def _attendance() -> None:
    op.create_table(
        "attendance",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("notice_kind", sa.String(), nullable=True),
        sa.Column("notice_reason", sa.String(), nullable=True),
        sa.Column("notice_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("excused_by", sa.String(), nullable=True),
        sa.Column("makes_up_id", sa.Uuid(), nullable=True),
        sa.Column("wrong_codes", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("excused_by in ('policy', 'staff')", name=op.f("ck_attendance_excused_by")),
        sa.CheckConstraint(
            "source in ('patient', 'staff', 'telehealth', 'system')", name=op.f("ck_attendance_source")
        ),
        sa.CheckConstraint(
            "status in ('expected', 'arrived', 'late', 'left_early', 'attended', 'excused', 'unexcused',"
            " 'made_up', 'cancelled')",
            name=op.f("ck_attendance_status"),
        ),
        sa.CheckConstraint("left_at >= arrived_at", name=op.f("ck_attendance_order")),
        sa.ForeignKeyConstraint(
            ["organization_id", "makes_up_id"],
            ["attendance.organization_id", "attendance.id"],
            name=op.f("fk_attendance_attendance"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patient.organization_id", "patient.id"],
            name=op.f("fk_attendance_patient"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "program_id"],
            ["program.organization_id", "program.id"],
            name=op.f("fk_attendance_program"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "session_id"],
            ["treatment_session.organization_id", "treatment_session.id"],
            name=op.f("fk_attendance_treatment_session"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_attendance")),
        sa.UniqueConstraint(
            "organization_id",
            "session_id",
            "patient_id",
            name=op.f("uq_attendance_organization_id_session_id_patient_id"),
        ),
    )
    op.create_index(
        op.f("ix_attendance_organization_id_makes_up_id"),
        "attendance",
        ["organization_id", "makes_up_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_attendance_organization_id_patient_id_session_id"),
        "attendance",
        ["organization_id", "patient_id", "session_id"],
        unique=False,
    )


def _attendance_entry() -> None:
    op.create_table(
        "attendance_entry",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("attendance_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "source in ('patient', 'staff', 'telehealth', 'system')", name=op.f("ck_attendance_entry_source")
        ),
        sa.CheckConstraint(
            "status in ('expected', 'arrived', 'late', 'left_early', 'attended', 'excused', 'unexcused',"
            " 'made_up', 'cancelled')",
            name=op.f("ck_attendance_entry_status"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "attendance_id"],
            ["attendance.organization_id", "attendance.id"],
            name=op.f("fk_attendance_entry_attendance"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "patient_id"],
            ["patient.organization_id", "patient.id"],
            name=op.f("fk_attendance_entry_patient"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "program_id"],
            ["program.organization_id", "program.id"],
            name=op.f("fk_attendance_entry_program"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "session_id"],
            ["treatment_session.organization_id", "treatment_session.id"],
            name=op.f("fk_attendance_entry_treatment_session"),
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "attendance_id", "revision", name=op.f("pk_attendance_entry")
        ),
    )
    op.create_index(
        op.f("ix_attendance_entry_organization_id_patient_id_filed_at"),
        "attendance_entry",
        ["organization_id", "patient_id", "filed_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_attendance_entry_organization_id_received_at_attendance_id_revision"),
        "attendance_entry",
        ["organization_id", "received_at", "attendance_id", "revision"],
        unique=False,
    )


def _columns() -> None:
    op.add_column("enrollment", sa.Column("payer", sa.String(), nullable=True))
    op.add_column("enrollment", sa.Column("hours_due_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_enrollment_hours_due",
        "enrollment",
        ["organization_id", "hours_due_at"],
        unique=False,
        postgresql_where=sa.text("hours_due_at is not null"),
    )
    op.add_column(
        "program",
        sa.Column(
            "attendance_policy",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
    )
    # ### end Alembic commands ###


def _first_look() -> None:
    """The hours of running stays are reckoned from now on."""
    op.execute("alter table enrollment no force row level security")  # else the owner's update sees no row
    op.execute("update enrollment set hours_due_at = now() where status in ('active', 'on_leave')")
    op.execute("alter table enrollment force row level security")


def _rights() -> None:
    tenant = "organization_id = nullif(current_setting('app.organization_id', true), '')::uuid"
    for table in sorted({*APPEND_ONLY, *MUTABLE, *DELETABLE}):
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(f"create policy tenant on {table} using ({tenant}) with check ({tenant})")
        op.execute(f"grant select, insert on {table} to handrail_service")
    for table in MUTABLE:
        op.execute(f"grant update on {table} to handrail_service")
    for table in DELETABLE:
        op.execute(f"grant delete on {table} to handrail_service")
