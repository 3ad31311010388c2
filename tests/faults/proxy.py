"""A TCP proxy before PostgreSQL that can be slow, silent, fragmenting, or cut exactly when a commit is answered.

It understands just enough of the protocol (a type byte, a length) to know a COMMIT's answer: the transaction is
durable, and whoever waits for the answer will never learn it.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

_HEAD = 5
_COMMITTED = b"C" + (4 + len(b"COMMIT\0")).to_bytes(4, "big") + b"COMMIT\0"
_READY = b"Z"
_IDLE = b"I"
_CHUNK = 65536


@dataclass(frozen=True, slots=True, kw_only=True)
class Mood:
    """How the proxy behaves from now on; a scenario gives it another while connections are open.

    ``cuts_commits`` and ``cuts_ends`` are chances: to cut instead of relaying a COMMIT's answer, and to cut at the end
    of any transaction, whatever carried it (one statement by itself is one, too).
    """

    cuts_commits: float = 0.0
    cuts_ends: float = 0.0
    delay_seconds: float = 0.0
    fragment_bytes: int = 0
    silent: bool = False


class Proxy:
    def __init__(self, dsn: str, seed: str) -> None:
        self.mood = Mood()
        self.cuts = 0
        self.port = 0
        self._dsn = urlsplit(dsn)
        self._chance = random.Random(seed)  # noqa: S311 - repeatable misfortune
        self._tasks: set[asyncio.Task[None]] = set()
        self._forgotten: set[asyncio.Task[None]] = set()

    @property
    def dsn(self) -> str:
        """The same database, through this proxy."""
        user = self._dsn.netloc.rpartition("@")[0]
        return f"postgresql://{user}@127.0.0.1:{self.port}{self._dsn.path}"

    def forget(self) -> None:
        """The connections of now are silent for ever and never closed, as after a router's restart; later ones work."""
        self._forgotten |= self._tasks

    def hang_up(self) -> None:
        """End every connection, also those that are silent."""
        for task in self._tasks:
            task.cancel()

    async def serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        own = asyncio.current_task()
        if own is None:
            raise RuntimeError("a connection is served in a task")
        self._tasks.add(own)
        to_server: asyncio.StreamWriter | None = None
        try:
            server, to_server = await self._connect()
            ways = [self._requests(client, to_server, own), self._answers(server, to_client, own)]
            running = [asyncio.ensure_future(way) for way in ways]
            try:
                await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in running:
                    way.cancel()
                await asyncio.gather(*running, return_exceptions=True)
        except (OSError, asyncio.CancelledError):
            pass  # the server is down, or we hang up: the client's connection ends below
        finally:
            for writer in filter(None, (to_client, to_server)):
                writer.transport.abort()
            self._tasks.discard(own)
            self._forgotten.discard(own)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """To the server itself: by its socket's folder, or by its address."""
        named = parse_qs(self._dsn.query)
        if "host" in named:
            return await asyncio.open_unix_connection(f"{named['host'][0]}/.s.PGSQL.{named.get('port', ['5432'])[0]}")
        return await asyncio.open_connection(self._dsn.hostname, self._dsn.port or 5432)

    async def _requests(
        self, client: asyncio.StreamReader, to_server: asyncio.StreamWriter, own: asyncio.Task[None]
    ) -> None:
        while data := await client.read(_CHUNK):
            await self._relay(data, to_server, own)

    async def _answers(
        self, server: asyncio.StreamReader, to_client: asyncio.StreamWriter, own: asyncio.Task[None]
    ) -> None:
        """Message by message; the answer to a request for encryption is a single byte."""
        first = await server.readexactly(1)
        if first in b"SN":
            await self._relay(first, to_client, own)
            first = await server.readexactly(1)
        while True:
            head = first + await server.readexactly(_HEAD - 1)
            message = head + await server.readexactly(int.from_bytes(head[1:], "big") - 4)
            if self._cuts(message):
                return
            await self._relay(message, to_client, own)
            first = await server.readexactly(1)

    def _cuts(self, message: bytes) -> bool:
        mood = self.mood
        ended = message[:1] == _READY and message[-1:] == _IDLE
        chance = mood.cuts_commits if message == _COMMITTED else mood.cuts_ends if ended else 0.0
        if self._chance.random() >= chance:
            return False
        self.cuts += 1
        return True

    async def _relay(self, data: bytes, writer: asyncio.StreamWriter, own: asyncio.Task[None]) -> None:
        while self.mood.silent or own in self._forgotten:  # noqa: ASYNC110 - until the scenario says otherwise, or hangs up
            await asyncio.sleep(0.05)
        if self.mood.delay_seconds:
            await asyncio.sleep(self.mood.delay_seconds)
        size = self.mood.fragment_bytes or len(data)
        for start in range(0, len(data), size):
            writer.write(data[start : start + size])
            await writer.drain()
            if self.mood.fragment_bytes:
                await asyncio.sleep(0)


@asynccontextmanager
async def proxied(dsn: str, seed: str) -> AsyncIterator[Proxy]:
    proxy = Proxy(dsn, seed)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        proxy.hang_up()
        await asyncio.sleep(0.1)
