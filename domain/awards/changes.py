"""One thing of an offer that might have been otherwise, and the problem as it would have been."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from domain.awards.problem import Free, Offer, Problem
from domain.awards.settling import OfferKey, key_of
from domain.garments import SizeRun
from domain.ids import BidId, OrganizationId
from domain.money import Money


class Changed(StrEnum):
    UNIT_PRICE = "unit_price"
    PIECES_MIN = "pieces_min"
    PIECES_MAX = "pieces_max"
    SIZES = "sizes"
    MINUTES = "minutes"
    """More free standard minutes until the lot's delivery day."""
    DECLARED_CAPACITY = "declared_capacity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """``present`` and ``needed`` are tenge, pieces or minutes; of sizes the pieces of the run, which stands in ``run``.
    ``pieces`` is what the bid would have been given of the lot. ``smallest``: it was confirmed that less does not do.
    """

    changed: Changed
    line: int
    bidder_id: OrganizationId
    present: Decimal
    needed: Decimal
    pieces: int
    run: SizeRun | None = None
    smallest: bool = True


def applied(problem: Problem, bid_id: BidId, lot: int, change: Change) -> Problem:
    """The problem as it would have been."""
    key = (lot, change.line, bid_id, change.bidder_id)
    match change.changed:
        case Changed.UNIT_PRICE:
            return _with_offer(problem, key, lambda offer: _priced(offer, Money(change.needed)))
        case Changed.PIECES_MIN:
            return _with_offer(problem, key, lambda offer: replace(offer, pieces_min=int(change.needed)))
        case Changed.PIECES_MAX:
            return _with_offer(problem, key, lambda offer: replace(offer, pieces_max=int(change.needed)))
        case Changed.SIZES:
            return _with_offer(problem, key, lambda offer: _widened(offer, change.run or offer.run))
        case Changed.MINUTES:
            return _with_minutes(problem, change.bidder_id, change.needed - change.present)
        case Changed.DECLARED_CAPACITY:
            product = next(each.product for each in problem.demands if (each.lot, each.line) == (lot, change.line))
            return replace(problem, units=problem.units | {f"{change.bidder_id}/{product}": int(change.needed)})


def _with_offer(problem: Problem, key: OfferKey, change: Callable[[Offer], Offer]) -> Problem:
    return replace(problem, offers=tuple(change(each) if key_of(each) == key else each for each in problem.offers))


def _priced(offer: Offer, price: Money) -> Offer:
    """No tier costs more than the price without it."""
    breaks = tuple(replace(each, unit_price=min(each.unit_price, price)) for each in offer.breaks)
    return replace(offer, unit_price=price, breaks=breaks)


def _widened(offer: Offer, run: SizeRun) -> Offer:
    """Who offered all pieces of his sizes offers all pieces of the new ones."""
    every = offer.pieces_max >= offer.run.pieces
    return replace(offer, run=run, pieces_max=run.pieces if every else offer.pieces_max)


def _with_minutes(problem: Problem, bidder_id: OrganizationId, more: Decimal) -> Problem:
    capacity = dict(problem.capacity or {})
    none = [Free(until=day, minutes=Decimal(0)) for day in sorted({demand.due_on for demand in problem.demands})]
    free = capacity.get(str(bidder_id)) or none
    capacity[str(bidder_id)] = tuple(replace(each, minutes=each.minutes + more) for each in free)
    return replace(problem, capacity=capacity)
