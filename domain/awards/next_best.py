"""The next best: the lines of a contract that lapsed go to the other admitted offers that still have pieces left.

The demand is the lapsed contract's, cell by cell and place by place. An offer stands with what it has not been
awarded yet; capacity bounds it as in any award. The lapsed winner and those excluded by a decision are not asked.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from domain.actors import Actor
from domain.awards.allocation import Share
from domain.awards.barring import Barred
from domain.awards.concluding import conclude
from domain.awards.flaws import must_be_sound
from domain.awards.greedy import Greedy, allocate
from domain.awards.judging import Verdicts, judged
from domain.awards.leftovers import demands, left_of, schedules
from domain.awards.model import (
    BiddersNotChecked,
    Evaluation,
    NothingToAward,
    failures,
    lot_results,
)
from domain.awards.offers import offered
from domain.awards.posing import capacity_of, units_of
from domain.complaints.model import Remedy
from domain.complaints.refusals import ComplaintOpen
from domain.complaints.rules import must_be_uncontested
from domain.contracts.ending import leave_lines, lines_wait
from domain.contracts.model import Contract
from domain.contracts.parts import ContractNotFound, ContractStatus
from domain.contracts.unsigned import LeftoverState
from domain.errors import StaleVersion
from domain.events import By
from domain.ids import ContractId, EvaluationId, NewId
from domain.procedures.rules import Rules
from domain.procedures.timeline import complaints_until
from domain.procedures.vocabulary import Failure
from domain.tenders.model import StepNotAllowed, Tender, TenderStatus
from domain.work import Begin, Command, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """An award that was worked out and is not stored yet."""

    evaluation: Evaluation
    verdicts: Verdicts

    @property
    def shares(self) -> tuple[Share, ...]:
        return self.evaluation.checked().shares(self.evaluation.awarded_lots)

    @property
    def failed_lots(self) -> tuple[int, ...]:
        return tuple(sorted(set(self.evaluation.results) - set(self.evaluation.awarded_lots)))

    def must_give_something(self, lapsed: Contract) -> None:
        if not self.shares:
            raise NothingToAward(
                f"Nobody is left who could take the lines of contract {lapsed.number}",
                passes="a follow-up of the failed lots",
                contract=lapsed.number,
                lots=list(self.failed_lots),
            )

    def must_be_checked(self) -> None:
        """Refuse (``bidders-not-checked``) to give lots up because of bidders whom nobody could check."""
        doubtful = self.evaluation.unchecked
        if self.failed_lots and doubtful:
            reasons = "; ".join(dict.fromkeys(each.detail or "" for each in doubtful))
            raise BiddersNotChecked(
                f"Some bidders could not be checked: {reasons}", passes="the same step once they can"
            )

    async def save(self, work: Work, by: By) -> Evaluation:
        for verdict in self.verdicts.values():
            await work.verdicts.save(verdict, because=verdict.reached(by=by))
        return await work.evaluations.save(self.evaluation, because=self.evaluation.recorded(by=by))


class Reawarding:
    def __init__(self, begin: Begin, new_id: NewId) -> None:
        self._begin = begin
        self._new_id = new_id

    async def next_best(self, id: ContractId, *, version: int, command: Command) -> tuple[Tender, tuple[Contract, ...]]:
        """Award the lines of a lapsed contract anew. ``version`` is the tender's; a new standstill begins.

        Refuses (``nothing-to-award``) when no lot of it can be filled: its lots have failed then, which is recorded,
        and the tender ends where nothing else of it is left.
        """
        weighed: list[Weighed] = []  # survives the transaction that is rolled back
        try:
            async with self._begin(command) as work:
                tender, lapsed = await _waiting(work, id, version, command.by)
                must_be_uncontested(await work.complaints.standing(tender.id))
                at = await work.now()
                weighed.append(await self._weigh(work, tender, lapsed, at))
                weighed[0].must_be_checked()
                weighed[0].must_give_something(lapsed)
                return work.answers(await self._award(work, tender, lapsed, weighed[0], By.actor(command.by), at))
        except NothingToAward:
            await self._give_up(id, version, weighed[0], command.by)
            raise

    async def _award(
        self, work: Work, tender: Tender, lapsed: Contract, weighed: Weighed, by: By, at: datetime
    ) -> tuple[Tender, tuple[Contract, ...]]:
        evaluation = await weighed.save(work, by)
        until = complaints_until(Rules(tender.procedure), awarded_at=at)
        contracts = await conclude(
            work,
            tender,
            weighed.evaluation.checked(),
            schedules(lapsed, weighed.shares),
            {(sewer, lot): verdict for (_, sewer, lot), verdict in weighed.verdicts.items()},
            standstill_until=until,
            replaces=lapsed.id,
            new_id=self._new_id,
            by=by,
            at=at,
        )
        settled, leftover = leave_lines(
            lapsed,
            state=LeftoverState.AWARDED,
            failed_lots=weighed.failed_lots,
            evaluation_id=evaluation.id,
            by=by,
            at=at,
        )
        await work.contracts.save(settled, because=leftover)
        awarded, event = tender.award_next_best(
            evaluation_id=str(evaluation.id),
            contracts=tuple(str(contract.id) for contract in contracts),
            complaints_until=until,
            by=by,
            at=at,
        )
        return await work.tenders.save(awarded, because=event), contracts

    async def _give_up(self, id: ContractId, version: int, weighed: Weighed, actor: Actor) -> None:
        """Keep why nobody was left, in a transaction of its own: the refused one was rolled back. Nothing is done if
        somebody else was faster.
        """
        async with self._begin() as work:
            try:
                tender, lapsed = await _waiting(work, id, version, actor)
                must_be_uncontested(await work.complaints.standing(tender.id))
            except (StaleVersion, StepNotAllowed, ComplaintOpen):
                return
            at, by = await work.now(), By.actor(actor)
            evaluation = await weighed.save(work, by)
            settled, event = leave_lines(
                lapsed,
                state=LeftoverState.GIVEN_UP,
                failed_lots=weighed.failed_lots,
                evaluation_id=evaluation.id,
                by=by,
                at=at,
            )
            await work.contracts.save(settled, because=event)
            await _end(work, tender, by, at)

    async def _weigh(self, work: Work, tender: Tender, lapsed: Contract, at: datetime) -> Weighed:
        """Judge the other admitted bidders again and allocate what the lapsed contract had; nothing is stored."""
        latest = await work.evaluations.latest(tender.id)
        if latest is None:
            raise StepNotAllowed("The tender was never evaluated")
        contracts = await work.contracts.of_tender(tender.id)
        standing = await work.complaints.standing(tender.id)
        barred = Barred.of(standing, contracts)
        heard = {each.complainant_id for each in standing if each.decided_remedy is Remedy.ADMIT_BID}
        bids = await work.bids.of_tender(tender.id)
        lots = {line.lot for line in lapsed.lines}
        asked = {
            each.bid_id for each in latest.admissions if each.lot in lots and (each.admitted or each.bidder_id in heard)
        }
        admissions, verdicts = await judged(
            work,
            tender,
            [bid for bid in bids if bid.id in asked],
            among=bids,
            barred=barred,
            lots=lots,
            rest=True,
            new_id=self._new_id,
            at=at,
        )
        admitted = {(each.bid_id, each.lot) for each in admissions if each.admitted}
        left = left_of(offered(tender.lots, bids, admitted), lapsed, contracts, before=latest.problem)
        wanted = demands(lapsed, tender.lots)
        problem = replace(
            left,
            demands=wanted,
            capacity=await capacity_of(work, tender, wanted, left.offers, at),
            units=units_of(tender, left.offers, verdicts),
        )
        must_be_sound(problem)
        allocation = allocate(problem)
        whole = lot_results(tender, admissions, allocation)
        results = {lot: result for lot, result in whole.items() if lot in lots}
        evaluation = Evaluation(
            id=EvaluationId(self._new_id()),
            tender_id=tender.id,
            admissions=admissions,
            problem=problem,
            allocation=allocation,
            engine=Greedy().name,
            effort=len({demand.lot for demand in wanted}),
            results=results,
            failures=failures(results, {}),
            evaluated_at=at,
            replaces=lapsed.id,
        )
        return Weighed(evaluation=evaluation, verdicts=verdicts)


async def _waiting(work: Work, id: ContractId, version: int, actor: Actor) -> tuple[Tender, Contract]:
    """The lapsed contract whose lines wait, after its tender: the lock order is tender, contract, complaint."""
    seen = await work.contracts.get(id)
    if seen.buyer_id != actor.organization_id:
        raise ContractNotFound("There is no such contract")
    tender = await work.tenders.lock(seen.tender_id)
    if tender.version != version:
        raise StaleVersion(f"You read version {version}, it is {tender.version} now", passes="a fresh read")
    lapsed = await work.contracts.lock(id)
    if tender.status is not TenderStatus.AWARDED or not lines_wait(lapsed):
        state = lapsed.leftover.state if lapsed.leftover else lapsed.status
        raise StepNotAllowed(f"The lines of this contract do not wait: {state}", passes="a lapsed contract")
    return tender, lapsed


async def _end(work: Work, tender: Tender, by: By, at: datetime) -> None:
    """When nothing of the tender is under way: it is completed if anything was delivered, otherwise it has failed."""
    if await work.contracts.unfinished(tender.id):
        return
    contracts = await work.contracts.of_tender(tender.id)
    if any(each.status is ContractStatus.COMPLETED for each in contracts):
        completed, completion = tender.complete(at=at)
        await work.tenders.save(completed, because=completion)
    else:
        failed, failure = tender.fail(reason=Failure.NOT_FILLED, by=by, at=at)
        await work.tenders.save(failed, because=failure)
