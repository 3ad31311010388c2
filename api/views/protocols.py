"""The view of a protocol of results: exact values, and each code with its word in the reader's language."""

from collections.abc import Callable
from typing import Self

from api.schemas import BinText, DecimalText, Instant, KatoText, MoneyText, SizesMap, Strict
from domain.ids import BidId, EvaluationId
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
from domain.reports.process import Party

Words = Callable[[str], str]


class CodedView(Strict):
    code: str
    words: str

    @classmethod
    def of(cls, kind: str, code: str, words: Words) -> Self:
        return cls(code=code, words=words(f"{kind}.{code}"))


class PartyView(Strict):
    bin: BinText
    name: str
    kato: KatoText

    @classmethod
    def of(cls, party: Party) -> Self:
        return cls(bin=party.bin, name=party.name, kato=party.kato)


class ParticipantView(Strict):
    """``party`` null: nobody could read the bid. ``contracts`` are numbers of the contracts that were concluded."""

    bid_id: BidId
    party: PartyView | None
    received_at: Instant | None
    contracts: list[str]

    @classmethod
    def of(cls, each: Participant) -> Self:
        return cls(
            bid_id=each.bid_id,
            party=PartyView.of(each.party) if each.party else None,
            received_at=each.received_at,
            contracts=list(each.contracts),
        )


class UnpassedView(Strict):
    """A rule that failed or could not be checked; ``line`` null: about the supplier as such."""

    rule: CodedView
    result: CodedView
    line: int | None


class AdmittedView(Strict):
    bid_id: BidId
    party: PartyView
    admitted: bool
    reason: CodedView | None
    rules: list[UnpassedView]

    @classmethod
    def of(cls, row: AdmissionRow, words: Words) -> Self:
        return cls(
            bid_id=row.bid_id,
            party=PartyView.of(row.party),
            admitted=row.admitted,
            reason=CodedView.of("reason", row.reason, words) if row.reason else None,
            rules=[
                UnpassedView(
                    rule=CodedView.of("rule", rule, words), result=CodedView.of("result", result, words), line=line
                )
                for rule, result, line in row.rules
            ],
        )


class RankView(Strict):
    """``compared_price`` is ``unit_price`` less ``discount_percent``, which is for comparison only."""

    rank: int
    bid_id: BidId
    party: PartyView
    unit_price: MoneyText
    discount_percent: DecimalText
    compared_price: MoneyText
    asked: int
    given: int
    bound: CodedView

    @classmethod
    def of(cls, row: RankRow, words: Words) -> Self:
        return cls(
            rank=row.rank,
            bid_id=row.bid_id,
            party=PartyView.of(row.party),
            unit_price=row.unit_price,
            discount_percent=row.discount_percent,
            compared_price=row.compared_price,
            asked=row.asked,
            given=row.given,
            bound=CodedView.of("bound", row.bound, words),
        )


class WinnerView(Strict):
    bid_id: BidId
    party: PartyView
    unit_price: MoneyText
    sizes: SizesMap
    pieces: int
    sum: MoneyText

    @classmethod
    def of(cls, row: WinnerRow) -> Self:
        return cls(
            bid_id=row.bid_id,
            party=PartyView.of(row.party),
            unit_price=row.unit_price,
            sizes=dict(row.cells),
            pieces=row.pieces,
            sum=row.sum,
        )


class ProtocolLineView(Strict):
    """``unfilled`` are pieces that nobody was given."""

    line: int
    name: str
    unit: CodedView
    pieces: int
    planned_price: MoneyText
    ranking: list[RankView]
    winners: list[WinnerView]
    unfilled: SizesMap

    @classmethod
    def of(cls, part: LinePart, words: Words) -> Self:
        return cls(
            line=part.number,
            name=part.name,
            unit=CodedView.of("unit", part.unit, words),
            pieces=part.pieces,
            planned_price=part.planned_price,
            ranking=[RankView.of(each, words) for each in part.ranking],
            winners=[WinnerView.of(each) for each in part.winners],
            unfilled=dict(part.unfilled),
        )


class ProtocolLotView(Strict):
    lot: int
    title: str
    allocated: MoneyText
    result: CodedView
    failure: CodedView | None
    awarded: MoneyText
    admissions: list[AdmittedView]
    lines: list[ProtocolLineView]

    @classmethod
    def of(cls, part: LotPart, words: Words) -> Self:
        return cls(
            lot=part.number,
            title=part.title,
            allocated=part.allocated,
            result=CodedView.of("lot", part.result, words),
            failure=CodedView.of("failure", part.failure, words) if part.failure else None,
            awarded=part.awarded,
            admissions=[AdmittedView.of(each, words) for each in part.admissions],
            lines=[ProtocolLineView.of(each, words) for each in part.lines],
        )


class FigureView(Strict):
    """``source`` null: the package of the tender is not the one that is installed, or the buyer set another value."""

    name: CodedView
    value: str
    source: str | None

    @classmethod
    def of(cls, row: FigureRow, words: Words) -> Self:
        return cls(name=CodedView.of("figure", row.name, words), value=row.value, source=row.source)


class ProtocolView(Strict):
    """``bundle`` names the bundle that proves it (``whole`` of ``GET /v1/tenders/{tender_id}/bundle``)."""

    number: str
    title: str
    buyer: PartyView
    procedure: str
    method: CodedView
    published_at: Instant | None
    closes_at: Instant | None
    opened_at: Instant | None
    evaluation_id: EvaluationId
    evaluated_at: Instant
    awarded_at: Instant | None
    complaints_until: Instant | None
    currency: str = "KZT"
    awarded: MoneyText
    participants: list[ParticipantView]
    lots: list[ProtocolLotView]
    figures: list[FigureView]
    engine: str
    effort: int
    bundle: str

    @classmethod
    def of(cls, protocol: ResultsProtocol, words: Words) -> Self:
        return cls(
            number=protocol.number,
            title=protocol.title,
            buyer=PartyView.of(protocol.buyer),
            procedure=protocol.procedure,
            method=CodedView.of("method", protocol.method, words),
            published_at=protocol.published_at,
            closes_at=protocol.closes_at,
            opened_at=protocol.opened_at,
            evaluation_id=protocol.evaluation_id,
            evaluated_at=protocol.evaluated_at,
            awarded_at=protocol.awarded_at,
            complaints_until=protocol.complaints_until,
            awarded=protocol.awarded,
            participants=[ParticipantView.of(each) for each in protocol.participants],
            lots=[ProtocolLotView.of(each, words) for each in protocol.lots],
            figures=[FigureView.of(each, words) for each in protocol.figures],
            engine=protocol.engine,
            effort=protocol.effort,
            bundle=protocol.bundle,
        )
