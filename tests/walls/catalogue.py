"""What PostgreSQL's own catalogue says about the second wall: every way in which it breaks the design.

Closed by default: a new table is refused until it has the tenant in every key, the one policy, its rows
forced on everybody, and a place among those that the service may change, if it is to be changed.
"""

import re
from collections.abc import Iterator

import psycopg

OWNER, SERVICE = "handrail_owner", "handrail_service"

GLOBAL = {
    "tenant": "that an organization exists: what the worker visits one by one",
    "sign_in_name": "a sign-in has no organization until its name has led to one; hashes only",
    "sign_in_attempt": "whom nobody knows is counted, too; hashes only",
    "pulse": "when a task of the worker last ended; numbers of nobody",
    "alembic_version": "which migrations this database has had",
}
JOBS = "procrastinate_"  # the job queue's own tables: jobs carry ids, and are run for all tenants

UPDATABLE = {
    "alert", "attendance", "calendar_feed", "care_team_member", "contact_method", "credential",
    "crisis_flag", "device", "enrollment", "escalation_policy", "feed_head", "follow_up", "gateway",
    "goal", "goal_progress", "goal_version", "hand_off", "invitation", "leave_of_absence",
    "on_call_override", "on_call_schedule", "organization", "page", "patient", "program", "program_staff",
    "pulse", "refresh_token", "series_place", "session_series", "sign_in_attempt", "sign_in_name",
    "staff_member", "supporter", "telehealth_event", "telehealth_integration", "telehealth_meeting",
    "telehealth_participant", "treatment_session", "webhook_delivery", "webhook_endpoint",
}  # fmt: skip
DELETABLE = {
    "care_team_member", "contact_method", "gateway", "goal_signature", "idempotency_key", "invitation",
    "on_call_override", "program_staff", "refresh_token", "sign_in_attempt", "sign_in_name",
}  # fmt: skip

TENANT = "organization_id"
POLICY = "(organization_id = (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid)"

# Of the whole database but PostgreSQL's own schemas.
_NAME = "case n.nspname when 'public' then c.relname else n.nspname || '.' || c.relname end"
_OURS = "n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'"


def faults(connection: psycopg.Connection) -> list[str]:
    """Every break of the rules, by table; empty is well."""
    checks = (
        _key_faults, _policy_faults, _view_faults, _ownership_faults, _grant_faults, _function_faults,
        _role_faults,
    )  # fmt: skip
    return sorted(fault for check in checks for fault in check(connection))


def tables(connection: psycopg.Connection) -> list[str]:
    """Every table, global ones too."""
    return [name for name, _ in _relations(connection, "rp")]


def tenant_tables(connection: psycopg.Connection) -> list[str]:
    """Every table whose rows belong to an organization."""
    return [name for name in tables(connection) if not is_global(name)]


def is_global(table: str) -> bool:
    return table in GLOBAL or table.startswith(JOBS)


def _relations(connection: psycopg.Connection, kinds: str) -> list[tuple[str, int]]:
    return connection.execute(
        f"select {_NAME}, c.oid::int8"
        f" from pg_class c join pg_namespace n on n.oid = c.relnamespace where {_OURS}"
        " and c.relkind = any(%s) order by 1",
        [list(kinds)],
    ).fetchall()


def _key_faults(connection: psycopg.Connection) -> Iterator[str]:
    for table, oid in _relations(connection, "rp"):
        if is_global(table):
            continue
        indexes = connection.execute(
            "select i.indexrelid::regclass::text, i.indisprimary, a.attname from pg_index i"
            " left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]"
            " where i.indrelid = %s and (i.indisunique or i.indisexclusion)",
            [oid],
        ).fetchall()
        if not any(primary for _, primary, _ in indexes):
            yield f"{table}: no primary key"
        for name, primary, first in indexes:
            if first != TENANT:
                yield f"{table}: {'primary key' if primary else 'unique index'} {name} begins with {first}"
        yield from _foreign_key_faults(connection, table, oid)


def _foreign_key_faults(connection: psycopg.Connection, table: str, oid: int) -> Iterator[str]:
    keys = connection.execute(
        "select k.conname, k.confrelid::regclass::text, a.attname, b.attname from pg_constraint k"
        " join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]"
        " join pg_attribute b on b.attrelid = k.confrelid and b.attnum = k.confkey[1]"
        " where k.contype = 'f' and k.conrelid = %s",
        [oid],
    ).fetchall()
    for name, target, here, there in keys:
        if (here, there) != (TENANT, TENANT):
            yield f"{table}: foreign key {name} to {target} begins with {here} = {there}"


def _policy_faults(connection: psycopg.Connection) -> Iterator[str]:
    for table, oid in _relations(connection, "rp"):
        if is_global(table):
            continue
        secured, forced = connection.execute(
            "select relrowsecurity, relforcerowsecurity from pg_class where oid = %s", [oid]
        ).fetchall()[0]
        if not secured:
            yield f"{table}: row level security is off"
        if not forced:
            yield f"{table}: row level security is not forced on the owner"
        policies = connection.execute(
            "select polname, polcmd::text, polroles = '{0}', pg_get_expr(polqual, polrelid),"
            " pg_get_expr(polwithcheck, polrelid) from pg_policy where polrelid = %s",
            [oid],
        ).fetchall()
        if not policies:
            yield f"{table}: no policy"
        for name, *rest in policies:
            if rest != ["*", True, POLICY, POLICY]:
                yield f"{table}: policy {name} is not the tenant's"


def _view_faults(connection: psycopg.Connection) -> Iterator[str]:
    for view, oid in _relations(connection, "v"):
        options = connection.execute("select reloptions from pg_class where oid = %s", [oid]).fetchall()[0][0]
        if not any(re.fullmatch("security_invoker=(true|on|1|yes)", option) for option in options or ()):
            yield f"{view}: a view that looks with its owner's eyes (no security_invoker)"
    for copy, _ in _relations(connection, "mf"):
        yield f"{copy}: no policy can guard a materialized view or a foreign table"


def _ownership_faults(connection: psycopg.Connection) -> Iterator[str]:
    for table, oid in _relations(connection, "rpvmSf"):
        owner = connection.execute(
            "select pg_get_userbyid(relowner) from pg_class where oid = %s", [oid]
        ).fetchall()[0][0]
        if owner != OWNER:
            yield f"{table}: owned by {owner}"
    owned = connection.execute(
        "select classid::regclass::text, count(*) from pg_shdepend"
        " where refobjid = %s::regrole and deptype = 'o' and dbid in"
        " (0, (select oid from pg_database where datname = current_database())) group by 1",
        [SERVICE],
    ).fetchall()
    for kind, number in owned:
        yield f"{SERVICE} owns {number} of {kind}"


def _grant_faults(connection: psycopg.Connection) -> Iterator[str]:
    grants = connection.execute(
        f"select {_NAME}, c.relkind::text, case g.grantee when 0 then 'everybody'"
        " else pg_get_userbyid(g.grantee) end, g.privilege_type, g.is_grantable"
        " from pg_class c join pg_namespace n on n.oid = c.relnamespace, lateral ("
        "   select * from aclexplode(c.relacl) union all"
        "   select x.* from pg_attribute a, aclexplode(a.attacl) x where a.attrelid = c.oid) g"
        f" where {_OURS} and g.grantee <> c.relowner"
    ).fetchall()
    for table, kind, grantee, verb, passed_on in grants:
        if grantee != SERVICE:
            yield f"{table}: {grantee} may {verb}"
        elif passed_on or (kind != "S" and not _may(table, verb)):
            yield f"{table}: {SERVICE} may {verb}{' and grant it' if passed_on else ''}"
    for (grantee,) in connection.execute("select defaclobjtype::text from pg_default_acl").fetchall():
        yield f"default privileges on {grantee} would open tables that nobody looked at"


def _may(table: str, verb: str) -> bool:
    if table.startswith(JOBS):
        return verb in {"SELECT", "INSERT", "UPDATE", "DELETE"}
    if table == "alembic_version":
        return verb == "SELECT"
    allowed = {"UPDATE": UPDATABLE, "DELETE": DELETABLE}.get(verb)
    return verb in {"SELECT", "INSERT"} if allowed is None else table in allowed


def _function_faults(connection: psycopg.Connection) -> Iterator[str]:
    for (name,) in connection.execute(
        "select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        f" where {_OURS} and p.prosecdef"
    ).fetchall():
        yield f"{name}: a function with its owner's rights (security definer)"


def _role_faults(connection: psycopg.Connection) -> Iterator[str]:
    rights = ("rolsuper", "rolbypassrls", "rolcreaterole", "rolcreatedb", "rolreplication")
    for role in (SERVICE, OWNER):
        row = connection.execute(
            f"select {', '.join(rights)} from pg_roles where rolname = %s", [role]
        ).fetchall()[0]
        yield from (f"{role} has {right}" for right, holds in zip(rights, row, strict=True) if holds)
    for (of,) in connection.execute(
        "select pg_get_userbyid(roleid) from pg_auth_members where member = %s::regrole", [SERVICE]
    ).fetchall():
        yield f"{SERVICE} is a member of {of}"
    for (schema,) in connection.execute(
        f"select n.nspname from pg_namespace n where {_OURS} and has_schema_privilege(%s, n.oid, 'create')",
        [SERVICE],
    ).fetchall():
        yield f"{SERVICE} may create in schema {schema}"
