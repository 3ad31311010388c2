"""Single-statement reads on the AUTOCOMMIT engine, with the database's refusals translated."""

import asyncio
from typing import Any

import asyncpg
from sqlalchemy import TextClause
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.engine import PATIENCE_SECONDS
from adapters.postgres.violations import translated


async def rows_of(reading: AsyncEngine, statement: TextClause, **values: Any) -> list[Any]:
    """Every row as a mapping; the statement bounds their number."""
    with translated():
        async with asyncio.timeout(PATIENCE_SECONDS), reading.connect() as connection:
            return list((await connection.execute(statement, values)).mappings().all())


async def one(reading: AsyncEngine, statement: TextClause, **values: Any) -> Any | None:
    """The first row, or None."""
    rows = await rows_of(reading, statement, **values)
    return rows[0] if rows else None


async def fetched(raw: asyncpg.Pool, statement: str, *values: Any) -> list[Any]:
    """Every row, through the bare driver. Where no answer comes the connection is given up, not given back."""
    with translated():
        async with raw.acquire() as connection:
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    return list(await connection.fetch(statement, *values))
            except TimeoutError:
                connection.terminate()
                raise
