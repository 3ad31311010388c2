"""What the deadline is usually written like: look at the application's clock, then insert; open with a SELECT.

It speaks as much of the public API as bidders and readers use, on the same PostgreSQL, with real commits, keys and
revisions. What it lacks is the lock, the database's clock, and the one transaction of decision and effect.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg

from tests.faults.history import History
from tests.faults.people import Credentials
from tests.faults.stage import Tender

_TABLES = """
CREATE UNLOGGED TABLE IF NOT EXISTS naive_bids (
  id text PRIMARY KEY, tender_id text NOT NULL, bidder_id text NOT NULL, revision int NOT NULL, price text NOT NULL,
  stands boolean NOT NULL DEFAULT true, received_at timestamptz NOT NULL DEFAULT clock_timestamp())
"""
_SUBMIT = """
INSERT INTO naive_bids (id, tender_id, bidder_id, revision, price) VALUES ($1, $2, $3, 1, $4)
RETURNING revision, price, received_at
"""
_REPLACE = """
UPDATE naive_bids SET revision = revision + 1, price = $2, stands = true, received_at = clock_timestamp()
WHERE id = $1 RETURNING revision, price, received_at
"""
_WITHDRAW = "UPDATE naive_bids SET stands = false WHERE id = $1 RETURNING revision, price, received_at"
_OPEN = "SELECT * FROM naive_bids WHERE tender_id = $1 AND stands ORDER BY id"
_BUSY_SECONDS = 0.01
"""What validation and eligibility take between the check and the insert."""


class Naive:
    def __init__(self, pool: asyncpg.Pool, bidders: Sequence[Credentials]) -> None:
        self.port = 0
        self._bidders = {each.token: each.organization_id for each in bidders}
        self._pool = pool
        self._closes_at: dict[str, datetime] = {}
        self._tender_of: dict[str, str] = {}
        self._opened: dict[str, bytes] = {}
        self._clients: set[asyncio.StreamWriter] = set()

    def published(self, *, seconds: float) -> Tender:
        id, closes_at = str(uuid4()), datetime.now(UTC) + timedelta(seconds=seconds)
        self._closes_at[id] = closes_at
        return Tender(id=id, history=History(closes_at=closes_at))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients.add(writer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *rest = head.decode().split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                method, path, _ = first.split(" ")
                status, told = await self._answer(method, path.partition("?")[0], headers, body)
                more = f'ETag: "1"\r\nContent-Length: {len(told)}'
                writer.write(f"HTTP/1.1 {status} X\r\n{more}\r\n\r\n".encode() + told)
                await writer.drain()
        except (OSError, EOFError, asyncio.IncompleteReadError):
            return
        finally:
            self._clients.discard(writer)
            writer.transport.abort()

    def hang_up(self) -> None:
        for writer in list(self._clients):
            writer.transport.abort()

    async def _answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        _, _, kind, id, step = path.split("/")
        if method == "GET":
            return await self._open(id)
        tender_id = id if kind == "tenders" else self._tender_of[id]
        if datetime.now(UTC) >= self._closes_at[tender_id]:
            return 409, json.dumps({"code": "bidding-closed"}).encode()
        await asyncio.sleep(_BUSY_SECONDS)
        if step == "withdrawal":
            row = await self._pool.fetchrow(_WITHDRAW, id)
        else:
            price = json.loads(body)["lots"][0]["lines"][0]["unit_price"]
            if step == "bids":
                id = str(uuid4())
                self._tender_of[id] = tender_id
                row = await self._pool.fetchrow(
                    _SUBMIT, id, tender_id, self._bidders[headers["authorization"].removeprefix("Bearer ")], price
                )
            else:
                row = await self._pool.fetchrow(_REPLACE, id, price)
        return 201, json.dumps(_view(id, row)).encode()

    async def _open(self, tender_id: str) -> tuple[int, bytes]:
        if datetime.now(UTC) < self._closes_at[tender_id]:
            return 409, json.dumps({"code": "bids-not-opened"}).encode()
        if tender_id not in self._opened:
            rows = await self._pool.fetch(_OPEN, tender_id)
            items = [_view(row["id"], row) | {"bidder_id": row["bidder_id"]} for row in rows]
            self._opened.setdefault(tender_id, json.dumps({"items": items}).encode())
        return 200, self._opened[tender_id]


def _view(id: str, row: Any) -> dict[str, Any]:
    lots = [{"lot": 1, "lines": [{"line": 1, "unit_price": row["price"]}]}]
    return {"id": id, "revision": row["revision"], "received_at": row["received_at"].isoformat(), "lots": lots}


@asynccontextmanager
async def served(dsn: str, bidders: Sequence[Credentials]) -> AsyncIterator[Naive]:
    """On a port of the loopback, with a table of its own that is dropped afterwards."""
    async with asyncpg.create_pool(dsn, min_size=1, max_size=8) as pool:
        await pool.execute(_TABLES)
        naive = Naive(pool, bidders)
        server = await asyncio.start_server(naive.serve, "127.0.0.1", 0)
        naive.port = server.sockets[0].getsockname()[1]
        try:
            yield naive
        finally:
            server.close()
            naive.hang_up()
            await asyncio.sleep(0)
            await pool.execute("DROP TABLE naive_bids")
