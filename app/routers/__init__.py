"""Thin: declare, call, return."""

from app.routers import (
    alerts,
    assessments,
    auth,
    bootstrap,
    care_teams,
    caseload,
    check_in_batches,
    check_ins,
    crisis_resources,
    devices,
    enrollments,
    feed,
    instruments,
    invitations,
    jwks,
    operations,
    patients,
    programs,
    rule_sets,
    staff,
)

ALL = (
    alerts.router,
    assessments.router,
    auth.router,
    bootstrap.router,
    care_teams.router,
    caseload.router,
    check_in_batches.router,
    check_ins.router,
    crisis_resources.router,
    devices.router,
    enrollments.router,
    feed.router,
    instruments.router,
    invitations.router,
    jwks.router,
    operations.router,
    patients.router,
    programs.router,
    rule_sets.router,
    staff.router,
)

# For people who are not signed in, and for machines. Every other route names the permission that it needs.
PUBLIC_ROUTES = frozenset(
    {
        "ANY /board",
        "GET /",
        "GET /.well-known/jwks.json",
        "GET /board",
        "GET /docs",
        "GET /docs/oauth2-redirect",
        "GET /livez",
        "GET /metrics",
        "GET /openapi.json",
        "GET /readyz",
        "GET /redoc",
        "GET /v1/crisis-resources",
        "POST /v1/auth/revocation",
        "POST /v1/auth/token",
        "POST /v1/invitations/acceptance",
    }
)
