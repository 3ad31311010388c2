"""How much of one kind of goods a buyer buys in a year, against what the method allows (rules 687 p. 410).

Goods are homogeneous by the first six digits of their ENS TRU code. What is being bought counts as planned, what was
awarded as contracted, whatever the method; what was cancelled or has failed does not count. Sums are without VAT.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from domain.calendar import LEGAL_ZONE, legal_day
from domain.errors import Conflict, Flaw, Invalid, Titles
from domain.ids import TenderId
from domain.money import Money, total
from domain.procedures.rules import Rules
from domain.procedures.timeline import annual_threshold
from domain.tenders.model import Tender, TenderStatus

PURCHASES_SHOWN = 50
"""Of one group, the newest; sums and counts are of all of them."""


class ThresholdExceeded(Conflict):
    code = "threshold-exceeded"
    titles = Titles(
        "The year's limit of this method is exceeded",
        "Годовой предел этого способа закупки превышен",
        "Осы тәсілдің жылдық шегі асып кетті",
    )


class ThresholdUnknown(Invalid):
    """The method has a limit in MCI, and nobody entered the MCI of this year."""

    code = "threshold-unknown"
    titles = Titles(
        "The monthly calculation index of this year is not entered",
        "Месячный расчётный показатель этого года не введён",
        "Бұл жылдың айлық есептік көрсеткіші енгізілмеген",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """What one tender buys of a product group."""

    tender_id: TenderId
    number: str
    method: str
    status: TenderStatus
    published_at: datetime
    sum: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPurchases:
    """``sum`` and ``count`` are of all purchases of the group, ``largest`` of the largest one; ``shown`` is bounded."""

    group: str
    sum: Money
    count: int
    largest: Money
    shown: tuple[Purchase, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCheck:
    """``threshold`` None means that the method has no limit. ``others`` are the purchases beside ``own``."""

    group: str
    own: Money
    others: GroupPurchases | None
    threshold: Money | None

    @property
    def sum(self) -> Money:
        return self.own if self.others is None else self.own + self.others.sum

    @property
    def left(self) -> Money | None:
        """What could still be bought beside all of it; negative where the limit is exceeded."""
        return None if self.threshold is None else self.threshold - self.sum

    @property
    def exceeds(self) -> bool:
        return self.threshold is not None and self.sum > self.threshold

    @property
    def splitting(self) -> bool:
        """Several purchases, each below the limit, reach it together."""
        if self.threshold is None or self.others is None:
            return False
        return max(self.own, self.others.largest) < self.threshold <= self.sum


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdCheck:
    year: int
    method: str
    threshold: Money | None
    groups: tuple[GroupCheck, ...]


def legal_year(at: datetime) -> int:
    return legal_day(at).year


def year_bounds(year: int) -> tuple[datetime, datetime]:
    """The half-open interval of a calendar year in legal time."""
    return datetime(year, 1, 1, tzinfo=LEGAL_ZONE), datetime(year + 1, 1, 1, tzinfo=LEGAL_ZONE)


def group_sums(tender: Tender) -> dict[str, Money]:
    """Planned sums per first six digits of the product code."""
    sums: dict[str, Money] = {}
    for lot in tender.lots:
        for line in lot.lines:
            group = line.ens_tru[:6]
            sums[group] = sums[group] + line.sum if group in sums else line.sum
    return dict(sorted(sums.items()))


def threshold_on(rules: Rules, day: date) -> Money | None:
    """None where the method has no limit. Refuses (``threshold-unknown``) a year whose MCI nobody entered."""
    units = rules.whole("annual_threshold_mci")
    found = annual_threshold(rules, day)
    if units and found is None:
        raise ThresholdUnknown(
            f"{rules.procedure} limits {rules.method} to {units} MCI a year; no MCI is known for {day}",
            passes="a package that says the MCI of this year",
            mci=units,
            year=day.year,
        )
    return found


def check_threshold(tender: Tender, others: Iterable[GroupPurchases], *, rules: Rules, at: datetime) -> ThresholdCheck:
    """``others`` are the buyer's purchases beside the tender in the legal year of ``at``; own sums are the planned."""
    known: Mapping[str, GroupPurchases] = {each.group: each for each in others}
    threshold = threshold_on(rules, legal_day(at))
    return ThresholdCheck(
        year=legal_year(at),
        method=str(rules.method),
        threshold=threshold,
        groups=tuple(
            GroupCheck(group=group, own=own, others=known.get(group), threshold=threshold)
            for group, own in group_sums(tender).items()
        ),
    )


def must_not_exceed(check: ThresholdCheck) -> None:
    """Refuse (``threshold-exceeded``) goods of which the buyer would buy more in the year than the method allows."""
    above = [group for group in check.groups if group.exceeds]
    if not above or check.threshold is None:
        return
    first = above[0]
    bought = first.others.sum if first.others else total(())
    room = max(check.threshold - bought, total(()))
    flaws = tuple(
        Flaw(
            pointer="/lots",
            reason=f"{group.group}: {group.sum} in {check.year} with this tender",
            passes=f"at most {check.threshold}",
            rule="annual_threshold_mci",
        )
        for group in above
    )
    raise ThresholdExceeded(
        f"Goods {first.group}: {bought} bought in {check.year} and {first.own} here are more than {check.threshold}",
        flaws=flaws,
        passes=f"at most {room} of goods {first.group}, or a method without this limit",
        group=first.group,
        year=check.year,
        threshold=str(check.threshold.amount),
        bought=str(bought.amount),
        own=str(first.own.amount),
        sum=str(first.sum.amount),
    )
