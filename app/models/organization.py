"""The tenant: a provider of programs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.tables import Table


class Tenant(Table):
    """That an organization exists: its id, no more. Global, for the worker that visits each in turn."""

    __tablename__ = "tenant"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)


class Organization(Table):
    """A provider of programs. Its own id is its tenant key.

    `crisis_lines` are whom its people call first (`crisis_resources.own_lines`); `crisis_lines_version`
    counts their changes.
    """

    __tablename__ = "organization"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.organization_id"), primary_key=True)
    name: Mapped[str]
    country: Mapped[str]
    locale: Mapped[str]
    time_zone: Mapped[str]
    crisis_lines: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    crisis_lines_version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime]
