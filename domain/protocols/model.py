"""The protocol of results: who took part, who was admitted and why not, how offers ranked, and who sews what.

A pure value from an evaluated tender. It adds nothing to the evaluation and decides nothing; codes stay codes, and are
put into words where the document is written (``ports.Documents``).
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from domain.awards.allocation import Bound
from domain.awards.model import LotResult, RejectionReason
from domain.errors import Conflict, Titles
from domain.garments import Size, Unit
from domain.ids import BidId, EvaluationId
from domain.money import Money, total
from domain.organizations.verdict import Result
from domain.procedures.vocabulary import Failure, Method
from domain.reports.process import Party

ROWS_MAX = 20_000


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
