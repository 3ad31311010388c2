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
INTAKE_CONNECTIONS = 6
"""Two batches that read, two that store, and two bids that are tried by themselves."""
PLANNED_ONCE = {"plan_cache_mode": "force_generic_plan"}
"""The bids' statements are long and their arguments arrays: left to itself the server plans them anew each time, which
takes longer than to run them.
"""


class UnsafeDatabase(Unavailable):
    """The server cannot keep our promises; refused at start-up."""

    code = "unsafe-database"
    titles = Titles("The database is not safe", "База данных ненадёжна", "Дерекқор сенімсіз")


@dataclass(frozen=True, slots=True)
class Database:
    """``engine`` runs transactions; ``reading`` is the same pool in AUTOCOMMIT for single-statement reads;
    ``raw`` is a small asyncpg pool for the paths whose figures need the bare driver, ``intake`` one for the bids.
    """

    engine: AsyncEngine
    reading: AsyncEngine
    raw: asyncpg.Pool
    intake: asyncpg.Pool


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
        async with _pool(plain, pool_size) as raw, _pool(plain, INTAKE_CONNECTIONS, **PLANNED_ONCE) as intake:
            reading = engine.execution_options(isolation_level="AUTOCOMMIT")
            yield Database(engine=engine, reading=reading, raw=raw, intake=intake)
    finally:
        await engine.dispose()


def _pool(dsn: str, size: int, **settings: str) -> asyncpg.Pool:
    return asyncpg.create_pool(
        dsn, min_size=0, max_size=size, reset=_no_reset, server_settings=SESSION_SETTINGS | settings, timeout=10
    )


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
