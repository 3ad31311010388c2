"""The next best: the lines of a contract that lapsed go to the other admitted offers that still have pieces left.

The demand is the lapsed contract's, cell by cell and place by place. An offer stands with what it has not been
awarded yet; capacity bounds it as in any award. The lapsed winner and those excluded by a decision are not asked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.actors import Actor
from domain.awards.allocation import Share
from domain.awards.awarding import capacity_of, offer_of, units_of
from domain.awards.barring import Barred
from domain.awards.concluding import conclude
from domain.awards.flaws import must_be_sound
from domain.awards.greedy import Greedy, allocate
from domain.awards.leftovers import demands, remaining, schedules, won_by
from domain.awards.model import (
    Admission,
    BiddersNotChecked,
    Evaluation,
    NothingToAward,
    admit,
    failures,
    lot_results,
)
from domain.awards.problem import Offer, Problem
from domain.bids.model import Bid
from domain.complaints.model import Remedy
from domain.complaints.refusals import ComplaintOpen
from domain.complaints.rules import must_be_uncontested
from domain.contracts.ending import leave_lines, lines_wait
from domain.contracts.model import Contract
from domain.contracts.parts import ContractNotFound, ContractStatus
from domain.contracts.unsigned import LeftoverState
from domain.errors import StaleVersion
from domain.events import By
from domain.garments import SizeRun
from domain.ids import BidId, ContractId, EvaluationId, NewId
from domain.organizations.facts import Stage
from domain.organizations.producing import reach
from domain.organizations.verdict import Verdict
from domain.procedures.rules import Rules
from domain.procedures.timeline import complaints_until
from domain.procedures.vocabulary import Failure
from domain.tenders.model import StepNotAllowed, Tender, TenderStatus
from domain.work import Begin, Command, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """An award that was worked out and is not stored yet. Verdicts are by bid id (text) and lot."""

    evaluation: Evaluation
    verdicts: Mapping[tuple[str, int], Verdict]

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
            {(verdict.organization_id, lot): verdict for (_, lot), verdict in weighed.verdicts.items()},
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
        bids = {bid.id: bid for bid in await work.bids.of_tender(tender.id)}
        admissions: list[Admission] = []
        verdicts: dict[tuple[str, int], Verdict] = {}
        lots = {line.lot for line in lapsed.lines}
        for candidate in latest.admissions:
            if candidate.lot not in lots or not (candidate.admitted or candidate.bidder_id in heard):
                continue
            bid = bids[candidate.bid_id]
            verdict = await self._judge(work, tender, bid, candidate.lot, at)
            verdicts[str(bid.id), candidate.lot] = verdict
            reason = barred.reason(bid.bidder_id, candidate.lot)
            admissions.append(admit(tender, bid, verdict, barred=reason))
        offers = _offers(tender, lapsed, bids, admissions, contracts)
        wanted = demands(lapsed, tender.lots)
        problem = Problem(
            demands=wanted,
            offers=offers,
            capacity=await capacity_of(work, wanted, offers, at) if Rules(tender.procedure).producers_only else None,
            units=units_of(tender, offers, verdicts),
        )
        must_be_sound(problem)
        allocation = allocate(problem)
        whole = lot_results(tender, tuple(admissions), allocation)
        results = {lot: result for lot, result in whole.items() if lot in lots}
        evaluation = Evaluation(
            id=EvaluationId(self._new_id()),
            tender_id=tender.id,
            admissions=tuple(admissions),
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

    async def _judge(self, work: Work, tender: Tender, bid: Bid, lot: int, at: datetime) -> Verdict:
        """No pieces are asked beside those he has been awarded: what is left of his capacity bounds the award."""
        offer = bid.offer(lot)
        return await reach(
            work,
            supplier_id=bid.bidder_id,
            tender=tender,
            lot=tender.lots[lot - 1],
            pieces={line.line: 0 for line in offer.lines} if offer else {},
            stage=Stage.AWARD,
            at=at,
            new_id=self._new_id,
        )


def _offers(
    tender: Tender,
    lapsed: Contract,
    bids: Mapping[BidId, Bid],
    admissions: Iterable[Admission],
    contracts: tuple[Contract, ...],
) -> tuple[Offer, ...]:
    found = []
    for admission in admissions:
        bid = bids[admission.bid_id]
        offered = bid.offer(admission.lot)
        for line in lapsed.lines:
            if not admission.admitted or offered is None or line.lot != admission.lot or not offered.line(line.line):
                continue
            offer = offer_of(bid, tender.lots[line.lot - 1], line.line)
            won = won_by(bid.bidder_id, line.lot, line.line, contracts, SizeRun(offer.run.grid))
            left = remaining(offer, won)
            if left is not None:
                found.append(left)
    return tuple(found)


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
