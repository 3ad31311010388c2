"""The protocol of results: who took part, who was admitted and why not, how offers ranked, and who sews what.

A pure value from an evaluated tender. It adds nothing to the evaluation and decides nothing; codes stay codes, and are
put into words where the document is written (``ports.Documents``).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from domain.awards.allocation import Bound, TraceStep
from domain.awards.model import Admission, LotResult, RejectionReason
from domain.awards.problem import compared
from domain.awards.settling import key_of
from domain.errors import Conflict, Titles
from domain.garments import Size, Unit
from domain.ids import BidId, EvaluationId, OrganizationId
from domain.money import Money, total
from domain.organizations.verdict import Result
from domain.procedures.package import Package
from domain.procedures.vocabulary import Failure, Method
from domain.replay.ports import Settled
from domain.reports.process import Party
from domain.tenders.lot import Lot
from domain.tenders.procedure import PinnedProcedure

ROWS_MAX = 20_000
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


class ProtocolTooLarge(Conflict):
    code = "protocol-too-large"
    titles = Titles("The protocol is too large", "Протокол слишком велик", "Хаттама тым үлкен")


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """``party`` None: nobody could read the bid, so nobody knows whose it is."""

    bid_id: BidId
    party: Party | None
    received_at: datetime | None
    contracts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionRow:
    """``rules`` are those that failed or could not be checked, each with its line."""

    bid_id: BidId
    party: Party
    admitted: bool
    reason: RejectionReason | None
    rules: tuple[tuple[str, Result, int | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RankRow:
    """``compared_price`` is the price less ``discount_percent``, which is for comparison only."""

    rank: int
    bid_id: BidId
    party: Party
    unit_price: Money
    discount_percent: Decimal
    compared_price: Money
    asked: int
    given: int
    bound: Bound


@dataclass(frozen=True, slots=True, kw_only=True)
class WinnerRow:
    bid_id: BidId
    party: Party
    unit_price: Money
    cells: tuple[tuple[Size, int], ...]
    pieces: int
    sum: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePart:
    number: int
    name: str
    unit: Unit
    pieces: int
    planned_price: Money
    ranking: tuple[RankRow, ...]
    winners: tuple[WinnerRow, ...]
    unfilled: tuple[tuple[Size, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LotPart:
    """``awarded`` is the sum of the lot's winners; nothing where the lot is not awarded."""

    number: int
    title: str
    allocated: Money
    result: LotResult
    failure: Failure | None
    awarded: Money
    admissions: tuple[AdmissionRow, ...]
    lines: tuple[LinePart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    """``source`` None: the package that is installed now is another version, or the buyer set another value."""

    name: str
    value: str
    source: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsProtocol:
    """``bundle`` is the SHA-256 that names the replayable bundle of the same evaluation; ``engine`` and ``effort`` find
    its allocation again.
    """

    number: str
    title: str
    buyer: Party
    procedure: str
    method: Method
    package_titles: Titles | None
    method_titles: Titles | None
    published_at: datetime | None
    closes_at: datetime | None
    opened_at: datetime | None
    evaluation_id: EvaluationId
    evaluated_at: datetime
    awarded_at: datetime | None
    complaints_until: datetime | None
    participants: tuple[Participant, ...]
    lots: tuple[LotPart, ...]
    figures: tuple[FigureRow, ...]
    engine: str
    effort: int
    bundle: str

    @property
    def awarded(self) -> Money:
        return total(lot.awarded for lot in self.lots)

    @property
    def rows(self) -> int:
        lines = [line for lot in self.lots for line in lot.lines]
        cells = sum(len(winner.cells) for line in lines for winner in line.winners)
        admissions = sum(len(lot.admissions) for lot in self.lots)
        return len(self.participants) + admissions + sum(len(line.ranking) for line in lines) + cells

    def must_be_printable(self) -> None:
        """Refuse (``protocol-too-large``) what nobody would read on paper."""
        if self.rows > ROWS_MAX:
            raise ProtocolTooLarge(f"{self.rows} rows, at most {ROWS_MAX} are printed", passes="format=json")


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
