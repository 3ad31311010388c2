"""Telling: the outbox becomes notices, and a published tender finds the suppliers it is for.

Both go in bounded steps of one short transaction each, because the outbox stops below the oldest open transaction.
"""

from collections.abc import Iterable
from datetime import datetime

from domain.awards.allocation import minutes_until
from domain.calendar import legal_day
from domain.ids import NewId, OrganizationId
from domain.notices.subscription import Subscription, what_may_pass, within_minutes
from domain.notices.table import FOLLOW_BY_BID, FOLLOW_BY_DOING, Audience, Happened, tellings
from domain.organizations.facts import Stage
from domain.organizations.producing import reach
from domain.procedures.rules import Rules
from domain.tenders.lot import Lot
from domain.tenders.model import Tender, TenderStatus
from domain.work import Begin, Work

EVENTS_MAX = 50
CANDIDATES_MAX = 10


class Telling:
    def __init__(self, begin: Begin, new_id: NewId) -> None:
        self._begin = begin
        self._new_id = new_id

    async def tell(self) -> int:
        """Turn the next events into notices; how many events there were. 0 while another worker is at it."""
        async with self._begin() as work:
            if not await work.outbox.claim():
                return 0
            events = await work.outbox.fresh(limit=EVENTS_MAX)
            for event in events:
                await _tell(work, event)
            if events:
                await work.outbox.advance(events[-1])
            return len(events)

    async def match(self) -> int:
        """Look at the next subscribers of a published tender; how many there were, 0 when nobody is left to look at."""
        async with self._begin() as work:
            matching = await work.matchings.claim()
            if matching is None:
                return 0
            event = matching.event
            at = await work.now()
            tender = await _biddable(work, event, at)
            if tender is None:
                await work.matchings.advance(event.id, after=None)
                return 1
            lines = [line for lot in tender.lots for line in lot.lines]
            found = await work.matchings.candidates(
                sorted({line.ens_tru.replace(".", "") for line in lines}),
                sorted({line.kind for line in lines}),
                after=matching.after,
                limit=CANDIDATES_MAX,
            )
            told = [
                supplier
                for supplier, subscriptions in found.items()
                if await self._concerns(work, supplier, subscriptions, tender, at)
            ]
            for telling in tellings(event):
                if Audience.MATCHING in telling.audiences:
                    await work.notices.tell(event, telling.kind, telling.data, told)
            await work.watches.follow(tender.id, told)
            await work.matchings.advance(event.id, after=max(found) if len(found) == CANDIDATES_MAX else None)
            return max(len(found), 1)

    async def _concerns(
        self,
        work: Work,
        supplier_id: OrganizationId,
        subscriptions: Iterable[Subscription],
        tender: Tender,
        at: datetime,
    ) -> bool:
        fitting = [
            (lot, each.only_eligible) for lot in tender.lots for each in subscriptions if each.interest.fits(lot)
        ]
        if any(not only_eligible for _, only_eligible in fitting):
            return True
        lots = {lot.number: lot for lot, _ in fitting}
        for lot in lots.values():
            if await self._may_bid(work, supplier_id, tender, lot, at):
                return True
        return False

    async def _may_bid(self, work: Work, supplier_id: OrganizationId, tender: Tender, lot: Lot, at: datetime) -> bool:
        """By the rules that the tender pinned, for as much of the lot as the workshop can sew until the last delivery;
        what only a part of it would pass is judged again as that part. Nothing is stored.
        """
        minutes = None
        if Rules(tender.procedure).producers_only:
            known = await work.evaluations.minutes((supplier_id,))
            if supplier_id not in known:
                return False
            per_week, booked = known[supplier_id]
            minutes = minutes_until(per_week, days=(lot.due_on - legal_day(at)).days, booked=booked)
        pieces = within_minutes(lot.lines, minutes)
        for _ in range(2):
            if not pieces:
                return False
            verdict = await reach(
                work,
                supplier_id=supplier_id,
                tender=tender,
                lot=lot,
                pieces=pieces,
                stage=Stage.LOOK,
                at=at,
                new_id=self._new_id,
            )
            if verdict.accepted:
                return True
            pieces = what_may_pass(verdict, pieces)
        return False


async def _tell(work: Work, event: Happened) -> None:
    for telling in tellings(event):
        if Audience.MATCHING in telling.audiences:
            await work.matchings.begin(event)
            continue
        told: dict[OrganizationId, None] = {}
        for audience in telling.audiences:
            for organization_id in await work.notices.audience(audience, event):
                if organization_id != event.organization_id:
                    told[organization_id] = None
        await work.notices.tell(event, telling.kind, telling.data, list(told))
        if Audience.INVITED in telling.audiences and event.tender_id is not None:
            await work.watches.follow(event.tender_id, list(told))
    tender_id, actor_id = event.tender_id, event.organization_id
    if event.type in FOLLOW_BY_DOING and tender_id is not None and actor_id is not None:
        await work.watches.follow(tender_id, [actor_id])
    if event.type == FOLLOW_BY_BID and tender_id is not None:
        await work.watches.follow(tender_id, await work.notices.audience(Audience.BIDDER, event))


async def _biddable(work: Work, event: Happened, at: datetime) -> Tender | None:
    """The tender, if there is still time to bid on it and anybody may."""
    if event.tender_id is None:
        return None
    tender = await work.tenders.get(event.tender_id)
    late = tender.closes_at is None or at >= tender.closes_at
    return None if late or tender.invited or tender.status is not TenderStatus.PUBLISHED else tender
