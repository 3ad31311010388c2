"""The domestic share of what was contracted, by buyer, supplier's region or product.

The domestic sum of a contract line is its sum x the local content that its evidence states (percent; 0 without
evidence), rounded half up to the tiyn. It is rounded line by line, so the three groupings have the same totals.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from domain.actors import Actor, OrganizationKind
from domain.calendar import LEGAL_ZONE
from domain.errors import Flaw, Invalid, NotPermitted, Titles
from domain.ids import REGIONS, OrganizationId
from domain.money import Money
from domain.reports.tables import Cell, Table

ROWS_MAX = 5000
_HUNDREDTH = Decimal("0.01")


class Grouping(StrEnum):
    BUYER = "buyer"
    REGION = "region"
    """Of the supplier: the first two digits of KATO."""
    PRODUCT = "product"
    """The first six digits of the ENS TRU code."""


class PeriodRefused(Invalid):
    code = "period-refused"
    titles = Titles("The period is not possible", "Период указан неверно", "Кезең дұрыс көрсетілмеген")


class ReportTooLarge(Invalid):
    code = "report-too-large"
    titles = Titles("The report is too large", "Отчёт слишком велик", "Есеп тым үлкен")


EARLIEST_DAY = date(1900, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Legal days, half-open: ``begins_on`` counts, ``ends_on`` does not; None is without a bound.

    Refuses (``period-refused``) a period that is empty, and days so early that their midnight has no instant in UTC.
    """

    begins_on: date | None = None
    ends_on: date | None = None

    def __post_init__(self) -> None:
        for name, day in (("from", self.begins_on), ("to", self.ends_on)):
            if day is not None and day < EARLIEST_DAY:
                flaw = Flaw(pointer=f"query:{name}", reason="too early", passes=f"{EARLIEST_DAY} or later")
                raise PeriodRefused("The period lies before all contracts", flaws=(flaw,), passes=flaw.passes)
        if self.begins_on is not None and self.ends_on is not None and self.begins_on >= self.ends_on:
            passes = f"a day after {self.begins_on}"
            flaw = Flaw(pointer="query:to", reason="not after from; the day itself does not count", passes=passes)
            raise PeriodRefused("The period ends before it begins", flaws=(flaw,), passes=passes)

    @property
    def begins_at(self) -> datetime | None:
        return _midnight(self.begins_on)

    @property
    def ends_at(self) -> datetime | None:
        return _midnight(self.ends_on)


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), LEGAL_ZONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One group, or the total. ``key`` is a BIN, a region's two digits or six digits of a product; sums without VAT."""

    key: str
    name: str
    contracts: int
    pieces: int
    contracted: Money
    domestic: Money
    paid: Money

    @property
    def percent(self) -> Decimal:
        """Domestic of contracted, two decimals, half up; 0.00 of nothing."""
        return percent_of(self.domestic, self.contracted)


def percent_of(part: Money, whole: Money) -> Decimal:
    if whole.amount == 0:
        return Decimal("0.00")
    return (part.amount * 100 / whole.amount).quantize(_HUNDREDTH, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class DomesticShare:
    """Contracts concluded in ``period``, whatever their status, as they stood at ``as_of``; rows by key."""

    by: Grouping
    period: Period
    as_of: datetime
    rows: tuple[Share, ...]
    total: Share


def scope(actor: Actor) -> OrganizationId | None:
    """Whose contracts the actor may count: None is everybody's. Refuses (``not-permitted``) all but two audiences."""
    if actor.is_auditor:
        return None
    if actor.kind is OrganizationKind.BUYER:
        return actor.organization_id
    raise NotPermitted("The report is for auditors and, of their own contracts, buyers", passes="the role auditor")


def group_name(by: Grouping, key: str, buyer: str | None) -> str:
    match by:
        case Grouping.BUYER:
            return buyer or ""
        case Grouping.REGION:
            return REGIONS.get(key, "")
        case Grouping.PRODUCT:
            return f"KPVED {key}"


_KEYS = {Grouping.BUYER: "bin", Grouping.REGION: "region", Grouping.PRODUCT: "product"}


def as_table(report: DomesticShare, *, as_of: str) -> Table:
    """The report as a table, its total as the last row; ``as_of`` is the report's instant as text."""
    columns = (
        *(_KEYS[report.by], "name", "contracts", "pieces"),
        *("contracted_kzt", "domestic_kzt", "share_percent", "paid_kzt"),
    )
    bounds = (report.period.begins_on, report.period.ends_on)
    begins, ends = ("" if day is None else day.isoformat() for day in bounds)
    return Table(
        name=f"domestic-share-by-{report.by}",
        columns=columns,
        rows=tuple(_cells(row) for row in (*report.rows, report.total)),
        notes=(
            ("Concluded from", begins),
            ("Concluded before", ends),
            ("As of", as_of),
            ("Sums", "KZT without VAT"),
            ("Domestic sum", "line sum x local content of its evidence, rounded half up to the tiyn, 0 without"),
        ),
    )


def _cells(row: Share) -> tuple[Cell, ...]:
    sums = (row.contracted.amount, row.domestic.amount, row.percent, row.paid.amount)
    return (row.key, row.name, row.contracts, row.pieces, *sums)
