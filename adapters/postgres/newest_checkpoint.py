"""The newest signed checkpoint of the log, looked up now and then, so that each receipt hands one out without a
statement of its own.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg
import structlog

from adapters.postgres import log_reading
from adapters.postgres.intake import patient

LOOK_EVERY_SECONDS = 5.0

log = structlog.get_logger("oimaq.checkpoints")


class NewestCheckpoint:
    """``note`` is the C2SP form; None until one was seen."""

    def __init__(self) -> None:
        self.note: str | None = None

    def __call__(self) -> str | None:
        return self.note

    async def look(self, raw: asyncpg.Pool) -> None:
        async with patient(raw) as connection:
            signed = await log_reading.newest_checkpoint(connection)
        if signed is not None:
            self.note = signed["note"]


@asynccontextmanager
async def followed(raw: asyncpg.Pool, *, every: float = LOOK_EVERY_SECONDS) -> AsyncIterator[NewestCheckpoint]:
    """Kept up to date for as long as the context lasts; a lost database leaves the last one that was seen."""
    newest = NewestCheckpoint()

    async def follow() -> None:
        while True:
            try:
                await newest.look(raw)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("no checkpoint to be had", error=type(error).__qualname__)
            await asyncio.sleep(every)

    following = asyncio.create_task(follow())
    try:
        yield newest
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
