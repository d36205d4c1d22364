"""The procrastinate application and its periodic tasks. All of them may be lost, late or doubled."""

from datetime import UTC, datetime

import structlog
from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status
from sqlalchemy.ext.asyncio import AsyncEngine

from app.database import SERVICE_ROLE, unit_of_work
from app.queries import purge, tenants

log = structlog.get_logger()


def application(url: str) -> App:
    """The job queue on one database, acting as the service role."""
    app = App(connector=PsycopgConnector(conninfo=url, kwargs={"options": f"-c role={SERVICE_ROLE}"}))
    for name, (cron, task) in PERIODIC.items():
        registered = app.task(name=name, queueing_lock=name, pass_context=True)(task)
        app.periodic(cron=cron)(registered)
    return app


async def run(url: str, engine: AsyncEngine) -> None:
    """Work until told to stop (SIGTERM, SIGINT): finish what is running, take nothing new."""
    app = application(url)
    async with app.open_async():
        await app.run_worker_async(
            additional_context={"engine": engine}, concurrency=4, shutdown_graceful_timeout=20
        )


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


PERIODIC = {"purge": ("*/10 * * * *", purge_expired), "retry_stalled": ("* * * * *", retry_stalled)}
"""The tasks by name: when, in cron's words, and what."""
