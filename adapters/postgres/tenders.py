"""Repositories of the tenders and bids rooms."""

from typing import ClassVar

from sqlalchemy import insert, select, text

from adapters.postgres.aggregates import Aggregates
from adapters.postgres.codec import Codec
from adapters.postgres.rows.tenders import BidRow, NeedRow, SupersededBidRow, TenderRow
from domain.bids.model import Bid, BidNotFound
from domain.errors import NotFound
from domain.ids import NeedId, OrganizationId, TenderId
from domain.tenders.model import Tender, TenderNotFound
from domain.tenders.need import Need, NeedNotFound

_NEXT_NUMBER = text("SELECT nextval('tender_numbers')")


class PostgresNeeds(Aggregates[Need]):
    codec: ClassVar = Codec(Need, NeedRow)
    missing: ClassVar[type[NotFound]] = NeedNotFound

    async def several(self, ids: tuple[NeedId, ...]) -> tuple[Need, ...]:
        return await self._all(select(self.codec.table).where(self.codec.table.c.id.in_(ids)))


class PostgresTenders(Aggregates[Tender]):
    codec: ClassVar = Codec(Tender, TenderRow)
    missing: ClassVar[type[NotFound]] = TenderNotFound

    async def next_number(self, year: int) -> str:
        number: int = (await self._connection.execute(_NEXT_NUMBER)).scalar_one()
        return f"T-{year}-{number:06d}"


class PostgresBids(Aggregates[Bid]):
    codec: ClassVar = Codec(Bid, BidRow)
    missing: ClassVar[type[NotFound]] = BidNotFound

    async def of_bidder(self, tender_id: TenderId, bidder_id: OrganizationId) -> Bid | None:
        c = self.codec.table.c
        return await self._first(c.tender_id == tender_id, c.bidder_id == bidder_id)

    async def of_tender(self, tender_id: TenderId) -> tuple[Bid, ...]:
        table = self.codec.table
        return await self._all(
            select(table).where(table.c.tender_id == tender_id).order_by(table.c.received_at, table.c.id)
        )

    async def supersede(self, bid: Bid) -> None:
        values = self.codec.values(bid)
        await self._connection.execute(
            insert(SupersededBidRow).values(
                bid_id=bid.id, revision=bid.revision, offers=values["offers"], received_at=bid.received_at
            )
        )
