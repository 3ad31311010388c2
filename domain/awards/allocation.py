"""Split award: which sewer sews how many pieces of which size at which price, as values.

Pieces are whole; every piece of the demand stands either in a share or among the unfilled. Engines (``solution.py``)
make allocations, ``checker.py`` judges them.
"""

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum

from domain.garments import SizeRun
from domain.ids import BidId, OrganizationId
from domain.money import Money, total


class Bound(StrEnum):
    """What kept an offer from getting more."""

    NOTHING = "nothing"
    DEMAND = "demand"
    OFFER = "offer"
    MINUTES = "minutes"
    DECLARED_CAPACITY = "declared_capacity"
    LEAST_PIECES = "least_pieces"
    WINNERS_MAX = "winners_max"
    """The lot has as many winners as the buyer allows, or this one, with the fewest pieces, made way for another."""
    SHARE_MAX = "share_max"
    """No bid may have a larger part of the lot."""
    LOT_MINIMUM = "lot_minimum"
    """Its bid would have had fewer pieces of the lot than the buyer allows."""
    EITHER_OR = "either_or"
    """Its bid has won another lot that excludes this one."""
    JOINT = "joint"
    """Some member of the consortium could not be given its least number."""
    QUOTA = "quota"
    """What is left is reserved for the bidders of a quota."""
    LOT_NOT_FILLED = "lot_not_filled"
    """All offers together do not fill the lot, so nobody is given anything of it."""
    SOLVED = "solved"
    """No single rule: the engine weighed all offers together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """``unit_price`` is what is paid per piece, after tier and package. A bid may have several sewers on one line."""

    lot: int
    line: int
    bid_id: BidId
    bidder_id: OrganizationId
    unit_price: Money
    run: SizeRun

    @property
    def sum(self) -> Money:
        return self.unit_price * self.run.pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceStep:
    """``rank`` from 1 within the line, by the compared price of ``unit_price``: that of the tier which the offer could
    reach; ``asked`` is the most that the offer allows, ``given`` what it got.
    """

    lot: int
    line: int
    rank: int
    bid_id: BidId
    bidder_id: OrganizationId
    unit_price: Money
    asked: int
    given: int
    bound: Bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfilled:
    lot: int
    line: int
    run: SizeRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """``minutes_used`` is per bidder id (text), over all lots."""

    shares: tuple[Share, ...]
    unfilled: tuple[Unfilled, ...]
    minutes_used: dict[str, Decimal]
    trace: tuple[TraceStep, ...]

    @property
    def total(self) -> Money:
        return total(share.sum for share in self.shares)

    def fills(self, lot: int) -> bool:
        return not any(each.lot == lot for each in self.unfilled)


def minutes_until(per_week: Decimal, *, days: int, booked: Decimal) -> Decimal:
    """Standard minutes that a workshop has in ``days`` days: whole weeks and a part of a week pro rata by days,
    less what is booked; never negative, rounded down to 0.01.
    """
    available = per_week * max(days, 0) / 7 - booked
    return max(available, Decimal(0)).quantize(Decimal("0.01"), ROUND_FLOOR)
