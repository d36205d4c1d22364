"""One frozen settings object, read from `HANDRAIL_*` environment variables."""

import logging
from functools import cache
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What an operator may set. Every field is one variable `HANDRAIL_<NAME>`; the README lists them."""

    model_config = SettingsConfigDict(env_prefix="HANDRAIL_", frozen=True, extra="ignore")

    host: str = Field("127.0.0.1", description="Address that the API listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port that the API listens on.")
    workers: int = Field(1, ge=1, le=64, description="API processes.")
    data_dir: Path = Field(Path(".handrail"), description="Embedded database, signing keys, demo sign-ins.")
    database_url: SecretStr | None = Field(
        None, description="PostgreSQL 15 or newer; the embedded server when unset."
    )
    database_owner_url: SecretStr | None = Field(
        None, description="Login that migrates, when the service's own login must not own the tables."
    )
    database_pool: int = Field(16, ge=1, le=200, description="Connections per API process.")
    keys_dir: Path | None = Field(
        None, description="PEM files that sign access tokens; generated into the data folder when unset."
    )
    issuer: str = Field("handrail", min_length=1, max_length=200, description="`iss` of access tokens.")
    audience: str = Field("handrail-api", min_length=1, max_length=200, description="`aud` of access tokens.")
    access_token_seconds: int = Field(600, ge=30, le=600, description="Life of an access token.")
    refresh_token_days: int = Field(30, ge=1, le=365, description="Life of an unused refresh token.")
    content_packs: Path | None = Field(None, description="Folder with licensed instrument texts.")
    country: str = Field("US", pattern=r"^[A-Z]{2}$", description="Crisis resources where none else apply.")
    demo: bool = Field(False, description="Seed the demonstration organizations; never with real people.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="What is logged from on."
    )
    trusted_proxies: str = Field(
        "127.0.0.1", description="Addresses whose X-Forwarded-For is believed, comma-separated."
    )
    metrics_token: SecretStr | None = Field(
        None, description="Bearer token that /metrics asks for; without one only this machine may read it."
    )

    @model_validator(mode="after")
    def _refuse_a_demo_on_a_real_server(self) -> Self:
        if self.demo and self.database_url is not None and "demo" not in self.database_url.get_secret_value():
            raise ValueError(
                "HANDRAIL_DEMO makes accounts with passwords that are written to a file; "
                "it runs on the embedded database, or on one whose name holds 'demo'"
            )
        return self

    @property
    def log_threshold(self) -> int:
        """`log_level` as the logging module counts it."""
        return logging.getLevelNamesMapping()[self.log_level.upper()]

    @property
    def signing_keys(self) -> Path:
        """Folder of the signing keys."""
        return self.keys_dir or self.data_dir / "keys"


@cache
def settings() -> Settings:
    """The settings of this process."""
    return Settings()
