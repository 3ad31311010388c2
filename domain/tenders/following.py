"""Following: the draft that repeats what came to nothing.

Its lots, procedure and method are those of the failed tender and its package, and stay so; like every draft it pins the
present version of the package, with the buyer's settings, when it is published. Needs of a pool stay with the failed
tender until then: the publication takes the pool over (see ``Pool.tender``).
"""

from dataclasses import dataclass

from domain.complaints.rules import must_be_heeded, must_be_uncontested
from domain.events import By
from domain.ids import NewId, OrganizationId, PrequalificationId, TenderId
from domain.pools import holding
from domain.pools.model import PoolPublished, PoolStatus
from domain.procedures.catalogue import Procedures
from domain.procedures.settings import configured
from domain.procedures.vocabulary import Method
from domain.tenders.closing import close_due
from domain.tenders.events import FollowUpDrafted
from domain.tenders.follow_up import AlreadyFollowed, bidders, failed_lots, follow_up, repeated
from domain.tenders.model import Tender, TenderNotFound
from domain.tenders.sourcing import Source, check_source, sourced
from domain.work import Begin, Command, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpForm:
    """``method`` None is the one that the package names, ``invited`` None the only bidder, ``prequalification_id``
    None the list of the failed tender. ``postponed_days`` moves all delivery days.
    """

    postponed_days: int = 0
    method: Method | None = None
    invited: OrganizationId | None = None
    prequalification_id: PrequalificationId | None = None


class Following:
    def __init__(self, begin: Begin, procedures: Procedures, new_id: NewId) -> None:
        self._begin = begin
        self._procedures = procedures
        self._new_id = new_id

    async def draft(self, id: TenderId, form: FollowUpForm, *, command: Command) -> Tender:
        """A draft that repeats the failed lots of the caller's tender, once.

        Refuses (``tender-not-failed``, ``no-follow-up``, ``attempts-spent``, ``already-followed``), and while a
        complaint about the tender is open or the decision on one is not followed.
        """
        async with self._begin(command) as work:
            seen, held = await holding.hold_of(work, id)
            tender = await work.tenders.lock(id)
            if tender.buyer_id != command.by.organization_id:
                raise TenderNotFound("There is no such tender")
            holding.same(seen, tender)
            at = await work.now()
            tender = await close_due(work, tender, at=at)
            standing = await work.complaints.standing(id)
            must_be_uncontested(standing)
            must_be_heeded(tender, standing)
            evaluation = await work.evaluations.latest(id)
            contracts = await work.contracts.of_tender(id)
            failed = failed_lots(tender, evaluation, contracts, at=at)
            await _must_be_the_first(work, tender)
            bids = await work.bids.of_tender(id)
            plan = follow_up(tender, failed, bidders(tender, bids), method=form.method, invited=form.invited)
            pools = holding.pools_in(plan.lots)
            for pool in held.values():
                if pool.id in pools and (pool.status is not PoolStatus.TENDERED or pool.tender_id != tender.id):
                    raise PoolPublished(f"Pool {pool.number} is {pool.status}", passes="a tender of needs of your own")
            package = await configured(work, self._procedures, tender.procedure.id, tender.buyer_id)
            listed = None if plan.invited is not None else form.prequalification_id or tender.prequalification_id
            repetition = Tender(
                id=TenderId(self._new_id()),
                number=await work.tenders.next_number(at.year),
                buyer_id=tender.buyer_id,
                title=tender.title,
                procedure=package.pinned(plan.method),
                lots=repeated(plan.lots, postponed_days=form.postponed_days),
                drafted_at=at,
                follows=tender.id,
                attempt=tender.attempt + 1,
                criteria=() if plan.invited is not None else tender.criteria,
            )
            source = Source(ground=plan.ground, invited=plan.invited, prequalification_id=listed)
            drafted = sourced(repetition, source)
            await check_source(work, drafted)
            event = FollowUpDrafted(
                subject_id=drafted.id,
                by=By.actor(command.by),
                at=at,
                title=drafted.title,
                follows=tender.id,
                lots=tuple(lot.number for lot in plan.lots),
                method=str(plan.method),
                attempt=drafted.attempt,
            )
            return work.answers(await work.tenders.save(drafted, because=event))


async def _must_be_the_first(work: Work, tender: Tender) -> None:
    found = await work.purchases.follow_up(tender.id)
    if found is not None:
        raise AlreadyFollowed(
            f"Tender {found.number} follows, it is {found.status}",
            passes="that tender, or the cancellation of its draft",
            tender=found.number,
            status=str(found.status),
        )
