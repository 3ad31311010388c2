"""Reads of the tenders and bids rooms.

The list of tenders is the most read page, so PostgreSQL writes its JSON and the bare driver carries it: the
figures are in ``tests/bench/README.md``. ``lots`` of the page is a count and ``allocated`` a sum kept in the row's
JSON; both are computed in the query, from the page's rows only.
"""

from typing import Any

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.reading import fetched, one, rows_of
from adapters.postgres.tenders import PostgresBids, PostgresNeeds, PostgresTenders
from domain.actors import Actor
from domain.bids.model import Bid, BidNotFound, BidsNotOpened
from domain.ids import BidId, NeedId, TenderId
from domain.tenders.model import Tender, TenderNotFound
from domain.tenders.need import Need, NeedNotFound
from domain.tenders.ports import TenderFilter, TenderPlace

INSTANT = '\'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\''
_SUMMARY = f"""
json_build_object(
  'id', t.id, 'number', t.number, 'title', t.title, 'buyer_id', t.buyer_id, 'buyer_name', o.name,
  'status', t.status, 'procedure', t.procedure->>'id' || '@' || (t.procedure->>'version'),
  'lots', jsonb_array_length(t.lots), 'currency', 'KZT',
  'allocated', (SELECT sum((lot->'allocated'->>'amount')::numeric) FROM jsonb_array_elements(t.lots) lot)::text,
  'drafted_at', to_char(t.drafted_at, {INSTANT}), 'published_at', to_char(t.published_at, {INSTANT}),
  'opens_at', to_char(t.opens_at, {INSTANT}), 'closes_at', to_char(t.closes_at, {INSTANT}))
"""  # noqa: S608 - constants of this module only; values are parameters
PUBLIC_PAGE = f"""
SELECT {_SUMMARY}::text AS item, t.published_at AS at, t.id
FROM tenders t JOIN organizations o ON o.id = t.buyer_id
WHERE t.published_at IS NOT NULL AND ($1::text IS NULL OR t.status = $1)
  AND ($2::timestamptz IS NULL OR (t.published_at, t.id) < ($2, $3::uuid))
ORDER BY t.published_at DESC, t.id DESC LIMIT $4
"""  # noqa: S608 - constants of this module only; values are parameters
_OWN_PAGE = f"""
SELECT {_SUMMARY}::text AS item, t.drafted_at AS at, t.id
FROM tenders t JOIN organizations o ON o.id = t.buyer_id
WHERE t.buyer_id = $5 AND ($1::text IS NULL OR t.status = $1)
  AND ($2::timestamptz IS NULL OR (t.drafted_at, t.id) < ($2, $3::uuid))
ORDER BY t.drafted_at DESC, t.id DESC LIMIT $4
"""  # noqa: S608 - constants of this module only; values are parameters
_TENDER = text("SELECT * FROM tenders WHERE id = :id")
_DUE = text("""
SELECT id FROM tenders WHERE status IN ('published', 'closed') AND closes_at <= clock_timestamp()
ORDER BY closes_at LIMIT :limit
""")
_NEED = text("SELECT * FROM needs WHERE id = :id AND buyer_id = :buyer_id")
_OWN_BID = text("SELECT * FROM bids WHERE id = :id AND bidder_id = :bidder_id")
_OWN_BIDS = text("""
SELECT * FROM bids WHERE bidder_id = :bidder_id AND (CAST(:after AS uuid) IS NULL OR id > :after)
ORDER BY id LIMIT :limit
""")
_OPENED = text("""
SELECT b.*, o.name AS bidder_name, o.bin AS bidder_bin FROM bids b JOIN organizations o ON o.id = b.bidder_id
WHERE b.tender_id = :tender_id AND b.status = 'opened' AND (CAST(:after AS uuid) IS NULL OR b.id > :after)
ORDER BY b.id LIMIT :limit
""")


class PostgresTenderQueries:
    def __init__(self, reading: AsyncEngine, raw: asyncpg.Pool) -> None:
        self._reading = reading
        self._raw = raw

    async def tender(self, actor: Actor | None, id: TenderId) -> Tender:
        row = await one(self._reading, _TENDER, id=id)
        if row is None:
            raise TenderNotFound("There is no such tender")
        tender: Tender = PostgresTenders.codec.entity(row)
        if tender.published_at is None and (actor is None or actor.organization_id != tender.buyer_id):
            raise TenderNotFound("There is no such tender")
        return tender

    async def page(
        self, actor: Actor | None, where: TenderFilter, *, after: TenderPlace | None, limit: int
    ) -> list[tuple[str, TenderPlace]]:
        values: list[Any] = [where.status, after.at if after else None, after.id if after else None, limit]
        if where.mine and actor is not None:
            statement, values = _OWN_PAGE, [*values, actor.organization_id]
        else:
            statement = PUBLIC_PAGE
        rows = await fetched(self._raw, statement, *values)
        return [(row["item"], TenderPlace(at=row["at"], id=TenderId(row["id"]))) for row in rows]

    async def due(self, *, limit: int) -> list[TenderId]:
        return [TenderId(row["id"]) for row in await rows_of(self._reading, _DUE, limit=limit)]

    async def need(self, actor: Actor, id: NeedId) -> Need:
        row = await one(self._reading, _NEED, id=id, buyer_id=actor.organization_id)
        if row is None:
            raise NeedNotFound("There is no such need")
        need: Need = PostgresNeeds.codec.entity(row)
        return need


class PostgresBidQueries:
    def __init__(self, reading: AsyncEngine, tenders: PostgresTenderQueries) -> None:
        self._reading = reading
        self._tenders = tenders

    async def own(self, actor: Actor, id: BidId) -> Bid:
        row = await one(self._reading, _OWN_BID, id=id, bidder_id=actor.organization_id)
        if row is None:
            raise BidNotFound("There is no such bid")
        bid: Bid = PostgresBids.codec.entity(row)
        return bid

    async def own_page(self, actor: Actor, *, after: BidId | None, limit: int) -> list[Bid]:
        rows = await rows_of(self._reading, _OWN_BIDS, bidder_id=actor.organization_id, after=after, limit=limit)
        return [PostgresBids.codec.entity(row) for row in rows]

    async def opened(
        self, actor: Actor | None, tender_id: TenderId, *, after: BidId | None, limit: int
    ) -> list[tuple[Bid, str, str]]:
        tender = await self._tenders.tender(actor, tender_id)
        if tender.opened_at is None:
            raise BidsNotOpened(
                "Nobody sees the bids before the opening",
                passes="the same request after the opening",
                closes_at=tender.closes_at.isoformat() if tender.closes_at else None,
            )
        rows = await rows_of(self._reading, _OPENED, tender_id=tender_id, after=after, limit=limit)
        return [(PostgresBids.codec.entity(row), row["bidder_name"], row["bidder_bin"]) for row in rows]
