"""The whole history: examined against the events as they are stored, and exported for those who check without us."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg

from adapters.postgres import log_reading as reading
from adapters.postgres.log_standing import Standing
from adapters.postgres.violations import translated
from adapters.signing.ed25519 import verify
from domain.log.checkpoints import PublicKey, SealedTree
from domain.log.examining import Damage, Examination, Fault, Tree
from domain.log.exporting import checkpoint_line, key_line, leaf_line
from domain.log.leaves import disclosures, leaf
from domain.log.ports import HistoryLossAcknowledged

_CHECKPOINTS = "SELECT * FROM log_checkpoints ORDER BY number"
_NEVER_LOGGED = """
SELECT e.id, CASE WHEN e.sealed THEN 'sealed' ELSE 'public' END AS tree FROM events e
WHERE (e.xid, e.seq) <= ($1::text::xid8, $2::bigint) AND NOT EXISTS (
  SELECT 1 FROM log_leaves l
  WHERE l.event_id = e.id AND l.tree = CASE WHEN e.sealed THEN 'sealed' ELSE 'public' END)
ORDER BY e.xid, e.seq LIMIT 1
"""
_INDEX_BEFORE = """
SELECT coalesce(max(l.index) + 1, 0) FROM log_leaves l JOIN events e ON e.id = l.event_id
WHERE l.tree = $1 AND e.sealed = (l.tree = 'sealed') AND (e.xid, e.seq) < (SELECT xid, seq FROM events WHERE id = $2)
"""


class PostgresHistory:
    """Satisfies ``domain.log.ports.History``. Reads in slices on one snapshot, so that its memory is bounded."""

    def __init__(self, raw: asyncpg.Pool, key: PublicKey, standing: Standing) -> None:
        self._raw = raw
        self._key = key
        self._standing = standing

    async def acknowledge(self, reason: str) -> HistoryLossAcknowledged:
        return await self._standing.acknowledge(reason)

    async def examine(self) -> Fault | None:
        with translated():
            async with (
                self._raw.acquire() as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                return await examined(connection, self._key)

    async def exported(self) -> AsyncIterator[str]:
        async with (
            self._raw.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            yield key_line(self._key)
            size = 0
            for row in await connection.fetch(_CHECKPOINTS):
                size = row["size"]
                yield checkpoint_line(row["note"])
            for first in range(0, size, reading.SLICE):
                for stored in await reading.leaves(connection, Tree.PUBLIC, first, min(first + reading.SLICE, size)):
                    event = stored.event
                    data = leaf(event, stored.salt) if event is not None else b""
                    shown = disclosures(event, stored.salt) if event is not None and not event.sealed else {}
                    yield leaf_line(stored.index, data, stored.hash, shown)


async def examined(connection: asyncpg.Connection, key: PublicKey) -> Fault | None:
    """The first fault of the database: checkpoints, then the trees leaf by leaf, then events that no tree holds."""
    rows = await connection.fetch(_CHECKPOINTS)
    batch = await reading.newest_batch(connection)
    fault = _of_checkpoints(rows, key)
    for tree, column in ((Tree.PUBLIC, "size"), (Tree.SEALED, "sealed_size")):
        end = batch[f"{tree}_size"] if batch is not None else 0
        fault = fault or await _of_tree(connection, tree, end, _roots(rows, column))
    if fault is None and batch is not None:
        never = await connection.fetchrow(_NEVER_LOGGED, batch["xid"], batch["seq"])
        if never is not None:
            index = await connection.fetchval(_INDEX_BEFORE, never["tree"], never["id"])
            fault = Fault(damage=Damage.EVENT_NEVER_LOGGED, tree=Tree(never["tree"]), index=index, event_id=never["id"])
    return fault


async def _of_tree(
    connection: asyncpg.Connection, tree: Tree, end: int, roots: dict[int, frozenset[bytes]]
) -> Fault | None:
    examination = Examination(tree=tree, roots=roots)
    for first in range(0, end, reading.SLICE):
        past = min(first + reading.SLICE, end)
        leaves = await reading.leaves(connection, tree, first, past)
        fault = examination.leaves(leaves, await reading.nodes_completed(connection, tree, first, past))
        if fault is not None:
            return fault
    if examination.frontier.size < end:
        return Fault(damage=Damage.LEAF_MISSING, tree=tree, index=examination.frontier.size)
    return examination.ended()


def _of_checkpoints(rows: Sequence[Any], key: PublicKey) -> Fault | None:
    """Each note is signed, says what its row says, and none is missing between two others."""
    for number, row in enumerate(rows, start=1):
        size = row["size"]
        checkpoint = key.read(row["note"], verify)
        if checkpoint is None:
            return Fault(damage=Damage.CHECKPOINT_NOT_SIGNED, tree=Tree.PUBLIC, index=size)
        sealed = SealedTree(blind=row["blind"], size=row["sealed_size"], root=row["sealed_root"])
        told = (number, checkpoint.size, checkpoint.root, checkpoint.sealed)
        if told != (row["number"], size, row["root"], sealed.commitment):
            return Fault(damage=Damage.CHECKPOINT_CHANGED, tree=Tree.PUBLIC, index=size)
    return None


def _roots(rows: Sequence[Any], size: str) -> dict[int, frozenset[bytes]]:
    root = size.replace("size", "root")
    found: dict[int, set[bytes]] = {}
    for row in rows:
        if row[size]:
            found.setdefault(row[size], set()).add(row[root])
    return {size: frozenset(roots) for size, roots in found.items()}
