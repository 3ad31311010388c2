"""A clock that tests move: units of work that ask it instead of the database's, so that working days pass at once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, cast

from domain.work import Begin, Command, Work

TICK = timedelta(microseconds=1)


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


def timed(begin: Begin, clock: Clock) -> Begin:
    """``begin``, but what is now is what the clock says."""

    @asynccontextmanager
    async def opened(command: Command | None = None) -> AsyncIterator[Work]:
        async with begin(command) as work:
            yield cast("Work", _Timed(work, clock))

    return opened
