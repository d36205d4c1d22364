"""Signs of life of what runs by itself."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from app.models.tables import Table


class Pulse(Table):
    """When a task last came to its end, and what it counted then. Global: numbers only, of nobody."""

    __tablename__ = "pulse"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    facts: Mapped[dict[str, Any]]
