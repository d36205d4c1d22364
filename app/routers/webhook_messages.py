"""What a receiver of webhooks is sent, for the `webhooks` of the OpenAPI document. Nothing here is served."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Response
from pydantic import BaseModel

from app.schemas.webhook_examples import message
from app.schemas.webhook_message import AlertMessage, HandOffMessage, TestMessage
from app.webhooks.catalogue import EVENTS, HANDED_OFF, TEST, EventType

MessageId = Annotated[
    str, Header(description="The same at every attempt: what came before, you may answer with 200 again.")
]
Timestamp = Annotated[
    str, Header(description="When it was sent, in seconds since 1970. Refuse more than five minutes.")
]
Signature = Annotated[
    str,
    Header(
        description="`v1,` and the base64 of HMAC-SHA256 over `<webhook-id>.<webhook-timestamp>.<raw body>`;"
        " during a rotation two of them, separated by a space. Source: standardwebhooks.com."
    ),
]
ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "Any 2xx within 15 seconds: received. Everything else is sent again, ten times."},
    "4XX": {"description": "Refused. It is sent again all the same: a mistake may be mended."},
    410: {"description": "Send nothing more: the endpoint is disabled."},
    503: {"description": "Later; with `Retry-After`, not before that."},
}

router = APIRouter(tags=["webhooks"])


def _described(type: EventType, means: str, handler: Callable[..., Coroutine[Any, Any, None]]) -> None:
    router.add_api_route(
        type.value,
        handler,
        methods=["POST"],
        operation_id=f"on_{type.value.replace('.', '_')}",
        summary=means,
        response_class=Response,
        responses=ANSWERS,
        openapi_extra={"requestBody": {"content": {"application/json": {"example": message(type)}}}},
    )


def _receiver(body: type[BaseModel]) -> Callable[..., Coroutine[Any, Any, None]]:
    async def receive(
        message: body,  # type: ignore[valid-type]  # which one is said by the caller
        webhook_id: MessageId,
        webhook_timestamp: Timestamp,
        webhook_signature: Signature,
    ) -> None: ...

    return receive


for _type, _means in EVENTS.items():
    _described(_type, _means, _receiver(AlertMessage))
_described(TEST, "A test that an administrator asked for.", _receiver(TestMessage))
_described(
    HANDED_OFF,
    "An alert is handed over to the outside crisis service, which says at `answer_url` whether it has it."
    " Sent to the endpoint of hand-offs alone.",
    _receiver(HandOffMessage),
)
