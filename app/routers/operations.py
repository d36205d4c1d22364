"""What machines ask: does it live, may it be sent requests, how is it doing."""

from collections.abc import Iterator
from hmac import compare_digest

from fastapi import APIRouter, Request, Response

from app import clock
from app.database import unit_of_work
from app.dependencies import address_of
from app.errors import NotFound
from app.observability import Gauge, render_metrics
from app.problems import PROBLEM_RESPONSES
from app.queries import readiness
from app.queries.readiness import Vitals
from app.schemas.operations import Liveness, Oldest, Readiness, Watch
from app.spool import Tally

router = APIRouter(tags=["operations"])
THIS_MACHINE = {"127.0.0.1", "::1", "testclient"}
SAMPLE = """\
# HELP handrail_http_requests_total HTTP requests answered.
# TYPE handrail_http_requests_total counter
handrail_http_requests_total{method="GET",route="/v1/bootstrap",status="200"} 12.0
"""


@router.get("/livez", operation_id="live")
async def live() -> Liveness:
    """The process answers. Restart it when this does not."""
    return Liveness(status="ok")


@router.get(
    "/readyz",
    operation_id="ready",
    responses={503: {"model": Readiness, "description": "Send requests elsewhere."}},
)
async def ready(request: Request, response: Response) -> Readiness:
    """The process may be sent requests: it is not on its way out, and its database keeps what it is told.

    `watch` says how the worker and the watcher are; whatever they are, requests are welcome."""
    faults = ["draining"] if request.app.state.draining.begun else await _database_faults(request)
    vitals = None if faults in (["draining"], ["database_away"]) else await _vitals(request)
    response.status_code = 503 if faults else 200
    return Readiness(status="unavailable" if faults else "ok", faults=faults, watch=_watch(vitals))


async def _database_faults(request: Request) -> list[str]:
    try:
        async with unit_of_work(request.app.state.engine, None) as db:
            return await readiness.faults(db, request.app.state.schema_heads)
    except Exception:  # noqa: BLE001 - whatever keeps the database from answering is the fault to report
        return ["database_away"]


async def _vitals(request: Request) -> Vitals | None:
    """None when the database does not tell: another version's tables, or it has just gone away."""
    try:
        async with unit_of_work(request.app.state.engine, None) as db:
            return await readiness.vitals(db, request.app.state.clock())
    except Exception:  # noqa: BLE001 - what is asked beside readiness must not take it away
        return None


def _watch(vitals: Vitals | None) -> Watch:
    if vitals is None:
        return Watch()
    return Watch(
        sweep_age_seconds=vitals.sweep_age,
        watch_age_seconds=vitals.watch_age,
        ladder_lag_seconds=vitals.ladder_lag,
        queue_depth=dict(vitals.queue_depth),
        oldest_unacknowledged_seconds=Oldest.model_validate(vitals.unacknowledged),
    )


def _gauges(vitals: Vitals | None) -> Iterator[Gauge]:
    """What stands in the database; what is not known is left out."""
    if vitals is None:
        return
    for name, said, value in (
        ("handrail_sweep_age_seconds", "Seconds since somebody last did what was due.", vitals.sweep_age),
        ("handrail_watch_age_seconds", "Seconds since the watcher last looked.", vitals.watch_age),
        ("handrail_ladder_lag_seconds", "How long the step of a ladder has been due.", vitals.ladder_lag),
        ("handrail_pages_waiting", "Pages that are due and were not sent yet.", vitals.pages_waiting),
    ):
        if value is not None:
            yield Gauge(name, said, {"": value})
    yield Gauge(
        "handrail_queue_depth", "Jobs that could be worked on now.", vitals.queue_depth, label="queue"
    )
    yield Gauge(
        "handrail_oldest_unacknowledged_alert_seconds",
        "How long the oldest alert has been open that nobody acknowledged.",
        vitals.unacknowledged,
        label="severity",
    )


def _kept(tally: Tally | None) -> Iterator[Gauge]:
    """What stands on this machine's disk; left out when the disk does not tell."""
    if tally is None:
        return
    now = clock.now().timestamp()
    oldest = 0.0 if tally.oldest_at is None else max(0.0, now - tally.oldest_at)
    for name, said, value in (
        ("handrail_spool_waiting", "Kept on disk, and not in the database yet.", tally.waiting),
        ("handrail_spool_parked", "Kept on disk, and left to a person.", tally.parked),
        ("handrail_spool_unpaged", "Kept calls for help for which nobody was reached yet.", tally.unpaged),
        ("handrail_spool_oldest_seconds", "How long the oldest of what is kept has waited.", oldest),
        ("handrail_spool_bytes", "How much of the spool is used.", tally.size),
    ):
        yield Gauge(name, said, {"": value})


@router.get(
    "/metrics",
    operation_id="metrics",
    response_class=Response,
    responses={
        200: {
            "description": "In the format that `Accept` asks for.",
            "content": {"text/plain": {"example": SAMPLE}, "application/openmetrics-text": {}},
        },
        404: {**PROBLEM_RESPONSES["default"], "description": "Not for whoever asks."},
    },
)
async def metrics(request: Request) -> Response:
    """Prometheus metrics; for this machine only, unless HANDRAIL_METRICS_TOKEN is set and sent as a bearer
    token."""
    token = request.app.state.settings.metrics_token
    if token is None and address_of(request) not in THIS_MACHINE:
        raise NotFound
    sent = request.headers.get("authorization", "")
    if token is not None and not compare_digest(sent.encode(), f"Bearer {token.get_secret_value()}".encode()):
        raise NotFound
    vitals = await _vitals(request)
    gauges = [*_gauges(vitals), *_kept(await request.app.state.keeper.tally())]
    body, content_type = render_metrics(request.headers, gauges)
    return Response(body, media_type=content_type)
