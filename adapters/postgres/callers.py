"""Callers: who a token speaks for, remembered in this process for as long as nobody can have taken it away.

PostgreSQL tells every process when rights change (triggers, ``credentials_changed``), and the whole memory is dropped.
One connection listens. It asks for a sign of life again and again: what was committed before the question was sent has
been told when the answer comes. So a memory is used only within ``FRESH_SECONDS`` after the last question that was
answered: whatever happens to the connection, what was revoked is refused from then on.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import asyncpg
import structlog

from adapters.postgres.engine import session_settings
from adapters.postgres.roles import DatabaseRole
from domain.organizations.ports import Caller

CHANNEL = "credentials_changed"
CALLERS_MAX = 10_000
REMEMBERED_SECONDS = 30.0
FRESH_SECONDS = 1.0
ASK_EVERY_SECONDS = 0.3
RECONNECT_SECONDS = 0.5

log = structlog.get_logger("oimaq.callers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A caller, and for how many seconds his credential will hold by itself."""

    caller: Caller
    lasts: float


class Callers:
    """Nothing is remembered until ``listening`` runs."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock`` counts seconds."""
        self._clock = clock
        self._known: OrderedDict[bytes, tuple[Caller, float]] = OrderedDict()
        self._heard_until = -FRESH_SECONDS
        self._drops = 0

    async def of(self, token_sha256: bytes, look_up: Callable[[bytes], Awaitable[Found | None]]) -> Caller | None:
        now = self._clock()
        if now - self._heard_until < FRESH_SECONDS and token_sha256 in self._known:
            caller, until = self._known[token_sha256]
            if now < until:
                return caller
        drops = self._drops
        found = await look_up(token_sha256)
        if found is None:
            return None
        if drops == self._drops:  # otherwise what was found may be from before the change
            self._remember(token_sha256, found, asked=now)
        return found.caller

    def _remember(self, token_sha256: bytes, found: Found, *, asked: float) -> None:
        self._known[token_sha256] = found.caller, asked + min(found.lasts, REMEMBERED_SECONDS)
        self._known.move_to_end(token_sha256)
        while len(self._known) > CALLERS_MAX:
            self._known.popitem(last=False)

    def drop(self) -> None:
        self._known.clear()
        self._drops += 1

    async def listen(self, dsn: str, role: DatabaseRole | None = None) -> None:
        """Until cancelled; connects again when the connection is lost."""
        while True:
            try:
                await self._listen_once(dsn, role)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("no word of credentials", error=type(error).__qualname__)
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen_once(self, dsn: str, role: DatabaseRole | None) -> None:
        def told(*_: Any) -> None:
            self.drop()

        plain = dsn.replace("postgresql+asyncpg://", "postgresql://")
        connection = await asyncpg.connect(plain, server_settings=session_settings(role), timeout=5)
        try:
            await connection.add_listener(CHANNEL, told)
            self.drop()  # what was told while nobody listened
            while True:
                asked = self._clock()
                await connection.execute("SELECT 1", timeout=FRESH_SECONDS)
                self._heard_until = asked
                await asyncio.sleep(ASK_EVERY_SECONDS)
        finally:
            connection.terminate()


@asynccontextmanager
async def listening(dsn: str, role: DatabaseRole | None = None) -> AsyncIterator[Callers]:
    callers = Callers()
    listener = asyncio.create_task(callers.listen(dsn, role))
    try:
        yield callers
    finally:
        listener.cancel()
        with suppress(asyncio.CancelledError):
            await listener
