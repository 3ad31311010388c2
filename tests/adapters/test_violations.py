"""What the database refuses becomes a refusal of ours; what nobody expected passes through."""

import asyncpg
import pytest
from sqlalchemy import text

from adapters.postgres.engine import Database
from adapters.postgres.violations import translated
from domain.work import Busy


async def test_a_lock_that_is_not_free_in_time_is_busy(database: Database) -> None:
    async def wait() -> None:
        with translated():
            async with database.engine.begin() as waiting:
                await waiting.execute(text("SET LOCAL lock_timeout = '50ms'"))
                await waiting.execute(text("SELECT count(*) FROM inbox"))

    async with database.engine.begin() as holder:
        await holder.execute(text("LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(Busy):
            await wait()


async def test_a_lost_connection_is_busy_on_both_drivers(database: Database, dsn: str) -> None:
    async def lose() -> None:
        with translated():
            async with database.engine.connect() as doomed:
                mine = (await doomed.execute(text("SELECT pg_backend_pid()"))).scalar_one()
                killer = await asyncpg.connect(dsn)
                await killer.execute("SELECT pg_terminate_backend($1)", mine)
                await killer.close()
                await doomed.execute(text("SELECT 1"))

    with pytest.raises(Busy):
        await lose()
    connection = await asyncpg.connect(dsn)
    await connection.close()
    with pytest.raises(Busy), translated():
        await connection.fetch("SELECT 1")


async def test_a_mistake_of_ours_passes_through(database: Database) -> None:
    with pytest.raises(Exception, match="no_such_table"), translated():
        async with database.engine.connect() as connection:
            await connection.execute(text("SELECT * FROM no_such_table"))
