"""Log lines refuse text by its shape; metrics speak Prometheus."""

import asyncio
import logging
import re
import warnings

import psycopg
import pytest
import structlog
from uuid_utils.compat import uuid7

from app.observability import REFUSED, add_log_facts, failure, log_facts, observe_request, render_metrics
from tests.edge.conftest import Logs

log = structlog.get_logger()


def test_a_line_has_its_event_and_facts(logs: Logs) -> None:
    alert_id = uuid7()
    log.info("alert_opened", alert_id=alert_id, rule="craving.high", count=3, seconds=0.5)

    (line,) = logs.lines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00", line.pop("at"))
    assert line == {
        "event": "alert_opened",
        "level": "info",
        "alert_id": str(alert_id),
        "rule": "craving.high",
        "count": 3,
        "seconds": 0.5,
    }


@pytest.mark.parametrize(
    "value",
    ["I want to die", "line\nbreak", "ünïcode", "x" * 201, b"bytes", {"a": 1}, object(), ValueError("die")],
)
def test_a_value_that_is_no_code_is_refused(logs: Logs, value: object) -> None:
    log.info("alert_opened", reason=value, frames=["a.py:1:f", value])

    (line,) = logs.lines()
    assert (line["reason"], line["frames"]) == (REFUSED, ["a.py:1:f", REFUSED])


@pytest.mark.parametrize("count", [2**63, -(10**30), float("nan"), float("inf")])
def test_a_number_that_json_cannot_hold_costs_no_more_than_itself(logs: Logs, count: float) -> None:
    log.info("alert_opened", count=count)

    (line,) = logs.lines("alert_opened")
    assert line["count"] in (REFUSED, None)


def test_a_key_that_is_not_on_the_list_is_counted(logs: Logs) -> None:
    log.info("alert_opened", note="fine", answer=4)

    (line,) = logs.lines()
    assert line["refused"] == 2
    assert not {"note", "answer"} & set(line)


@pytest.mark.parametrize("event", ["Somebody wrote: I want to die", "", "die!", "D", None, 5, "a" * 81])
def test_an_event_is_a_code(logs: Logs, event: object) -> None:
    log.info(event)

    assert [line["event"] for line in logs.lines()] == [REFUSED]


def test_a_message_of_our_own_is_refused(logs: Logs) -> None:
    log.info("alert_opened", message="I want to die")
    log.info("alert_opened", message="I want to die", logger="app")

    assert "die" not in logs.text


def test_an_exception_is_its_classes_frames_and_constraint(logs: Logs) -> None:
    def insert() -> None:
        raise psycopg.errors.CheckViolation("DETAIL: Failing row contains (1, I want to die).")

    try:
        try:
            insert()
        except psycopg.Error as row:
            raise ValueError("note: I want to die") from row
    except ValueError:
        log.exception("rule_failed", rule="craving.high")

    (line,) = logs.lines()
    assert line["level"] == "error"
    assert line["error"] == "builtins.ValueError"
    assert line["caused_by"] == ["psycopg.errors.CheckViolation"]
    assert line["frames"] == [line["frames"][0]]
    assert line["frames"][0].startswith("edge/test_observability.py:")
    assert "die" not in logs.text


def test_a_group_names_its_members() -> None:
    group = ExceptionGroup("I want to die", [ValueError("die"), KeyError("die")])

    assert failure(group) == {
        "error": "builtins.ExceptionGroup",
        "caused_by": ["builtins.ValueError", "builtins.KeyError"],
    }


def test_a_deep_recursion_is_thirty_frames() -> None:
    def deeper() -> None:
        deeper()

    with pytest.raises(RecursionError) as caught:
        deeper()
    assert len(failure(caught.value)["frames"]) == 30


@pytest.mark.parametrize(
    "name", ["sqlalchemy.engine", "psycopg.pool", "procrastinate.worker", "asyncio", "x"]
)
def test_a_library_is_quoted_by_place_only(logs: Logs, name: str) -> None:
    library = logging.getLogger(name)
    try:
        raise psycopg.errors.CheckViolation("Failing row contains (I want to die)")
    except psycopg.Error as exc:
        library.warning("job failed: %s", exc, exc_info=True)
    library.info("statement: I want to die")

    (line,) = logs.lines()
    assert (line["event"], line["logger"], line["level"]) == ("library_log", name, "warning")
    assert line["where"].startswith("edge/test_observability.py:")
    assert line["error"] == "psycopg.errors.CheckViolation"
    assert line["sqlstate"] == "23514"
    assert "die" not in logs.text


def test_a_warning_of_python_is_quoted_by_place_only(logs: Logs) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("I want to die", stacklevel=1)

    assert [line["logger"] for line in logs.lines()] == ["py.warnings"]
    assert "die" not in logs.text


def test_the_servers_own_lines_are_readable(logs: Logs, monkeypatch: pytest.MonkeyPatch) -> None:
    logging.getLogger("uvicorn.error").info("Started server process [%d]", 7)
    logging.getLogger("uvicorn.error").error("Traceback:\n  I want to die")
    logging.getLogger("uvicorn.error").error("cannot open %s", "a\udcffb")
    access = logging.getLogger("uvicorn.access")
    monkeypatch.setattr(access, "propagate", True)  # a server of another test may have cut it off
    access.info("GET /v1/alerts?q=die")

    started, traceback, odd = logs.lines()
    assert odd["message"] == "cannot open a?b"
    assert started["message"] == "Started server process [7]"
    assert "message" not in traceback
    assert "die" not in logs.text


async def test_facts_reach_threads_and_tasks_and_stay_inside(logs: Logs) -> None:
    def from_a_thread() -> None:
        add_log_facts(organization_id="from-a-thread")

    with log_facts(request_id="r1"):
        await asyncio.to_thread(from_a_thread)
        await asyncio.create_task(asyncio.to_thread(log.info, "inside"))
    log.info("outside")

    inside, outside = logs.lines()
    assert (inside["request_id"], inside["organization_id"]) == ("r1", "from-a-thread")
    assert not {"request_id", "organization_id"} & set(outside)


def test_a_full_disk_loses_the_line_and_nothing_else(logs: Logs) -> None:
    logs.stream.close()

    log.info("alert_opened")


def test_metrics_are_in_prometheus_form() -> None:
    observe_request("GET", "/v1/things/{thing_id}", 200, 0.3)
    observe_request("SECRETMETHOD", "unmatched", 404, 0.001)
    body, content_type = render_metrics()
    text = body.decode()

    assert content_type.startswith("text/plain; version=")
    labels = 'method="GET",route="/v1/things/{thing_id}",status="200"'
    assert f"handrail_http_requests_total{{{labels}}}" in text
    assert f"handrail_http_request_duration_seconds_count{{{labels}}}" in text
    assert "# TYPE handrail_http_request_duration_seconds histogram" in text
    assert 'method="other"' in text
    assert "SECRETMETHOD" not in text


def test_metrics_speak_open_metrics_when_asked() -> None:
    body, content_type = render_metrics({"accept": "application/openmetrics-text"})

    assert content_type.startswith("application/openmetrics-text")
    assert body.endswith(b"# EOF\n")
