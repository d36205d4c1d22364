"""What a sweep costs when nothing is due, and how it finds what is."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from app import sweeps
from app.database import unit_of_work
from app.queries import absences
from tests.sweeps.ward import HOUR, MONDAY, Resident, Ward, local

STAYS = 3000


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Everything that is said to the database, but BEGIN and COMMIT."""
    said: list[str] = []
    genuine = psycopg.AsyncCursor.execute

    async def noted(self: Any, query: Any, *args: Any, **more: Any) -> Any:
        said.append(query.decode() if isinstance(query, bytes) else str(query))
        return await genuine(self, query, *args, **more)

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", noted)
    return said


async def test_an_organization_with_nothing_due_costs_one_transaction_and_a_statement_for_each_kind(
    ward: Ward, statements: list[str]
) -> None:
    nora = await ward.admit()
    now = local(nora, MONDAY, 10)
    await ward.sweep(now)
    statements.clear()
    await ward.sweep(now + HOUR)
    organizations = ward.value("select count(*) from tenant")
    tenants = [each for each in statements if each.startswith("SET LOCAL")]
    asked = [each for each in statements if each.startswith("SELECT")]
    assert len(tenants) == organizations + 2, "one for each, one to list them, one for the pulse"
    assert len(asked) == len(sweeps.KINDS) * organizations + 1
    assert len(statements) == len(tenants) + len(asked) + 1, "and the pulse itself"


async def test_what_is_due_is_found_by_the_partial_index(ward: Ward) -> None:
    nora = await ward.admit()
    _fill(ward, nora)
    with _kept(ward.engine) as said:
        async with unit_of_work(ward.engine, ward.organization_id) as db:
            assert await absences.due(db, local(nora, MONDAY, 10), 500) == [nora.stay_id]
            ((statement, values),) = said
            cursor = await (await db.driver()).execute(f"explain {statement}", values)
            plan = "\n".join(line for (line,) in await cursor.fetchall())
    assert "Index Scan using ix_enrollment_absence_due" in plan, plan
    assert "Sort" not in plan, plan


def _fill(ward: Ward, nora: Resident) -> None:
    """As many stays again: half of them are due later, the others never."""
    ward.psql.execute(
        "insert into patient (organization_id, id, given_name, family_name, locale, time_zone, created_at,"
        " row_version) select organization_id, gen_random_uuid(), 'Nora', 'Example', locale, time_zone,"
        " created_at, 1 from patient, generate_series(1, %s) where id = %s",
        [STAYS, nora.id],
    )
    ward.psql.execute(
        "insert into enrollment (organization_id, id, patient_id, program_id, starts_on, status, created_at,"
        " row_version, absence_due_at) select e.organization_id, gen_random_uuid(), p.id, e.program_id,"
        " e.starts_on, e.status, e.created_at, 1,"
        " case when row_number() over () %% 2 = 0 then e.absence_due_at + interval '9 days' end"
        " from enrollment e join patient p on p.organization_id = e.organization_id"
        " where e.id = %s and not exists (select from enrollment x where x.patient_id = p.id)",
        [nora.stay_id],
    )
    ward.psql.execute("analyze enrollment")


@contextmanager
def _kept(engine: AsyncEngine) -> Iterator[Sequence[tuple[str, Any]]]:
    """The statements that SQLAlchemy makes meanwhile, with their values."""
    made: list[tuple[str, Any]] = []

    def keep(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        made.append((statement, values))

    event.listen(engine.sync_engine, "before_cursor_execute", keep)
    try:
        yield made
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", keep)
