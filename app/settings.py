"""One frozen settings object, read from `HANDRAIL_*` environment variables."""

import logging
import re
from base64 import b64decode
from functools import cache
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_WEB = r"^https?://[^\s/]+"


class Settings(BaseSettings):
    """What an operator may set. Every field is one variable `HANDRAIL_<NAME>`; the README lists them."""

    # Half of the values are secrets, and an error says which variable it is anyway.
    model_config = SettingsConfigDict(
        env_prefix="HANDRAIL_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

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
    database_pool: int = Field(
        16, ge=1, le=200, description="Connections per API process; two more are for crisis flags alone."
    )
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
    public_url: str | None = Field(
        None, pattern=_WEB, description="Where people open the dashboard, for the link in a page."
    )
    email_gateway: SecretStr | None = Field(
        None,
        description="Mail server of pages (an apprise address) where an organization has none of its own.",
    )
    sms_gateway: SecretStr | None = Field(
        None,
        description="SMS service of pages (an apprise address) where an organization has none of its own.",
    )
    fallback_pager: SecretStr | None = Field(
        None, description="How the operator is paged: apprise addresses, separated by spaces."
    )
    heartbeat_url: SecretStr | None = Field(
        None, description="Asked for by the watcher as long as all is well; whoever listens notices silence."
    )
    spool_dir: Path | None = Field(
        None, description="Where answers are kept while the database is away: a folder on a local disk."
    )
    spool_megabytes: int = Field(
        256, ge=1, le=100_000, description="How much may be kept there; what comes then is refused."
    )
    sealing_key: SecretStr | None = Field(
        None, description="Base64 of the 32 bytes that seal stored secrets; a file among the keys when unset."
    )
    webhook_private_hosts: str = Field(
        "", description="Private hosts that pages and webhooks may go to, also unencrypted; comma-separated."
    )

    @field_validator("sealing_key")
    @classmethod
    def _is_a_sealing_key(cls, key: SecretStr | None) -> SecretStr | None:
        try:
            if key is None or len(b64decode(key.get_secret_value().strip(), validate=True)) == 32:
                return key
        except ValueError:  # binascii's own is one
            pass
        raise ValueError("HANDRAIL_SEALING_KEY is the base64 of 32 bytes: head -c 32 /dev/urandom | base64")

    @field_validator("heartbeat_url")
    @classmethod
    def _is_a_web_address(cls, url: SecretStr | None) -> SecretStr | None:
        if url is None or re.search(_WEB, url.get_secret_value()):
            return url
        raise ValueError("HANDRAIL_HEARTBEAT_URL begins with https:// or http://")

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

    @property
    def spool_folder(self) -> Path:
        """Folder of what is kept while the database is away."""
        return self.spool_dir or self.data_dir / "spool"

    @property
    def private_hosts(self) -> frozenset[str]:
        """The names in `webhook_private_hosts`, in lower case."""
        return frozenset(
            filter(None, (host.strip().lower() for host in self.webhook_private_hosts.split(",")))
        )

    @property
    def dashboard(self) -> str:
        """Where people open the dashboard, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


@cache
def settings() -> Settings:
    """The settings of this process."""
    return Settings()
