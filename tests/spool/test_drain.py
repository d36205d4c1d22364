"""The database is back: what was kept is done as if it had been done then, once, in its order."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from uuid_utils.compat import uuid7

from app import clock
from app.access import Actor
from app.edge.kept_route import Kind, Sent
from app.keeping.keeper import Keeping
from app.schemas.assessment import AssessmentBody
from app.schemas.check_in import CheckInBody
from app.schemas.crisis_flag import CrisisFlagBody
from app.schemas.kept import KeptReply
from app.settings import Settings
from app.spool import Entry, Store
from app.watching.faults import Fault
from app.watching.report import Report
from app.watching.spooled import Spooled
from tests.edge.conftest import Logs
from tests.people import Clinic, Person
from tests.spool.test_kept import SECRET, phq9
from tests.walls.story import check_in

BODIES: dict[Kind, Any] = {
    "check_in": CheckInBody, "assessment": AssessmentBody, "crisis_flag": CrisisFlagBody,
}  # fmt: skip
TWO_MINUTES_AGO = timedelta(minutes=2)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    store = Store(settings.spool_folder, settings.spool_megabytes)
    yield store
    store.remove([entry.id for entry in store.entries()])
    store.close()


def sent(
    person: Person, kind: Kind, raw: dict[str, Any], *, now: datetime | None = None,
    patient_id: UUID | None = None,
) -> Sent:  # fmt: skip
    actor = Actor(person.organization_id, person.role.value, person.id, person.role, person.credential_id)
    at = now or clock.now() - TWO_MINUTES_AGO
    return Sent(kind, patient_id or person.id, actor, BODIES[kind].model_validate(raw), raw, "en", at)


async def keep(clinic: Clinic, *everything: Sent) -> list[KeptReply]:
    keeper: Keeping = clinic.app.state.keeper
    return [*await keeper.keep([keeper.look_at(each) for each in everything])]


async def drained(store: Store, *, parked: int = 0) -> list[Entry]:
    """What is left when nothing goes on any more."""
    for _ in range(200):
        if len(left := store.entries()) == parked and all(each.parked for each in left):
            return left
        await asyncio.sleep(0.05)
    raise AssertionError(store.entries())


async def test_it_is_as_if_it_had_been_done_then(
    clinic: Clinic, psql: psycopg.Connection, store: Store, logs: Logs
) -> None:
    body = check_in(craving=9) | {"note": SECRET}
    then = clock.now() - TWO_MINUTES_AGO
    await keep(clinic, sent(clinic.ana, "check_in", body, now=then))
    await drained(store)
    rows = psql.execute(
        "select c.id::text, c.received_at, c.note, a.rule, a.opened_at, e.at, e.actor_id, e.outcome"
        " from check_in c join alert a using (organization_id, patient_id)"
        " join audit_entry e on e.organization_id = c.organization_id and e.resource_id = c.id"
        " where c.patient_id = %s",
        [clinic.ana.id],
    ).fetchall()
    assert rows == [(body["id"], then, SECRET, "craving.high", then, then, clinic.ana.id, "done")]
    assert SECRET not in logs.text
    again = await clinic.ana.client.post("/v1/patients/me/check-ins", json=body)
    assert again.status_code == 200, "who did not hear the 202 sends it once more"


async def test_a_crisis_flag_opens_its_critical_alert(
    clinic: Clinic, psql: psycopg.Connection, store: Store
) -> None:
    (reply,) = await keep(clinic, sent(clinic.ana, "crisis_flag", {"what": SECRET}))
    await drained(store)
    rows = psql.execute(
        "select f.id, f.what, f.status, a.rule, a.severity, a.id = f.alert_id from crisis_flag f"
        " join alert a on a.id = f.alert_id where f.patient_id = %s",
        [clinic.ana.id],
    ).fetchall()
    assert rows == [(reply.id, SECRET, "open", "si.crisis_flag", "critical", True)]


async def test_an_assessment_is_scored(clinic: Clinic, psql: psycopg.Connection, store: Store) -> None:
    await keep(clinic, sent(clinic.ana, "assessment", phq9(2)))
    await drained(store)
    found = psql.execute(
        "select score->>'total', (select array_agg(rule) from alert a where a.patient_id = s.patient_id)"
        " from assessment s where patient_id = %s",
        [clinic.ana.id],
    ).fetchall()
    assert found == [("10", ["si.phq9_item9"])]


async def test_what_a_patient_said_goes_in_in_its_order(
    clinic: Clinic, psql: psycopg.Connection, store: Store
) -> None:
    bodies = [check_in(mood=number) for number in range(8)]
    same = bodies[0] | {"answers": {"mood": 10}}
    await keep(clinic, *(sent(clinic.ana, "check_in", body) for body in [*bodies, same]))
    await drained(store)
    rows = psql.execute(
        "select id::text, revision from check_in where patient_id = %s order by xmin::text::bigint",
        [clinic.ana.id],
    ).fetchall()
    assert rows == [*((body["id"], 0) for body in bodies), (bodies[0]["id"], 1)]


async def test_what_comes_meanwhile_waits_for_what_was_said_before_it(
    clinic: Clinic, psql: psycopg.Connection, store: Store
) -> None:
    """But not what is urgent, and nobody waits for another patient."""
    first, second, cry = check_in(mood=1), check_in(mood=2), check_in(feels_safe=False)
    with psycopg.connect(psql.info.dsn) as other:
        other.execute("select 1 from patient where id = %s for update", [clinic.ana.id])
        await keep(clinic, sent(clinic.ana, "check_in", first))
        path = "/v1/patients/me/check-ins"
        assert (await clinic.ana.client.post(path, json=second)).status_code == 202
        assert (await clinic.ben.client.post(path, json=check_in(mood=3))).status_code == 201
        other.rollback()
    assert (await clinic.ana.client.post(path, json=cry)).status_code == 201
    await drained(store)
    kept = psql.execute("select id::text from check_in where patient_id = %s", [clinic.ana.id]).fetchall()
    assert {row[0] for row in kept} == {first["id"], second["id"], cry["id"]}


async def test_what_is_refused_then_is_left_to_a_person_and_told(
    clinic: Clinic, psql: psycopg.Connection, store: Store, settings: Settings
) -> None:
    stranger = sent(clinic.dmitri, "crisis_flag", {}, patient_id=clinic.ana.id)
    unknown = sent(clinic.ben, "check_in", check_in(mood=1, riddle=42))
    good = sent(clinic.ana, "check_in", check_in(mood=4))
    await keep(clinic, stranger, unknown, good)
    left = await drained(store, parked=2)
    assert [each.parked for each in left] == ["not_found", "unacceptable"]
    assert psql.execute(
        "select count(*) from crisis_flag where patient_id = %s", [clinic.ana.id]
    ).fetchall() == [(0,)]
    report = Report(clock.now())
    await Spooled(settings).look(clock.now(), report)
    assert [trouble.fault for trouble in report.troubles] == [Fault.SPOOL_PARKED]
    psql.execute(
        'update program set questions = \'[{"code": "riddle", "kind": "number", "minimum": 0,'
        ' "maximum": 50, "text": "?"}]\' where id = %s',
        [clinic.program_id],
    )
    assert store.unpark(left[1].id) == 1
    assert [each.id for each in await drained(store, parked=1)] == [left[0].id]


async def test_what_was_sealed_with_another_key_is_kept_for_who_has_it(clinic: Clinic, store: Store) -> None:
    keeper: Keeping = clinic.app.state.keeper
    said = keeper.look_at(sent(clinic.ana, "check_in", check_in(mood=4)))
    moved = store_entry(keeper, said)._replace(organization_id=str(uuid7()))
    store.put([moved], 0)
    (left,) = await drained(store, parked=1)
    assert left.parked == "unsealable", "an entry opens only in its own place"


def store_entry(keeper: Keeping, said: Sent) -> Any:
    from app.keeping.said import sealed

    return sealed(said, keeper._sealer)


async def test_the_watcher_tells_of_what_waits_for_too_long(tmp_path: Any) -> None:
    own = Settings(data_dir=tmp_path)
    report = Report(clock.now() - timedelta(hours=1))
    await Spooled(own).look(clock.now(), report)
    assert report.troubles == set()
    store = Store(own.spool_folder, 1)
    from tests.spool.test_store import entry

    store.put([entry()._replace(kept_at=(clock.now() - timedelta(minutes=3)).timestamp())], 0)
    store.close()
    await Spooled(own).look(clock.now(), report)
    assert [trouble.fault for trouble in report.troubles] == [Fault.SPOOL_WAITING]


async def test_a_commit_whose_answer_was_lost_is_one_check_in(
    clinic: Clinic, psql: psycopg.Connection, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worst of all moments: it is in the database, and the server dies before it says so."""
    from app.database import Db

    commit = Db.commit

    async def lose_the_answer(db: Db) -> None:
        await commit(db)
        if db._driver is not None:
            raise psycopg.OperationalError("planted: the connection is gone")

    body = check_in(feels_safe=False)
    with monkeypatch.context() as planted:
        planted.setattr(Db, "commit", lose_the_answer)
        reply = await clinic.ana.client.post("/v1/patients/me/check-ins", json=body)
        flag = await clinic.ana.client.post("/v1/patients/me/crisis-flags")
    assert (reply.status_code, flag.status_code) == (202, 202)
    await drained(store)
    kept = psql.execute(
        "select (select count(*) from check_in where patient_id = %(ana)s),"
        " (select count(*) from crisis_flag where patient_id = %(ana)s and raised_by_kind = 'patient'),"
        " (select array_agg(rule || occurrences order by rule) from alert where patient_id = %(ana)s)",
        {"ana": clinic.ana.id},
    ).fetchall()
    assert kept == [(1, 1, ["si.crisis_flag1", "si.not_safe1"])]
