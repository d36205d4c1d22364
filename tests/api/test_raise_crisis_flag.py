"""POST /v1/patients/{id}/crisis-flags."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from httpx import AsyncClient, Response
from uuid_utils.compat import uuid7

from app.crisis_resources import danger_now
from app.queries import everything
from app.sentences import sentence
from tests.moments import at
from tests.people import Clinic, Person, client_for, token_for
from tests.supporting import plan

pytestmark = pytest.mark.usefixtures("reached")
NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
ME = "/v1/patients/me/crisis-flags"
TOLD = sentence("help.critical", "en")


def of(person: Person) -> str:
    return f"/v1/patients/{person.id}/crisis-flags"


def flags(psql: psycopg.Connection, person: Person, columns: str = "id, status") -> list[tuple[Any, ...]]:
    statement = f"select {columns} from crisis_flag where patient_id = %s order by received_at, id"
    return psql.execute(statement, [person.id]).fetchall()


def alerts(psql: psycopg.Connection, person: Person) -> list[tuple[Any, ...]]:
    return psql.execute(
        "select rule, severity, status, occurrences, id from alert where patient_id = %s order by opened_at",
        [person.id],
    ).fetchall()


def pages(psql: psycopg.Connection, person: Person) -> int:
    ((count,),) = psql.execute(
        "select count(*) from page p join alert a on a.organization_id = p.organization_id"
        " and a.id = p.alert_id where a.patient_id = %s", [person.id],
    ).fetchall()  # fmt: skip
    return int(count)


async def may_be_paged(person: Person) -> None:
    chat = {"address": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"}
    body = {"items": [{"channel": "chat", "severities": ["critical"], **chat}]}
    assert (await person.client.put("/v1/staff/me/contact-methods", json=body)).status_code == 200


def late(clinic: Clinic, person: Person, ago: timedelta, now: datetime = NOON) -> AsyncClient:
    """A client whose token ended so long before `now`."""
    token = token_for(
        clinic.app, organization_id=person.organization_id, id=person.id, role=person.role,
        credential_id=person.credential_id, now=now - ago - timedelta(minutes=10),
    )  # fmt: skip
    return client_for(clinic.app, token)


async def test_one_tap_is_enough(clinic: Clinic, psql: psycopg.Connection) -> None:
    await may_be_paged(clinic.clara)
    reply = await clinic.ana.client.post(ME)
    assert reply.status_code == 201, reply.text
    kept = reply.json()
    assert (kept["status"], kept["care_team_told"], kept["ignored"]) == ("open", True, [])
    assert kept["help"]["message"].startswith(sentence("saved.crisis_flag", "en") + " " + TOLD)
    assert kept["help"]["resources"][0]["call"] == "988"
    ((rule, severity, status, occurrences, alert_id),) = alerts(psql, clinic.ana)
    assert (rule, severity, status, occurrences) == ("si.crisis_flag", "critical", "open", 1)
    assert str(alert_id) == kept["alert_id"]
    assert pages(psql, clinic.ana) == 1
    ((flag_id, program_id, kind, by, expired),) = flags(
        psql, clinic.ana, "id, program_id, raised_by_kind, raised_by, token_expired"
    )
    assert (str(flag_id), program_id) == (kept["id"], clinic.program_id)
    assert (kind, by, expired) == ("patient", clinic.ana.id, False)
    trail = psql.execute("select action from audit_entry where resource_id = %s", [flag_id]).fetchall()
    assert trail == [("crisis_flag:raise",)]


async def test_an_empty_object_does_as_well_as_nothing(clinic: Clinic) -> None:
    for person in (clinic.ana, clinic.ben):
        reply = await person.client.post(of(person), json={})
        assert (reply.status_code, reply.json()["status"]) == (201, "open")


async def test_what_they_say_is_kept_for_the_care_team(clinic: Clinic) -> None:
    words = {"what": "I drank.", "where": "In my car", "reach_me": "Call", "with_me": "Nobody"}
    async with at(clinic, clinic.ana, NOON) as ana:
        sent = {"id": str(uuid7()), "occurred_at": "2026-11-23T11:58:00-05:00", **words}
        reply = await ana.post(ME, json=sent)
    assert (reply.status_code, reply.json()["id"]) == (201, sent["id"])
    assert not any(word in reply.text for word in words.values())
    flag = (await clinic.clara.client.get(f"/v1/crisis-flags/{sent['id']}")).json()
    assert {name: flag[name] for name in words} == words
    assert (flag["occurred_at"], flag["filed_at"]) == ("2026-11-23T16:58:00Z", "2026-11-23T16:58:00Z")
    assert (flag["local_date"], flag["alert_id"]) == ("2026-11-23", reply.json()["alert_id"])


async def test_the_same_again_is_the_same_flag(clinic: Clinic, psql: psycopg.Connection) -> None:
    await may_be_paged(clinic.clara)
    body = {"id": str(uuid7()), "what": "Please."}
    first = await clinic.ana.client.post(ME, json=body)
    again = await clinic.ana.client.post(of(clinic.ana), json=body)
    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    assert len(flags(psql, clinic.ana)) == 1
    assert (alerts(psql, clinic.ana)[0][3], pages(psql, clinic.ana)) == (1, 1)


async def test_the_same_id_with_other_words_is_kept_and_told_of_once(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    first = (await clinic.ana.client.post(ME, json={"id": str(uuid7()), "what": "Help."})).json()
    other = {"id": first["id"], "what": "I took something."}
    for _ in range(3):
        reply = await clinic.ana.client.post(ME, json=other)
        assert (reply.status_code, reply.json()["code"]) == (409, "differs_from_first")
        assert reply.json()["help"]["message"].endswith(danger_now("US", NOON.date(), "en"))
        assert "I took something." not in reply.text
    kept = flags(psql, clinic.ana, "id, what")
    assert [what for _, what in kept] == ["Help.", "I took something."]
    assert reply.json()["id"] == str(kept[1][0]) != first["id"]
    assert [each[3] for each in alerts(psql, clinic.ana)] == [2], "one alert, two occurrences"


async def test_somebody_elses_id_costs_nobody_their_flag(clinic: Clinic, psql: psycopg.Connection) -> None:
    of_ben = (await clinic.ben.client.post(ME, json={"id": str(uuid7()), "what": "Mine."})).json()
    reply = await clinic.ana.client.post(ME, json={"id": of_ben["id"], "what": "Mine."})
    assert reply.status_code == 409
    assert of_ben["alert_id"] not in reply.text
    ((kept, status),) = flags(psql, clinic.ana)
    assert (str(kept), status) == (reply.json()["id"], "open")
    assert [each[0] for each in alerts(psql, clinic.ana)] == ["si.crisis_flag"]
    assert len(flags(psql, clinic.ben)) == 1


LONE = b'{"what": "\\ud83d", "occurred_at": NaN, "recorded_at": 1e999, "with_me": "a\\u0000b"}'


@pytest.mark.parametrize(
    ("body", "ignored"),
    [
        (b'{"occurred_at": "yesterday"}', ["occurred_at"]),
        (b'{"occurred_at": 1763910000}', ["occurred_at"]),
        (b'{"occurred_at": "1970-01-01T00:00:00Z"}', []),
        (b'{"occurred_at": "2199-01-01T00:00:00Z", "recorded_at": "2026-02-30T00:00:00Z"}', ["recorded_at"]),
        (b'{"time_zone": "Mars/Olympus", "what": {"a": []}, "where": 7}', ["time_zone", "what", "where"]),
        (b'{"id": "1", "with_me": null, "mood": 3, "help": "help"}', ["id"]),
        (b'{"what": "one", "what": "two"}', []),
        (b'{"n": 123456789012345678901234567890}', []),
        (LONE, []),
    ],
)  # fmt: skip
async def test_what_cannot_be_used_refuses_nothing(
    clinic: Clinic, psql: psycopg.Connection, body: bytes, ignored: list[str]
) -> None:
    async with at(clinic, clinic.ana, NOON) as ana:
        reply = await ana.post(ME, content=body)
    assert reply.status_code == 201, reply.text
    assert reply.json()["ignored"] == ignored
    assert flags(psql, clinic.ana, "filed_at, status") == [(NOON, "open")]
    assert len(alerts(psql, clinic.ana)) == 1


async def test_of_a_text_that_is_too_long_the_beginning_is_kept(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    reply = await clinic.ana.client.post(ME, json={"what": "x" * 5000, "where": "Here"})
    assert (reply.status_code, reply.json()["ignored"]) == (201, ["what"])
    assert flags(psql, clinic.ana, "what, place") == [("x" * 4000, "Here")]


async def test_traps_of_json_are_taken_out(clinic: Clinic, psql: psycopg.Connection) -> None:
    await clinic.ana.client.post(ME, content=b'{"what": "a\\u0000b \\ud83d", "where": "x", "where": "y"}')
    assert flags(psql, clinic.ana, "what, place") == [("ab", "y")]


@pytest.mark.parametrize("body", [b"[]", b'"help"', b"7", b"help", b'{"what": ', b"\xff", b"[" * 5000])
async def test_what_is_no_object_is_refused_with_help(clinic: Clinic, body: bytes) -> None:
    reply = await clinic.ana.client.post(ME, content=body)
    assert reply.status_code in {400, 422}, reply.text
    assert reply.json()["help"]["resources"][0]["call"] == "988"


async def test_an_id_of_another_kind_is_one_flag_when_it_comes_twice(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    body = {"id": "0b7f8a52-5f0e-4ab1-9d2f-5c1df0a7a001"}  # version 4
    async with at(clinic, clinic.ana, NOON) as ana:
        first, again = [await ana.post(ME, json=body) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"] != body["id"]
    assert (await clinic.ben.client.post(ME, json=body)).status_code == 201, "another sender, another id"
    assert (len(flags(psql, clinic.ana)), len(flags(psql, clinic.ben))) == (1, 1)


async def test_an_idempotency_key_stands_in_for_an_id(clinic: Clinic, psql: psycopg.Connection) -> None:
    async with at(clinic, clinic.ana, NOON) as ana:
        for key, status in (("tap 1", 201), ("tap 1", 200), ("tap 2", 201)):
            reply = await ana.post(ME, headers={"Idempotency-Key": key})
            assert reply.status_code == status
    assert len(flags(psql, clinic.ana)) == 2


async def resolved(clinic: Clinic, alert_id: str, when: datetime, seen: int = 1) -> None:
    body = {"outcome": "contacted", "occurrences_seen": seen}
    async with at(clinic, clinic.clara, when) as clara:
        reply = await clara.post(f"/v1/alerts/{alert_id}/resolution", json=body)
    assert reply.status_code == 200, reply.text


class TestTheSameAgainOnceItIsResolved:
    """Nobody is told by it, so nothing is promised; a cry under a constant key is a new one."""

    async def test_it_promises_nothing(self, clinic: Clinic, psql: psycopg.Connection) -> None:
        await may_be_paged(clinic.clara)
        body = {"id": str(uuid7()), "what": "Please."}
        async with at(clinic, clinic.ana, NOON) as ana:
            first = (await ana.post(ME, json=body)).json()
            await resolved(clinic, first["alert_id"], NOON + timedelta(minutes=5))
            reply = await ana.post(ME, json=body)
        again = reply.json()
        assert (reply.status_code, again["id"], again["status"]) == (200, first["id"], "resolved")
        assert again["care_team_told"] is False
        assert again["help"]["message"] == " ".join(
            [sentence("saved.flag_over", "en"), danger_now("US", NOON.date(), "en")]
        )
        assert again["help"]["resources"] == first["help"]["resources"]
        assert [each[2:4] for each in alerts(psql, clinic.ana)] == [("resolved", 1)]

    async def test_nor_under_an_id_of_ours(self, clinic: Clinic) -> None:
        await may_be_paged(clinic.clara)
        body = {"id": str(uuid7()), "what": "Please."}
        async with at(clinic, clinic.ana, NOON) as ana:
            first = (await ana.post(ME, json=body)).json()
            other = {**body, "what": "Please!"}
            told = (await ana.post(ME, json=other)).json()
            await resolved(clinic, first["alert_id"], NOON + timedelta(minutes=5), seen=2)
            again = (await ana.post(ME, json=other)).json()
        assert (told["care_team_told"], again["care_team_told"]) == (True, False)
        assert (told["id"], TOLD in told["help"]["message"]) == (again["id"], True)
        assert TOLD not in again["help"]["message"]

    @pytest.mark.parametrize("sent", [{"id": "crisis-button"}, {}])
    async def test_a_constant_key_swallows_no_cry(
        self, clinic: Clinic, psql: psycopg.Connection, sent: dict[str, str]
    ) -> None:
        await may_be_paged(clinic.clara)

        async def cries(minutes: float) -> Response:
            async with at(clinic, clinic.ana, NOON + timedelta(minutes=minutes)) as ana:
                return await ana.post(ME, json=sent, headers={"Idempotency-Key": "crisis-button"})

        first = await cries(0)
        await resolved(clinic, first.json()["alert_id"], NOON + timedelta(minutes=1))
        second, retried, later, later_retried = [await cries(each) for each in (2, 3, 12.5, 13)]
        replies = [first, second, retried, later, later_retried]
        assert [each.status_code for each in replies] == [201, 201, 200, 201, 200]
        assert all(each.json()["care_team_told"] for each in replies)
        ids = [each.json()["id"] for each in replies]
        assert (ids[1], ids[3], len(set(ids))) == (ids[2], ids[4], 3)
        assert [each[2:4] for each in alerts(psql, clinic.ana)] == [("resolved", 1), ("open", 2)]

    async def test_what_was_kept_before_it_was_resolved_is_the_same(
        self, clinic: Clinic, psql: psycopg.Connection
    ) -> None:
        """The answer of the first COMMIT was lost, and the spool brings the same again, later."""
        key = {"Idempotency-Key": "crisis-button"}
        async with at(clinic, clinic.ana, NOON) as ana:
            first = (await ana.post(ME, headers=key)).json()
            await resolved(clinic, first["alert_id"], NOON + timedelta(minutes=1))
            assert (await ana.post(ME, headers=key)).json()["id"] == first["id"]
        assert len(flags(psql, clinic.ana)) == 1


async def test_no_language_is_a_reason_to_refuse(clinic: Clinic, psql: psycopg.Connection) -> None:
    await may_be_paged(clinic.clara)
    reply = await clinic.ana.client.post(ME, json={}, headers={"Accept-Language": "es," * 200})
    assert reply.status_code == 201, reply.text
    assert sentence("help.critical", "en") in reply.json()["help"]["message"]
    assert len(alerts(psql, clinic.ana)) == 1


async def test_a_flag_of_yesterday_tells_people_today(clinic: Clinic, psql: psycopg.Connection) -> None:
    async with at(clinic, clinic.ana, NOON) as ana:
        await ana.post(ME, json={"occurred_at": "2026-11-22T22:00:00-05:00"})
    assert [each[:3] for each in alerts(psql, clinic.ana)] == [("si.crisis_flag", "critical", "open")]
    ((sentence_,),) = psql.execute("select sentence from alert where patient_id = %s", [clinic.ana.id])
    assert sentence_.endswith("(reported for Nov 22, 2026, received on Nov 23, 2026).")


async def test_another_tap_is_an_occurrence_and_wakes_whoever_had_it(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    await may_be_paged(clinic.clara)
    one = (await clinic.ana.client.post(ME)).json()
    path = f"/v1/alerts/{one['alert_id']}/acknowledgement"
    assert (await clinic.clara.client.post(path, json={})).status_code == 200
    two = (await clinic.ana.client.post(ME)).json()
    assert two["alert_id"] == one["alert_id"]
    assert [each[1:4] for each in alerts(psql, clinic.ana)] == [("critical", "open", 2)]
    assert [status for _, status in flags(psql, clinic.ana)] == ["acknowledged", "open"], "seen is seen"
    assert pages(psql, clinic.ana) == 2


class TestWithATokenThatExpired:
    """Accepted for seven days, write-only, and marked."""

    @pytest.mark.parametrize("ago", [timedelta(), timedelta(hours=8), timedelta(days=7, seconds=-1)])
    async def test_it_is_good_enough_to_ask_for_help(
        self, clinic: Clinic, psql: psycopg.Connection, ago: timedelta
    ) -> None:
        async with at(clinic, clinic.ana, NOON), late(clinic, clinic.ana, ago) as ana:
            reply = await ana.post(ME, json={"id": str(uuid7())})
        assert reply.status_code == 201, reply.text
        assert set(reply.json()) == {"id", "status", "help", "ignored"}
        assert reply.json()["help"]["message"].startswith(sentence("saved.crisis_flag", "en"))
        assert reply.json()["help"]["safety_plan"] is None
        assert flags(psql, clinic.ana, "token_expired, alert_id is null") == [(True, False)]

    async def test_it_reads_nothing(self, clinic: Clinic) -> None:
        async with at(clinic, clinic.ana, NOON), late(clinic, clinic.ana, timedelta(seconds=1)) as ana:
            flag = (await ana.post(ME)).json()["id"]
            for path in (ME, f"/v1/crisis-flags/{flag}", "/v1/patients/me", "/v1/bootstrap"):
                assert (await ana.get(path)).status_code == 401, path
            assert (await ana.post("/v1/patients/me/check-ins", json={})).status_code == 401

    async def test_sent_again_it_tells_no_more_than_at_first(
        self, clinic: Clinic, psql: psycopg.Connection
    ) -> None:
        await may_be_paged(clinic.clara)
        body = {"id": str(uuid7())}
        async with at(clinic, clinic.ana, NOON) as fresh, late(clinic, clinic.ana, timedelta(1)) as ana:
            first = (await ana.post(ME, json=body)).json()
            renewed = await fresh.post(ME, json=body)
            again = await ana.post(ME, json=body)
            await resolved(clinic, renewed.json()["alert_id"], NOON)
            after = await ana.post(ME, json=body)
        assert (renewed.status_code, renewed.json()["alert_id"] is None) == (200, False)
        assert TOLD in first["help"]["message"]
        assert (again.status_code, again.json()) == (after.status_code, after.json()), "nor that it is over"
        assert again.json()["help"]["message"] == " ".join(
            [sentence("saved.crisis_flag", "en"), danger_now("US", NOON.date(), "en")]
        )
        assert (again.json()["id"], again.json()["status"]) == (first["id"], "open")

    async def test_of_an_id_that_is_taken_it_hears_no_more(self, clinic: Clinic) -> None:
        body = {"id": str(uuid7()), "what": "Help."}
        async with at(clinic, clinic.ana, NOON) as fresh, late(clinic, clinic.ana, timedelta(1)) as ana:
            await fresh.post(ME, json=body)
            other = {**body, "what": "I took something."}
            expired, renewed = [await client.post(ME, json=other) for client in (ana, fresh)]
        assert (expired.status_code, renewed.status_code) == (409, 409)
        assert set(renewed.json()) - set(expired.json()) == {"care_team_told"}
        assert expired.json()["id"] == renewed.json()["id"]

    @pytest.mark.parametrize("ago", [timedelta(days=7), timedelta(days=30), timedelta(days=-1)])
    async def test_beyond_that_it_is_refused_with_help(self, clinic: Clinic, ago: timedelta) -> None:
        async with at(clinic, clinic.ana, NOON), late(clinic, clinic.ana, ago) as ana:
            reply = await ana.post(ME)
        assert (reply.status_code, reply.json()["code"]) == (401, "token_refused")
        assert reply.json()["help"]["resources"]

    async def test_a_forged_one_stays_forged(self, clinic: Clinic, psql: psycopg.Connection) -> None:
        async with at(clinic, clinic.ana, NOON), late(clinic, clinic.ana, timedelta(hours=1)) as ana:
            token = ana.headers["authorization"]
            ana.headers["authorization"] = token[:-8] + ("A" if token[-8] != "A" else "B") + token[-7:]
            assert (await ana.post(ME)).status_code == 401
        assert flags(psql, clinic.ana) == []

    async def test_of_others_it_is_no_better(self, clinic: Clinic) -> None:
        for person, status in ((clinic.ben, 404), (clinic.dmitri, 404), (clinic.olga, 403)):
            async with at(clinic, person, NOON), late(clinic, person, timedelta(hours=1)) as client:
                assert (await client.post(of(clinic.ana))).status_code == status


async def test_taps_that_come_at_once_are_one_alert(clinic: Clinic, psql: psycopg.Connection) -> None:
    replies = await asyncio.gather(*(clinic.ana.client.post(ME) for _ in range(8)))
    assert [reply.status_code for reply in replies] == [201] * 8
    assert len({reply.json()["alert_id"] for reply in replies}) == 1
    assert [each[3] for each in alerts(psql, clinic.ana)] == [8]


async def test_one_tap_that_comes_at_once_is_one_flag(clinic: Clinic, psql: psycopg.Connection) -> None:
    body = {"id": str(uuid7())}
    replies = await asyncio.gather(*(clinic.ana.client.post(ME, json=body) for _ in range(6)))
    assert sorted(reply.status_code for reply in replies) == [200] * 5 + [201]
    assert (len(flags(psql, clinic.ana)), alerts(psql, clinic.ana)[0][3]) == (1, 1)


async def test_one_id_of_two_people_at_once_loses_neither(clinic: Clinic, psql: psycopg.Connection) -> None:
    body = {"id": str(uuid7())}
    replies = await asyncio.gather(*(each.client.post(ME, json=body) for each in (clinic.ana, clinic.ben)))
    assert sorted(reply.status_code for reply in replies) == [201, 409]
    for person in (clinic.ana, clinic.ben):
        assert len(flags(psql, person)) == len(alerts(psql, person)) == 1


async def test_an_expired_program_refuses_nobody(clinic: Clinic, psql: psycopg.Connection) -> None:
    await may_be_paged(clinic.clara)
    psql.execute(
        "update enrollment set status = 'completed', ends_on = starts_on where patient_id = %s",
        [clinic.ana.id],
    )
    reply = await clinic.ana.client.post(ME)
    assert (reply.status_code, reply.json()["care_team_told"]) == (201, True)
    psql.execute("delete from enrollment where patient_id = %s", [clinic.ben.id])
    assert (await clinic.ben.client.post(ME)).status_code == 201


async def test_nobody_is_promised_who_is_not_there(clinic: Clinic, psql: psycopg.Connection) -> None:
    psql.execute(
        "update staff_member set active = false where organization_id = %s", [clinic.organization_id]
    )
    reply = (await clinic.ana.client.post(ME)).json()
    assert (reply["care_team_told"], TOLD in reply["help"]["message"]) == (False, False)
    assert reply["help"]["resources"]
    assert len(alerts(psql, clinic.ana)) == 1, "kept all the same"


async def test_it_is_said_in_their_language(clinic: Clinic, psql: psycopg.Connection) -> None:
    await may_be_paged(clinic.clara)
    psql.execute("update patient set locale = 'es' where id = %s", [clinic.ana.id])
    reply = await clinic.ana.client.post(ME)
    assert sentence("help.critical", "es") in reply.json()["help"]["message"]


async def test_their_own_plan_comes_along_and_to_nobody_else(clinic: Clinic) -> None:
    assert (await clinic.ana.client.put("/v1/patients/me/safety-plan", json=plan())).is_success
    own = (await clinic.ana.client.post(ME)).json()["help"]["safety_plan"]
    assert own["steps"]["coping"] == plan()["steps"]["coping"]
    reported = (await clinic.clara.client.post(of(clinic.ana))).json()
    assert reported["help"]["safety_plan"] is None
    async with at(clinic, clinic.ana, NOON), late(clinic, clinic.ana, timedelta(hours=1)) as ana:
        assert (await ana.post(ME)).json()["help"]["safety_plan"] is None


async def test_staff_raise_one_for_somebody(clinic: Clinic, psql: psycopg.Connection) -> None:
    await may_be_paged(clinic.clara)
    reply = await clinic.clara.client.post(of(clinic.ana), json={"what": "She called me from the bridge."})
    assert reply.status_code == 201
    words = reply.json()["help"]
    assert sentence("help.staff", "en") in words["message"]
    assert (TOLD in words["message"], words["safety_plan"]) == (False, None)
    assert flags(psql, clinic.ana, "raised_by_kind, raised_by") == [("staff", clinic.clara.id)]
    assert (await clinic.clara.client.post(ME)).status_code == 404


async def test_for_others_the_patient_does_not_exist(clinic: Clinic, nora: Person) -> None:
    for person in (clinic.ben, clinic.dmitri, nora, clinic.ivan):
        reply = await person.client.post(of(clinic.ana), json={})
        assert (reply.status_code, bool(reply.json()["help"])) == (404, True)
    for person in (clinic.adele, clinic.olga):
        assert (await person.client.post(of(clinic.ana))).status_code == 403
    assert (await clinic.nobody.post(of(clinic.ana))).status_code == 401


async def test_nothing_is_half_kept(
    clinic: Clinic, psql: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The flag, its alert and the page stand or fall together."""

    async def fails(*_: object) -> Response:
        raise RuntimeError

    monkeypatch.setattr(everything, "planned", fails)
    body = {"id": str(uuid7())}
    assert (await clinic.ana.client.post(ME, json=body)).status_code == 500
    assert (flags(psql, clinic.ana), alerts(psql, clinic.ana)) == ([], [])
    monkeypatch.undo()
    assert (await clinic.ana.client.post(ME, json=body)).status_code == 201
    assert body["id"] == str(flags(psql, clinic.ana)[0][0])
