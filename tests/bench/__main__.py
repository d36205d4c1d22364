"""`make bench`: how fast Handrail is on this machine, as ratios within one run.

Every round runs every scenario, so that whatever else the machine does hits all of them alike; what is
printed is the median over the rounds. PostgreSQL is the embedded one as shipped: fsync and all on.
"""

import argparse
import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from app import embedded, migration
from app.observability import configure_logging
from tests.bench import pgbench
from tests.bench.clinic import Clinic, furnish
from tests.bench.meter import Meter
from tests.bench.scenarios import Requests, Scenario, all_of

CONNECTIONS = 16
ROOT = Path(__file__).parents[2]
FLOOR = "floor: the same rows by pgbench"


@dataclass(frozen=True)
class Result:
    """One run of one scenario: units a second, and milliseconds a unit."""

    rate: float
    api_ms: float
    database_ms: float
    p50_ms: float = 0.0
    p99_ms: float = 0.0


@dataclass(frozen=True)
class Stage:
    """What is measured, and with what."""

    clinic: Clinic
    url: str
    port: int
    api: Meter
    database: Meter


def main() -> None:
    """Set up, warm up, measure, print, tidy up."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    folder = Path(tempfile.mkdtemp(prefix="handrail-bench-"))
    server = embedded.start(folder)
    try:
        migration.ensure_database(embedded.url(server, "postgres"), "handrail")
        migration.upgrade(embedded.url(server))
        clinic = asyncio.run(furnish(folder, embedded.url(server)))
        with serving(folder) as (port, api):
            scenarios = list(all_of(Requests(clinic, port)))
            stage = Stage(clinic, embedded.url(server), port, Meter(api), Meter(server.get_pid()))
            results = measure(stage, scenarios, rounds)
        report(results, {scenario.name: scenario.ceiling for scenario in scenarios})
    finally:
        embedded.stop(server)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def serving(folder: Path) -> Iterator[tuple[int, int]]:
    """One API process: its port and its process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"HANDRAIL_DATA_DIR": str(folder), "HANDRAIL_PORT": str(port)}
    with (folder / "api.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.service"], env=environment, cwd=ROOT, stdout=log, stderr=log
        )
    try:
        until = time.perf_counter() + 60
        while not _answers(port):
            assert process.poll() is None and time.perf_counter() < until, (folder / "api.log").read_text()
            time.sleep(0.1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(20)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/.well-known/jwks.json", timeout=5):
            return True
    except (urllib.error.URLError, ConnectionError):
        return False


def measure(stage: Stage, scenarios: list[Scenario], rounds: int) -> dict[str, list[Result]]:
    """Every scenario in every round; the first round is the warm-up and not counted."""
    results: dict[str, list[Result]] = {scenario.name: [] for scenario in scenarios} | {FLOOR: []}
    for number in range(rounds + 1):
        print(f"round {number} of {rounds}" if number else "warming up", file=sys.stderr)
        found = {scenario.name: run(stage, scenario) for scenario in scenarios}
        found[FLOOR] = run_floor(stage)
        if number:
            for name, result in found.items():
                results[name].append(result)
    return results


def run(stage: Stage, scenario: Scenario) -> Result:
    """One run of one scenario, by a process of its own."""
    requests = scenario.requests(scenario.count)
    data = b"".join(len(each).to_bytes(4, "big") + each for each in requests)
    before = stage.api.seconds(), stage.database.seconds()
    load = subprocess.run(
        [sys.executable, "-m", "tests.bench.load", str(stage.port), str(CONNECTIONS)],
        input=data, capture_output=True, check=True, cwd=ROOT,
    )  # fmt: skip
    spent = stage.api.seconds() - before[0], stage.database.seconds() - before[1]
    told = json.loads(load.stdout)
    assert told["statuses"] == {str(scenario.status): scenario.count}, f"{scenario.name}: {told['statuses']}"
    units = scenario.count * scenario.units
    per_unit = [1e3 * seconds / units for seconds in spent]
    return Result(units / told["seconds"], *per_unit, told["p50_ms"], told["p99_ms"])


def run_floor(stage: Stage) -> Result:
    """The same rows, without us."""
    before = stage.database.seconds()
    count, seconds = pgbench.rate(stage.url, stage.clinic, clients=CONNECTIONS, seconds=2)
    return Result(count / seconds, 0.0, 1e3 * (stage.database.seconds() - before) / count)


def report(results: dict[str, list[Result]], ceilings: dict[str, str | None]) -> None:
    """Medians; ratios are taken round by round."""
    print(f"\n{'':42}{'a second':>9}{'of ceiling':>11}{'of floor':>9}", end="")
    print(f"{'API ms':>8}{'DB ms':>7}{'p50 ms':>8}{'p99 ms':>8}")
    for name, found in results.items():
        ceiling = ceilings.get(name)
        floor = FLOOR if ceiling and found[0].database_ms > 0.05 else None  # of what writes
        print(
            f"{name:42}{mid(each.rate for each in found):9.0f}"
            f"{share(results, name, ceiling):>11}{share(results, name, floor):>9}"
            f"{mid(each.api_ms for each in found):8.2f}{mid(each.database_ms for each in found):7.2f}"
            f"{mid(each.p50_ms for each in found):8.1f}{mid(each.p99_ms for each in found):8.1f}"
        )
    goals(results)


def goals(results: dict[str, list[Result]]) -> None:
    """What we want of it, beside what it is."""
    post, plain, _, batch, get, poll, _, _ = results
    cpu = mid(each.api_ms + each.database_ms for each in results[plain])
    for said, value, least in (
        ("unchanged poll, of its ceiling", ratio(results, poll, get), 0.7),
        ("unchanged poll, of the ceiling that validates", ratio(results, poll, post), 0.7),
        ("plain check-in, of its ceiling", ratio(results, plain, post), 0.25),
        ("batch, an item, against a single", ratio(results, batch, plain), 3.0),
    ):
        print(f"{said:48}{value:6.2f}  goal at least {least}: {'met' if value >= least else 'MISSED'}")
    print(
        f"{'plain check-in, CPU ms in all':48}{cpu:6.2f}  goal at most 2.0: {'met' if cpu <= 2 else 'MISSED'}"
    )


def share(results: dict[str, list[Result]], name: str, of: str | None) -> str:
    return "" if of is None else f"{ratio(results, name, of):.2f}"


def ratio(results: dict[str, list[Result]], name: str, of: str) -> float:
    """The median of the rounds' ratios."""
    pairs = zip(results[name], results[of], strict=True)
    return mid(one.rate / other.rate for one, other in pairs)


def mid(values: Iterable[float]) -> float:
    return median(values)


if __name__ == "__main__":
    with Path(os.devnull).open("w") as nowhere:
        configure_logging(stream=nowhere)
        main()
