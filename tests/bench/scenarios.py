"""What is asked, as raw requests made before the clock starts."""

import json
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle
from typing import Any

from uuid_utils.compat import uuid7

from app import clock
from tests.bench.clinic import Clinic

ANSWERS = {
    "mood": 6, "craving": 2, "sleep_hours": 7.5, "used": False, "feels_safe": True, "medication_taken": True,
    "anxiety": 3, "energy": 5,
}  # fmt: skip
ITEMS = 100  # of one batch
CHECK_INS = "/v1/patients/me/check-ins"


@dataclass(frozen=True)
class Scenario:
    """One kind of request. `units` is what each keeps; `ceiling` the scenario that it is read against."""

    name: str
    requests: Callable[[int], list[bytes]]
    count: int
    status: int
    ceiling: str | None
    units: int = 1


class Requests:
    """Makes the requests of one clinic; each patient gets only a few new check-ins."""

    def __init__(self, clinic: Clinic, port: int) -> None:
        self._port = port
        self._clinic = clinic
        self._quiet, self._alarmed = cycle(clinic.quiet), cycle(clinic.alarmed)
        self._offline, self._staff = cycle(clinic.offline), cycle(clinic.staff)

    def ceiling(self, count: int) -> list[bytes]:
        return [self._post("/v1/bench/me/check-ins", next(self._quiet), _check_in()) for _ in range(count)]

    def plain(self, count: int) -> list[bytes]:
        return [self._post(CHECK_INS, next(self._quiet), _check_in()) for _ in range(count)]

    def alarming(self, count: int) -> list[bytes]:
        return [self._post(CHECK_INS, next(self._alarmed), _check_in(used=True)) for _ in range(count)]

    def batch(self, count: int) -> list[bytes]:
        bodies = ({"items": [_check_in(days=day) for day in range(ITEMS)]} for _ in range(count))
        return [self._post(f"{CHECK_INS}/batch", next(self._offline), body) for body in bodies]

    def poll_ceiling(self, count: int) -> list[bytes]:
        return [self._get("/v1/bench/poll", next(self._staff)) for _ in range(count)]

    def poll(self, count: int) -> list[bytes]:
        tags = {token: self._ask("/v1/alerts", token)[0] for token in self._clinic.staff}
        tokens = (next(self._staff) for _ in range(count))
        return [self._get("/v1/alerts", token, f"If-None-Match: {tags[token]}\r\n") for token in tokens]

    def feed(self, count: int) -> list[bytes]:
        _, reply = self._ask("/v1/alerts/feed?after=latest", self._clinic.staff[0])
        path = f"/v1/alerts/feed?after={reply['next']}"
        return [self._get(path, next(self._staff)) for _ in range(count)]

    def _ask(self, path: str, token: str) -> tuple[str, Any]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._port}{path}", headers={"Authorization": f"Bearer {token}"}
        )
        with urllib.request.urlopen(request, timeout=10) as reply:
            return reply.headers["ETag"], json.load(reply)

    def _post(self, path: str, token: str, body: object) -> bytes:
        content = json.dumps(body).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        return head.encode() + content

    def _get(self, path: str, token: str, more: str = "") -> bytes:
        return f"GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n{more}\r\n".encode()


def all_of(requests: Requests) -> Iterator[Scenario]:
    """In the order of one round: each beside the ceiling that it is read against."""
    post, get = "ceiling: POST that validates and answers", "ceiling: GET that answers"
    yield Scenario(post, requests.ceiling, 1_500, 201, None)
    yield Scenario("check-in that raises nothing", requests.plain, 600, 201, post)
    yield Scenario("check-in that raises an alert", requests.alarming, 250, 201, post)
    yield Scenario(f"batch of {ITEMS}, an item", requests.batch, 16, 200, post, ITEMS)
    yield Scenario(get, requests.poll_ceiling, 2_000, 304, None)
    yield Scenario("unchanged poll of the alerts", requests.poll, 2_000, 304, get)
    yield Scenario("feed poll, nothing new", requests.feed, 2_000, 200, get)


def _check_in(*, days: int = 0, **answers: Any) -> dict[str, Any]:
    return {
        "id": str(uuid7()),
        "occurred_at": (clock.now() - timedelta(days=days)).isoformat(),
        "time_zone": "America/New_York",
        "answers": ANSWERS | answers,
    }
