"""One database per pytest worker, built by the migrations; rolled back or uniquely named work inside it."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import fields
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.engine import Database, connected
from adapters.postgres.migrate import migrate
from adapters.postgres.roles import DatabaseRole
from adapters.postgres.server.embedded import acquire
from adapters.postgres.work import Transactions
from domain.work import Begin
from tests.ocds_schema import Check, checker
from tests.world import KEYRING, Databases, World, built

HOME = Path(__file__).resolve().parents[1] / ".oimaq" / "test"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="the long form of fault and load tests")


@pytest.fixture(scope="session")
def server_dsn() -> Iterator[str]:
    """A database that may create others: OIMAQ_DATABASE_URL, or an embedded server shared by all pytest workers."""
    given = os.environ.get("OIMAQ_DATABASE_URL")
    if given:
        yield given
        return
    lease = acquire(HOME)
    try:
        yield lease.dsn
    finally:
        lease.release()


@pytest.fixture
def admin_dsn(server_dsn: str) -> Iterator[str]:
    """A login that may make others: the embedded server's superuser, or the given one."""
    if os.environ.get("OIMAQ_DATABASE_URL"):
        yield server_dsn
        return
    with acquire(HOME) as lease:
        yield lease.admin_dsn


def with_database(dsn: str, name: str) -> str:
    """The same server, another database."""
    head, _, query = dsn.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")


@asynccontextmanager
async def fresh_database(server: str, name: str) -> AsyncIterator[str]:
    """An empty database of this process's own, dropped afterwards: pytest's workers run the same tests at once."""
    own = f"{name}_{os.getpid()}"
    admin = await asyncpg.connect(server)
    await _drop(admin, own)
    await admin.execute(f'CREATE DATABASE "{own}" TEMPLATE template0')
    try:
        yield with_database(server, own)
    finally:
        await _drop(admin, own)
        await admin.close()


async def _drop(admin: asyncpg.Connection, name: str) -> None:
    """Whoever is still connected is cut off; the server's own housekeeping cannot be, and is waited for."""
    for wait in (0.1, 0.5, 2.0, 0.0):
        try:
            await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        except asyncpg.InsufficientPrivilegeError:
            if not wait:
                raise
            await asyncio.sleep(wait)
        else:
            return


@pytest.fixture(scope="session")
async def dsn(server_dsn: str) -> AsyncIterator[str]:
    async with fresh_database(server_dsn, "oimaq_test") as fresh:
        await migrate(fresh)
        yield fresh


@asynccontextmanager
async def walled(dsn: str, *, pool_size: int = 8) -> AsyncIterator[Databases]:
    """A database in the API's role, and the others beside it."""
    async with (
        connected(dsn, pool_size=pool_size, role=DatabaseRole.API) as api,
        connected(dsn, pool_size=pool_size, role=DatabaseRole.WORKER) as worker,
        connected(dsn, pool_size=pool_size) as owner,
    ):
        mine = {field.name: getattr(api, field.name) for field in fields(api)}
        yield Databases(**mine, worker=worker, owner=owner)


@pytest.fixture(scope="session")
async def database(dsn: str) -> AsyncIterator[Databases]:
    async with walled(dsn) as database:
        yield database


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[AsyncConnection]:
    """A transaction around the whole test, rolled back at its end."""
    async with database.engine.connect() as connection:
        outer = await connection.begin()
        yield connection
        await outer.rollback()


@pytest.fixture
def begin(connection: AsyncConnection) -> Begin:
    """Units of work as savepoints of the test's own transaction."""

    @asynccontextmanager
    async def savepoint() -> AsyncIterator[AsyncConnection]:
        async with connection.begin_nested():
            yield connection

    return Transactions(savepoint, KEYRING.answers)


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    """The real application over ASGI; everything in it has names of its own."""
    async with built(database) as world:
        yield world


@pytest.fixture(scope="session")
def flaws() -> Check:
    """Flaws of an OCDS document by the name of its schema; skips where the schema is not at hand."""
    return checker()
