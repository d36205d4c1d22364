"""Submit the check-ins that a phone kept while it was offline."""

from collections.abc import Mapping
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
from app.edge.kept_route import HURRY_SECONDS, Sent, is_away, keeper_of, should_wait
from app.edge.strict_route import BATCH_BYTES
from app.edge.strict_route import router as strict_router
from app.errors import HandrailError, Unavailable
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
    database is away the rest is kept on disk and has 202; or 503 when that fails, too: send it again."""
    read = [_read(item) for item in body.items]
    results = {
        index: await _refused(request, _id_of(body.items[index]), item)
        for index, item in enumerate(read)
        if isinstance(item, Exception)
    }
    sound = {index: item for index, item in enumerate(read) if isinstance(item, CheckInBody)}
    keeper, left = keeper_of(request), dict[int, Sent]()
    for index in sorted(sound, key=lambda index: _turn(sound[index])):
        item = sound[index]
        sent = keeper.look_at(
            Sent("check_in", patient_id, actor, item, body.items[index], accept_language, now)
        )
        result = None if left or await should_wait(keeper, sent) else await _submit(request, sent)
        if result is None:
            left[index] = sent
        else:
            results[index] = result
    results |= await _keep(request, left)
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


async def _submit(request: Request, sent: Sent) -> CheckInResult | None:
    """What became of one item; None when the database did not answer."""
    try:
        async with unit_of_work(request.app.state.engine, sent.actor.organization_id) as db:
            if sent.is_urgent:
                db.hurry(HURRY_SECONDS)
            kept = await check_ins.submit(
                db,
                sent.actor,
                sent.patient_id,
                draft_of(sent.body),
                accept_language=sent.accept_language,
                now=sent.now,
            )
            reply = reply_to(kept)
    except Exception as refusal:  # noqa: BLE001 - whatever befalls one item is its own result; it is logged there
        if is_away(refusal):
            keeper_of(request).doubt()
            return None
        return await _refused(request, sent.id, refusal)
    return CheckInResult(id=sent.id, status=201 if kept.is_new else 200, check_in=reply)


async def _keep(request: Request, left: Mapping[int, Sent]) -> Mapping[int, CheckInResult]:
    """What became of the items that the database did not take, by their places."""
    if not left:
        return {}
    try:
        replies = await keeper_of(request).keep(list(left.values()))
    except Unavailable as refusal:
        return {index: await _refused(request, sent.id, refusal) for index, sent in left.items()}
    return {
        index: CheckInResult(id=reply.id, status=202, kept=reply)
        for index, reply in zip(left, replies, strict=True)
    }


async def _refused(request: Request, id: UUID | None, refusal: Exception) -> CheckInResult:
    """The problem that this item alone would have been answered with."""
    handlers = request.app.exception_handlers
    kinds = (HandrailError, RequestValidationError, HTTPException)
    handle = next((handlers[kind] for kind in kinds if isinstance(refusal, kind)), unexpected)
    answer = await handle(request, refusal)
    problem = Problem.model_validate_json(bytes(answer.body))
    return CheckInResult(id=id, status=problem.status, problem=problem)
