"""Awarding: from opened bids to an evaluation, from an evaluation to contracts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from domain.actors import Actor
from domain.awards.allocation import minutes_until
from domain.awards.barring import Barred
from domain.awards.concluding import conclude
from domain.awards.flaws import must_be_sound
from domain.awards.greedy import Greedy, allocate
from domain.awards.model import (
    Admission,
    Evaluation,
    NothingToAward,
    RejectionReason,
    SetAside,
    admit,
    failures,
    lot_results,
    unawardable,
)
from domain.awards.problem import Demand, Free, Offer, Problem
from domain.bids.model import Bid
from domain.calendar import legal_day
from domain.complaints.rules import must_be_evaluated_since, must_be_heeded, must_be_uncontested
from domain.contracts.model import Contract
from domain.contracts.schedule import schedule
from domain.errors import StaleVersion
from domain.events import By
from domain.garments import GarmentLine
from domain.ids import EvaluationId, NewId, OrganizationId, TenderId
from domain.organizations.facts import Stage
from domain.organizations.producing import reach
from domain.organizations.verdict import Verdict
from domain.procedures.rules import Rules
from domain.procedures.timeline import complaints_until
from domain.tenders.lot import Lot
from domain.tenders.model import StepNotAllowed, Tender, TenderNotFound, TenderStatus
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

        Refuses (``problem-contradictory``) conditions that no award could honour.
        """
        async with self._begin(command) as work:
            tender = await _own(work, tender_id, command.by)
            at = await work.now()
            if tender.status not in {TenderStatus.OPENED, TenderStatus.EVALUATED}:
                raise StepNotAllowed(f"A {tender.status} tender cannot be evaluated", passes="an opened tender")
            bids = list(await work.bids.of_tender(tender_id))
            by = By.actor(command.by)
            admissions, verdicts = await self._admissions(work, tender, bids, by, at)
            failed = unawardable(tender, admissions)
            candidates = tuple(each for each in admissions if each.lot not in failed)
            problem = await self._problem(work, tender, bids, candidates, verdicts, at)
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
        Refuses (``complaint-open``, ``decision-not-followed``) what a complaint holds back, and
        (``allocation-refused``) an allocation that does not stand before the checker.
        """
        async with self._begin(command) as work:
            tender = await _own(work, tender_id, command.by)
            if tender.version != version:
                raise StaleVersion(f"You read version {version}, it is {tender.version} now", passes="a fresh read")
            evaluation = await work.evaluations.latest(tender_id)
            if evaluation is None or tender.status is not TenderStatus.EVALUATED:
                raise StepNotAllowed(f"A {tender.status} tender cannot be awarded", passes="an evaluated tender")
            if not evaluation.awarded_lots:
                results = ", ".join(f"lot {lot} {result}" for lot, result in sorted(evaluation.results.items()))
                raise NothingToAward(f"No lot was filled: {results}", passes="a lot whose demand the bids meet")
            standing = await work.complaints.standing(tender_id)
            must_be_uncontested(standing)
            must_be_heeded(tender, standing)
            must_be_evaluated_since(standing, evaluated_at=evaluation.evaluated_at)
            at = await work.now()
            by = By.actor(command.by)
            until = complaints_until(Rules(tender.procedure), awarded_at=at)
            contracts = await self._contracts(work, tender, evaluation, until, by, at)
            awarded, event = tender.award(
                evaluation_id=str(evaluation.id),
                contracts=tuple(str(contract.id) for contract in contracts),
                complaints_until=until,
                by=by,
                at=at,
            )
            stored = await work.tenders.save(awarded, because=event)
            return work.answers((stored, contracts))

    async def _admissions(
        self, work: Work, tender: Tender, bids: list[Bid], by: By, at: datetime
    ) -> tuple[tuple[Admission, ...], dict[tuple[str, int], Verdict]]:
        barred = Barred.of(
            await work.complaints.standing(tender.id),
            await work.contracts.of_tender(tender.id),
        )
        admissions: list[Admission] = []
        verdicts: dict[tuple[str, int], Verdict] = {}
        for bid in bids:
            for offer in bid.offers:
                lot = tender.lots[offer.lot - 1]
                verdict = await reach(
                    work,
                    supplier_id=bid.bidder_id,
                    tender=tender,
                    lot=lot,
                    pieces=offer.pieces(lot),
                    stage=Stage.AWARD,
                    at=at,
                    new_id=self._new_id,
                )
                await work.verdicts.save(verdict, because=verdict.reached(by=by))
                verdicts[str(bid.id), offer.lot] = verdict
                admissions.append(admit(tender, bid, verdict, barred=barred.reason(bid.bidder_id, offer.lot)))
        return tuple(admissions), verdicts

    async def _problem(
        self,
        work: Work,
        tender: Tender,
        bids: list[Bid],
        admissions: tuple[Admission, ...],
        verdicts: Mapping[tuple[str, int], Verdict],
        at: datetime,
    ) -> Problem:
        offers = offers_of(tender, bids, admissions)
        demands = demands_of(tender)
        return Problem(
            demands=demands,
            offers=offers,
            capacity=await capacity_of(work, demands, offers, at) if Rules(tender.procedure).producers_only else None,
            units=units_of(tender, offers, verdicts),
        )

    async def _contracts(
        self, work: Work, tender: Tender, evaluation: Evaluation, until: datetime, by: By, at: datetime
    ) -> tuple[Contract, ...]:
        checked = evaluation.checked()
        shares = checked.shares(evaluation.awarded_lots)
        verdicts = {
            (admission.bidder_id, admission.lot): await work.verdicts.get(admission.verdict_id)
            for admission in evaluation.admissions
            if admission.admitted
        }
        schedules = {number: schedule(tender.lots[number - 1], shares) for number in evaluation.awarded_lots}
        return await conclude(
            work, tender, checked, schedules, verdicts, standstill_until=until, new_id=self._new_id, by=by, at=at
        )


async def _own(work: Work, tender_id: TenderId, by: Actor) -> Tender:
    tender = await work.tenders.lock(tender_id)
    if tender.buyer_id != by.organization_id:
        raise TenderNotFound("There is no such tender")
    return tender


def demands_of(tender: Tender) -> tuple[Demand, ...]:
    return tuple(demand_of(lot, line) for lot in tender.lots for line in lot.lines)


def offers_of(tender: Tender, bids: Sequence[Bid], admissions: Iterable[Admission]) -> tuple[Offer, ...]:
    """Every line offer of every bid that is admitted to its lot, bid after bid."""
    admitted = {(admission.bid_id, admission.lot) for admission in admissions if admission.admitted}
    return tuple(
        offer_of(bid, lot, line_offer.line)
        for bid in bids
        for lot in tender.lots
        if (bid.id, lot.number) in admitted
        for line_offer in (bid.offer(lot.number) or bid.offers[0]).lines
    )


def demand_of(lot: Lot, line: GarmentLine) -> Demand:
    return Demand(
        lot=lot.number,
        line=line.number,
        product=product_of(line),
        run=line.run,
        standard_minutes=line.standard_minutes,
        planned_price=line.planned_price,
        due_on=lot.due_on,
        partial=lot.partial_award,
    )


def offer_of(bid: Bid, lot: Lot, line_number: int) -> Offer:
    line = lot.lines[line_number - 1]
    lot_offer = bid.offer(lot.number)
    line_offer = lot_offer.line(line_number) if lot_offer else None
    if line_offer is None:
        raise ValueError("an admitted offer has its line")
    return Offer(
        bid_id=bid.id,
        bidder_id=bid.bidder_id,
        lot=lot.number,
        line=line_number,
        unit_price=line_offer.unit_price,
        run=line_offer.offered(line),
        pieces_min=line_offer.pieces_min,
        pieces_max=line_offer.pieces(line),
        received_at=bid.received_at,
    )


async def capacity_of(
    work: Work, demands: tuple[Demand, ...], offers: tuple[Offer, ...], at: datetime
) -> dict[str, tuple[Free, ...]]:
    """Standard minutes per bidder from the award until each delivery day, net of what contracts in force bind."""
    bidders = tuple(dict.fromkeys(offer.bidder_id for offer in offers))
    today, days = legal_day(at), sorted({demand.due_on for demand in demands})
    known: Mapping[OrganizationId, tuple[Decimal, Decimal]] = await work.evaluations.minutes(bidders)
    return {
        str(bidder): tuple(
            Free(until=day, minutes=minutes_until(per_week, days=(day - today).days, booked=booked)) for day in days
        )
        for bidder, (per_week, booked) in known.items()
    }


def product_of(line: GarmentLine) -> str:
    """The six digits of KPVED/CPA that capacity is declared for."""
    return line.ens_tru[:6]


def units_of(tender: Tender, offers: tuple[Offer, ...], verdicts: Mapping[tuple[str, int], Verdict]) -> dict[str, int]:
    """What is left of each bidder's declared capacity per product; of two proofs the smaller remainder counts."""
    units: dict[str, int] = {}
    for offer in offers:
        left = verdicts[str(offer.bid_id), offer.lot].units_left(offer.line)
        if left is not None:
            capacity = f"{offer.bidder_id}/{product_of(tender.lots[offer.lot - 1].lines[offer.line - 1])}"
            units[capacity] = min(left, units.get(capacity, left))
    return units
