"""What is stored of the log: nodes for roots and proofs, leaves beside their events."""

import json
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

import asyncpg

from domain.log.examining import StoredLeaf, Tree
from domain.log.leaves import LoggedEvent
from domain.log.ports import LogDamaged
from domain.log.tree import Hash, Node, Stored, completed, needed

Result = TypeVar("Result")

SLICE: Final = 2_000
"""Leaves that are read and hashed at once."""
COLUMNS: Final = """
e.id, e.xid::text AS xid, e.seq, e.type, e.subject, e.subject_id, e.sealed, e.person_id, e.organization_id, e.at, e.data
"""
_NODES = """
SELECT 0 AS level, index, hash FROM log_leaves WHERE tree = $1 AND index = ANY($2::bigint[])
UNION ALL
SELECT n.level, n.index, n.hash FROM unnest($3::int[], $4::bigint[]) AS asked(level, index)
JOIN log_nodes n ON n.tree = $1 AND n.level = asked.level AND n.index = asked.index
"""
_COMPLETED = """
SELECT n.level, n.index, n.hash FROM unnest($2::int[], $3::bigint[], $4::bigint[]) AS made(level, first, past)
JOIN log_nodes n ON n.tree = $1 AND n.level = made.level AND n.index >= made.first AND n.index < made.past
"""
_LEAVES = f"""
SELECT l.index, l.event_id, l.hash, l.salt, {COLUMNS}
FROM log_leaves l LEFT JOIN events e ON e.id = l.event_id
WHERE l.tree = $1 AND l.index >= $2 AND l.index < $3 ORDER BY l.index
"""  # noqa: S608 - columns from the constant above; values are parameters
_BATCH = "SELECT number, xid::text AS xid, seq, public_size, sealed_size FROM log_batches ORDER BY number DESC LIMIT 1"
_CHECKPOINT = "SELECT * FROM log_checkpoints ORDER BY number DESC LIMIT 1"


def event_of(row: Any) -> LoggedEvent:
    return LoggedEvent(
        id=row["id"],
        xid=int(row["xid"]),
        seq=row["seq"],
        type=row["type"],
        subject=row["subject"],
        subject_id=row["subject_id"],
        sealed=row["sealed"],
        person_id=row["person_id"],
        organization_id=row["organization_id"],
        at=row["at"],
        data=json.loads(row["data"]),
    )


def leaf_of(row: Any) -> StoredLeaf:
    event = None if row["id"] is None else event_of(row)
    return StoredLeaf(index=row["index"], event_id=row["event_id"], hash=row["hash"], salt=row["salt"], event=event)


async def newest_batch(connection: asyncpg.Connection) -> Any | None:
    return await connection.fetchrow(_BATCH)


async def newest_checkpoint(connection: asyncpg.Connection) -> Any | None:
    return await connection.fetchrow(_CHECKPOINT)


async def leaves(connection: asyncpg.Connection, tree: Tree, begin: int, end: int) -> list[StoredLeaf]:
    """The stored leaves with indexes in ``[begin, end)``, beside their events."""
    return [leaf_of(row) for row in await connection.fetch(_LEAVES, tree, begin, end)]


async def nodes(connection: asyncpg.Connection, tree: Tree, asked: Iterable[Node]) -> dict[Node, Hash]:
    low: list[Node] = []
    high: list[Node] = []
    for node in asked:
        (high if node.level else low).append(node)
    rows = await connection.fetch(
        _NODES, tree, [node.number for node in low], [node.level for node in high], [node.number for node in high]
    )
    return _by_node(rows)


async def nodes_completed(connection: asyncpg.Connection, tree: Tree, begin: int, end: int) -> dict[Node, Hash]:
    """The stored nodes that the leaves ``[begin, end)`` have completed."""
    made = completed(begin, end)
    rows = await connection.fetch(
        _COMPLETED,
        tree,
        [level for level, _ in made],
        [numbers.start for _, numbers in made],
        [numbers.stop for _, numbers in made],
    )
    return _by_node(rows)


async def computed(connection: asyncpg.Connection, tree: Tree, work: Callable[[Stored], Result]) -> Result:
    """The result of ``work`` on the stored nodes: one statement, whatever the size. Refuses ``log-damaged``."""
    found = await nodes(connection, tree, needed(work))

    def stored(node: Node) -> Hash:
        if node not in found:
            raise LogDamaged(f"Node {node.number} of level {node.level} of the {tree} tree is missing")
        return found[node]

    return work(stored)


def _by_node(rows: Iterable[Any]) -> dict[Node, Hash]:
    return {Node(row["level"], row["index"]): row["hash"] for row in rows}
