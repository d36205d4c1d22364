"""Sign in, stay signed in, sign out."""

from base64 import b64decode
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import unquote_plus

from fastapi import Form, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from app.dependencies import Now
from app.dependencies.strangers import AnyWorks, CurrentOrigin
from app.edge.strict_route import StrictRoute
from app.edge.strict_route import router as strict_router
from app.problems import PROBLEM_RESPONSES, problem_response
from app.problems.validation import names_of, validation_faults
from app.queries.credentials import Origin
from app.schemas.token import RevocationForm, TokenForm, TokenReply
from app.services import sign_in
from app.services.sign_in import ClientRefused, Granted, TokenRequestRefused, Works
from app.settings import Settings
from app.tokens import issue


class OAuthRoute(StrictRoute):
    """Refuses a form that cannot be read as OAuth has it: 400, `invalid_request` (RFC 6749, section 5.2)."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The strict handler, and what becomes of its refusals."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as exc:
                faults = validation_faults(exc.errors(), names_of(self.body_field))
            except HTTPException as exc:
                if exc.status_code != 400:
                    raise
                faults = []
            error, detail = "invalid_request", "The request is not acceptable."
            return problem_response(request, 400, error, detail, faults=faults, extra={"error": error})

        return answer


router = strict_router("/v1/auth", "sign-in", route_class=OAuthRoute)
_PROBLEM = PROBLEM_RESPONSES["default"]
_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {**_PROBLEM, "description": "No token: `error` is one of RFC 6749, section 5.2, `code` is ours."},
    401: {**_PROBLEM, "description": "`invalid_client`: no client has this id and secret."},
}
Authorization = Annotated[str | None, Header(max_length=4000, description="HTTP Basic, for clients.")]


@router.post("/token", operation_id="create_token", response_model_exclude_none=True, responses=_REFUSALS)
async def token(
    *,
    form: Annotated[TokenForm, Form()],
    request: Request,
    works: AnyWorks,
    origin: CurrentOrigin,
    now: Now,
    authorization: Authorization = None,
) -> TokenReply:
    """Get an access token, by password, refresh token or client secret.

    A refusal is a problem with the OAuth `error` beside our `code` (RFC 6749, section 5.2): 401 for a client
    that is nobody's, 400 for a password or refresh token that is nobody's and for a request that makes no
    sense; 429 after too many attempts. Refresh one at a time, and keep the newest refresh token: an older one
    signs the device out. Only when a reply was lost may the same token be sent again, within 30 seconds.
    """
    sent = await request.form()
    if len(sent) != len(sent.multi_items()):
        raise TokenRequestRefused("invalid_request", "Send each parameter once.")
    settings: Settings = request.app.state.settings
    granted = await _granted(works, origin, form, authorization, settings=settings, now=now)
    return TokenReply(
        access_token=issue(request.app.state.keys, sign_in.claims_for(granted, settings, now)),
        expires_in=settings.access_token_seconds,
        refresh_token=granted.refresh_token,
        scope=" ".join(granted.scope) if granted.refresh_token is None else None,
    )


@router.post("/revocation", operation_id="revoke_token", response_class=Response, status_code=200)
async def revoke(
    form: Annotated[RevocationForm, Form()], works: AnyWorks, origin: CurrentOrigin, now: Now
) -> Response:
    """Sign out the device of a refresh token. 200 whatever the token is (RFC 7009)."""
    await sign_in.revoke(works, origin, form.token.get_secret_value(), now)
    return Response()


async def _granted(
    works: Works,
    origin: Origin,
    form: TokenForm,
    authorization: str | None,
    *,
    settings: Settings,
    now: Now,
) -> Granted:
    lives = timedelta(days=settings.refresh_token_days)
    match form.grant_type:
        case None:
            raise TokenRequestRefused("invalid_request", "Send a grant_type.")
        case "password":
            if form.username is None or form.password is None:
                raise TokenRequestRefused("invalid_request", "Send username and password.")
            password = form.password.get_secret_value()
            return await sign_in.with_password(
                works, origin, form.username, password, form.device_name, lives=lives, now=now
            )
        case "refresh_token":
            if form.refresh_token is None:
                raise TokenRequestRefused("invalid_request", "Send refresh_token.")
            secret = form.refresh_token.get_secret_value()
            return await sign_in.with_refresh_token(works, origin, secret, lives=lives, now=now)
        case "client_credentials":
            client = _client(form, authorization)
            return await sign_in.with_client_secret(works, origin, *client, form.scope, now=now)
        case _:
            raise TokenRequestRefused("unsupported_grant_type", "This grant_type is not known here.")


def _client(form: TokenForm, authorization: str | None) -> tuple[str, str]:
    """Client id and secret, from the one place that has them."""
    if authorization is None:
        if form.client_id is None or form.client_secret is None:
            raise TokenRequestRefused("invalid_request", "Send client_id and client_secret.")
        return form.client_id, form.client_secret.get_secret_value()
    if form.client_secret is not None:
        raise TokenRequestRefused("invalid_request", "Send the client's secret in one place.")
    return _basic(authorization)


def _basic(authorization: str) -> tuple[str, str]:
    """The two halves of HTTP Basic, which OAuth encodes as a form does (RFC 6749, section 2.3.1)."""
    scheme, _, encoded = authorization.partition(" ")
    try:
        client_id, colon, secret = b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:
        colon = client_id = secret = ""
    if scheme.lower() != "basic" or not colon:
        raise ClientRefused("Authorization is not HTTP Basic.")
    return unquote_plus(client_id), unquote_plus(secret)
