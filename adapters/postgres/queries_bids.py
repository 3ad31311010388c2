"""Reads of the bids room: one's own bids, found by the tags that only we can compute, and what was opened."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.bid_documents import PostgresOpenedDocuments
from adapters.postgres.bids import PostgresBids, PostgresEnvelopes, PostgresUnreadableBids
from adapters.postgres.queries_tenders import PostgresTenderQueries
from adapters.postgres.reading import one, rows_of
from domain.actors import Actor
from domain.bids.documents import DocumentNotFound, OpenedDocument
from domain.bids.envelope import UnreadableBid
from domain.bids.model import BidNotFound, BidsNotOpened, BidStatus, ManifestNotFound
from domain.bids.ports import OwnBid, ShownBid
from domain.ids import BidDocumentId, BidId, OrganizationId, TenderId
from domain.sealing.ports import BidderTags

TENDERS_AT_ONCE = 5_000

_SEALED = """
SELECT s.id, s.tender_id, s.bidder_tag, s.revision, s.terms, s.status, s.received_at, s.ciphertext_hash, s.commitment,
  s.version, ''::bytea AS ciphertext, ''::bytea AS sealed_record,
  b.offers, b.documents, b.combination, b.without_consent, b.nonce, b.id IS NOT NULL AS opened,
  u.id IS NOT NULL AS unreadable
FROM sealed_bids s LEFT JOIN bids b ON b.id = s.id LEFT JOIN unreadable_bids u ON u.id = s.id
"""
"""Without what is sealed: its bidder cannot read it either."""
_ONE = text(f"{_SEALED} WHERE s.id = :id")
_MINE = text(f"""
{_SEALED} JOIN unnest(CAST(:tender_ids AS uuid[]), CAST(:tags AS bytea[])) AS mine (tender_id, tag)
  ON s.tender_id = mine.tender_id AND s.bidder_tag = mine.tag
ORDER BY s.tender_id LIMIT :limit
""")
_IN_CLEAR = """
SELECT * FROM bids b
WHERE b.bidder_id = :bidder_id AND NOT EXISTS (SELECT FROM sealed_bids s WHERE s.id = b.id)
"""
"""From before bids were sealed."""
_ONE_IN_CLEAR = text(f"{_IN_CLEAR} AND b.id = :id")
_MINE_IN_CLEAR = text(f"""
{_IN_CLEAR} AND b.tender_id = ANY(CAST(:tender_ids AS uuid[])) ORDER BY b.tender_id LIMIT :limit
""")
_TENDERS = text("""
SELECT id FROM tenders WHERE published_at IS NOT NULL AND (CAST(:after AS uuid) IS NULL OR id > :after)
ORDER BY id LIMIT :limit
""")
_OPENED = text("""
SELECT b.*, o.name AS bidder_name, o.bin AS bidder_bin, s.commitment, s.ciphertext_hash
FROM bids b JOIN organizations o ON o.id = b.bidder_id LEFT JOIN sealed_bids s ON s.id = b.id
WHERE b.tender_id = :tender_id AND b.status = 'opened' AND (CAST(:after AS uuid) IS NULL OR b.id > :after)
ORDER BY b.id LIMIT :limit
""")
_UNREADABLE_OF = text("""
SELECT * FROM unreadable_bids WHERE tender_id = :tender_id AND (CAST(:after AS uuid) IS NULL OR id > :after)
ORDER BY id LIMIT :limit
""")
_DOCUMENTS = text("""
SELECT d.* FROM opened_documents d JOIN unnest(CAST(:bid_ids AS uuid[])) AS shown (id) ON d.bid_id = shown.id
ORDER BY d.bid_id, d.id
""")
_DOCUMENT = text("""
SELECT d.* FROM opened_documents d JOIN bids b ON b.id = d.bid_id JOIN tenders t ON t.id = d.tender_id
WHERE d.bid_id = :bid_id AND d.id = :id
  AND (:auditor OR b.bidder_id = :organization_id OR t.buyer_id = :organization_id)
""")
_MANIFEST = text("SELECT canonical FROM manifests WHERE tender_id = :tender_id")


class PostgresBidQueries:
    def __init__(self, reading: AsyncEngine, tenders: PostgresTenderQueries, tags: BidderTags) -> None:
        self._reading = reading
        self._tenders = tenders
        self._tags = tags

    async def own(self, actor: Actor, id: BidId) -> OwnBid:
        bidder_id = actor.organization_id
        row = await one(self._reading, _ONE, id=id)
        if row is not None and row["bidder_tag"] == self._tags.of(TenderId(row["tender_id"]), bidder_id):
            return _sealed(row, bidder_id)
        row = await one(self._reading, _ONE_IN_CLEAR, id=id, bidder_id=bidder_id)
        if row is None:
            raise BidNotFound("There is no such bid")
        return _in_clear(row)

    async def own_page(self, actor: Actor, *, after: TenderId | None, limit: int) -> list[OwnBid]:
        """Tender by tender, some thousands at once: nothing in the database says which ones he bid on."""
        found: list[OwnBid] = []
        while len(found) < limit:
            rows = await rows_of(self._reading, _TENDERS, after=after, limit=TENDERS_AT_ONCE)
            tender_ids = [TenderId(row["id"]) for row in rows]
            if not tender_ids:
                break
            found += await self._own_in(actor.organization_id, tender_ids, limit - len(found))
            after = tender_ids[-1]
        return found

    async def _own_in(self, bidder_id: OrganizationId, tender_ids: list[TenderId], limit: int) -> list[OwnBid]:
        tags = [self._tags.of(id, bidder_id) for id in tender_ids]
        within = {"tender_ids": tender_ids, "limit": limit}
        sealed = await rows_of(self._reading, _MINE, tags=tags, **within)
        in_clear = await rows_of(self._reading, _MINE_IN_CLEAR, bidder_id=bidder_id, **within)
        found = [(row["tender_id"], _sealed(row, bidder_id)) for row in sealed]
        found += [(row["tender_id"], _in_clear(row)) for row in in_clear]
        return [own for _, own in sorted(found, key=lambda pair: pair[0])][:limit]

    async def opened(
        self, actor: Actor | None, tender_id: TenderId, *, after: BidId | None, limit: int
    ) -> list[ShownBid | UnreadableBid]:
        tender = await self._tenders.tender(actor, tender_id)
        if tender.opened_at is None:
            raise BidsNotOpened(
                "Nobody sees the bids before the opening",
                passes="the same request after the opening",
                closes_at=tender.closes_at.isoformat() if tender.closes_at else None,
            )
        page = {"tender_id": tender_id, "after": after, "limit": limit}
        rows = await rows_of(self._reading, _OPENED, **page)
        documents = await self._documents([row["id"] for row in rows if row["documents"]])
        shown = [(row["id"], _shown(row, documents.get(row["id"], ()))) for row in rows]
        broken = [
            (row["id"], PostgresUnreadableBids.codec.entity(row))
            for row in await rows_of(self._reading, _UNREADABLE_OF, **page)
        ]
        return [each for _, each in sorted([*shown, *broken], key=lambda pair: pair[0])[:limit]]

    async def document(self, actor: Actor, bid_id: BidId, id: BidDocumentId) -> OpenedDocument:
        scope = {"auditor": actor.is_auditor, "organization_id": actor.organization_id}
        row = await one(self._reading, _DOCUMENT, bid_id=bid_id, id=id, **scope)
        if row is None:
            raise DocumentNotFound("There is no such document")
        document: OpenedDocument = PostgresOpenedDocuments.codec.entity(row)
        return document

    async def _documents(self, bid_ids: list[BidId]) -> dict[BidId, tuple[OpenedDocument, ...]]:
        """By bid; no statement where no bid names any."""
        rows = await rows_of(self._reading, _DOCUMENTS, bid_ids=bid_ids) if bid_ids else []
        found = [PostgresOpenedDocuments.codec.entity(row) for row in rows]
        return {id: tuple(each for each in found if each.bid_id == id) for id in bid_ids}

    async def manifest(self, actor: Actor | None, tender_id: TenderId) -> bytes:
        await self._tenders.tender(actor, tender_id)
        row = await one(self._reading, _MANIFEST, tender_id=tender_id)
        if row is None:
            raise ManifestNotFound(
                "Which bids there are is published at the closing", passes="the same request after the deadline"
            )
        canonical: bytes = row["canonical"]
        return canonical


def _sealed(row: Any, bidder_id: OrganizationId) -> OwnBid:
    """An opened bid has the id, the terms and the times of its envelope."""
    opened = {**row, "bidder_id": bidder_id, "status": BidStatus.OPENED}
    return OwnBid(
        envelope=PostgresEnvelopes.codec.entity(row),
        bid=PostgresBids.codec.entity(opened) if row["opened"] else None,
        unreadable=row["unreadable"],
    )


def _in_clear(row: Any) -> OwnBid:
    return OwnBid(envelope=None, bid=PostgresBids.codec.entity(row))


def _shown(row: Any, documents: tuple[OpenedDocument, ...]) -> ShownBid:
    return ShownBid(
        bid=PostgresBids.codec.entity(row),
        name=row["bidder_name"],
        bin=row["bidder_bin"],
        commitment=row["commitment"],
        ciphertext_hash=row["ciphertext_hash"],
        documents=documents,
    )
