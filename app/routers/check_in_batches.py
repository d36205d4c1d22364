"""Submit the check-ins that a phone kept while it was offline."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError
from starlette.exceptions import HTTPException

from app.access import Actor, Permission
from app.database import unit_of_work
from app.dependencies import AcceptLanguage, Now, Whose, requires
from app.edge.batches import BatchRoute
from app.edge.strict_route import BATCH_BYTES
from app.edge.strict_route import router as strict_router
from app.errors import HandrailError
from app.problems import MalformedJson, unexpected
from app.routers.check_ins import draft_of, reply_to
from app.schemas.check_in import CheckInBatchBody, CheckInBatchReply, CheckInBody, CheckInResult
from app.schemas.fields import Uuid7
from app.schemas.problem import Problem
from app.services import check_ins

_ID: Final[TypeAdapter[UUID]] = TypeAdapter(Uuid7)

router = strict_router(
    "/v1/patients/{patient_id}/check-ins/batch",
    "check-ins",
    route_class=BatchRoute,
    max_body_size=BATCH_BYTES,
)


@router.post("", operation_id="submit_check_in_batch")
async def submit(
    *,
    patient_id: Whose,
    body: CheckInBatchBody,
    actor: Annotated[Actor, requires(Permission.CHECK_IN_SUBMIT)],
    now: Now,
    accept_language: AcceptLanguage,
    request: Request,
) -> CheckInBatchReply:
    """Keep each item in a transaction of its own, as if it had come alone: who is not safe first, the others
    in the order in which they were lived. 200 says that each item has a result, and no more. Once the
    database is away the rest gets 503: send it again."""
    read = [_read(item) for item in body.items]
    results = {
        index: await _refused(request, _id_of(body.items[index]), item)
        for index, item in enumerate(read)
        if isinstance(item, Exception)
    }
    sound = {index: item for index, item in enumerate(read) if isinstance(item, CheckInBody)}
    away: Problem | None = None
    for index in sorted(sound, key=lambda index: _turn(sound[index])):
        item = sound[index]
        if away is not None:
            results[index] = CheckInResult(id=item.id, status=503, problem=away)
            continue
        results[index] = await _keep(
            request, actor, patient_id, item, accept_language=accept_language, now=now
        )
        away = results[index].problem if results[index].status == 503 else None
    return CheckInBatchReply(items=[results[index] for index in range(len(read))])


def _read(item: object) -> CheckInBody | Exception:
    if isinstance(item, MalformedJson):
        return item
    try:
        return CheckInBody.model_validate(item)
    except ValidationError as invalid:
        faults = invalid.errors(include_url=False, include_input=False)
        return RequestValidationError([{**fault, "loc": ("body", *fault["loc"])} for fault in faults])


def _id_of(item: object) -> UUID | None:
    """The item's id when it is one: nothing else of what was sent is said again."""
    try:
        return _ID.validate_python(item.get("id")) if isinstance(item, dict) else None
    except ValidationError:
        return None


def _turn(item: CheckInBody) -> tuple[bool, datetime]:
    return item.answers.feels_safe is not False, item.occurred_at


async def _keep(
    request: Request,
    actor: Actor,
    patient_id: UUID,
    item: CheckInBody,
    *,
    accept_language: str | None,
    now: datetime,
) -> CheckInResult:
    try:
        async with unit_of_work(request.app.state.engine, actor.organization_id) as db:
            kept = await check_ins.submit(
                db, actor, patient_id, draft_of(item), accept_language=accept_language, now=now
            )
            reply = reply_to(kept)
    except Exception as refusal:  # noqa: BLE001 - whatever befalls one item is its own result; it is logged there
        return await _refused(request, item.id, refusal)
    return CheckInResult(id=item.id, status=201 if kept.is_new else 200, check_in=reply)


async def _refused(request: Request, id: UUID | None, refusal: Exception) -> CheckInResult:
    """The problem that this item alone would have been answered with."""
    handlers = request.app.exception_handlers
    kinds = (HandrailError, RequestValidationError, HTTPException)
    handle = next((handlers[kind] for kind in kinds if isinstance(refusal, kind)), unexpected)
    answer = await handle(request, refusal)
    problem = Problem.model_validate_json(bytes(answer.body))
    return CheckInResult(id=id, status=problem.status, problem=problem)
