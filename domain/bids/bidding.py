"""Bidding: a bid comes in, is replaced, confirmed or withdrawn, until the deadline by the database's clock.

Order matters (see DECISIONS): the tender row is shared first, the clock is read after that, everything is written in
the same transaction. Whoever closes the tender takes the row FOR UPDATE and so waits for us, or we for him.
"""

from datetime import datetime

from domain.bids.eligibility import require_eligible
from domain.bids.model import Bid, BidExists, BidNotFound, LotOffer, NotEligible, check_offers, check_terms
from domain.errors import StaleVersion
from domain.events import By
from domain.ids import BidId, NewId, OrganizationId, TenderId
from domain.organizations.facts import Stage
from domain.organizations.producing import keep, reach
from domain.organizations.verdict import Verdict
from domain.tenders.model import Tender, TenderNotFound, TenderStatus
from domain.work import Begin, Command, Work


class Bidding:
    def __init__(self, begin: Begin, new_id: NewId, new_bid_id: NewId) -> None:
        """``new_bid_id`` makes ids that tell neither order nor time."""
        self._begin = begin
        self._new_id = new_id
        self._new_bid_id = new_bid_id

    async def submit(
        self, tender_id: TenderId, offers: tuple[LotOffer, ...], *, terms: int | None = None, command: Command
    ) -> Bid:
        """The caller's bid. One per tender (``bid-already-submitted``); a withdrawn one is replaced instead.

        It agrees to the tender's present terms; ``terms`` says which ones the bidder has read, if he says so.
        Refused bids leave no bid; an eligibility refusal leaves its verdicts, which tell why.
        """
        verdicts: list[Verdict] = []
        try:
            async with self._begin(command) as work:
                tender, at = await self._bidding_open(work, tender_id)
                check_terms(tender, tender.terms if terms is None else terms)
                check_offers(tender, offers)
                if await work.bids.of_bidder(tender_id, command.by.organization_id):
                    raise BidExists("You have bid on this tender", passes="a replacement of your bid")
                await self._judge(work, tender, offers, command, at, verdicts)
                bid = Bid(
                    id=BidId(self._new_bid_id()),
                    tender_id=tender_id,
                    bidder_id=command.by.organization_id,
                    offers=offers,
                    received_at=at,
                    terms=tender.terms,
                )
                return work.answers(await work.bids.save(bid, because=bid.submitted(by=By.actor(command.by))))
        except NotEligible:
            await keep(self._begin, verdicts, by=By.actor(command.by))
            raise

    async def replace(
        self,
        id: BidId,
        offers: tuple[LotOffer, ...],
        *,
        terms: int | None = None,
        version: int,
        command: Command,
    ) -> Bid:
        """The next revision of the caller's bid; also brings a withdrawn bid back. Exactly the last one counts."""
        verdicts: list[Verdict] = []
        try:
            async with self._begin(command) as work:
                bid, tender, at = await self._own(work, id, command.by.organization_id, version)
                check_terms(tender, tender.terms if terms is None else terms)
                check_offers(tender, offers)
                await self._judge(work, tender, offers, command, at, verdicts)
                replaced, event = bid.replace(offers=offers, terms=tender.terms, by=By.actor(command.by), at=at)
                await work.bids.supersede(bid)
                return work.answers(await work.bids.save(replaced, because=event))
        except NotEligible:
            await keep(self._begin, verdicts, by=By.actor(command.by))
            raise

    async def confirm(self, id: BidId, *, terms: int, version: int, command: Command) -> Bid:
        """The bidder agrees to the amended ``terms``, those that he has read, with the same offers.

        They are checked as a bid is: an amendment may have made them too high, too large, or him ineligible.
        """
        verdicts: list[Verdict] = []
        try:
            async with self._begin(command) as work:
                bid, tender, at = await self._own(work, id, command.by.organization_id, version)
                check_terms(tender, terms)
                confirmed, event = bid.confirm(terms=terms, by=By.actor(command.by), at=at)
                check_offers(tender, bid.offers)
                await self._judge(work, tender, bid.offers, command, at, verdicts)
                return work.answers(await work.bids.save(confirmed, because=event))
        except NotEligible:
            await keep(self._begin, verdicts, by=By.actor(command.by))
            raise

    async def withdraw(self, id: BidId, *, version: int, command: Command) -> Bid:
        async with self._begin(command) as work:
            bid, _, at = await self._own(work, id, command.by.organization_id, version)
            withdrawn, event = bid.withdraw(by=By.actor(command.by), at=at)
            return work.answers(await work.bids.save(withdrawn, because=event))

    async def _bidding_open(self, work: Work, tender_id: TenderId) -> tuple[Tender, datetime]:
        """The tender, shared until the commit, and the clock read after the lock was had."""
        tender = await work.tenders.share(tender_id)
        if tender.status is TenderStatus.DRAFT:
            raise TenderNotFound("There is no such tender")
        at = await work.now()
        tender.admits_bids(at=at)
        return tender, at

    async def _own(
        self,
        work: Work,
        id: BidId,
        bidder_id: OrganizationId,
        version: int,
    ) -> tuple[Bid, Tender, datetime]:
        """The caller's bid, locked after its tender: the lock order is tender, bid everywhere."""
        seen = await work.bids.get(id)
        if seen.bidder_id != bidder_id:
            raise BidNotFound("There is no such bid")
        tender, at = await self._bidding_open(work, seen.tender_id)
        bid = await work.bids.lock(id)
        if bid.version != version:
            raise StaleVersion(f"You read version {version}, it is {bid.version} now", passes="a fresh read")
        return bid, tender, at

    async def _judge(
        self,
        work: Work,
        tender: Tender,
        offers: tuple[LotOffer, ...],
        command: Command,
        at: datetime,
        verdicts: list[Verdict],
    ) -> None:
        """A verdict per lot, all stored; refuses (``not-eligible``) if any says no."""
        for offer in offers:
            lot = tender.lots[offer.lot - 1]
            verdict = await reach(
                work,
                supplier_id=command.by.organization_id,
                tender=tender,
                lot=lot,
                pieces=offer.pieces(lot),
                stage=Stage.BID,
                at=at,
                new_id=self._new_id,
            )
            verdicts.append(verdict)
        require_eligible(verdicts)
        for verdict in verdicts:
            await work.verdicts.save(verdict, because=verdict.reached(by=By.actor(command.by)))
