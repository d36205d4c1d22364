"""The procrastinate application and its periodic tasks. All of them may be lost, late or doubled."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status
from sqlalchemy.ext.asyncio import AsyncEngine

from app import clock, delivering, paging, sweeps
from app.database import SERVICE_ROLE, unit_of_work
from app.post_office import PostOffice
from app.queries import purge, tenants
from app.queries.jobs import DEFAULT, PAGES, SWEEPS, WATCH, WEBHOOKS
from app.services import telehealth_presence
from app.watching import Watcher

log = structlog.get_logger()
AT_ONCE = {DEFAULT: 2, SWEEPS: 1, PAGES: 24, WEBHOOKS: 64}
"""The queues that a worker works on, and how many jobs of each at once.

A slow mail server stops no sweep, and a sweep that takes its time is not joined by a second one.
"""


class Periodic(NamedTuple):
    """When a task is due, in cron's words (a sixth field is seconds), what it does, and in which queue."""

    cron: str
    task: Callable[[JobContext, int], Awaitable[None]]
    queue: str = DEFAULT


def application(url: str) -> App:
    """The job queue on one database, acting as the service role."""
    app = App(connector=PsycopgConnector(conninfo=url, kwargs={"options": f"-c role={SERVICE_ROLE}"}))
    for name, (cron, task, queue) in PERIODIC.items():
        registered = app.task(name=name, queue=queue, queueing_lock=name, pass_context=True)(task)
        app.periodic(cron=cron)(registered)
    app.task(name="deliver_page", queue=PAGES, pass_context=True)(deliver_page)
    app.task(name="tell_of_disabled_endpoint", queue=PAGES, pass_context=True)(tell_of_disabled_endpoint)
    app.task(name="follow_feed", queue=WEBHOOKS, pass_context=True)(follow_feed)
    app.task(name="serve_endpoint", queue=WEBHOOKS, pass_context=True)(serve_endpoint)
    app.task(name="apply_telehealth", queue=DEFAULT, pass_context=True)(apply_telehealth)
    return app


async def run(url: str, engine: AsyncEngine, office: PostOffice) -> None:
    """Work until told to stop (SIGTERM, SIGINT): finish what is running, take nothing new."""
    await _work(url, AT_ONCE, {"engine": engine, "office": office})


async def watch(url: str, watcher: Watcher) -> None:
    """Watch until told to stop, in a process that shares nothing with those it watches."""
    await _work(url, {WATCH: 1}, {"watcher": watcher})


async def _work(url: str, queues: Mapping[str, int], tools: dict[str, Any]) -> None:
    """One procrastinate worker a queue. When one fails all end: whoever keeps the process starts it anew."""
    app = application(url)
    async with app.open_async():
        workers = [
            asyncio.create_task(
                app.run_worker_async(
                    queues=[queue], name=queue, additional_context=tools, concurrency=at_once,
                    shutdown_graceful_timeout=20, delete_jobs="successful", install_signal_handlers=False,
                )
            )
            for queue, at_once in queues.items()
        ]  # fmt: skip
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, _stop, workers)
        try:
            await asyncio.gather(*workers)
        except asyncio.CancelledError:  # told to stop: each finishes what it is doing
            await asyncio.gather(*workers, return_exceptions=True)
        finally:
            _stop(workers)


def _stop(workers: Sequence[asyncio.Task[None]]) -> None:
    for worker in workers:
        worker.cancel()


async def sweep(context: JobContext, timestamp: int) -> None:
    """Do what is due. As of now and not of when it was asked for: a sweep that waited must not look back."""
    log.debug("sweeping", at=timestamp)
    await sweeps.sweep(context.additional_context["engine"], clock.now())


async def reconcile(context: JobContext, timestamp: int) -> None:
    """Look whether everything is as it must be. Whatever waited meanwhile, it is asked of now."""
    log.debug("reconciling", at=timestamp)
    watcher: Watcher = context.additional_context["watcher"]
    await watcher.look(clock.now())


async def deliver_page(context: JobContext, organization_id: str, page_id: str) -> None:
    """Send one page, unless somebody else does or it is no longer wanted."""
    extra = context.additional_context
    await paging.deliver(extra["engine"], extra["office"], UUID(organization_id), UUID(page_id), clock.now)


async def apply_telehealth(context: JobContext, organization_id: str, event_id: str) -> None:
    """Let attendance follow an event of a telehealth platform, unless a sweep was faster."""
    async with unit_of_work(context.additional_context["engine"], UUID(organization_id)) as db:
        await telehealth_presence.apply(db, UUID(event_id), clock.now())


async def follow_feed(context: JobContext, organization_id: str) -> None:
    """Bring what the feed has come to hold to the webhook endpoints."""
    await delivering.follow_feed(context.additional_context["engine"], UUID(organization_id))


async def serve_endpoint(context: JobContext, organization_id: str, endpoint_id: str) -> None:
    """Send what is due to one webhook endpoint, unless another job does."""
    extra, at = context.additional_context, (UUID(organization_id), UUID(endpoint_id))
    await delivering.serve(extra["engine"], extra["office"], *at, clock.now)


async def tell_of_disabled_endpoint(context: JobContext, organization_id: str, endpoint_id: str) -> None:
    """Tell the administrators that nothing is sent to a webhook endpoint any more."""
    extra, at = context.additional_context, (UUID(organization_id), UUID(endpoint_id))
    await delivering.tell_administrators(extra["engine"], extra["office"], *at, clock.now)


async def purge_expired(context: JobContext, timestamp: int) -> None:
    """Delete what has expired and proves nothing: used-up refresh tokens, old keys of repeated requests."""
    engine: AsyncEngine = context.additional_context["engine"]
    now = datetime.fromtimestamp(timestamp, UTC)
    async with unit_of_work(engine, None) as db:
        await purge.sign_in_attempts(db, now)
        organizations = await tenants.every(db)
    for organization_id in organizations:
        async with unit_of_work(engine, organization_id) as db:
            await purge.expired(db, now)


async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Give the jobs of a worker that died to another: procrastinate leaves them `doing` for ever."""
    log.debug("looking_for_stalled_jobs", at=timestamp)
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        log.warning("job_stalled", task=job.task_name)
        try:
            await manager.retry_job(job)
        except UniqueViolation:  # its successor is waiting already
            await manager.finish_job(job, Status.FAILED, delete_job=False)


PERIODIC = {
    "sweep": Periodic("* * * * * */20", sweep, SWEEPS),
    "purge": Periodic("*/10 * * * *", purge_expired),
    "retry_stalled": Periodic("* * * * *", retry_stalled),
    "reconcile": Periodic("* * * * * 25,55", reconcile, WATCH),  # between two sweeps
}
"""The tasks by name."""
