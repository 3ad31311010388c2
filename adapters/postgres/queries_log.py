"""Reads of the public tree, on one snapshot each."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg

from adapters.postgres import log_reading as reading
from adapters.postgres.violations import translated
from domain.actors import Actor
from domain.ids import EventId
from domain.log.checkpoints import Checkpoint, PublicKey, SealedTree
from domain.log.examining import StoredLeaf, Tree
from domain.log.leaves import Disclosure, disclosures, leaf
from domain.log.ports import (
    Consistency,
    Inclusion,
    LogDamaged,
    LogIsEmpty,
    LogLeaf,
    NotInLog,
    SignedCheckpoint,
    WrongTreeSize,
)
from domain.log.tree import Stored, consistency, inclusion, leaf_hash, root

_BIDDER = "SELECT bidder_id FROM bids WHERE id = $1"
_PLACE = "SELECT index FROM log_leaves WHERE event_id = $1 AND tree = 'public'"


class PostgresLogQueries:
    """Satisfies ``domain.log.ports.LogQueries``."""

    def __init__(self, raw: asyncpg.Pool, key: PublicKey) -> None:
        self._raw = raw
        self.key = key

    async def checkpoint(self) -> SignedCheckpoint:
        async with self._signed() as (_, signed):
            sealed = SealedTree(blind=signed["blind"], size=signed["sealed_size"], root=signed["sealed_root"])
            checkpoint = Checkpoint(
                origin=self.key.name, size=signed["size"], root=signed["root"], sealed=sealed.commitment
            )
            return SignedCheckpoint(checkpoint=checkpoint, note=signed["note"])

    async def inclusion(self, reader: Actor | None, id: EventId, *, size: int | None) -> Inclusion:
        async with self._signed() as (connection, signed):
            last = signed["size"] if size is None else size
            if not 0 < last <= signed["size"]:
                raise _wrong_size(signed["size"])
            index = await connection.fetchval(_PLACE, id)
            if index is None or index >= last:
                raise NotInLog("The tree of this size does not hold the event", passes="an event that was signed")
            (stored,) = await reading.leaves(connection, Tree.PUBLIC, index, index + 1)

            def proven(nodes: Stored) -> tuple[bytes, tuple[bytes, ...]]:
                return root(0, last, nodes), tuple(inclusion(index, last, nodes))

            whole, path = await reading.computed(connection, Tree.PUBLIC, proven)
            disclosed = _disclosed(reader, stored, await _owner(connection, stored))
            return Inclusion(leaf=_shown(stored), size=last, root=whole, path=path, disclosed=disclosed)

    async def consistency(self, *, old: int, new: int) -> Consistency:
        async with self._signed() as (connection, signed):
            if not 0 < old <= new <= signed["size"]:
                raise _wrong_size(signed["size"])
            path = await reading.computed(connection, Tree.PUBLIC, lambda nodes: tuple(consistency(old, new, nodes)))
            return Consistency(old=old, new=new, path=path)

    async def leaves(self, *, begin: int, limit: int) -> list[LogLeaf]:
        async with self._signed() as (connection, signed):
            end = min(begin + limit, signed["size"])
            return [_shown(stored) for stored in await reading.leaves(connection, Tree.PUBLIC, begin, end)]

    @asynccontextmanager
    async def _signed(self) -> AsyncIterator[tuple[asyncpg.Connection, Any]]:
        """A snapshot, and the newest checkpoint in it."""
        with translated():
            async with (
                self._raw.acquire() as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                signed = await reading.newest_checkpoint(connection)
                if signed is None:
                    raise LogIsEmpty("The first checkpoint is signed when the first event was numbered")
                yield connection, signed


def _shown(stored: StoredLeaf) -> LogLeaf:
    """The leaf made from the stored event; one that is not what was logged is never shown as if it were."""
    data = leaf(stored.event, stored.salt) if stored.event is not None else b""
    if leaf_hash(data) != stored.hash:
        raise LogDamaged(f"The event at index {stored.index} is not the one that was logged")
    return LogLeaf(index=stored.index, data=data)


async def _owner(connection: asyncpg.Connection, stored: StoredLeaf) -> UUID | None:
    """The organisation whose event it is. Events of sealed bids name nobody; their bidder is known since the opening,
    and before it they are not in the public tree.
    """
    event = stored.event
    if event is None:
        return None
    owner: UUID | None = event.organization_id or await connection.fetchval(_BIDDER, event.subject_id)
    return owner


def _disclosed(reader: Actor | None, stored: StoredLeaf, owner: UUID | None) -> dict[str, Disclosure]:
    event = stored.event
    if reader is None or event is None:
        return {}
    its_own = owner is not None and owner == reader.organization_id
    if its_own or (reader.is_auditor and not event.sealed):
        return disclosures(event, stored.salt)
    return {}


def _wrong_size(size: int) -> WrongTreeSize:
    return WrongTreeSize("The tree was never signed at this size", passes=f"1 to {size}", size=size)
