"""Which doors a supporter finds open: those that `access.py` names, and nothing else of the patient."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from uuid_utils.compat import uuid7

from app.access import GRANTS, Permission, Role
from app.dependencies import Requires
from tests.people import Clinic, Person
from tests.supporting import PLAN, plan, standing_by

OPEN = {
    Permission.CRISIS_FLAG_RAISE, Permission.CRISIS_FLAG_READ, Permission.DEVICE_MANAGE,
    Permission.SAFETY_PLAN_READ, Permission.SELF_READ,
}  # fmt: skip


class Door(NamedTuple):
    """An operation about one patient."""

    operation: str
    method: str
    path: str
    permission: Permission


def permissions(dependant: Dependant) -> Iterator[Permission]:
    if isinstance(dependant.call, Requires):
        yield dependant.call.permission
    for each in dependant.dependencies:
        yield from permissions(each)


def doors(app: FastAPI) -> Iterator[Door]:
    """Every operation with a patient in its path."""
    for context in iter_route_contexts(app.routes):
        path = context.path_format or ""
        if "{patient_id}" in path:
            (method,) = context.methods or ()
            (permission,) = set(permissions(context.dependant))
            yield Door(str(context.operation_id), method, path, permission)


async def knock(person: Person, door: Door, patient: Person) -> int:
    """The status of an empty request."""
    path = door.path.replace("{patient_id}", str(patient.id))
    path = re.sub(r"\{\w+\}", lambda _: str(uuid7()), path)
    body = {} if door.method in {"GET", "DELETE"} else {"json": {}, "headers": {"If-Match": '"1"'}}
    reply = await person.client.request(door.method, path, **body)
    assert "river" not in reply.text, door
    return reply.status_code


def test_a_supporter_has_these_verbs_and_no_others() -> None:
    assert GRANTS[Role.SUPPORTER] == OPEN


async def test_of_their_patient_they_find_only_those_doors_open(clinic: Clinic) -> None:
    await clinic.ana.client.put(PLAN, json=plan())
    found = list(doors(clinic.app))
    assert len(found) > 25
    async with standing_by(clinic, clinic.ana) as rosa:
        for door in found:
            if door.permission not in OPEN - {Permission.SAFETY_PLAN_READ}:
                assert await knock(rosa, door, clinic.ana) in {403, 404}, door


async def test_another_patient_does_not_exist_for_them(clinic: Clinic) -> None:
    await clinic.ana.client.put(PLAN, json=plan())
    async with standing_by(clinic, clinic.ben, shares=["safety_plan"]) as miguel:
        assert (await miguel.client.get(f"/v1/patients/{clinic.ben.id}/safety-plan")).status_code == 404
        for door in doors(clinic.app):
            assert await knock(miguel, door, clinic.ana) == 404, door


async def test_one_who_was_let_go_finds_them_all_shut(clinic: Clinic) -> None:
    await clinic.ana.client.put(PLAN, json=plan())
    async with standing_by(clinic, clinic.ana, shares=["safety_plan"]) as rosa:
        path = f"/v1/patients/{clinic.ana.id}/safety-plan"
        assert (await rosa.client.get(path)).status_code == 200
        await clinic.ana.client.delete(f"/v1/patients/me/supporters/{rosa.id}")
        for door in doors(clinic.app):
            assert await knock(rosa, door, clinic.ana) == 404, door


async def test_lists_of_everybody_are_shut(clinic: Clinic) -> None:
    async with standing_by(clinic, clinic.ana, shares=["safety_plan"]) as rosa:
        for path in (
            "patients",
            "alerts",
            "caseload",
            "goals",
            "programs",
            "staff",
            "alerts/feed",
            "sessions",
        ):
            assert (await rosa.client.get(f"/v1/{path}")).status_code == 403, path
