"""Token requests and replies, as OAuth 2.0 has them (RFC 6749, 7009)."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from app.schemas.examples import JWKS
from app.schemas.fields import Line

_Name = Annotated[str, StringConstraints(max_length=200)]
_Secret = Annotated[SecretStr, Field(max_length=1000)]


class _Form(BaseModel):
    """A form; what it has that we do not know is passed over, as RFC 6749 section 3.2 asks."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class TokenForm(_Form):
    """One of three grants: `password` (username, password, maybe device_name), `refresh_token`
    (refresh_token), `client_credentials` (client_id and client_secret here or by HTTP Basic, maybe scope)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "grant_type": "password",
                    "username": "ana@example.org",
                    "password": "a long walk by the river",
                    "device_name": "Ana's phone",
                }
            ]
        }
    )

    grant_type: Annotated[str, StringConstraints(max_length=100)] | None = Field(
        None, examples=["password"], description="`password`, `refresh_token` or `client_credentials`."
    )
    username: _Name | None = Field(None, examples=["ana@example.org"])
    password: _Secret | None = Field(None, examples=["a long walk by the river"])
    device_name: Line | None = Field(
        None, examples=["Ana's phone"], description="What `GET /v1/devices` calls it."
    )
    refresh_token: _Secret | None = None
    client_id: _Name | None = None
    client_secret: _Secret | None = None
    scope: Annotated[str, StringConstraints(max_length=2000)] | None = Field(
        None, description="For `client_credentials`: a part of the client's scope; all of it when left out."
    )


class TokenReply(BaseModel):
    """An access token, and the refresh token that gets the next one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "access_token": "eyJhbGciOiJFUzI1NiIs…",
                    "token_type": "Bearer",
                    "expires_in": 600,
                    "refresh_token": "hr_AZqw8nwAfTqbHg9aPG2OIQ…",
                }
            ]
        }
    )

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a word of the protocol
    expires_in: int = Field(description="Seconds that the access token lives.")
    refresh_token: str | None = Field(
        None,
        description="Good once: keep the one of the newest reply. Left out for `client_credentials`.",
    )
    scope: str | None = Field(None, description="What an integration was given.")


class RevocationForm(_Form):
    """A refresh token that is no longer wanted."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"token": "hr_AZqw8nwAfTqbHg9aPG2OIQ…"}]})

    token: _Secret
    token_type_hint: Annotated[str, StringConstraints(max_length=100)] | None = None


class Jwk(BaseModel):
    """One public key (RFC 7517)."""

    kty: str = Field(examples=["EC"])
    crv: str = Field(examples=["P-256"])
    x: str
    y: str
    kid: str
    alg: str = Field(examples=["ES256"])
    use: str = Field(examples=["sig"])


class Jwks(BaseModel):
    """The public keys of access tokens, oldest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [JWKS]})

    keys: list[Jwk]
