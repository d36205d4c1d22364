"""Logs and metrics that cannot carry what a person wrote.

A log line is an event code with facts from a closed list of keys, and each fact is a number, an id or a
code: free text is refused by its shape, so that a careless line loses its value instead of a secret.
Exceptions are reduced to class names and frames, because their messages quote rows and bodies.

    log = structlog.get_logger()
    log.info("alert_opened", alert_id=alert.id, rule=alert.rule)
"""

import logging
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from pathlib import PurePath
from traceback import walk_tb
from typing import NamedTuple, TextIO
from uuid import UUID

import orjson
import structlog
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from structlog.typing import EventDict, WrappedLogger

from app import clock

_KEYS = """
    level at logger message where method route status duration_ms error caused_by frames sqlstate constraint
    actor_kind role permission code reason kind outcome severity rule rule_set_version signal instrument
    task queue attempt step channel version migration port workers count seconds bytes position retry_after
"""
ALLOWED_KEYS = frozenset(_KEYS.split())
"""Keys that a log line may have beside `event` and `…_id`. `refused` counts the others, whose names may be
input too."""

REFUSED = "[refused]"
_EVENT = re.compile(r"[a-z][a-z0-9_.]{0,79}")
_TOKEN = re.compile(r"[\w.:/{}@+*,<>-]{0,200}", re.ASCII)
_FRAMES = 30
_CAUSES = 5

# Their messages are written by their programmers and name addresses and revisions; every other library's
# message may quote an exception, and is replaced by the place that it came from.
_QUOTABLE_LOGGERS = frozenset({"uvicorn", "uvicorn.error", "alembic.runtime.migration"})

_facts: ContextVar[dict[str, object] | None] = ContextVar("handrail_log_facts", default=None)


@contextmanager
def log_facts(**facts: object) -> Iterator[None]:
    """Adds facts to every log line inside, in this task and in threads and tasks that it starts."""
    token = _facts.set({**(_facts.get() or {}), **facts})
    try:
        yield
    finally:
        _facts.reset(token)


def add_log_facts(**facts: object) -> None:
    """Adds facts to the enclosing `log_facts`, for its remaining lines (a request's access line too)."""
    current = _facts.get()
    if current is not None:
        current.update(facts)


def failure(exc: BaseException) -> dict[str, object]:
    """What may be said of an exception: its class, its causes' classes, frames as `file:line:function`,
    and the SQLSTATE and constraint of a database error. Never its message or a local value."""
    frames = [
        f"{'/'.join(PurePath(frame.f_code.co_filename).parts[-2:])}:{line}:{frame.f_code.co_name}"
        for frame, line in walk_tb(exc.__traceback__)
    ]
    database = getattr(exc, "orig", None) or exc
    facts = {
        "error": _class_name(exc),
        "caused_by": [_class_name(cause) for cause in _causes(exc)],
        "frames": frames[-_FRAMES:],
        "sqlstate": getattr(database, "sqlstate", None),
        "constraint": getattr(getattr(database, "diag", None), "constraint_name", None),
    }
    return {key: value for key, value in facts.items() if value}


def _class_name(exc: BaseException) -> str:
    return f"{type(exc).__module__}.{type(exc).__qualname__}"


def _causes(exc: BaseException) -> Iterator[BaseException]:
    if isinstance(exc, BaseExceptionGroup):
        yield from exc.exceptions[:_CAUSES]
    cause: BaseException | None = exc
    for _ in range(_CAUSES):
        cause = cause and (cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__))
        if cause is None:
            return
        yield cause


def configure_logging(level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """One JSON object a line on `stream` (standard output), for our lines and every library's.

    uvicorn must be started with `log_config=None` and `access_log=False`: the edge writes the access line.
    """
    structlog.configure(
        processors=[_add_facts, _reduce_exception, _refuse_text, _write_json],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _Lines(stream or sys.stdout),
        cache_logger_on_first_use=False,
    )
    logging.captureWarnings(True)
    logging.basicConfig(handlers=[_LibraryHandler()], level=logging.WARNING, force=True)
    for name in _QUOTABLE_LOGGERS:
        logging.getLogger(name).setLevel(logging.INFO)
    logging.getLogger("uvicorn.access").disabled = True


class _Lines:
    """Writes whole lines. A full disk or a closed pipe loses the line, never the request."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, line: str) -> None:
        with suppress(OSError, ValueError):
            self._stream.write(line + "\n")
            self._stream.flush()

    debug = info = warning = error = critical = exception = write


class _LibraryHandler(logging.Handler):
    """Passes a library's record on without its text, unless the logger is quotable."""

    def emit(self, record: logging.LogRecord) -> None:
        where = f"{'/'.join(PurePath(record.pathname).parts[-2:])}:{record.lineno}:{record.funcName}"
        message = record.getMessage() if record.name in _QUOTABLE_LOGGERS else None
        exc_info = record.exc_info and record.exc_info[1]
        log = structlog.get_logger()
        log.log(
            record.levelno, "library_log", logger=record.name, where=where, message=message, exc_info=exc_info
        )


def _add_facts(_: WrappedLogger, method: str, event: EventDict) -> EventDict:
    level = "error" if method == "exception" else method
    return {"at": clock.now().isoformat(), "level": level, **(_facts.get() or {}), **event}


def _reduce_exception(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    exc_info = event.pop("exc_info", None)
    if exc_info is True:
        exc_info = sys.exc_info()
    exc = exc_info[1] if isinstance(exc_info, tuple) else exc_info
    return {**event, **failure(exc)} if isinstance(exc, BaseException) else event


def _refuse_text(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    name = event.pop("event", None)
    shaped = isinstance(name, str) and _EVENT.fullmatch(name)
    line: MutableMapping[str, object] = {"event": name if shaped else REFUSED}
    unknown = 0
    for key, value in event.items():
        if key == "message":
            _quote(line, event.get("logger"), value)
        elif key in ALLOWED_KEYS or key.endswith("_id"):
            line[key] = _plain(value)
        else:
            unknown += 1
    if unknown:
        line["refused"] = unknown
    return line


def _write_json(_: WrappedLogger, __: str, line: EventDict) -> str:
    return orjson.dumps(line).decode()


def _quote(line: MutableMapping[str, object], logger: object, message: object) -> None:
    if logger in _QUOTABLE_LOGGERS and isinstance(message, str) and "\n" not in message.strip():
        line["message"] = message.strip()[:300].encode(errors="replace").decode()


def _plain(value: object) -> object:
    match value:
        case str():
            return value if _TOKEN.fullmatch(value) else REFUSED
        case None | bool() | float():
            return value
        case int() if abs(value) < 2**63:
            return value
        case UUID():
            return str(value)
        case list() | tuple():
            return [_plain(item) for item in value]
    return REFUSED


_LABELS = ("method", "route", "status")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_REQUESTS = Counter("handrail_http_requests", "HTTP requests answered.", _LABELS)
_DURATION = Histogram(
    "handrail_http_request_duration_seconds",
    "Seconds from a request's arrival to the first byte of its answer.",
    _LABELS,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)


def observe_request(method: str, route: str, status: int, seconds: float) -> None:
    """Counts one request. `route` is the template (`/v1/alerts/{alert_id}`), never a path."""
    count, duration = _series(method if method in _METHODS else "other", route, str(status))
    count.inc()
    duration.observe(seconds)


@cache
def _series(*labels: str) -> tuple[Counter, Histogram]:
    return _REQUESTS.labels(*labels), _DURATION.labels(*labels)


class Gauge(NamedTuple):
    """What is read anew for each scrape: one value under the key "", or one for each value of `label`."""

    name: str
    help: str
    values: Mapping[str, float]
    label: str = ""


class _Scrape(Collector):
    """What the processes counted, and what stands in the database: that is the same for all of them."""

    def __init__(self, counted: CollectorRegistry, gauges: Iterable[Gauge]) -> None:
        self._counted = counted
        self._gauges = gauges

    def collect(self) -> Iterator[Metric]:
        yield from self._counted.collect()
        for name, said, values, label in self._gauges:
            family = GaugeMetricFamily(name, said, labels=[label] if label else None)
            for key, value in values.items():
                family.add_metric([key] if label else [], value)
            yield family


def render_metrics(
    headers: Mapping[str, str] | None = None, gauges: Iterable[Gauge] = ()
) -> tuple[bytes, str]:
    """Every metric of this process (of all API processes where `PROMETHEUS_MULTIPROC_DIR` is set) and these
    gauges, in the format that the scraper's `accept` header asks for, and its content type."""
    encode, content_type = choose_encoder((headers or {}).get("accept", ""))
    counted = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]  # prometheus_client types half of it
    scraped = CollectorRegistry()
    scraped.register(_Scrape(counted, gauges))
    return encode(scraped), content_type
