"""From settings to a connected database in the role of the process: the given server, or the embedded one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import structlog
from pydantic import SecretStr

from adapters.postgres.engine import Database, UnsafeDatabase, connected
from adapters.postgres.migrate import check_migrated, migrate
from adapters.postgres.roles import DatabaseRole
from adapters.postgres.server.binaries import EmbeddedServerFailed
from adapters.postgres.server.embedded import Lease, acquire
from adapters.postgres.walls import admits
from api.settings import Settings

KEEP_ALIVE_SECONDS = 1.0

log = structlog.get_logger("oimaq.database")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """``dsn`` and ``role`` are for a connection beside those of ``database``. No role: the login as it is."""

    database: Database
    dsn: str
    role: DatabaseRole | None


@asynccontextmanager
async def owner_dsn(settings: Settings) -> AsyncIterator[str]:
    """The login that owns the tables: of the given database, or of the embedded one for as long as it is needed."""
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    lease = await asyncio.to_thread(acquire, settings.home)
    keeper = asyncio.create_task(_keep_alive(lease))
    try:
        yield lease.dsn
    finally:
        keeper.cancel()
        await asyncio.to_thread(lease.release)


@asynccontextmanager
async def entered(settings: Settings, role: DatabaseRole) -> AsyncIterator[Entered]:
    """Migrated by the owner's login where this process has it; a process with a login of its own needs no other."""
    logins = {DatabaseRole.API: settings.api_database_url, DatabaseRole.WORKER: settings.worker_database_url}
    own = _plain(logins.get(role))
    async with AsyncExitStack() as stack:
        if own is None or settings.database_url is not None:
            owner = await stack.enter_async_context(owner_dsn(settings))
            await migrate(owner)
        dsn = own or owner
        taken = await _taken(dsn, role, settings)
        await check_migrated(dsn, taken)
        opener = _plain(settings.opener_database_url)
        database = await stack.enter_async_context(
            connected(dsn, pool_size=settings.pool_size, role=taken, opener=opener)
        )
        yield Entered(database=database, dsn=dsn, role=taken)


def _plain(url: SecretStr | None) -> str | None:
    return None if url is None else url.get_secret_value()


async def _taken(dsn: str, role: DatabaseRole, settings: Settings) -> DatabaseRole | None:
    """Without its walls the database is used for development only."""
    if await admits(dsn, role):
        return role
    if settings.mode == "production":
        raise UnsafeDatabase(
            f"This login cannot become {role}", passes="the database's roles, which the README says how to make"
        )
    log.warning("the database is used without roles", missing=str(role))
    return None


async def _keep_alive(lease: Lease) -> None:
    """Start the embedded server again when it was killed: whoever holds a lease and sees it first."""
    while True:
        await asyncio.sleep(KEEP_ALIVE_SECONDS)
        try:
            await asyncio.to_thread(lease.revive)
        except EmbeddedServerFailed as error:
            log.warning("the database does not start", error=str(error))
