"""GET /v1/rule-sets/current."""

import psycopg
import pytest
from psycopg.types.json import Jsonb
from uuid_utils.compat import uuid7

from app.access import Role
from app.rules.default_pack import DEFAULT_PACK
from app.rules.floor import FLOOR
from app.rules.rule import Rule
from tests.api.test_add_program import program
from tests.people import Clinic, client_for, token_for

PATH = "/v1/rule-sets/current"


@pytest.mark.parametrize("who", ["clara", "sam", "adele"])
async def test_the_floor_stands_first_and_is_marked(clinic: Clinic, who: str) -> None:
    reply = await getattr(clinic, who).client.get(PATH)
    assert reply.status_code == 200, reply.text
    kept = reply.json()
    assert (kept["version"], kept["author"], kept["program_id"]) == (1, None, str(clinic.program_id))
    assert [rule["code"] for rule in kept["rules"] if rule["floor"]] == [rule.code for rule in FLOOR]
    assert [Rule.model_validate(rule) for rule in kept["rules"]] == [*FLOOR, *DEFAULT_PACK.rules]
    high = next(rule for rule in kept["rules"] if rule["code"] == "phq9.severe")
    assert high["condition"] == {"kind": "threshold", "signal": "phq9.total", "op": ">=", "value": 20}
    assert high["severity"] == "high"
    assert high["enabled"] is True


async def test_the_newest_version_is_shown_with_its_author_and_what_is_off(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    rules = [rule.model_dump(mode="json") for rule in DEFAULT_PACK.rules]
    rules[0]["enabled"] = False
    # Nobody switches the floor off, whatever stands in the table.
    rules.append(FLOOR[0].model_dump(mode="json") | {"enabled": False})
    psql.execute(
        "insert into rule_set (organization_id, program_id, version, rules, author_id, reason, published_at)"
        " values (%s, %s, 2, %s, %s, 'Fewer alerts', now())",
        [clinic.organization_id, clinic.program_id, Jsonb(rules), clinic.sam.id],
    )
    psql.execute("update program set rule_set_version = 2 where id = %s", [clinic.program_id])
    kept = (await clinic.clara.client.get(PATH)).json()
    assert (kept["version"], kept["author"], kept["reason"]) == (2, "sam", "Fewer alerts")
    off = [rule["code"] for rule in kept["rules"] if not rule["enabled"]]
    assert off == [DEFAULT_PACK.rules[0].code, *(r.code for r in DEFAULT_PACK.rules if not r.enabled)]
    assert [rule["code"] for rule in kept["rules"]].count(FLOOR[0].code) == 1


async def test_who_works_in_several_programs_says_which(clinic: Clinic) -> None:
    second = (await clinic.adele.client.post("/v1/programs", json=program())).json()["id"]
    both = {"program_ids": [str(clinic.program_id), second]}
    await clinic.adele.client.patch(f"/v1/staff/{clinic.clara.id}", json=both, headers={"If-Match": '"1"'})
    reply = await clinic.clara.client.get(PATH)
    assert reply.status_code == 422
    assert [fault["pointer"] for fault in reply.json()["errors"]] == ["/program_id"]
    reply = await clinic.clara.client.get(PATH, params={"program_id": second})
    assert reply.json()["program_id"] == second


async def test_an_integration_says_which(clinic: Clinic) -> None:
    token = token_for(
        clinic.app, organization_id=clinic.organization_id, id=uuid7(), role=Role.INTEGRATION,
        credential_id=uuid7(), scope=("rule_set:read",),
    )  # fmt: skip
    async with client_for(clinic.app, token) as client:
        assert (await client.get(PATH)).status_code == 422
        reply = await client.get(PATH, params={"program_id": str(clinic.program_id)})
        assert reply.status_code == 200


@pytest.mark.parametrize(("who", "status"), [("ana", 403), ("olga", 403), ("dmitri", 404)])
async def test_for_others_there_are_no_rules(clinic: Clinic, who: str, status: int) -> None:
    reply = await getattr(clinic, who).client.get(PATH, params={"program_id": str(clinic.program_id)})
    assert reply.status_code == status


async def test_nobody_is_asked_to_sign_in(clinic: Clinic) -> None:
    assert (await clinic.nobody.get(PATH)).status_code == 401
