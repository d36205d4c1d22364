"""GET /readyz and /metrics say how those are who watch."""

import os
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psycopg
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.parser import text_string_to_metric_families as classic

from app import clock, jobs
from app.main import create_app
from app.settings import Settings
from tests.demo.serving import environment, free_port
from tests.feed.raising import craves
from tests.people import client_for
from tests.watcher.conftest import MINUTE, World

GAUGES = {
    "handrail_sweep_age_seconds", "handrail_watch_age_seconds", "handrail_ladder_lag_seconds",
    "handrail_pages_waiting", "handrail_queue_depth", "handrail_oldest_unacknowledged_alert_seconds",
}  # fmt: skip


def beat(superuser: psycopg.Connection, name: str, seconds_ago: float, facts: str = "{}") -> None:
    superuser.execute(
        "insert into pulse values (%s, now() - make_interval(secs => %s), %s)"
        " on conflict (name) do update set at = excluded.at, facts = excluded.facts",
        [name, seconds_ago, facts],
    )


async def test_readiness_says_how_old_they_are(world: World) -> None:
    beat(world.superuser, "sweep", 12)
    beat(world.superuser, "watch", 34, '{"ladder_lag": 5, "unacknowledged_urgent": 61.5, "pages_waiting": 2}')
    async with client_for(world.app) as client:
        watch = (await client.get("/readyz")).json()["watch"]
    assert watch.pop("sweep_age_seconds") == pytest.approx(12, abs=2)
    assert watch.pop("watch_age_seconds") == pytest.approx(34, abs=2)
    assert watch == {
        "ladder_lag_seconds": 5,
        "queue_depth": {},
        "oldest_unacknowledged_seconds": {"critical": None, "urgent": 61.5, "high": None, "routine": None},
    }


async def test_what_the_watcher_counts_is_what_is_shown(world: World) -> None:
    await craves(world.clinic.ana)
    await world.pass_by(5 * MINUTE)
    async with client_for(world.app) as client:
        watch = (await client.get("/readyz")).json()["watch"]
        metrics = (await client.get("/metrics")).text
    assert watch["oldest_unacknowledged_seconds"]["high"] == pytest.approx(300, abs=5)
    assert watch["watch_age_seconds"] == 0, "it looked in the future, by another clock"
    assert 'handrail_oldest_unacknowledged_alert_seconds{severity="high"}' in metrics


async def test_whoever_watches_or_not_requests_are_welcome(world: World) -> None:
    beat(world.superuser, "sweep", 9_000)
    async with client_for(world.app) as client:
        reply = (await client.get("/readyz")).json()
    assert reply["faults"] == ["fsync_off"], "of the tests' server, and nothing else"
    assert reply["watch"]["sweep_age_seconds"] > 8_000


async def test_a_database_that_is_away_tells_nothing(tmp_path: Path) -> None:
    app = create_app(Settings(data_dir=tmp_path), f"postgresql:///nothing?host={tmp_path}")
    async with app.router.lifespan_context(app), client_for(app) as client:
        watch = (await client.get("/readyz")).json()["watch"]
        metrics = await client.get("/metrics")
    assert watch["sweep_age_seconds"] is watch["queue_depth"] is watch["ladder_lag_seconds"] is None
    assert metrics.status_code == 200
    assert not any(name in metrics.text for name in GAUGES)


async def test_jobs_that_wait_are_counted_by_queue(world: World, own_database: str) -> None:
    queue = jobs.application(own_database)
    async with queue.open_async():
        for name in ("purge", "sweep", "reconcile"):
            await queue.configure_task(name).defer_async(timestamp=0)
        await queue.configure_task("retry_stalled", schedule_in={"hours": 1}).defer_async(timestamp=0)
    async with client_for(world.app) as client:
        watch = (await client.get("/readyz")).json()["watch"]
        metrics = (await client.get("/metrics")).text
    assert watch["queue_depth"] == {"default": 1, "sweeps": 1, "watch": 1}
    assert 'handrail_queue_depth{queue="sweeps"} 1.0' in metrics


async def test_the_gauges_speak_both_languages(world: World) -> None:
    await world.pass_by()
    async with client_for(world.app) as client:
        text = (await client.get("/metrics")).text
        open_text = (await client.get("/metrics", headers={"accept": "application/openmetrics-text"})).text
    for families in (classic(text), text_string_to_metric_families(open_text)):
        found = {family.name: family for family in families if family.name in GAUGES}
        assert found.keys() == GAUGES
        assert all(family.type == "gauge" and family.documentation for family in found.values())


async def test_they_are_small_statements(world: World) -> None:
    """Asked for by every load balancer, every few seconds."""
    world.superuser.execute(
        "insert into procrastinate_jobs (queue_name, task_name, status)"
        " select 'pages', 'deliver_page', 'succeeded' from generate_series(1, 200000)"
    )
    world.superuser.execute("analyze procrastinate_jobs")
    (plan,) = zip(
        *world.rows(
            "explain select queue_name, count(*) from procrastinate_jobs where status = 'todo'"
            " and (scheduled_at is null or scheduled_at <= now()) group by queue_name"
        ),
        strict=True,
    )
    assert "Seq Scan" not in " ".join(plan)


def test_two_api_processes_count_requests_together_and_the_database_once(
    own_database: str, tmp_path: Path
) -> None:
    with psycopg.connect(own_database, autocommit=True) as superuser:
        beat(superuser, "sweep", 100)
        beat(superuser, "watch", 10, '{"pages_waiting": 3}')
    port, counted = free_port(), tmp_path / "metrics"
    counted.mkdir()
    own = environment(own_database, tmp_path, port)
    own |= {"PROMETHEUS_MULTIPROC_DIR": str(counted), "HANDRAIL_WORKERS": "2"}
    with subprocess.Popen([sys.executable, "-m", "app.cli", "api"], env=os.environ | own) as process:
        try:
            text = scraped(f"http://127.0.0.1:{port}", process)
        finally:
            process.terminate()
    families = {family.name: family for family in classic(text)}
    assert [sample.value for sample in families["handrail_pages_waiting"].samples] == [3.0]
    (age,) = families["handrail_sweep_age_seconds"].samples
    assert 100 <= age.value < 160
    assert not age.labels, "no process of its own"
    requests = families["handrail_http_requests"].samples
    assert sum(sample.value for sample in requests if sample.labels["route"] == "/livez") == 20


def scraped(base: str, process: subprocess.Popen[bytes]) -> str:
    deadline = clock.stopwatch() + 60
    while clock.stopwatch() < deadline:
        assert process.poll() is None
        try:
            for _ in range(20):
                assert httpx.get(f"{base}/livez", trust_env=False).status_code == 200
            return httpx.get(f"{base}/metrics", trust_env=False).text
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError("it never came up")
