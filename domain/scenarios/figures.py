"""What scenarios are compared by: sums, winners, regions, small workshops, what capacity is left."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from domain.awards.allocation import Allocation
from domain.awards.problem import Problem
from domain.awards.settling import worth
from domain.ids import REGIONS, region_of
from domain.money import Money
from domain.scenarios.rules import BidderFacts

_STEP = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Pieces of those that are given, and their percent of them."""

    pieces: int
    percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """``cost`` is what is paid, ``worth`` what is compared (``problem.py``). ``regions`` are by the first two digits of
    KATO, the largest part first. ``minutes_free`` is what the winners had until their last day, ``minutes_left`` what
    this award leaves of it; None where minutes are not counted.
    """

    cost: Money
    worth: Money
    lots: int
    lots_filled: int
    pieces: int
    pieces_given: int
    winners: int
    regions: dict[str, Part]
    small: Part
    new: Part
    minutes_free: Decimal | None
    minutes_left: Decimal | None

    @property
    def left_percent(self) -> Decimal | None:
        if not self.minutes_free or self.minutes_left is None:
            return None
        return (self.minutes_left * 100 / self.minutes_free).quantize(_STEP, ROUND_HALF_UP)


def figures(problem: Problem, allocation: Allocation, facts: Mapping[str, BidderFacts]) -> Figures:
    """Of what was given to bidders of whom ``facts`` are known (by bidder id as text)."""
    lots = {demand.lot for demand in problem.demands}
    pieces = Counter[str]()
    for share in allocation.shares:
        pieces[str(share.bidder_id)] += share.run.pieces
    given = pieces.total()
    regions = Counter[str]()
    for bidder, count in pieces.items():
        regions[region_of(facts[bidder].kato)] += count
    free = _minutes_free(problem, pieces)
    return Figures(
        cost=allocation.total,
        worth=worth(problem, allocation),
        lots=len(lots),
        lots_filled=len(lots - {each.lot for each in allocation.unfilled}),
        pieces=sum(demand.run.pieces for demand in problem.demands),
        pieces_given=given,
        winners=len({share.bid_id for share in allocation.shares}),
        regions={
            region: _part(count, given)
            for region, count in sorted(regions.items(), key=lambda pair: (-pair[1], pair[0]))
            if region in REGIONS
        },
        small=_part(sum(count for bidder, count in pieces.items() if facts[bidder].is_small), given),
        new=_part(sum(count for bidder, count in pieces.items() if facts[bidder].is_new), given),
        minutes_free=free,
        minutes_left=None if free is None else free - sum(allocation.minutes_used.values(), Decimal(0)),
    )


def percent_less(before: Money, after: Money) -> Decimal:
    """How much less is paid than before, in percent; negative where it is more."""
    if not before.amount:
        return Decimal(0).quantize(_STEP)
    return ((before.amount - after.amount) * 100 / before.amount).quantize(_STEP, ROUND_HALF_UP)


def _part(pieces: int, of: int) -> Part:
    percent = Decimal(pieces * 100) / of if of else Decimal(0)
    return Part(pieces=pieces, percent=percent.quantize(_STEP, ROUND_HALF_UP))


def _minutes_free(problem: Problem, winners: Mapping[str, int]) -> Decimal | None:
    if problem.capacity is None:
        return None
    until_last = (problem.capacity.get(bidder, ()) for bidder in winners)
    return sum((free[-1].minutes for free in until_last if free), Decimal(0))
