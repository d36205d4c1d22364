"""The engine, and the unit of work: tenant first, commit before the response."""

import asyncio
import contextlib
import os
import select
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, LiteralString, Protocol, cast
from uuid import UUID

import psycopg
from psycopg.rows import TupleRow
from sqlalchemy import AdaptedConnection, Executable, Result, ScalarResult, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from app.errors import KeptConflict, Unavailable

SERVICE_ROLE = "handrail_service"
CHECKOUT_SECONDS = 2.0
WORK_SECONDS = 4.5
_SERVER_OPTIONS = (
    f"-c role={SERVICE_ROLE} -c statement_timeout=3500 -c lock_timeout=2500 "
    "-c idle_in_transaction_session_timeout=10000 -c timezone=UTC "
    # Planning the statement of a check-in costs more than running it, and every plan is by key.
    "-c plan_cache_mode=force_generic_plan"
)


class Lane(Protocol):
    """Where units of work wait for their turn, as at a semaphore."""

    async def acquire(self) -> bool:
        """Wait for it."""

    def release(self) -> None:
        """Let the next one go."""


Driver = psycopg.AsyncConnection[TupleRow]
Values = Sequence[object] | Mapping[str, object]


def engine_for(url: str, pool_size: int = 16) -> AsyncEngine:
    """An engine whose every connection acts as the service role, with time-outs shorter than a client's.

    `url` is a libpq URL (`postgresql://…`). The pool fails fast: waiting longer helps nobody.
    """
    engine = create_async_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        poolclass=AsyncAdaptedQueuePool,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=CHECKOUT_SECONDS,
        pool_recycle=1800,
        pool_use_lifo=True,  # the connection used last has the statements prepared
        connect_args={"connect_timeout": 2, "options": _SERVER_OPTIONS, "application_name": "handrail"},
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "checkout", _refuse_the_dead)
    return engine


class Db:
    """One unit of work of one organization, on one connection that is taken when first needed.

    The first statement of its transaction sets the tenant (`SET LOCAL`, which Citus passes on to its
    workers, unlike `set_config`). Nobody but the edge commits. A unit that was never used costs nothing.

    Raises `Unavailable` when no connection is to be had in time, and the driver's `OperationalError` when
    the server goes away or is too slow: `problems` turns both into 503.
    """

    def __init__(self, engine: AsyncEngine, organization_id: UUID | None, lane: Lane | None = None) -> None:
        """`organization_id` is None only for work that touches no tenant's table. With a `lane`, it waits for
        its turn there before it takes a connection."""
        self.organization_id = organization_id
        self._engine = engine
        self._lane = lane
        self._has_turn = False
        self._connection: AsyncConnection | None = None
        self._driver: Driver | None = None
        self._orm: AsyncSession | None = None
        self._seconds = WORK_SECONDS
        self._deadline: asyncio.TimerHandle | None = None
        self._at_commit: list[tuple[LiteralString, Values]] = []
        self._very_last: list[tuple[LiteralString, Values]] = []
        self._after_commit: list[Callable[[], object]] = []

    def hurry(self, seconds: float) -> None:
        """Let this unit take no longer than that, where another way is open. To be called before its first
        statement."""
        self._seconds = seconds

    @contextlib.asynccontextmanager
    async def pipeline(self) -> AsyncIterator[Driver]:
        """Run the body's statements in one round trip (a pipeline), BEGIN and the tenant before the first.

        Results are to be fetched after the block.
        """
        is_first = self._driver is None
        driver = await self._take() if self._driver is None else self._driver
        async with driver.pipeline():
            if is_first:
                await driver.execute(tenant_statement(self.organization_id))
            yield driver

    async def driver(self) -> Driver:
        """The psycopg connection inside this unit's transaction, for what SQLAlchemy would slow down."""
        if self._driver is None:
            async with self.pipeline():
                pass
        assert self._driver is not None
        return self._driver

    async def orm(self) -> AsyncSession:
        """The SQLAlchemy handle of this unit. It never commits: the edge does."""
        if self._orm is None:
            await self.driver()
            self._orm = AsyncSession(self._connection, expire_on_commit=False, autoflush=False)
        return self._orm

    async def execute(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Result[Any]:
        """Run one SQLAlchemy statement."""
        return await (await self.orm()).execute(statement, values)

    async def scalars(self, statement: Executable) -> ScalarResult[Any]:
        """Run one SQLAlchemy statement; the first column of each row."""
        return await (await self.orm()).scalars(statement)

    async def scalar(self, statement: Executable) -> Any:
        """Run one SQLAlchemy statement; the first column of the first row, or None."""
        return await (await self.orm()).scalar(statement)

    async def add(self, *rows: object) -> None:
        """Insert new rows now, so that a broken constraint is met here and not at the commit."""
        orm = await self.orm()
        orm.add_all(rows)
        await orm.flush()

    async def flush(self) -> None:
        """Write changed rows now."""
        if self._orm is not None:
            await self._orm.flush()

    def at_commit(
        self, statement: LiteralString, values: Values, *, last: bool = False, once: bool = False
    ) -> None:
        """Send this statement together with COMMIT, in the same round trip.

        `last` puts it behind all others: for the row that every writer of an organization waits for. With
        `once` it is not sent a second time with the same values.
        """
        words = self._very_last if last else self._at_commit
        if not once or (statement, values) not in words:
            words.append((statement, values))

    def after_commit(self, tell: Callable[[], object]) -> None:
        """Call this when the commit has returned, and also when its answer was lost: it may have happened."""
        self._after_commit.append(tell)

    async def commit(self) -> None:
        """Make it so. Only when this returns is anything kept."""
        await self.flush()
        if (words := self._at_commit + self._very_last) and self._driver is None:
            await self.driver()
        if self._driver is None:
            return
        try:
            if not words:
                await self._driver.commit()
                return
            async with self._driver.pipeline():
                for statement, values in words:
                    await self._driver.execute(statement, values)
                await self._driver.commit()
        finally:
            for tell in self._after_commit:
                tell()

    async def close(self) -> None:
        """Roll back what was not committed, and give the connection back; throw it away when it is broken."""
        if self._deadline is not None:
            self._deadline.cancel()
        try:
            if self._connection is not None:
                if self._driver is None or self._driver.closed:
                    await self._connection.invalidate()
                await self._connection.close()
        finally:
            if self._lane is not None and self._has_turn:
                self._has_turn = False
                self._lane.release()

    async def _take(self) -> Driver:
        loop = asyncio.get_running_loop()
        over_at = loop.time() + self._seconds  # waiting for a connection is part of the work's time
        try:
            async with asyncio.timeout(min(CHECKOUT_SECONDS, self._seconds)):
                if self._lane is not None:
                    self._has_turn = await self._lane.acquire()
                self._connection = await self._engine.connect()
        except (TimeoutError, PoolTimeoutError) as slow:
            raise Unavailable from slow
        raw = await self._connection.get_raw_connection()
        driver: Driver = cast(Driver, raw.driver_connection)
        self._driver = driver
        self._deadline = loop.call_at(over_at, hang_up, driver)
        return driver


def _refuse_the_dead(connection: DBAPIConnection, _record: object, _proxy: object) -> None:
    """Have the pool replace a connection on which the server has hung up meanwhile.

    Nobody asked it anything, so that a word from it can only be its last. Costs no round trip.
    """
    driver = cast(Driver, cast(AdaptedConnection, connection).driver_connection)
    if driver.closed:
        raise DisconnectionError
    said = select.poll()
    said.register(driver.fileno(), select.POLLIN)
    if said.poll(0):
        raise DisconnectionError


@contextlib.asynccontextmanager
async def unit_of_work(
    engine: AsyncEngine, organization_id: UUID | None, lane: Lane | None = None
) -> AsyncIterator[Db]:
    """A unit of work that commits at the end of the block, or not at all; in its `lane` it waits its turn.

    Any exception rolls back, but for `KeptConflict`, whose point is that something was kept.
    """
    db = Db(engine, organization_id, lane)
    try:
        try:
            yield db
        except KeptConflict:
            await db.commit()
            raise
        await db.commit()
    finally:
        await asyncio.shield(db.close())


def tenant_statement(organization_id: UUID | None) -> bytes:
    """What sets the tenant of a transaction, as its first statement."""
    # SET takes no parameters: the literal is a checked UUID.
    tenant = "" if organization_id is None else str(UUID(str(organization_id)))
    return f"SET LOCAL app.organization_id = '{tenant}'".encode()


async def dedicated_connection(url: str, purpose: str) -> Driver:
    """A connection outside the pool, in autocommit, with the role and the time-outs of the others."""
    return await psycopg.AsyncConnection.connect(
        url,
        autocommit=True,
        connect_timeout=2,
        options=_SERVER_OPTIONS,
        application_name=f"handrail {purpose}",
    )


def hang_up(driver: Driver) -> None:
    """End a connection that is over its time, from outside: the waiting coroutine then sees it broken.

    Cancelling the task instead would make psycopg ask a server that does not answer to cancel, for 5 s more.
    """
    with contextlib.suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(driver.fileno())) as twin:
        twin.shutdown(socket.SHUT_RDWR)
