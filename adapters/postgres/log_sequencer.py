"""The sequencer: numbers events in the order of the feed, after they were committed, and signs what it has numbered.

Events are inserted without a chain, so that commands never wait for each other here. What is below the oldest running
transaction is final; of that the sequencer takes a batch, in two trees: what is not sealed into the public one, what is
sealed into the other. With a tender's opening its bids' events enter the public tree as well, right after it. So before
the opening nothing that is public (sizes, roots, the moments of signing) depends on a sealed event.
"""

import asyncio
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import asyncpg

from adapters.postgres import log_reading as reading
from adapters.postgres.log_standing import Standing
from adapters.postgres.violations import translated
from adapters.signing.ed25519 import Signer
from domain.log.checkpoints import BLIND_BYTES, Checkpoint, SealedTree
from domain.log.examining import Examination, Tree
from domain.log.leaves import SALT_BYTES, awaited_opening, leaf, opened_tender
from domain.log.ports import LogDamaged
from domain.log.tree import EMPTY, Frontier, Hash, leaf_hash

BATCH: Final = 2_000
"""Events that are numbered at once: about a fifth of a second of the worker's time."""
_ONE_AT_A_TIME = "SELECT pg_try_advisory_xact_lock(7315003)"
_DUE = f"""
SELECT {reading.COLUMNS} FROM (
  (SELECT * FROM events WHERE NOT sealed AND xid < pg_snapshot_xmin(pg_current_snapshot())
   AND (xid, seq) > ($1::text::xid8, $2::bigint) ORDER BY xid, seq LIMIT $3)
  UNION ALL
  (SELECT * FROM events WHERE sealed AND xid < pg_snapshot_xmin(pg_current_snapshot())
   AND (xid, seq) > ($1::text::xid8, $2::bigint) ORDER BY xid, seq LIMIT $3)
) e ORDER BY e.xid, e.seq LIMIT $3
"""  # noqa: S608 - columns from a constant; values are parameters. Each half has its own partial index.
_AWAITING = """
SELECT s.tender_id, s.index, s.event_id, s.hash, s.salt FROM log_leaves s
WHERE s.tender_id = ANY($1::uuid[]) AND s.tree = 'sealed'
  AND NOT EXISTS (SELECT 1 FROM log_leaves p WHERE p.event_id = s.event_id AND p.tree = 'public')
ORDER BY s.index
"""
_BATCH = "INSERT INTO log_batches (number, xid, seq, public_size, sealed_size) VALUES ($1, $2::text::xid8, $3, $4, $5)"
_SIGNED_LATELY = (
    "SELECT signed_at > clock_timestamp() - make_interval(secs => $2) FROM log_checkpoints WHERE number = $1"
)
_CHECKPOINT = """
INSERT INTO log_checkpoints (number, size, root, sealed_size, sealed_root, blind, note)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


@dataclass(slots=True)
class _Growth:
    """One tree and the rows that this batch adds to it."""

    tree: Tree
    frontier: Frontier
    leaves: list[tuple[Any, ...]] = field(default_factory=list)
    nodes: list[tuple[Any, ...]] = field(default_factory=list)

    def append(self, event_id: UUID, hash: Hash, salt: bytes, tender_id: UUID | None = None) -> None:
        self.leaves.append((self.tree, self.frontier.size, event_id, hash, salt, tender_id))
        self.nodes += [(self.tree, *node, made) for node, made in self.frontier.append(hash)]

    async def store(self, connection: asyncpg.Connection) -> None:
        leaf_columns = ("tree", "index", "event_id", "hash", "salt", "tender_id")
        await connection.copy_records_to_table("log_leaves", records=self.leaves, columns=leaf_columns)
        await connection.copy_records_to_table(
            "log_nodes", records=self.nodes, columns=("tree", "level", "index", "hash")
        )


class PostgresSequencer:
    def __init__(self, raw: asyncpg.Pool, signer: Signer, standing: Standing, *, sign_every: float) -> None:
        """``sign_every``: seconds after which the trees are signed again also when nothing public is new."""
        self._raw = raw
        self._signer = signer
        self._standing = standing
        self._sign_every = sign_every

    async def advance(self) -> int:
        numbered, note = 0, None
        with translated():
            async with self._raw.acquire() as connection:
                async with connection.transaction():
                    if await connection.fetchval(_ONE_AT_A_TIME):
                        numbered = await self._number(connection)
                async with connection.transaction():
                    if await connection.fetchval(_ONE_AT_A_TIME):
                        note = await self._sign(connection)
        if note is not None:
            await asyncio.to_thread(self._standing.hand_out, note)
        return numbered

    async def _number(self, connection: asyncpg.Connection) -> int:
        last = await reading.newest_batch(connection)
        place = (last["xid"], last["seq"]) if last else ("0", 0)
        due = [reading.event_of(row) for row in await connection.fetch(_DUE, *place, BATCH)]
        if not due:
            return 0
        public = await _growth(connection, Tree.PUBLIC, last["public_size"] if last else 0)
        sealed = await _growth(connection, Tree.SEALED, last["sealed_size"] if last else 0)
        salted = [(event, secrets.token_bytes(SALT_BYTES)) for event in due]
        hashed = [(event, salt, leaf_hash(leaf(event, salt))) for event, salt in salted]
        openings: dict[UUID, int] = {}
        """By tender: how many sealed leaves stand before its opening."""
        for event, salt, hash in hashed:
            if event.sealed:
                sealed.append(event.id, hash, salt, awaited_opening(event))
            elif (tender_id := opened_tender(event)) is not None:
                openings.setdefault(tender_id, sealed.frontier.size)
        await sealed.store(connection)
        awaiting = await _awaiting(connection, openings)
        for event, salt, hash in hashed:
            if not event.sealed:
                public.append(event.id, hash, salt)
                for each in awaiting.pop(opened_tender(event), ()):
                    public.append(each["event_id"], each["hash"], each["salt"])
        await public.store(connection)
        number = last["number"] + 1 if last else 1
        await connection.execute(
            _BATCH, number, str(due[-1].xid), due[-1].seq, public.frontier.size, sealed.frontier.size
        )
        return len(due)

    async def _sign(self, connection: asyncpg.Connection) -> str | None:
        """A checkpoint of everything numbered, where there is something new in public or the time has come. Refuses
        ``log-damaged`` and ``history-lost`` rather than sign.
        """
        batch, last = await reading.newest_batch(connection), await reading.newest_checkpoint(connection)
        if batch is None or batch["public_size"] == 0:
            return None
        if last is not None and batch["public_size"] == last["size"]:  # nothing new that anybody may know of
            lately = await connection.fetchval(_SIGNED_LATELY, last["number"], self._sign_every)
            if lately:
                return None
        await self._standing.must_hold(connection)
        before = (last["size"], last["root"]) if last else (0, EMPTY)
        sealed_before = (last["sealed_size"], last["sealed_root"]) if last else (0, EMPTY)
        root = await _rehashed(connection, Tree.PUBLIC, before, batch["public_size"])
        sealed_root = await _rehashed(connection, Tree.SEALED, sealed_before, batch["sealed_size"])
        sealed = SealedTree(blind=secrets.token_bytes(BLIND_BYTES), size=batch["sealed_size"], root=sealed_root)
        checkpoint = Checkpoint(
            origin=self._signer.key.name, size=batch["public_size"], root=root, sealed=sealed.commitment
        )
        note = self._signer.note(checkpoint)
        number = last["number"] + 1 if last else 1
        await connection.execute(
            _CHECKPOINT, number, checkpoint.size, root, sealed.size, sealed.root, sealed.blind, note
        )
        return note


async def _growth(connection: asyncpg.Connection, tree: Tree, size: int) -> _Growth:
    return _Growth(tree, await reading.computed(connection, tree, lambda stored: Frontier.load(size, stored)))


async def _awaiting(connection: asyncpg.Connection, openings: dict[UUID, int]) -> dict[UUID | None, list[Any]]:
    """The sealed leaves that these openings bring into the public tree, by tender."""
    found: dict[UUID | None, list[Any]] = {}
    rows: Iterable[Any] = await connection.fetch(_AWAITING, list(openings)) if openings else ()
    for row in rows:
        if row["index"] < openings[row["tender_id"]]:
            found.setdefault(row["tender_id"], []).append(row)
    return found


async def _rehashed(connection: asyncpg.Connection, tree: Tree, signed: tuple[int, Hash], end: int) -> Hash:
    """The root at ``end``, from the events as they are stored now; what was signed before (size, root) must hold."""
    begin, root = signed
    frontier = await reading.computed(connection, tree, lambda stored: Frontier.load(begin, stored))
    if frontier.root() != root:
        raise LogDamaged(f"The {tree} tree of {begin} leaves is not the one that was signed")
    examination = Examination(tree=tree, frontier=frontier)
    for first in range(begin, end, reading.SLICE):
        past = min(first + reading.SLICE, end)
        leaves = await reading.leaves(connection, tree, first, past)
        fault = examination.leaves(leaves, await reading.nodes_completed(connection, tree, first, past))
        if fault is not None:
            raise LogDamaged(str(fault), passes="oimaq verify --database")
    if frontier.size != end:
        raise LogDamaged(f"The {tree} tree has {frontier.size} leaves and not {end}", passes="oimaq verify --database")
    return frontier.root()
