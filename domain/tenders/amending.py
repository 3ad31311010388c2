"""Amending: a published tender's documents are changed, or its deadline put off, while bids are taken.

The tender is locked against bidders and closers first, the clock read after that: an amendment is before the deadline
as a whole or not at all, and every bid is from before it or knows its terms.
"""

from dataclasses import dataclass
from datetime import datetime

from domain.evaluating.refusals import CommitteeMissing
from domain.events import By
from domain.ids import AmendmentId, NewId, TenderId
from domain.pools import holding
from domain.pools.model import PoolNotFound
from domain.procedures.rules import Rules
from domain.tenders.amendment import Amendment, Entry, amend, extend
from domain.tenders.criteria import Criterion, check_criteria
from domain.tenders.drafting import LotForm, compose, pools_of
from domain.tenders.events import TenderEvent
from domain.tenders.model import Tender
from domain.tenders.tendering import OPEN_TENDER, needs_for, own_tender, within_threshold
from domain.work import Begin, Command, Job, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentForm:
    """Title and lots as they are to be, whole. ``closes_at`` None means the earliest that the package allows;
    ``criteria`` None, that they stay.
    """

    title: str
    lots: tuple[LotForm, ...]
    reason: str
    closes_at: datetime | None = None
    criteria: tuple[Criterion, ...] | None = None


class Amending:
    def __init__(self, begin: Begin, new_id: NewId) -> None:
        self._begin = begin
        self._new_id = new_id

    async def amend(self, id: TenderId, form: AmendmentForm, *, version: int, command: Command) -> Tender:
        """Change the documents; the package says how much time bidders get for it. Of two at once one is stale.

        Lines of a pool take the same garments of the same pool, whose needs nobody changes after the publication.
        """
        async with self._begin(command) as work:
            (await work.organizations.get(command.by.organization_id)).must_be_confirmed()
            seen, held = await holding.hold_of(work, id)
            tender = await own_tender(work, id, command.by, version)
            holding.same(seen, tender)
            if not pools_of(form.lots) <= set(held):
                raise PoolNotFound("The tender takes from no such pool", passes="the pools of the tender")
            pools = {pool_id: await holding.gather(work, held[pool_id]) for pool_id in sorted(pools_of(form.lots))}
            lots = compose(form.lots, await needs_for(work, form.lots, command.by), pools)
            entry = await self._entry(work, id, form.reason, command)
            criteria = tender.criteria if form.criteria is None else form.criteria
            check_criteria(Rules(tender.procedure), criteria)
            if criteria and await work.committees.find(id) is None:
                raise CommitteeMissing("The tender has criteria and nobody to score", passes="a committee")
            amended, amendment, event = amend(
                tender, title=form.title, lots=lots, criteria=criteria, closes_at=form.closes_at, entry=entry
            )
            await within_threshold(work, amended, at=entry.at)
            return work.answers(await _stored(work, amended, amendment, event))

    async def extend(self, id: TenderId, *, closes_at: datetime, reason: str, version: int, command: Command) -> Tender:
        """Put the deadline off before it passes. Terms and bids stay as they are."""
        async with self._begin(command) as work:
            (await work.organizations.get(command.by.organization_id)).must_be_confirmed()
            tender = await own_tender(work, id, command.by, version)
            entry = await self._entry(work, id, reason, command)
            extended, extension, event = extend(tender, closes_at=closes_at, entry=entry)
            return work.answers(await _stored(work, extended, extension, event))

    async def _entry(self, work: Work, id: TenderId, reason: str, command: Command) -> Entry:
        earlier = await work.amendments.count(id)
        at = await work.now()
        return Entry(id=AmendmentId(self._new_id()), earlier=earlier, reason=reason, by=By.actor(command.by), at=at)


async def _stored(work: Work, tender: Tender, amendment: Amendment, event: TenderEvent) -> Tender:
    """The worker is woken at the new deadline, too; at the old one it finds nothing due."""
    stored = await work.tenders.save(tender, because=event)
    await work.amendments.add(amendment)
    await work.jobs.schedule(Job(kind=OPEN_TENDER, subject=str(tender.id), due_at=tender.closes_at))
    return stored
