"""Logins: who may become which role, who may make roles, and who is refused."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from adapters.postgres import roles, walls
from adapters.postgres.engine import UnsafeDatabase, connected
from adapters.postgres.migrate import migrate
from adapters.postgres.roles import DatabaseRole
from adapters.postgres.server.embedded import acquire, discard
from api.databases import entered
from api.settings import Settings
from tests.adapters.test_roles import API, OPENER, WORKER, with_a_bid
from tests.conftest import fresh_database
from tests.world import World, built


@pytest.fixture
async def login(server_dsn: str, admin_dsn: str) -> AsyncIterator[Callable[..., Awaitable[str]]]:
    """Makes logins of their own: the DSN of one that is a member of these roles."""
    admin = await asyncpg.connect(admin_dsn)
    names: list[str] = []

    async def make(dsn: str, *members: DatabaseRole) -> str:
        names.append(f"oimaq_login_{os.getpid()}_{len(names)}")
        await admin.execute(f"CREATE ROLE {names[-1]} LOGIN PASSWORD 'of-this-test'")
        for role in members:
            await admin.execute(f"GRANT {role} TO {names[-1]}")
        parts = urlsplit(dsn)
        return parts._replace(netloc=f"{names[-1]}:of-this-test@{parts.netloc.rpartition('@')[2]}").geturl()

    yield make
    for name in names:
        await admin.execute(f"DROP ROLE {name}")
    await admin.close()


async def test_a_process_with_a_login_of_its_own_has_no_way_to_another_role(
    dsn: str, login: Callable[..., Awaitable[str]]
) -> None:
    own = await login(dsn, API)
    settings = Settings(mode="production", api_database_url=SecretStr(own), pool_size=1)
    async with entered(settings, API) as found, found.database.engine.connect() as connection:
        assert (await connection.execute(text("SELECT current_user::text"))).scalar_one() == API
        assert (await connection.execute(text("SELECT count(*) FROM tenders"))).scalar_one() >= 0
        for other in ("oimaq_opener", "oimaq_sealer", "oimaq_worker"):
            with pytest.raises(ProgrammingError, match="permission denied to set role"):
                await connection.exec_driver_sql(f"SET ROLE {other}")
            await connection.rollback()


async def test_who_inherits_several_roles_meets_the_strictest_wall(
    world: World, dsn: str, login: Callable[..., Awaitable[str]]
) -> None:
    """The opener's columns and the API's rows do not add up to a sealed bid."""
    waiting, _ = await with_a_bid(world)
    connection = await asyncpg.connect(await login(dsn, API, OPENER))
    query = "SELECT count(ciphertext) FROM sealed_bids WHERE tender_id = $1::text::uuid"
    assert await connection.fetchval(query, waiting["id"]) == 0
    await connection.close()


async def test_in_production_a_login_without_the_role_stops_the_start(
    dsn: str, login: Callable[..., Awaitable[str]]
) -> None:
    stranger = SecretStr(await login(dsn, WORKER))
    with pytest.raises(UnsafeDatabase, match="cannot become oimaq_api"):
        async with entered(Settings(mode="production", api_database_url=stranger, pool_size=1), API):
            pytest.fail("it started")


async def test_a_login_that_may_not_migrate_refuses_a_database_that_is_not_at_head(
    server_dsn: str, login: Callable[..., Awaitable[str]]
) -> None:
    async with fresh_database(server_dsn, "oimaq_empty") as fresh:
        own = SecretStr(await login(fresh, API))
        with pytest.raises(UnsafeDatabase, match="no database of ours"):
            async with entered(Settings(api_database_url=own, pool_size=1), API):
                pytest.fail("it started")
        await migrate(fresh)
        async with entered(Settings(api_database_url=own, pool_size=1), API):
            owner = await asyncpg.connect(fresh)
            await owner.execute("UPDATE alembic_version SET version_num = '0001'")
            await owner.close()
        with pytest.raises(UnsafeDatabase, match="is at 0001"):
            async with entered(Settings(api_database_url=own, pool_size=1), API):
                pytest.fail("it started")


async def test_a_login_that_may_not_make_roles_migrates_without_walls_and_says_so(
    admin_dsn: str, login: Callable[..., Awaitable[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    """As on a managed server: the login owns its database, and is a member of nothing."""
    async with fresh_database(admin_dsn, "oimaq_managed") as fresh:
        plain = await login(fresh)
        admin = await asyncpg.connect(admin_dsn)
        await admin.execute(f'ALTER DATABASE "{urlsplit(fresh).path[1:]}" OWNER TO {urlsplit(plain).username}')
        await admin.close()
        await migrate(plain)
        assert "may not make them" in capsys.readouterr().out
        async with entered(Settings(database_url=SecretStr(plain), pool_size=1), API) as found:
            assert found.role is None
            async with built(found.database) as world:
                await with_a_bid(world)
        with pytest.raises(UnsafeDatabase):
            async with entered(Settings(mode="production", database_url=SecretStr(plain), pool_size=1), API):
                pytest.fail("it started")


async def test_a_login_that_may_make_roles_needs_no_administrator(tmp_path: Path) -> None:
    """In a cluster without any of ours, by two processes at once."""
    with await asyncio.to_thread(acquire, tmp_path / "home") as lease:
        admin = await asyncpg.connect(lease.admin_dsn)
        for role in DatabaseRole:
            await admin.execute(f"REVOKE {role} FROM oimaq; DROP ROLE {role}")
        await admin.execute("ALTER ROLE oimaq CREATEROLE")
        await admin.close()
        await asyncio.gather(migrate(lease.dsn), migrate(lease.dsn))
        settings = Settings(mode="production", database_url=SecretStr(lease.dsn), pool_size=1)
        async with entered(settings, API) as found, connected(lease.dsn, pool_size=1) as owner:
            assert found.role is API
            async with owner.engine.connect() as connection:
                assert await connection.run_sync(walls.existing) == roles.wanted()
    await asyncio.to_thread(discard, tmp_path / "home")
