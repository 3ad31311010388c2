"""Standing: whether the database holds what was signed and handed out. One that does not is read, and not written."""

import asyncio
import base64

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.postgres import log_reading as reading
from adapters.postgres.events import EVENT_INSERT, event_values
from adapters.postgres.violations import translated
from adapters.signing.outside import OutsideCheckpoints
from domain.events import CLOCK
from domain.log.checkpoints import Checkpoint
from domain.log.examining import Tree
from domain.log.ports import HistoryLossAcknowledged, HistoryLost, LogDamaged, NothingLost, loss_id
from domain.log.tree import root

_HELD = "SELECT EXISTS (SELECT 1 FROM log_checkpoints WHERE note = $1)"
_ACKNOWLEDGED = "SELECT EXISTS (SELECT 1 FROM events WHERE subject_id = $1 AND type = $2)"
_ACKNOWLEDGED_HERE = text("SELECT EXISTS (SELECT 1 FROM events WHERE subject_id = :id AND type = :type)")
_NOW = text("SELECT clock_timestamp()")


class Standing:
    """Compares with the newest checkpoint outside: at the start, and before each signature. ``outside`` None: nothing
    is kept elsewhere, so nothing can be missed (tests).
    """

    def __init__(self, engine: AsyncEngine, raw: asyncpg.Pool, outside: OutsideCheckpoints | None) -> None:
        self._engine = engine
        self._raw = raw
        self._outside = outside
        self._lost: tuple[str, Checkpoint] | None = None

    async def look(self) -> None:
        """At the start of a process; finds out, refuses nothing."""
        with translated():
            async with self._raw.acquire() as connection:
                self._lost = await self._missing(connection)

    async def must_hold(self, connection: asyncpg.Connection) -> None:
        """Refuse (``history-lost``) to sign over a loss."""
        self._lost = await self._missing(connection)
        if self._lost is not None:
            raise _refusal(self._lost[1])

    async def __call__(self, connection: AsyncConnection) -> None:
        """Before a unit of work: refuse (``history-lost``) while a loss is not acknowledged; else it costs nothing."""
        if self._lost is None:
            return
        note, checkpoint = self._lost
        asked = {"id": loss_id(note), "type": HistoryLossAcknowledged.type}
        if not (await connection.execute(_ACKNOWLEDGED_HERE, asked)).scalar_one():
            raise _refusal(checkpoint)
        self._lost = None

    async def must_stand(self) -> None:
        """The same, outside a unit of work."""
        if self._lost is not None:
            with translated():
                async with self._engine.connect() as connection:
                    await self(connection)

    async def acknowledge(self, reason: str) -> HistoryLossAcknowledged:
        await self.look()
        if self._lost is None:
            raise NothingLost("The database holds the newest checkpoint that was handed out")
        note, checkpoint = self._lost
        with translated():
            async with self._engine.begin() as connection:
                event = HistoryLossAcknowledged(
                    subject_id=loss_id(note),
                    by=CLOCK,
                    at=(await connection.execute(_NOW)).scalar_one(),
                    size=checkpoint.size,
                    root=base64.b64encode(checkpoint.root).decode(),
                    reason=reason,
                )
                await connection.execute(EVENT_INSERT, event_values(event))
        self._lost = None
        return event

    def hand_out(self, note: str) -> None:
        """A signed checkpoint, committed before: so what is outside was always in the database."""
        if self._outside is not None:
            self._outside.append(note)

    async def _missing(self, connection: asyncpg.Connection) -> tuple[str, Checkpoint] | None:
        newest = await asyncio.to_thread(self._outside.newest) if self._outside is not None else None
        if newest is None:
            return None
        note, checkpoint = newest
        if await connection.fetchval(_HELD, note) and await self._contains(connection, checkpoint):
            return None
        if await connection.fetchval(_ACKNOWLEDGED, loss_id(note), HistoryLossAcknowledged.type):
            return None
        return newest

    async def _contains(self, connection: asyncpg.Connection, checkpoint: Checkpoint) -> bool:
        """Whether the stored tree, at the checkpoint's size, is the one that was signed."""
        batch = await reading.newest_batch(connection)
        if batch is None or batch["public_size"] < checkpoint.size:
            return False
        size = checkpoint.size
        try:
            kept = await reading.computed(connection, Tree.PUBLIC, lambda stored: root(0, size, stored))
        except LogDamaged:
            return False
        return kept == checkpoint.root


def _refusal(checkpoint: Checkpoint) -> HistoryLost:
    return HistoryLost(
        "The database does not hold a checkpoint that was signed and handed out: it is older, or another one",
        passes="the right database, or 'oimaq log acknowledge' by an operator",
        size=checkpoint.size,
    )
