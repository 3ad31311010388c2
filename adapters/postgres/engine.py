"""The engine: SQLAlchemy on asyncpg, with the limits that keep one slow client from holding everybody."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import asyncpg
from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from adapters.postgres.codec import dumps
from adapters.postgres.roles import DatabaseRole
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
BESIDE = 2
"""Connections of the opener and of the sequencer in a process that is also something else."""
INTAKE_CONNECTIONS = 6
"""Two batches that read, two that store, and two bids that are tried by themselves."""
PLANNED_ONCE = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_material": "off",
}
"""The bids' statements are long and their arguments arrays: left to itself the server plans them anew each time, which
takes longer than to run them. They find rows by key: a plan that was made while tables were small or not analysed would
read them whole, at each bid of a rush.
"""


class UnsafeDatabase(Unavailable):
    """The server cannot keep our promises; refused at start-up."""

    code = "unsafe-database"
    titles = Titles("The database is not safe", "База данных ненадёжна", "Дерекқор сенімсіз")


@dataclass(frozen=True, slots=True)
class Database:
    """``engine`` runs transactions; ``reading`` is the same pool in AUTOCOMMIT for single-statement reads;
    ``raw`` is a small asyncpg pool for the paths whose figures need the bare driver, ``intake`` one for the bids. All
    are in one role.

    ``opening`` and ``sequencing`` are pools in the roles of these; where nobody opens or sequences they stay empty.
    """

    engine: AsyncEngine
    reading: AsyncEngine
    raw: asyncpg.Pool
    intake: asyncpg.Pool
    opening: AsyncEngine
    sequencing: asyncpg.Pool


def sqlalchemy_url(dsn: str) -> URL:
    return make_url(dsn).set(drivername="postgresql+asyncpg")


async def _no_reset(_connection: object) -> None:
    """No session state is used (only SET LOCAL and transaction-level locks), so nothing is to be reset."""


def session_settings(role: DatabaseRole | None) -> dict[str, str]:
    """What a connection begins with. None: it stays what its login is, the owner of the tables for one."""
    return SESSION_SETTINGS if role is None else SESSION_SETTINGS | {"role": role.value}


@asynccontextmanager
async def connected(
    dsn: str, *, pool_size: int = 8, role: DatabaseRole | None = None, opener: str | None = None
) -> AsyncIterator[Database]:
    """``opener`` is another login for the opening; absent: ``dsn``. With ``role`` None opening and sequencing are done
    as the login, too.
    """
    beside = min(pool_size, BESIDE)
    async with AsyncExitStack() as stack:

        def engine_of(dsn: str, role: DatabaseRole | None, size: int) -> AsyncEngine:
            engine = create_async_engine(
                sqlalchemy_url(dsn),
                pool_size=size,
                max_overflow=0,
                pool_timeout=5,
                pool_pre_ping=False,
                json_serializer=dumps,
                connect_args={"server_settings": session_settings(role), "timeout": 10},
            )
            stack.push_async_callback(engine.dispose)
            return engine

        async def pool_of(role: DatabaseRole | None, size: int, **more: str) -> asyncpg.Pool:
            settings, plain = session_settings(role) | more, dsn.replace("postgresql+asyncpg://", "postgresql://")
            return await stack.enter_async_context(
                asyncpg.create_pool(
                    plain, min_size=0, max_size=size, reset=_no_reset, server_settings=settings, timeout=10
                )
            )

        engine = engine_of(dsn, role, pool_size)
        await _refuse_unsafe(engine)
        yield Database(
            engine=engine,
            reading=engine.execution_options(isolation_level="AUTOCOMMIT"),
            raw=await pool_of(role, pool_size),
            intake=await pool_of(role, INTAKE_CONNECTIONS, **PLANNED_ONCE),
            opening=engine_of(opener or dsn, role and DatabaseRole.OPENER, beside),
            sequencing=await pool_of(role and DatabaseRole.SEQUENCER, beside),
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
