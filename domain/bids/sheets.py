"""Bids as spreadsheets: a template of a tender, an opened bid, and a filled table read into a bid that can be sent.

Reading stores nothing and sends nothing: a bid is sealed and answered once, so what is sent is the body that the bidder
has seen, by the same way as any other.
"""

import asyncio

from domain.actors import Actor
from domain.bids.model import BidsNotOpened
from domain.bids.ports import BidQueries
from domain.bids.sheet import bid_table
from domain.bids.sheet_reading import ReadBid, read_bid
from domain.consortia.model import ConsentStatus
from domain.consortia.ports import ConsentQueries, ShownConsent
from domain.ids import BidId, ConsentId, TenderId
from domain.reports.ports import Tables
from domain.reports.tables import Export, TableFormat
from domain.tenders.need import Sheets
from domain.tenders.ports import TenderQueries

_PAGE, _CONSENTS_MAX = 100, 1_000


class BidSheets:
    def __init__(
        self, tenders: TenderQueries, bids: BidQueries, consents: ConsentQueries, sheets: Sheets, tables: Tables
    ) -> None:
        self._tenders = tenders
        self._bids = bids
        self._consents = consents
        self._sheets = sheets
        self._tables = tables

    async def template(self, actor: Actor, tender_id: TenderId) -> Export:
        """Every line and requirement of the tender, for prices to be filled in."""
        table = bid_table(await self._tenders.tender(actor, tender_id))
        return await asyncio.to_thread(self._tables.write, table, TableFormat.XLSX)

    async def opened(self, actor: Actor, id: BidId) -> Export:
        """The caller's own bid. Refuses (``bids-not-opened``) before the opening: we cannot read it either."""
        bid = (await self._bids.own(actor, id)).bid
        if bid is None:
            raise BidsNotOpened("The bid is sealed", passes="the same request after the opening")
        tender = await self._tenders.tender(actor, bid.tender_id)
        parties = [each.member for each in await self._led(actor, tender.id)] if bid.combination.members else []
        table = bid_table(tender, bid.offers, bid.combination, {each.id: each.bin for each in parties})
        return await asyncio.to_thread(self._tables.write, table, TableFormat.XLSX)

    async def read(self, actor: Actor, tender_id: TenderId, content: bytes, media_type: str) -> ReadBid:
        """What a filled table says, checked as a bid is but for who may bid, which is judged when it is sent."""
        tender = await self._tenders.tender(actor, tender_id)
        sheet = await asyncio.to_thread(self._sheets.rows, content, media_type)
        led = await self._led(actor, tender_id)
        members = {each.member.bin: each.member.id for each in led if each.consent.status is ConsentStatus.GRANTED}
        return await asyncio.to_thread(read_bid, tender, sheet, members, by=actor.organization_id)

    async def _led(self, actor: Actor, tender_id: TenderId) -> list[ShownConsent]:
        """The consents that name the caller as leader, revoked ones included."""
        found: list[ShownConsent] = []
        after: ConsentId | None = None
        while len(found) < _CONSENTS_MAX:
            page = await self._consents.of_tender(actor, tender_id, after=after, limit=_PAGE)
            found += [each for each in page if each.leader.id == actor.organization_id]
            if len(page) < _PAGE:
                break
            after = page[-1].consent.id
        return found
