"""Single-statement reads on the AUTOCOMMIT engine, with the database's refusals translated."""

from typing import Any

from sqlalchemy import TextClause
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.violations import translated


async def rows_of(reading: AsyncEngine, statement: TextClause, **values: Any) -> list[Any]:
    """Every row as a mapping; the statement bounds their number."""
    with translated():
        async with reading.connect() as connection:
            return list((await connection.execute(statement, values)).mappings().all())


async def one(reading: AsyncEngine, statement: TextClause, **values: Any) -> Any | None:
    """The first row, or None."""
    rows = await rows_of(reading, statement, **values)
    return rows[0] if rows else None
