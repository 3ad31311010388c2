"""A database that is busy, starting or gone means "again later", through SQLAlchemy and through the bare driver."""

import asyncio
from datetime import datetime

import asyncpg
import pytest
from sqlalchemy import text

from adapters.postgres.engine import Database, connected
from adapters.postgres.violations import translated
from adapters.postgres.work import Transactions
from domain.work import Begin, Busy
from tests.faults.proxy import proxied
from tests.world import KEYRING

PASSING = (
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.QueryCanceledError,
    asyncpg.LockNotAvailableError,
    asyncpg.DiskFullError,
    asyncpg.ConnectionDoesNotExistError,
    asyncpg.InterfaceError,
    ConnectionRefusedError,
    TimeoutError,
)


@pytest.mark.parametrize("error", PASSING)
def test_what_passes_by_itself_is_busy(error: type[Exception]) -> None:
    with pytest.raises(Busy), translated():
        raise error("x")


@pytest.mark.parametrize("error", [asyncpg.UndefinedTableError, asyncpg.CheckViolationError, ZeroDivisionError])
def test_what_is_our_mistake_is_not_called_busy(error: type[Exception]) -> None:
    with pytest.raises(error), translated():
        raise error("x")


async def test_a_statement_that_takes_too_long_is_busy_through_sqlalchemy(database: Database) -> None:
    async def linger() -> None:
        async with database.engine.begin() as connection:
            await connection.execute(text("SET LOCAL statement_timeout = 20"))
            await connection.execute(text("SELECT pg_sleep(5)"))

    with pytest.raises(Busy), translated():
        await linger()


async def test_a_statement_that_takes_too_long_is_busy_through_the_bare_driver(database: Database) -> None:
    async def linger() -> None:
        async with database.raw.acquire() as connection, connection.transaction():
            await connection.execute("SET LOCAL statement_timeout = 20")
            await connection.execute("SELECT pg_sleep(5)")

    with pytest.raises(Busy), translated():
        await linger()


async def test_a_unit_of_work_that_takes_too_long_is_busy_and_given_up(database: Database) -> None:
    async def linger() -> None:
        async with Transactions(database.engine.begin, KEYRING.answers, within=0.2)() as work:
            await work.now()
            await asyncio.sleep(5)

    with pytest.raises(Busy):
        await linger()
    async with Transactions(database.engine.begin, KEYRING.answers)() as work:
        await work.now()


async def test_a_connection_that_the_network_has_forgotten_is_given_up(dsn: str) -> None:
    """Nothing is ever said on it again, not even an error; the pool must not keep it."""

    async def look(begin: Begin) -> datetime:
        async with begin() as work:
            return await work.now()

    async with proxied(dsn, seed="forgotten") as proxy, connected(proxy.dsn, pool_size=1) as behind:
        begin = Transactions(behind.engine.begin, KEYRING.answers, within=0.5)
        await look(begin)
        proxy.forget()
        with pytest.raises(Busy):
            await look(begin)
        await look(begin)
