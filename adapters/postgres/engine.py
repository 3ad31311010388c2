"""The engine: SQLAlchemy on asyncpg, with the limits that keep one slow client from holding everybody."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from adapters.postgres.codec import dumps
from domain.errors import Titles, Unavailable

SESSION_SETTINGS = {
    "application_name": "oimaq",
    "timezone": "UTC",
    "jit": "off",
    "lock_timeout": "5s",
    "statement_timeout": "15s",
    "idle_in_transaction_session_timeout": "15s",
}
PATIENCE_SECONDS = 20.0
"""How long we wait for the server's answer: longer than its own timeouts. Where the network has forgotten a connection
no answer and no error ever comes, and without this bound the pool would fill with such connections for good."""
OLDEST_SERVER = 150000


class UnsafeDatabase(Unavailable):
    """The server cannot keep our promises; refused at start-up."""

    code = "unsafe-database"
    titles = Titles("The database is not safe", "База данных ненадёжна", "Дерекқор сенімсіз")


@dataclass(frozen=True, slots=True)
class Database:
    """``engine`` runs transactions; ``reading`` is the same pool in AUTOCOMMIT for single-statement reads;
    ``raw`` is a small asyncpg pool for the paths whose figures need the bare driver.
    """

    engine: AsyncEngine
    reading: AsyncEngine
    raw: asyncpg.Pool


def sqlalchemy_url(dsn: str) -> URL:
    return make_url(dsn).set(drivername="postgresql+asyncpg")


async def _no_reset(_connection: object) -> None:
    """No session state is used (only SET LOCAL and transaction-level locks), so nothing is to be reset."""


@asynccontextmanager
async def connected(dsn: str, *, pool_size: int = 8) -> AsyncIterator[Database]:
    engine = create_async_engine(
        sqlalchemy_url(dsn),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        pool_pre_ping=False,
        json_serializer=dumps,
        connect_args={"server_settings": SESSION_SETTINGS, "timeout": 10},
    )
    plain = dsn.replace("postgresql+asyncpg://", "postgresql://")
    try:
        await _refuse_unsafe(engine)
        async with asyncpg.create_pool(
            plain, min_size=0, max_size=pool_size, reset=_no_reset, server_settings=SESSION_SETTINGS, timeout=10
        ) as raw:
            yield Database(engine=engine, reading=engine.execution_options(isolation_level="AUTOCOMMIT"), raw=raw)
    finally:
        await engine.dispose()


async def _refuse_unsafe(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        row = (
            await connection.execute(
                text(
                    "SELECT current_setting('server_version_num')::int, current_setting('fsync'),"
                    " current_setting('full_page_writes'), current_setting('server_encoding')"
                )
            )
        ).one()
    version, fsync, full_pages, encoding = row
    if version < OLDEST_SERVER:
        raise UnsafeDatabase(f"PostgreSQL {version} is too old", passes="PostgreSQL 15 or newer")
    if fsync != "on" or full_pages != "on":
        raise UnsafeDatabase("The server may lose acknowledged bids", passes="fsync=on and full_page_writes=on")
    if encoding != "UTF8":
        raise UnsafeDatabase(f"The encoding {encoding} cannot hold Kazakh", passes="UTF8")
