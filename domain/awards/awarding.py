"""Awarding: from opened bids to an evaluation, from an evaluation to contracts."""

from datetime import datetime

from domain.awards.barring import Barred
from domain.awards.concluding import conclude
from domain.awards.flaws import must_be_sound
from domain.awards.greedy import Greedy, allocate
from domain.awards.judging import judged, judged_again
from domain.awards.model import (
    Evaluation,
    NothingToAward,
    RejectionReason,
    SetAside,
    failures,
    lot_results,
    unawardable,
)
from domain.awards.posing import posed
from domain.awards.preferring import keep_preference
from domain.complaints.rules import must_be_evaluated_since, must_be_heeded, must_be_uncontested
from domain.contracts.model import Contract
from domain.contracts.schedule import schedule
from domain.evaluating.assessing import assess
from domain.events import By
from domain.ids import EvaluationId, NewId, TenderId
from domain.procedures.rules import Rules
from domain.procedures.timeline import complaints_until
from domain.tenders.model import StepNotAllowed, Tender, TenderStatus
from domain.tenders.tendering import own_tender
from domain.work import Begin, Command, Work


class Awarding:
    def __init__(self, begin: Begin, new_id: NewId) -> None:
        self._begin = begin
        self._new_id = new_id

    async def evaluate(self, tender_id: TenderId, *, command: Command) -> Evaluation:
        """Admit bid by bid, allocate, and keep everything that led to the result. May be repeated until the award.

        A tender fails where no lot can ever be awarded: no bids, too few, none admitted. Where lots were not filled it
        is the buyer who fails it (``Failing``), because other capacity may fill them in another evaluation; where a
        bidder could not be checked nothing has failed yet.

        Refuses (``problem-contradictory``) conditions that no award could honour, and what the committee and the papers
        that are awaited hold back (``domain/evaluating/assessing.py``).
        """
        async with self._begin(command) as work:
            tender = await own_tender(work, tender_id, command.by, None)
            at = await work.now()
            if tender.status not in {TenderStatus.OPENED, TenderStatus.EVALUATED}:
                raise StepNotAllowed(f"A {tender.status} tender cannot be evaluated", passes="an opened tender")
            bids = list(await work.bids.of_tender(tender_id))
            by = By.actor(command.by)
            barred = Barred.of(await work.complaints.standing(tender_id), await work.contracts.of_tender(tender_id))
            found, verdicts = await judged(work, tender, bids, among=bids, barred=barred, new_id=self._new_id, at=at)
            for verdict in verdicts.values():
                await work.verdicts.save(verdict, because=verdict.reached(by=by))
            assessment = await assess(work, tender, bids, found, verdicts, by=command.by, at=at)
            admissions = assessment.admissions
            failed = unawardable(tender, admissions)
            candidates = tuple(each for each in admissions if each.lot not in failed)
            problem = await posed(work, tender, bids, candidates, verdicts, compared=assessment.applied, at=at)
            must_be_sound(problem)
            allocation = allocate(problem)
            results = lot_results(tender, admissions, allocation, unawardable=failed)
            evaluation = Evaluation(
                id=EvaluationId(self._new_id()),
                tender_id=tender_id,
                admissions=admissions,
                problem=problem,
                allocation=allocation,
                engine=Greedy().name,
                effort=len(tender.lots),
                results=results,
                failures=failures(results, failed),
                set_aside=tuple(
                    SetAside(bid_id=each.id, reason=RejectionReason.UNREADABLE, detail=str(each.fault))
                    for each in await work.bids.unreadable(tender_id)
                ),
                evaluated_at=at,
            )
            evaluation.checked()
            stored = await work.evaluations.save(evaluation, because=evaluation.recorded(by=by))
            reason = evaluation.final_failure
            if reason is None:
                evaluated, event = tender.evaluate(evaluation_id=str(evaluation.id), by=by, at=at)
                await work.tenders.save(evaluated, because=event)
            else:
                ended, failure = tender.fail(reason=reason, by=by, at=at)
                await work.tenders.save(ended, because=failure)
            return work.answers(stored)

    async def award(
        self, tender_id: TenderId, *, version: int, command: Command
    ) -> tuple[Tender, tuple[Contract, ...]]:
        """Award as evaluated: one contract per winner over all the lots he won. ``version`` is the tender's.

        Refuses (``nothing-to-award``) when no lot could be filled; the tender can then be evaluated again or fail.
        Refuses (``complaint-open``, ``decision-not-followed``) what a complaint holds back, (``allocation-refused``) an
        allocation that does not stand before the checker, (``winner-not-eligible``) a winner who may not win any more,
        and (``capacity-taken``) minutes that are not free any more.
        """
        async with self._begin(command) as work:
            tender = await own_tender(work, tender_id, command.by, version)
            evaluation = await work.evaluations.latest(tender_id)
            if evaluation is None or tender.status is not TenderStatus.EVALUATED:
                raise StepNotAllowed(f"A {tender.status} tender cannot be awarded", passes="an evaluated tender")
            if not evaluation.awarded_lots:
                results = ", ".join(f"lot {lot} {result}" for lot, result in sorted(evaluation.results.items()))
                raise NothingToAward(f"No lot was filled: {results}", passes="a lot whose demand the bids meet")
            committee = await work.committees.find(tender_id)
            if committee is not None:
                committee.must_not_be_recused(command.by.person_id)
            standing = await work.complaints.standing(tender_id)
            must_be_uncontested(standing)
            must_be_heeded(tender, standing)
            must_be_evaluated_since(standing, evaluated_at=evaluation.evaluated_at)
            at = await work.now()
            by = By.actor(command.by)
            until = complaints_until(Rules(tender.procedure), awarded_at=at)
            contracts = await self._contracts(work, tender, evaluation, until, by, at)
            await keep_preference(work, tender, evaluation, new_id=self._new_id, by=by, at=at)
            awarded, event = tender.award(
                evaluation_id=str(evaluation.id),
                contracts=tuple(str(contract.id) for contract in contracts),
                complaints_until=until,
                by=by,
                at=at,
            )
            stored = await work.tenders.save(awarded, because=event)
            return work.answers((stored, contracts))

    async def _contracts(
        self, work: Work, tender: Tender, evaluation: Evaluation, until: datetime, by: By, at: datetime
    ) -> tuple[Contract, ...]:
        checked = evaluation.checked()
        shares = checked.shares(evaluation.awarded_lots)
        verdicts = await judged_again(work, tender, shares, by=by, new_id=self._new_id, at=at)
        schedules = {number: schedule(tender.lots[number - 1], shares) for number in evaluation.awarded_lots}
        return await conclude(
            work, tender, checked, schedules, verdicts, standstill_until=until, new_id=self._new_id, by=by, at=at
        )
