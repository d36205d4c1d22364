"""The watcher works on a queue of its own, which no worker takes."""

from app import jobs
from app.watching import watcher_of
from tests.watcher.conftest import World


async def test_it_looks_when_its_job_comes_and_leaves_the_others(world: World, own_database: str) -> None:
    queue = jobs.application(own_database)
    watcher = watcher_of(world.app.state.engine, world.own)
    async with queue.open_async():
        for name in ("reconcile", "purge"):
            await queue.configure_task(name).defer_async(timestamp=0)
        await queue.run_worker_async(
            queues=[jobs.WATCH], wait=False, listen_notify=False, install_signal_handlers=False,
            additional_context={"watcher": watcher},
        )  # fmt: skip
    states = dict(world.rows("select task_name, status::text from procrastinate_jobs order by id desc"))
    assert states["reconcile"] == "succeeded"
    assert states["purge"] == "todo"
    ((at,),) = world.rows("select at from pulse where name = 'watch'")
    assert at > world.now, "as of when it ran, not of when it was asked for"


def test_no_worker_takes_the_watchers_jobs() -> None:
    assert jobs.WATCH not in jobs.AT_ONCE
    assert {name for name, each in jobs.PERIODIC.items() if each.queue == jobs.WATCH} == {"reconcile"}
