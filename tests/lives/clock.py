"""A clock that tests move: units of work that ask it instead of the database's, so that working days pass at once.

The one function that reads the database's clock by itself is made to read the same, in the lives' own database.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, cast

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.engine import PATIENCE_SECONDS
from adapters.postgres.intake import Intakes, PostgresIntake, transactions
from adapters.postgres.work import Standing, Transaction, Transactions, Units
from adapters.sealing.deployment import AnswerKeeping
from domain.bids.intake import Intake
from domain.work import Begin, Command, Work

TICK = timedelta(microseconds=1)
_OURS = "CAST(current_setting('lives.now') AS timestamptz)"
_SOURCE = text("SELECT pg_get_functiondef(CAST('store_sealed_bid' AS regproc))")
_TELL = text("SELECT set_config('lives.now', :at, true)")


class Clock:
    """Never stands still and never goes back: every look is a microsecond later."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def look(self) -> datetime:
        self.at += TICK
        return self.at

    def advance(self, to: datetime) -> None:
        self.at = max(self.at, to)


class _Timed:
    def __init__(self, work: Work, clock: Clock) -> None:
        self._work = work
        self._clock = clock

    def __getattr__(self, name: str) -> Any:
        return getattr(self._work, name)

    async def now(self) -> datetime:
        return self._clock.look()


def timed(clock: Clock) -> Units:
    """Units of work in which it is what the clock says."""

    def units(
        transaction: Transaction,
        answers: AnswerKeeping,
        standing: Standing | None = None,
        *,
        within: float = PATIENCE_SECONDS,
    ) -> Begin:
        @asynccontextmanager
        async def told() -> AsyncIterator[AsyncConnection]:
            async with transaction() as connection:
                await connection.execute(_TELL, {"at": clock.look().isoformat()})
                yield connection

        begin = Transactions(told, answers, standing, within=within)

        @asynccontextmanager
        async def opened(command: Command | None = None) -> AsyncIterator[Work]:
            async with begin(command) as work:
                yield cast("Work", _Timed(work, clock))

        return opened

    return units


def timed_intake(clock: Clock) -> Intakes:
    """The way of bids, on which it is what the clock says."""

    def intake(raw: asyncpg.Pool, answers: AnswerKeeping, standing: Callable[[], Awaitable[None]]) -> Intake:
        begin = transactions(raw)

        @asynccontextmanager
        async def told() -> AsyncIterator[asyncpg.Connection]:
            async with begin() as connection:
                await connection.execute("SELECT set_config('lives.now', $1, true)", clock.look().isoformat())
                yield connection

        return PostgresIntake(raw, answers, standing, transaction=told, clock=clock.look)

    return intake


async def reads_our_clock(connection: AsyncConnection) -> None:
    """The store of sealed bids reads what the unit of work was told, in this database."""
    source: str = (await connection.execute(_SOURCE)).scalar_one()
    assert "clock_timestamp()" in source
    await connection.exec_driver_sql(source.replace("clock_timestamp()", _OURS))
