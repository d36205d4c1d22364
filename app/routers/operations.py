"""What machines ask: does it live, may it be sent requests, how is it doing."""

from hmac import compare_digest

from fastapi import APIRouter, Request, Response

from app.database import unit_of_work
from app.dependencies import address_of
from app.errors import NotFound
from app.observability import render_metrics
from app.problems import PROBLEM_RESPONSES
from app.queries import readiness
from app.schemas.operations import Liveness, Readiness

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
    """The process may be sent requests: it is not on its way out, and its database keeps what it is told."""
    faults = ["draining"] if request.app.state.draining.begun else await _database_faults(request)
    response.status_code = 503 if faults else 200
    return Readiness(status="unavailable" if faults else "ok", faults=faults)


async def _database_faults(request: Request) -> list[str]:
    try:
        async with unit_of_work(request.app.state.engine, None) as db:
            return await readiness.faults(db, request.app.state.schema_heads)
    except Exception:  # noqa: BLE001 - whatever keeps the database from answering is the fault to report
        return ["database_away"]


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
    body, content_type = render_metrics(request.headers)
    return Response(body, media_type=content_type)
