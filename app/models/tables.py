"""What every table shares: the metadata, its naming convention, and the tenant in every key."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, ForeignKeyConstraint, MetaData, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Table(DeclarativeBase):
    """A table of Handrail."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(referred_table_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads this name on the class
        datetime: DateTime(timezone=True),
        UUID: Uuid(),
        dict[str, Any]: JSONB(),
        list[Any]: JSONB(),
    }


class Tenanted:
    """A row of one organization. The organization leads the primary key."""

    organization_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-10)


class Identified(Tenanted):
    """A row of one organization with an id of its own (UUIDv7)."""

    id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-9)


def refers(column: str, table: str, *, name: str | None = None) -> ForeignKeyConstraint:
    """A foreign key to `table` inside the same organization: a reference across tenants cannot be written."""
    return ForeignKeyConstraint(
        ["organization_id", column], [f"{table}.organization_id", f"{table}.id"], name=name
    )


def rooted() -> ForeignKeyConstraint:
    """A foreign key to the organization, for tables that refer to no other row of it."""
    return ForeignKeyConstraint(["organization_id"], ["organization.organization_id"])
