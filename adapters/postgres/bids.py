"""Repositories of the bids room: keys that wait, envelopes, and what was in them."""

from collections.abc import Sequence
from typing import ClassVar

from sqlalchemy import RowMapping, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.identifiers import uuid7
from adapters.postgres.aggregates import Aggregates
from adapters.postgres.codec import Codec
from adapters.postgres.rows.bids import BidRow, EnvelopeRow, ManifestRow, SealingKeyRow, UnreadableBidRow
from domain.bids.envelope import Envelope, EnvelopeEvent, Outcome, Posted, UnreadableBid
from domain.bids.model import Bid, BidEvent, BidNotFound, BidStatus, ManifestNotFound
from domain.errors import NotFound
from domain.ids import OrganizationId, SealingKeyId, TenderId
from domain.sealing.keys import PublicKey, WrappedKey
from domain.sealing.manifest import Manifest, ManifestEntry
from domain.sealing.tender_keys import SealingKey

_SPARE = text("SELECT count(*) FROM sealing_keys WHERE tender_id IS NULL")
_TAKE = text("""
UPDATE sealing_keys SET tender_id = :tender_id WHERE id = (
  SELECT id FROM sealing_keys WHERE tender_id IS NULL ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING *
""")
_KEYLESS = text("SELECT id FROM tenders WHERE status IN ('published', 'closed') AND public_key IS NULL LIMIT 100")
_POST = text("""
SELECT * FROM store_sealed_bid(:id, :tender_id, :bidder_tag, :revision, :terms, :status, :ciphertext, :ciphertext_hash,
  :commitment, :sealed_record, :version, :event_id, :event_type)
""")
"""The contract of the function is in its migration."""
_ENTRIES = text("""
SELECT id, revision, ciphertext_hash, commitment, received_at FROM sealed_bids
WHERE tender_id = :tender_id AND status = 'submitted'
""")
_PUBLISH = insert(ManifestRow)
_PUBLISHED = text("SELECT canonical FROM manifests WHERE tender_id = :tender_id")


class PostgresSealingKeys:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def spare(self) -> int:
        waiting: int = (await self._connection.execute(_SPARE)).scalar_one()
        return waiting

    async def add(self, keys: tuple[SealingKey, ...]) -> None:
        rows = [
            {
                "id": key.id,
                "public_key": key.public.raw,
                "private_key": key.private.ciphertext,
                "wrapped_by": key.private.wrapped_by,
            }
            for key in keys
        ]
        await self._connection.execute(insert(SealingKeyRow), rows)

    async def take(self, tender_id: TenderId) -> SealingKey | None:
        row = (await self._connection.execute(_TAKE, {"tender_id": tender_id})).mappings().one_or_none()
        return None if row is None else _key(row)

    async def keyless_tenders(self) -> tuple[TenderId, ...]:
        rows = await self._connection.execute(_KEYLESS)
        return tuple(TenderId(row.id) for row in rows)

    async def of_tender(self, tender_id: TenderId) -> SealingKey | None:
        table = SealingKeyRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it to every table class
        found = await self._connection.execute(select(table).where(table.c.tender_id == tender_id))
        row = found.mappings().one_or_none()
        return None if row is None else _key(row)


def _key(row: RowMapping) -> SealingKey:
    return SealingKey(
        id=SealingKeyId(row["id"]),
        public=PublicKey(row["public_key"]),
        private=WrappedKey(wrapped_by=row["wrapped_by"], ciphertext=row["private_key"]),
    )


class PostgresEnvelopes(Aggregates[Envelope]):
    codec: ClassVar = Codec(Envelope, EnvelopeRow)
    missing: ClassVar[type[NotFound]] = BidNotFound

    async def post(self, envelope: Envelope, *, because: type[EnvelopeEvent]) -> Posted:
        values = self.codec.values(envelope) | {"event_id": uuid7(), "event_type": because.type}
        values.pop("received_at")
        row = (await self._connection.execute(_POST, values)).mappings().one()
        return Posted(**{**row, "outcome": Outcome(row["outcome"])})

    async def entries(self, tender_id: TenderId) -> tuple[ManifestEntry, ...]:
        rows = (await self._connection.execute(_ENTRIES, {"tender_id": tender_id})).mappings()
        return tuple(
            ManifestEntry(
                bid_id=row["id"],
                revision=row["revision"],
                ciphertext_hash=row["ciphertext_hash"],
                commitment=row["commitment"],
                received_at=row["received_at"],
            )
            for row in rows
        )

    async def submitted(self, tender_id: TenderId) -> tuple[Envelope, ...]:
        table = self.codec.table
        mine = select(table).where(table.c.tender_id == tender_id, table.c.status == BidStatus.SUBMITTED)
        return await self._all(mine.order_by(table.c.received_at, table.c.id))

    async def publish(self, manifest: Manifest) -> None:
        await self._connection.execute(
            _PUBLISH,
            {"tender_id": manifest.tender_id, "canonical": manifest.canonical(), "sha256": manifest.hash()},
        )

    async def published(self, tender_id: TenderId) -> Manifest:
        found = await self._connection.execute(_PUBLISHED, {"tender_id": tender_id})
        canonical: bytes | None = found.scalar_one_or_none()
        if canonical is None:
            raise ManifestNotFound("Which bids there are is published at the closing")
        return Manifest.read(canonical)


class PostgresBids(Aggregates[Bid]):
    codec: ClassVar = Codec(Bid, BidRow)
    missing: ClassVar[type[NotFound]] = BidNotFound

    async def of_tender(self, tender_id: TenderId) -> tuple[Bid, ...]:
        table = self.codec.table
        opened = select(table).where(table.c.tender_id == tender_id, table.c.status == BidStatus.OPENED)
        return await self._all(opened.order_by(table.c.received_at, table.c.id))

    async def is_bidder(self, tender_id: TenderId, organization_id: OrganizationId) -> bool:
        table = self.codec.table
        mine = select(table.c.id).where(table.c.tender_id == tender_id, table.c.bidder_id == organization_id)
        return (await self._connection.execute(mine)).first() is not None

    async def unreadable(self, tender_id: TenderId) -> tuple[UnreadableBid, ...]:
        return await PostgresUnreadableBids(self._connection).of_tender(tender_id)

    async def add_unreadable(self, bids: Sequence[UnreadableBid], *, because: Sequence[BidEvent]) -> None:
        await PostgresUnreadableBids(self._connection).add_all(bids, because=because)


class PostgresUnreadableBids(Aggregates[UnreadableBid]):
    codec: ClassVar = Codec(UnreadableBid, UnreadableBidRow)
    missing: ClassVar[type[NotFound]] = BidNotFound

    async def of_tender(self, tender_id: TenderId) -> tuple[UnreadableBid, ...]:
        table = self.codec.table
        return await self._all(select(table).where(table.c.tender_id == tender_id).order_by(table.c.id))
