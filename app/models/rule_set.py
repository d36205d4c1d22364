"""The versioned rules that a program uses."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from app.models.tables import Table, Tenanted, refers


class RuleSetVersion(Tenanted, Table):
    """One published version of a program's rules. Never changed: old alerts explain themselves by it."""

    __tablename__ = "rule_set"
    __table_args__ = (refers("program_id", "program"), refers("author_id", "staff_member"))

    program_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rules: Mapped[list[Any]]
    author_id: Mapped[UUID | None]
    reason: Mapped[str]
    published_at: Mapped[datetime]
