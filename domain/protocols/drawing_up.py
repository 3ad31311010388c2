"""Drawing up a protocol of results from an evaluated tender. Pure."""

from collections.abc import Iterator, Mapping

from domain.awards.allocation import TraceStep
from domain.awards.model import Admission, LotResult
from domain.awards.problem import compared
from domain.awards.settling import key_of
from domain.ids import OrganizationId
from domain.money import total
from domain.organizations.verdict import Result
from domain.procedures.package import Package
from domain.procedures.vocabulary import Method
from domain.protocols.model import (
    AdmissionRow,
    FigureRow,
    LinePart,
    LotPart,
    Participant,
    RankRow,
    ResultsProtocol,
    WinnerRow,
)
from domain.replay.ports import Settled
from domain.reports.process import Party
from domain.tenders.lot import Lot
from domain.tenders.procedure import PinnedProcedure

FIGURES = (
    "award_rule",
    "tie_breaks",
    "bids_min",
    "single_admitted_of_several",
    "producers_only",
    "evidence_types",
    "local_content_min",
    "capacity_check",
    "minutes_check",
    "affiliates_refused",
    "unreliable_lists",
    "unchecked",
    "dumping_rule",
    "dumping_percent",
    "dumping_consequence",
    "discount_producer_percent",
    "standstill_period",
)
"""What a package says about who is admitted, compared and awarded: shown with its sources."""


def protocol_of(settled: Settled, *, package: Package | None, bundle: str) -> ResultsProtocol:
    """``package`` is the one of the tender's procedure as it is installed now, None where there is none."""
    tender, evaluation, pinned = settled.tender, settled.evaluation, settled.tender.procedure
    method = Method(pinned.method)
    known = package if package is not None and package.version == pinned.version else None
    return ResultsProtocol(
        number=tender.number,
        title=tender.title,
        buyer=settled.parties[tender.buyer_id],
        procedure=str(pinned),
        method=method,
        package_titles=None if known is None else known.titles,
        method_titles=None if known is None or method not in known.methods else known.methods[method].titles,
        published_at=tender.published_at,
        closes_at=tender.closes_at,
        opened_at=tender.opened_at,
        evaluation_id=evaluation.id,
        evaluated_at=evaluation.evaluated_at,
        awarded_at=tender.awarded_at,
        complaints_until=tender.complaints_until,
        participants=_participants(settled),
        lots=tuple(_lot(settled, lot) for lot in tender.lots),
        figures=tuple(_figures(pinned, method, known)),
        engine=evaluation.engine,
        effort=evaluation.effort,
        bundle=bundle,
    )


def _participants(settled: Settled) -> tuple[Participant, ...]:
    """In the order of receipt, those last of whose bid nothing could be read."""
    known = [
        Participant(
            bid_id=bid.id,
            party=settled.parties[bid.bidder_id],
            received_at=bid.received_at,
            contracts=settled.contracts.get(bid.bidder_id, ()),
        )
        for bid in settled.bids
    ]
    broken = [
        Participant(bid_id=each.bid_id, party=None, received_at=settled.unreadable.get(each.bid_id))
        for each in settled.evaluation.set_aside
    ]
    return (*known, *broken)


def _lot(settled: Settled, lot: Lot) -> LotPart:
    evaluation = settled.evaluation
    result = evaluation.results[lot.number]
    awarded = result is LotResult.AWARDED
    lines = tuple(_line(settled, lot, line, awarded=awarded) for line in range(len(lot.lines)))
    return LotPart(
        number=lot.number,
        title=lot.title,
        allocated=lot.allocated,
        result=result,
        failure=evaluation.failures.get(lot.number),
        awarded=total(winner.sum for line in lines for winner in line.winners),
        admissions=tuple(_admission(each, settled.parties) for each in evaluation.admissions if each.lot == lot.number),
        lines=lines,
    )


def _admission(admission: Admission, parties: Mapping[OrganizationId, Party]) -> AdmissionRow:
    unpassed = {Result.FAILED, Result.COULD_NOT_BE_CHECKED}
    return AdmissionRow(
        bid_id=admission.bid_id,
        party=parties[admission.bidder_id],
        admitted=admission.admitted,
        reason=admission.reason,
        rules=tuple((each.rule, each.result, each.line) for each in admission.rules if each.result in unpassed),
    )


def _line(settled: Settled, lot: Lot, index: int, *, awarded: bool) -> LinePart:
    line, allocation = lot.lines[index], settled.evaluation.allocation
    where = (lot.number, line.number)
    shares = [each for each in allocation.shares if awarded and (each.lot, each.line) == where]
    return LinePart(
        number=line.number,
        name=line.name,
        unit=line.unit,
        pieces=line.run.pieces,
        planned_price=line.planned_price,
        ranking=tuple(_ranking(settled, [each for each in allocation.trace if (each.lot, each.line) == where])),
        winners=tuple(
            WinnerRow(
                bid_id=share.bid_id,
                party=settled.parties[share.bidder_id],
                unit_price=share.unit_price,
                cells=share.run.cells,
                pieces=share.run.pieces,
                sum=share.sum,
            )
            for share in shares
        ),
        unfilled=tuple(
            cell for each in allocation.unfilled if (each.lot, each.line) == where for cell in each.run.cells
        ),
    )


def _ranking(settled: Settled, steps: list[TraceStep]) -> Iterator[RankRow]:
    discounts = {key_of(offer): offer.discount_percent for offer in settled.evaluation.problem.offers}
    for step in steps:
        discount = discounts[step.lot, step.line, step.bid_id, step.bidder_id]
        yield RankRow(
            rank=step.rank,
            bid_id=step.bid_id,
            party=settled.parties[step.bidder_id],
            unit_price=step.unit_price,
            discount_percent=discount,
            compared_price=compared(step.unit_price, discount),
            asked=step.asked,
            given=step.given,
            bound=step.bound,
        )


def _figures(pinned: PinnedProcedure, method: Method, package: Package | None) -> Iterator[FigureRow]:
    own = {} if package is None or method not in package.methods else package.methods[method].parameters
    parameters = {} if package is None else {**package.parameters, **own}
    for name in FIGURES:
        value, known = pinned.parameters.get(name), parameters.get(name)
        if value is not None:
            yield FigureRow(name=name, value=value, source=known.source if known and known.value == value else None)
