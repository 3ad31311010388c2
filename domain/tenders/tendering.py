"""Tendering: drafting, publishing, cancelling, and the due transitions of the deadline."""

from dataclasses import dataclass
from datetime import datetime

from domain.actors import Actor
from domain.bids.model import Bid, BidStatus
from domain.calendar import legal_day
from domain.complaints.rules import unheeded
from domain.errors import StaleVersion
from domain.events import CLOCK, By
from domain.ids import NeedId, NewId, TenderId
from domain.pools import holding
from domain.procedures.catalogue import Procedures
from domain.procedures.rules import Rules
from domain.procedures.settings import configured
from domain.procedures.timeline import check_opening, check_timeline
from domain.procedures.vocabulary import Failure, Method
from domain.tenders.drafting import LotForm, compose, needs_of, pools_of
from domain.tenders.events import CancellationReason
from domain.tenders.follow_up import FollowUpFixed
from domain.tenders.model import Tender, TenderNotFound
from domain.tenders.need import Need, NeedNotFound
from domain.tenders.sourcing import ANYBODY, Source, check_source, sourced
from domain.tenders.thresholds import check_threshold, group_sums, legal_year, must_not_exceed
from domain.work import Begin, Command, Job, Work

OPEN_TENDER = "open_tender"
"""The worker's job that wakes at the deadline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderForm:
    """``method`` None means the one that the procedure uses by default; ``source`` who is asked, where not anybody."""

    title: str
    procedure: str
    lots: tuple[LotForm, ...]
    method: Method | None = None
    source: Source = ANYBODY


class Tendering:
    def __init__(self, begin: Begin, procedures: Procedures, new_id: NewId) -> None:
        self._begin = begin
        self._procedures = procedures
        self._new_id = new_id

    async def draft(self, form: TenderForm, *, command: Command) -> Tender:
        """A new draft of the caller's organisation; every sum and size run is checked now, not at publication."""
        async with self._begin(command) as work:
            package = await configured(work, self._procedures, form.procedure, command.by.organization_id)
            procedure = package.pinned(form.method)
            held = await holding.hold(work, pools_of(form.lots))
            pools = await holding.pooled_for(work, held, form.lots, tender_id=None, by=command.by)
            at = await work.now()
            tender = Tender(
                id=TenderId(self._new_id()),
                number=await work.tenders.next_number(at.year),
                buyer_id=command.by.organization_id,
                title=form.title,
                procedure=procedure,
                lots=compose(form.lots, await needs_for(work, form.lots, command.by), pools),
                drafted_at=at,
            )
            tender = sourced(tender, form.source)
            await check_source(work, tender)
            by = By.actor(command.by)
            stored = await work.tenders.save(tender, because=tender.drafted(by=by))
            await holding.claim(work, held, stored, by=by, at=at)
            return work.answers(stored)

    async def revise(self, id: TenderId, form: TenderForm, *, version: int, command: Command) -> Tender:
        """Replace a draft as a whole; one that follows a failed tender stays as it is (``follow-up-fixed``)."""
        async with self._begin(command) as work:
            package = await configured(work, self._procedures, form.procedure, command.by.organization_id)
            procedure = package.pinned(form.method)
            seen, held = await holding.hold_of(work, id, form.lots)
            tender = await own_tender(work, id, command.by, version)
            holding.same(seen, tender)
            if tender.follows is not None:
                raise FollowUpFixed("It repeats a tender that failed", passes="its cancellation, and another follow-up")
            by, at = By.actor(command.by), await work.now()
            pools = await holding.pooled_for(work, held, form.lots, tender_id=id, by=command.by)
            revised, event = tender.revise(
                title=form.title,
                procedure=procedure,
                lots=compose(form.lots, await needs_for(work, form.lots, command.by), pools),
                by=by,
                at=at,
            )
            revised = sourced(revised, form.source)
            await check_source(work, revised)
            stored = await work.tenders.save(revised, because=event)
            await holding.claim(work, held, stored, by=by, at=at)
            return work.answers(stored)

    async def publish(
        self,
        id: TenderId,
        *,
        closes_at: datetime,
        opens_at: datetime | None = None,
        version: int,
        command: Command,
    ) -> Tender:
        """Pin the newest version of the draft's rule package, fix the deadline, wake the worker at it.

        ``opens_at`` None means at once. Refuses a timeline shorter than the package allows, naming the earliest
        deadline that would pass, and more of one kind of goods than the method allows in a year.
        """
        async with self._begin(command) as work:
            (await work.organizations.get(command.by.organization_id)).must_be_confirmed()
            seen, held = await holding.hold_of(work, id)
            tender = await own_tender(work, id, command.by, version)
            holding.same(seen, tender)
            at = await work.now()
            package = await configured(work, self._procedures, tender.procedure.id, tender.buyer_id)
            begins = opens_at or at
            procedure = package.pinned(Method(tender.procedure.method))
            rules = Rules(procedure)
            check_opening(rules, opens_at=begins, at=at)
            check_timeline(rules, opens_at=begins, closes_at=closes_at, attempt=tender.attempt)
            published, event = tender.publish(
                procedure=procedure, opens_at=begins, closes_at=closes_at, by=By.actor(command.by), at=at
            )
            await check_source(work, published, published_on=legal_day(at))
            await within_threshold(work, published, at=at)
            await holding.publish(work, held, published, by=By.actor(command.by), at=at)
            stored = await work.tenders.save(published, because=event)
            await work.jobs.schedule(Job(kind=OPEN_TENDER, subject=str(id), due_at=closes_at))
            return work.answers(stored)

    async def cancel(
        self,
        id: TenderId,
        *,
        reason: CancellationReason,
        explanation: str,
        version: int,
        command: Command,
    ) -> Tender:
        async with self._begin(command) as work:
            seen, held = await holding.hold_of(work, id)
            tender = await own_tender(work, id, command.by, version)
            holding.same(seen, tender)
            ordered = unheeded(tender, await work.complaints.standing(id)) is not None
            by, at = By.actor(command.by), await work.now()
            cancelled, event = tender.cancel(reason=reason, explanation=explanation, ordered=ordered, by=by, at=at)
            await holding.release(work, held, tender, by=by, at=at)
            return work.answers(await work.tenders.save(cancelled, because=event))

    async def open(self, id: TenderId, *, command: Command) -> Tender:
        """The buyer's own hand on the due transition; refuses (``bidding-still-open``) before the deadline."""
        async with self._begin(command) as work:
            tender = await own_tender(work, id, command.by, None)
            at = await work.now()
            if not tender.is_due(at=at):
                tender.close(at=at)
            return work.answers(await open_due(work, tender, at=at))

    async def apply_due(self, id: TenderId) -> Tender:
        """Close and open what is due; harmless when it is not, or when somebody else was first."""
        async with self._begin() as work:
            return await open_due(work, await work.tenders.lock(id), at=await work.now())


async def open_due(work: Work, tender: Tender, *, at: datetime) -> Tender:
    """Close and open ``tender`` (locked by the caller) if its deadline has passed: all bids at once, or none.

    A tender without bids fails. Withdrawn bids stay closed.
    """
    if not tender.is_due(at=at):
        return tender
    closed, closing = tender.close(at=at)
    tender = await work.tenders.save(closed, because=closing)
    submitted = [bid for bid in await work.bids.of_tender(tender.id) if bid.status is BidStatus.SUBMITTED]
    for bid in submitted:
        opened, opening = bid.open(at=at)
        await work.bids.save(opened, because=opening)
    if not submitted:
        failed, failure = tender.fail(reason=Failure.NO_BIDS, by=CLOCK, at=at)
        return await work.tenders.save(failed, because=failure)
    read_out, event = tender.open(bids=tuple(_read_out(tender, bid) for bid in submitted), at=at)
    return await work.tenders.save(read_out, because=event)


def _read_out(tender: Tender, bid: Bid) -> dict[str, object]:
    """What is read out of one bid at the opening; ``terms`` behind the tender's say that he has not agreed to them."""
    lots = {lot.number: lot for lot in tender.lots}
    return {
        "bid_id": str(bid.id),
        "bidder_id": str(bid.bidder_id),
        "revision": bid.revision,
        "terms": bid.terms,
        "received_at": bid.received_at.isoformat(),
        "lots": [{"lot": offer.lot, "sum": str(offer.sum(lots[offer.lot]).amount)} for offer in bid.offers],
    }


async def within_threshold(work: Work, tender: Tender, *, at: datetime) -> None:
    """Refuse (``threshold-exceeded``) too much in a year. The buyer's row is locked before the sums are read, so that
    of two publications at once the second sees the first.
    """
    rules = Rules(tender.procedure)
    if not rules.whole("annual_threshold_mci"):
        return
    await work.organizations.lock(tender.buyer_id)
    others = await work.purchases.of_groups(
        tender.buyer_id, groups=tuple(group_sums(tender)), year=legal_year(at), apart_from=tender.id
    )
    must_not_exceed(check_threshold(tender, others, rules=rules, at=at))


async def own_tender(work: Work, id: TenderId, by: Actor, version: int | None) -> Tender:
    """The caller's tender, locked; another buyer's is not found, another version is stale."""
    tender = await work.tenders.lock(id)
    if tender.buyer_id != by.organization_id:
        raise TenderNotFound("There is no such tender")
    if version is not None and version != tender.version:
        raise StaleVersion(f"You read version {version}, it is {tender.version} now", passes="a fresh read")
    return tender


async def needs_for(work: Work, forms: tuple[LotForm, ...], by: Actor) -> dict[NeedId, Need]:
    """The imported needs behind the forms; another buyer's is not found."""
    needs = {}
    for need_id in sorted(needs_of(forms)):
        need = await work.needs.get(need_id)
        if need.buyer_id != by.organization_id:
            raise NeedNotFound("There is no such need")
        needs[need_id] = need
    return needs
