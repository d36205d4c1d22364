"""Rosa, whom Ana has let in, as the OpenAPI document shows her."""

from pydantic.config import JsonDict

from app.schemas.examples import ANA

ROSA = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e51"
INVITATION = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e52"

SUPPORTER_BODY: JsonDict = {"id": ROSA, "name": "Rosa", "relation": "my sister", "shares": ["safety_plan"]}
SUPPORTER: JsonDict = {
    "id": ROSA,
    "patient_id": ANA,
    "name": "Rosa",
    "relation": "my sister",
    "locale": "es",
    "shares": ["safety_plan"],
    "has_joined": False,
    "created_at": "2026-11-20T15:00:00Z",
    "changed_at": "2026-11-20T15:00:00Z",
    "row_version": 1,
}
SUPPORTER_ADDED: JsonDict = {
    **SUPPORTER,
    "invitation": {"id": INVITATION, "code": "7KQ2-M9XA-40TC-Z3HV", "expires_at": "2026-11-27T15:00:00Z"},
}
