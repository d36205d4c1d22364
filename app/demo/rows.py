"""Write many rows of a table in one statement: ninety days must not keep anybody waiting."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, LiteralString

import orjson
from psycopg import sql

from app.database import Db
from app.models.tables import Table

AT_ONCE = 1_000
_INSERT: LiteralString = (
    "insert into {table} ({columns}) select {columns} from json_populate_recordset(null::{table}, %s::json)"
)

Row = Mapping[str, Any]


async def insert(db: Db, model: type[Table], rows: Sequence[Row]) -> None:
    """Insert rows of one table, each with all of the columns.

    They travel as JSON, of which PostgreSQL makes rows of the table's own types.
    """
    columns = sql.SQL(", ").join(sql.Identifier(column.key) for column in model.__table__.columns)
    table = sql.Identifier(model.__tablename__)
    statement = sql.SQL(_INSERT).format(table=table, columns=columns)
    driver = await db.driver()
    for first in range(0, len(rows), AT_ONCE):
        text = orjson.dumps(rows[first : first + AT_ONCE], default=_bytea).decode()
        await driver.execute(statement, (text,))


async def insert_new(db: Db, model: type[Table], rows: Iterable[Table]) -> None:
    """Insert rows that were made as objects, past the memory of the unit of work."""
    names = [column.key for column in model.__table__.columns]
    await insert(db, model, [{name: getattr(row, name) for name in names} for row in rows])


def _bytea(value: bytes) -> str:
    return rf"\x{value.hex()}"
