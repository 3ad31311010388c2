"""Studying: a draft's lots are held against the market, and a proposed cut is made in the draft.

Facts are read and counted before the transaction that stores the study, and off the event loop: thousands of workshops
are too much to hold a draft for. A draft that was changed meanwhile is refused as stale.
"""

import asyncio
from datetime import date

from domain.actors import Actor
from domain.calendar import legal_day
from domain.errors import StaleVersion
from domain.events import By
from domain.ids import LotStudyId, NewId, OrganizationId, TenderId
from domain.lotting.market import WORKSHOPS_MAX, Market, RegisteredWorkshop, market_of
from domain.lotting.model import LotStudy, LotStudyNotFound, must_be_ahead
from domain.lotting.ports import Workrooms
from domain.lotting.study import Findings, study
from domain.tenders.follow_up import FollowUpFixed
from domain.tenders.model import StepNotAllowed, Tender, TenderNotFound, TenderStatus
from domain.tenders.tendering import own_tender
from domain.work import Begin, Command

_PAGE = 500


class Studying:
    def __init__(self, begin: Begin, workrooms: Workrooms, new_id: NewId) -> None:
        self._begin = begin
        self._workrooms = workrooms
        self._new_id = new_id

    async def study(self, tender_id: TenderId, *, bid_on: date | None, version: int, command: Command) -> LotStudy:
        """``bid_on`` is the day on which bids are expected: evidence must be valid on it, and minutes are counted from
        it. None means today.
        """
        async with self._begin() as work:
            seen = await work.tenders.get(tender_id)
            today = legal_day(await work.now())
        _must_be_own_draft(seen, command.by, version)
        on = bid_on or today
        must_be_ahead(on, today=today)
        found = await self._found(today.year)
        market, findings = await asyncio.to_thread(_counted, seen, found, on)
        async with self._begin(command) as work:
            tender = await own_tender(work, tender_id, command.by, version)
            made = LotStudy(
                id=LotStudyId(self._new_id()),
                tender_id=tender_id,
                buyer_id=tender.buyer_id,
                tender_version=tender.version,
                package=str(tender.procedure),
                fixed=tender.follows is not None,
                draft=tender.lots,
                market=market,
                findings=findings,
                studied_at=await work.now(),
            )
            return work.answers(await work.lot_studies.save(made, because=made.made(by=By.actor(command.by))))

    async def apply(self, id: LotStudyId, number: int, *, version: int, command: Command) -> Tender:
        """Make a proposed cut in the draft that was studied. Its other lots, its procedure and its method stay."""
        async with self._begin(command) as work:
            made = await work.lot_studies.get(id)
            if made.buyer_id != command.by.organization_id:
                raise LotStudyNotFound("There is no such study")
            tender = await own_tender(work, made.tender_id, command.by, version)
            if tender.follows is not None:
                raise FollowUpFixed("It repeats a tender that failed", passes="its cancellation, and another follow-up")
            revised, event = tender.revise(
                title=tender.title,
                procedure=tender.procedure,
                lots=made.applied(number, tender),
                by=By.actor(command.by),
                at=await work.now(),
            )
            return work.answers(await work.tenders.save(revised, because=event))

    async def _found(self, year: int) -> list[RegisteredWorkshop]:
        """At most one more than are studied, page by page."""
        found: list[RegisteredWorkshop] = []
        after: OrganizationId | None = None
        while len(found) <= WORKSHOPS_MAX:
            page = await self._workrooms.page(year=year, after=after, limit=_PAGE)
            found += page
            if len(page) < _PAGE:
                break
            after = page[-1].record.organization.id
        return found[: WORKSHOPS_MAX + 1]


def _counted(tender: Tender, found: list[RegisteredWorkshop], on: date) -> tuple[Market, Findings]:
    market = market_of(found[:WORKSHOPS_MAX], tender, on=on, bounded=len(found) > WORKSHOPS_MAX)
    return market, study(tender.lots, market, fixed=tender.follows is not None)


def _must_be_own_draft(tender: Tender, by: Actor, version: int) -> None:
    if tender.buyer_id != by.organization_id:
        raise TenderNotFound("There is no such tender")
    if tender.version != version:
        raise StaleVersion(f"You read version {version}, it is {tender.version} now", passes="a fresh read")
    if tender.status is not TenderStatus.DRAFT:
        raise StepNotAllowed(f"The lots of a {tender.status} tender are fixed", passes="a draft")
