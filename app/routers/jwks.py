"""The public keys of access tokens."""

from fastapi import Request, Response

from app.edge.strict_route import router as strict_router
from app.schemas.token import Jwks

router = strict_router("/.well-known", "sign-in")


@router.get("/jwks.json", operation_id="read_jwks")
async def jwks(request: Request, response: Response) -> Jwks:
    """The keys with which other services may check access tokens (RFC 7517); a new `kid`: read them again."""
    response.headers["Cache-Control"] = "public, max-age=300"
    return Jwks.model_validate(request.app.state.keys.jwks())
