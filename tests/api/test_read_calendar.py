"""GET /v1/calendars/{secret}.ics: who has the address reads the calendar, and nobody learns the address."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import timedelta
from unittest.mock import patch

import psycopg
import pytest
from uuid_utils.compat import uuid7

from app import calendars
from app.queries.calendar_feeds import Address
from app.services.calendar_feeds import READS
from tests.api.test_calendar_feeds import EVENING, NOW, made, path_of
from tests.api.timetable import planned
from tests.edge.conftest import Logs, logs  # noqa: F401 - a fixture
from tests.moments import at
from tests.people import Clinic, Person


async def address_of(clinic: Clinic, person: Person) -> str:
    return path_of(await made(person.client))


def changed(path: str, part: slice, to: bytes) -> str:
    """The address with other bytes in this place."""
    secret = bytearray(urlsafe_b64decode(path.removeprefix("/v1/calendars/").removesuffix(".ics") + "=="))
    secret[part] = to
    return f"/v1/calendars/{urlsafe_b64encode(secret).decode().rstrip('=')}.ics"


async def test_it_is_a_calendar_that_a_program_may_keep_and_must_ask_about(clinic: Clinic) -> None:
    await planned(clinic, EVENING)
    path = await address_of(clinic, clinic.ana)
    async with at(clinic, clinic.ana, NOW):
        reply = await clinic.nobody.get(path)
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "text/calendar; charset=utf-8"
    assert reply.headers["cache-control"] == "private, no-cache"
    assert reply.content.startswith(b"BEGIN:VCALENDAR\r\n")
    assert reply.content.endswith(b"END:VCALENDAR\r\n")
    assert reply.content.count(b"BEGIN:VEVENT") == 1


async def test_an_unchanged_one_is_not_sent_again(clinic: Clinic, psql: psycopg.Connection) -> None:
    (session_id,) = await planned(clinic, EVENING)
    path = await address_of(clinic, clinic.ana)
    async with at(clinic, clinic.ana, NOW):
        tag = (await clinic.nobody.get(path)).headers["etag"]
    async with at(clinic, clinic.ana, NOW + timedelta(hours=1)):
        again = await clinic.nobody.get(path, headers={"If-None-Match": tag})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert again.headers["cache-control"] == "private, no-cache"
        psql.execute("update treatment_session set row_version = 2 where id = %s", [session_id])
        anew = await clinic.nobody.get(path, headers={"If-None-Match": tag})
    assert anew.status_code == 200
    assert anew.headers["etag"] != tag


async def test_every_read_is_kept_as_one_of_the_owner(clinic: Clinic, psql: psycopg.Connection) -> None:
    for person, kind, patient_id in ((clinic.ana, "patient", clinic.ana.id), (clinic.clara, "staff", None)):
        path = await address_of(clinic, person)
        reply = await clinic.nobody.get(path)
        rows = psql.execute(
            "select actor_kind, actor_id, role, action, resource, patient_id, outcome, address, request_id"
            " from audit_entry where actor_id = %s and action = 'session:read'",
            [person.id],
        ).fetchall()
        assert rows == [
            (kind, person.id, person.role, "session:read", "calendar_feed", patient_id, "done", "127.0.0.1",
             reply.headers["x-request-id"]),
        ]  # fmt: skip


def none_of_ours(path: str) -> str:
    return "/v1/calendars/none.ics"


def other_secret(path: str) -> str:
    return changed(path, slice(32, 64), bytes(32))


def one_bit_off(path: str) -> str:
    last = urlsafe_b64decode(path.removeprefix("/v1/calendars/").removesuffix(".ics") + "==")[-1]
    return changed(path, slice(63, 64), bytes([last ^ 1]))


def other_feed(path: str) -> str:
    return changed(path, slice(16, 32), uuid7().bytes)


def other_organization(path: str) -> str:
    return changed(path, slice(0, 16), uuid7().bytes)


def spelled_otherwise(path: str) -> str:
    return path.replace(".ics", "=.ics")


def endless(path: str) -> str:
    return path.replace(".ics", "A" * 4000 + ".ics")


def with_odd_letters(path: str) -> str:
    return path.replace(".ics", "%F0%9F%99%82%00.ics")


@pytest.mark.parametrize(
    "guess",
    [
        none_of_ours, other_secret, one_bit_off, other_feed, other_organization, spelled_otherwise, endless,
        with_odd_letters,
    ],
)  # fmt: skip
async def test_what_is_no_address_is_not_found(clinic: Clinic, guess: Callable[[str], str]) -> None:
    path = await address_of(clinic, clinic.ana)
    assert (await clinic.nobody.get(path)).status_code == 200
    reply = await clinic.nobody.get(guess(path))
    assert (reply.status_code, reply.json()["code"]) == (404, "not_found")


GONE = {
    "revoked": "update calendar_feed set revoked_at = now() where patient_id = %(ana)s",
    "discharged": "update enrollment set status = 'discharged' where patient_id = %(ana)s",
    "shut out": "update credential set disabled_at = now() where patient_id = %(ana)s",
    "left": "update staff_member set active = false where id = %(clara)s",
    "shut out of work": "update credential set disabled_at = now() where staff_member_id = %(clara)s",
}


@pytest.mark.parametrize("how", GONE)
async def test_who_is_gone_has_no_calendar_and_it_is_as_if_there_had_been_none(
    clinic: Clinic, psql: psycopg.Connection, how: str
) -> None:
    path = await address_of(clinic, clinic.clara if "clara" in GONE[how] else clinic.ana)
    assert (await clinic.nobody.get(path)).status_code == 200
    psql.execute(GONE[how], {"ana": clinic.ana.id, "clara": clinic.clara.id})
    gone, never = await clinic.nobody.get(path), await clinic.nobody.get(other_feed(path))
    assert gone.status_code == never.status_code == 404
    assert {**gone.json(), "request_id": None} == {**never.json(), "request_id": None}


async def test_somebody_on_leave_still_has_one(clinic: Clinic, psql: psycopg.Connection) -> None:
    path = await address_of(clinic, clinic.ana)
    psql.execute("update enrollment set status = 'on_leave' where patient_id = %s", [clinic.ana.id])
    assert (await clinic.nobody.get(path)).status_code == 200


async def test_it_is_read_so_often_and_then_later(clinic: Clinic) -> None:
    path, other = await address_of(clinic, clinic.ana), await address_of(clinic, clinic.ana)
    async with at(clinic, clinic.ana, NOW):
        statuses = {(await clinic.nobody.get(path)).status_code for _ in range(READS)}
        too_many = await clinic.nobody.get(path)
        assert (statuses, too_many.status_code) == ({200}, 429)
        assert too_many.json()["code"] == "too_many_reads"
        assert int(too_many.headers["retry-after"]) == 60
        assert (await clinic.nobody.get(other)).status_code == 200, "another one is not held up"
    async with at(clinic, clinic.ana, NOW + timedelta(minutes=2)):
        assert (await clinic.nobody.get(path)).status_code == 200


async def test_who_does_not_know_the_secret_holds_nobody_up(clinic: Clinic) -> None:
    path = await address_of(clinic, clinic.ana)
    async with at(clinic, clinic.ana, NOW):
        for _ in range(READS + 1):
            assert (await clinic.nobody.get(other_secret(path))).status_code == 404
        assert (await clinic.nobody.get(path)).status_code == 200


async def test_the_address_is_in_no_log_whatever_comes_of_it(clinic: Clinic, logs: Logs) -> None:  # noqa: F811
    path = await address_of(clinic, clinic.ana)
    gone = other_secret(path)
    async with at(clinic, clinic.ana, NOW):
        replies = [await clinic.nobody.get(each) for each in (path, gone, f"{path}/x", f"{path}?again=1")]
        with patch.object(calendars, "render", side_effect=ValueError(path)):
            replies.append(await clinic.nobody.get(path))
        replies += [await clinic.nobody.get(path) for _ in range(READS)]
        replies.append(await clinic.nobody.delete(path))
    assert {reply.status_code for reply in replies} == {200, 404, 405, 429, 500}
    lines = logs.lines("request")
    assert len(lines) == len(replies) + 1
    assert {"/v1/calendars/{secret}.ics", "unmatched"} <= {str(line["route"]) for line in lines}
    for each in (path, gone):
        secret = each.removeprefix("/v1/calendars/").removesuffix(".ics")
        assert secret not in logs.text
        assert secret[43:] not in logs.text
        assert all(secret not in reply.text for reply in replies)


def test_an_address_is_read_as_it_is_written() -> None:
    address = Address.new(uuid7(), uuid7())
    assert Address.read(address.text()) == address
    assert len(address.secret) * 8 >= 256
    assert address.hash() != Address.new(address.organization_id, address.feed_id).hash()
