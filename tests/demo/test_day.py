"""`handrail demo day`: a day played over HTTP against a real server."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import httpx
import pytest

from app import clock
from app.demo import day, reach, sign_ins
from app.demo.sign_ins import SignIns
from app.demo.visitor import Visitor
from tests.demo.conftest import Demonstration, copy_of
from tests.demo.serving import environment, free_port, serving

FAST = 60_000.0


@pytest.fixture(scope="module")
def place(demo: Demonstration, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Base URL and data folder of a demonstration that is served, without a worker or pagers."""
    made = copy_of(demo, tmp_path_factory.mktemp("day"))
    with serving(made.url, made.settings.data_dir) as server:
        yield server.base_url, made.settings.data_dir


@pytest.fixture(scope="module")
def whole(demo: Demonstration, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The same with both."""
    made = copy_of(demo, tmp_path_factory.mktemp("whole"), free_port())
    made.seed()
    own, beside = made.settings, ("worker", "demo pagers")
    with serving(made.url, own.data_dir, own.port, beside, **reach.environment(own)) as server:
        yield server.base_url, own.data_dir


def known(folder: Path) -> SignIns:
    found = sign_ins.read(folder / "demo.json")
    assert found is not None
    return found


def test_one_is_not_safe_and_somebodys_pager_is_heard(whole: tuple[str, Path]) -> None:
    base_url, folder = whole
    score = asyncio.run(
        day.play(known(folder), base_url, patients=3, speed=FAST, chance=Random(3), show=lambda _: None)
    )
    assert score.paged is not None
    assert score.paged.seconds < 10
    assert score.paged.person in {"Clara Jensen", "Marcus Webb"}
    assert f"One patient did not feel safe: {score.paged.person} was paged" in score.summary()


def test_patients_check_in_and_the_counselor_sees_what_it_raises(place: tuple[str, Path]) -> None:
    base_url, folder = place
    shown: list[int] = []
    score = asyncio.run(
        day.play(
            known(folder), base_url, patients=10, speed=FAST, chance=Random(7),
            show=lambda score: shown.append(len(score.rows)),
        )
    )  # fmt: skip
    assert score.check_ins == 10
    assert score.assessments > 0
    assert score.refused == 0
    assert score.told > 0
    assert len(score.rows) >= score.told, "every answer that told somebody was seen by the counselor"
    assert all(row.sentence and row.patient for row in score.rows)
    assert len(score.latencies()) == len(score.rows)
    assert score.latencies()[-1] < 5
    assert shown[-1] == len(score.rows)
    assert f"{score.check_ins} check-ins" in score.summary()
    assert "critical" in {row.severity for row in score.rows}
    assert "Nobody's pager was heard." in score.summary()


class WithoutStreams(httpx.AsyncHTTPTransport):
    """A network on which streams are cut."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/stream"):
            raise httpx.ConnectError("cut", request=request)
        return await super().handle_async_request(request)


def test_without_a_stream_the_feed_is_asked(place: tuple[str, Path]) -> None:
    base_url, folder = place

    async def run() -> str:
        async with httpx.AsyncClient(base_url=base_url, transport=WithoutStreams()) as http:
            people = known(folder)
            clara = await Visitor.signed_in(http, people.of("counselor")[0])
            ana = await Visitor.signed_in(http, next(p for p in people.people if p.username == "ana"))
            cursor = (await clara.get("/v1/alerts/feed", after="latest"))["next"]
            await ana.post("/v1/patients/me/check-ins", not_safe())
            async for event in clara.follow(cursor):
                alert = await clara.get(f"/v1/alerts/{event['alert_id']}")
                return f"{alert['patient_name']}: {alert['severity']}"
            raise AssertionError

    assert asyncio.run(run()) == "Ana Reyes: critical"


def not_safe() -> dict[str, object]:
    return {
        "id": "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e21",
        "occurred_at": clock.now().isoformat(),
        "time_zone": "UTC",
        "answers": {"feels_safe": False},
    }


def run_day(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "demo", "day", *words],
        env=environment("postgresql:///nowhere", folder, 8000) | {"COLUMNS": "200"},
        capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip


def test_the_command_tells_how_it_went(place: tuple[str, Path]) -> None:
    base_url, folder = place
    said = run_day(folder, "--patients", "3", "--speed", "50000", "--base-url", base_url)
    assert said.returncode == 0, said.stderr
    assert "3 check-ins and" in said.stdout
    assert "alerts seen" in said.stdout


def test_the_command_says_when_there_is_no_demonstration(tmp_path: Path) -> None:
    said = run_day(tmp_path)
    assert said.returncode == 1
    assert "handrail run --demo" in said.stdout


def test_the_command_says_when_nobody_answers(place: tuple[str, Path]) -> None:
    said = run_day(place[1], "--base-url", f"http://127.0.0.1:{free_port()}")
    assert said.returncode == 1
    assert "ConnectError" in said.stdout
    assert "Traceback" not in said.stderr
