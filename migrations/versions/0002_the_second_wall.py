"""Row-level security on every tenant's table, and what the service may do with each."""

from alembic import op

revision = "0002"
down_revision = "0001"

APPEND_ONLY = (
    "audit_entry", "event", "check_in", "assessment", "alert_occurrence", "alert_entry", "rule_set",
    "idempotency_key",
)  # fmt: skip
MUTABLE = (
    "organization", "program", "staff_member", "patient", "enrollment", "credential", "device",
    "refresh_token", "invitation", "alert", "feed_head",
)  # fmt: skip
DELETABLE = ("program_staff", "care_team_member")
EXPIRING = ("idempotency_key", "refresh_token", "invitation")
GLOBAL = ("sign_in_name", "sign_in_attempt")


def upgrade() -> None:
    """Apply. There is no way back: a later migration mends what this one got wrong."""
    op.execute("grant usage on schema public to handrail_service")
    op.execute("grant select on alembic_version to handrail_service")
    for table in APPEND_ONLY + MUTABLE + DELETABLE:
        # '' is what a SET LOCAL leaves behind on its connection: it must mean nobody.
        tenant = "organization_id = nullif(current_setting('app.organization_id', true), '')::uuid"
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(f"create policy tenant on {table} using ({tenant}) with check ({tenant})")
        op.execute(f"grant select, insert on {table} to handrail_service")
    for table in MUTABLE + DELETABLE:
        op.execute(f"grant update on {table} to handrail_service")
    for table in DELETABLE + EXPIRING:
        op.execute(f"grant delete on {table} to handrail_service")
    op.execute("grant select, insert on tenant to handrail_service")
    for table in GLOBAL:
        op.execute(f"grant select, insert, update, delete on {table} to handrail_service")
