"""Tendering: drafting, publishing, cancelling, and what the deadline makes due."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from domain.actors import Actor
from domain.bids.documents import StorageFailed
from domain.bids.opening import Opening, may_be_opened
from domain.calendar import legal_day
from domain.complaints.rules import unheeded
from domain.errors import StaleVersion
from domain.evaluating.refusals import CommitteeMissing
from domain.events import By
from domain.ids import NeedId, NewId, TenderId
from domain.pools import holding
from domain.procedures.catalogue import Procedures
from domain.procedures.rules import Rules
from domain.procedures.settings import configured
from domain.procedures.timeline import check_opening, check_timeline
from domain.procedures.vocabulary import Method
from domain.sealing.refusals import KeyRefused
from domain.sealing.tender_keys import NoSealingKey
from domain.tenders.closing import close_due
from domain.tenders.criteria import Criterion, check_criteria
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
    criteria: tuple[Criterion, ...] = ()


class Tendering:
    def __init__(self, begin: Begin, procedures: Procedures, new_id: NewId, *, opening: Opening | None = None) -> None:
        """``opening`` None: the key-encryption key is elsewhere, and what is closed is opened there."""
        self._begin = begin
        self._procedures = procedures
        self._new_id = new_id
        self._opening = opening

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
                criteria=form.criteria,
            )
            check_criteria(Rules(procedure), tender.criteria)
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
            revised = replace(sourced(revised, form.source), criteria=form.criteria)
            check_criteria(Rules(procedure), revised.criteria)
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
        """Pin the newest version of the draft's rule package, fix the deadline, take a key, wake the worker at it.

        ``opens_at`` None means at once. Refuses a timeline shorter than the package allows, naming the earliest
        deadline that would pass; more of one kind of goods than the method allows in a year; criteria without a
        committee (``committee-missing``); and (``no-sealing-key``) where no key is left and none can be made here.
        """
        try:
            return await self._publish(id, closes_at, opens_at, version, command)
        except NoSealingKey:
            if self._opening is None:
                raise
        await self._opening.fill()
        return await self._publish(id, closes_at, opens_at, version, command)

    async def _publish(
        self, id: TenderId, closes_at: datetime, opens_at: datetime | None, version: int, command: Command
    ) -> Tender:
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
            check_criteria(rules, published.criteria)
            if published.criteria and await work.committees.find(id) is None:
                raise CommitteeMissing("The tender has criteria and nobody to score", passes="a committee")
            await check_source(work, published, published_on=legal_day(at))
            await within_threshold(work, published, at=at)
            await holding.publish(work, held, published, by=By.actor(command.by), at=at)
            key = await work.sealing_keys.take(id)
            if key is None:
                raise NoSealingKey(
                    "No key is ready that the bids could be sealed to", passes="the same request once the opener runs"
                )
            stored = await work.tenders.save(published.sealed_to(key.id, key.public.raw), because=event)
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
        """The buyer's own hand on what is due; refuses (``bidding-still-open``) before the deadline.

        Where the package asks for people's approval this is the caller's. The tender is answered as it is then: the
        opener opens it after the last approval.
        """
        async with self._begin() as work:  # first of all, so that what is past its deadline here is opened below
            tender = await own_tender(work, id, command.by, None)
            tender.must_be_past_deadline(at=await work.now())
        with suppress(KeyRefused, StorageFailed):  # nothing that a buyer could do about it; the tender is shown closed
            await self.apply_due(id)
        async with self._begin(command) as work:
            tender = await own_tender(work, id, command.by, None)
            at = await work.now()
            tender.must_be_past_deadline(at=at)
            tender = await close_due(work, tender, at=at)
            if tender.awaits_opening and Rules(tender.procedure).opening_approvals:
                person_id, by = command.by.person_id, By.actor(command.by)
                approved, event = tender.approve_opening(person_id=person_id, by=by, at=at)
                tender = await work.tenders.save(approved, because=event)
            answered = work.answers(tender)
        with suppress(KeyRefused, StorageFailed):
            await self.apply_due(id)
        return answered

    async def apply_due(self, id: TenderId) -> Tender:
        """Close what is due, and open it where this process can; harmless when it is not due, or when somebody else was
        first.
        """
        async with self._begin() as work:
            tender = await close_due(work, await work.tenders.lock(id), at=await work.now())
        if self._opening is None or not may_be_opened(tender):
            return tender
        return await self._opening.open(id)

    def has_something_due(self, tender: Tender, *, at: datetime) -> bool:
        """Whether ``apply_due`` is worth asking for, as far as the process's own clock knows."""
        return tender.is_due(at=at) or (self._opening is not None and may_be_opened(tender))


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
