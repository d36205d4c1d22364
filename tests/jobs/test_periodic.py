"""The worker's periodic tasks, run by a real procrastinate worker on a database of their own."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from fastapi import FastAPI
from procrastinate import App
from uuid_utils.compat import uuid7

from app import jobs
from app.database import engine_for, unit_of_work
from app.main import create_app
from app.models import Device, IdempotencyKey, Invitation, RefreshToken, SignInAttempt, SignInName
from app.settings import Settings
from tests.people import Clinic, open_clinics

NOW = datetime.now(UTC)  # the worker may add a purge of its own, with the time as it is
LONG_AGO = NOW - timedelta(days=8)


@pytest.fixture
async def clinic(own_database: str, tmp_path: Path) -> AsyncIterator[Clinic]:
    """A clinic in a database of this test: the worker visits every organization that there is."""
    app = create_app(Settings(data_dir=tmp_path), own_database)
    async with app.router.lifespan_context(app), open_clinics(app) as clinic:
        yield clinic


@pytest.fixture
async def queue(own_database: str) -> AsyncIterator[App]:
    queue = jobs.application(own_database)
    async with queue.open_async():
        yield queue


async def work(queue: App, url: str) -> None:
    """Everything that is due, then stop."""
    engine = engine_for(url, pool_size=2)
    try:
        await queue.run_worker_async(
            wait=False, listen_notify=False, install_signal_handlers=False,
            additional_context={"engine": engine},
        )  # fmt: skip
    finally:
        await engine.dispose()


async def leave_behind(app: FastAPI, organization_id: UUID, owner: UUID, credential_id: UUID) -> None:
    """One of each that expired a week ago, and one that did not."""
    async with unit_of_work(app.state.engine, organization_id) as db:
        tenant = {"organization_id": organization_id}
        device = Device(
            **tenant, id=uuid7(), credential_id=credential_id, name="phone", created_at=LONG_AGO,
            last_seen_at=LONG_AGO,
        )  # fmt: skip
        await db.add(device)
        for name, expires_at in ((b"old", LONG_AGO), (b"new", NOW)):
            token = {"issued_at": LONG_AGO, "expires_at": expires_at, "secret_hash": name}
            await db.add(RefreshToken(**tenant, id=uuid7(), device_id=device.id, **token))
            invitation = Invitation(
                **tenant, id=uuid7(), patient_id=owner, secret_hash=name + organization_id.bytes,
                created_at=LONG_AGO, expires_at=expires_at,
            )  # fmt: skip
            await db.add(invitation)
            await db.add(
                SignInName(name_hash=invitation.secret_hash, owner_id=invitation.id, **tenant),
                SignInAttempt(
                    subject_hash=name + organization_id.bytes, failures=1, first_at=expires_at,
                    last_at=expires_at,
                ),
                IdempotencyKey(
                    **tenant, caller_id=owner, key=name.decode(), operation="POST /", fingerprint=b"",
                    status=201, reply={}, created_at=expires_at,
                ),
            )  # fmt: skip


async def test_what_has_expired_is_purged_in_every_organization(
    clinic: Clinic, queue: App, own_database: str
) -> None:
    for person in (clinic.ana, clinic.ivan):
        await leave_behind(clinic.app, person.organization_id, person.id, person.credential_id)
    await queue.configure_task("purge").defer_async(timestamp=int(NOW.timestamp()))
    await work(queue, own_database)
    with psycopg.connect(own_database) as connection:
        for table, column in (
            ("refresh_token", "secret_hash"), ("invitation", "secret_hash"), ("sign_in_name", "name_hash"),
            ("sign_in_attempt", "subject_hash"),
        ):  # fmt: skip
            left = connection.execute(f"select substr({column}, 1, 3) from {table}").fetchall()
            assert left == [(b"new",)] * 2, table
        assert connection.execute("select key from idempotency_key").fetchall() == [("new",)] * 2


async def test_the_job_of_a_dead_worker_is_given_to_another(queue: App, own_database: str) -> None:
    await queue.configure_task("purge").defer_async(timestamp=int(NOW.timestamp()))
    with psycopg.connect(own_database, autocommit=True) as connection:
        connection.execute(
            "with dead as (insert into procrastinate_workers (last_heartbeat)"
            " values (now() - interval '1 hour') returning id)"
            " update procrastinate_jobs set status = 'doing', worker_id = (select id from dead)"
        )
        await queue.configure_task("retry_stalled").defer_async(timestamp=0)
        await work(queue, own_database)
        states = connection.execute("select task_name, status::text from procrastinate_jobs").fetchall()
    assert ("purge", "doing") not in states, "nobody works on it any more"
    assert ("purge", "succeeded") in states
