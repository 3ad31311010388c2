"""Constraints of a lot by name, and the problem without some of them: lifting one never makes less possible."""

from dataclasses import dataclass, replace
from enum import StrEnum

from domain.awards.problem import Demand, LotLimits, Offer, Problem
from domain.garments import SizeRun
from domain.money import Money


class Kind(StrEnum):
    SIZES = "sizes"
    MOST_PIECES = "most_pieces"
    LEAST_PIECES = "least_pieces"
    MINUTES = "minutes"
    DECLARED_CAPACITY = "declared_capacity"
    WINNERS_MAX = "winners_max"
    SHARE_MAX = "share_max"
    LOT_MINIMUM = "lot_minimum"
    QUOTA = "quota"
    EITHER_OR = "either_or"
    JOINT = "joint"
    OTHER_LOT = "other_lot"


@dataclass(frozen=True, slots=True, order=True)
class Constraint:
    """``number``: of a quota its place in the problem, of another lot its number."""

    kind: Kind
    number: int = 0


def within(problem: Problem, lots: frozenset[int]) -> Problem:
    """The same with these lots alone."""
    return replace(
        problem,
        demands=tuple(each for each in problem.demands if each.lot in lots),
        offers=tuple(each for each in problem.offers if each.lot in lots),
        packages=tuple(each for each in problem.packages if lots.issuperset(each.lots)),
        joints=tuple(each for each in problem.joints if each.lot in lots),
        limits=tuple(each for each in problem.limits if each.lot in lots),
    )


def together(problem: Problem, lot: int) -> frozenset[int]:
    """The lots whose awards can touch that of ``lot``: by a sewer's capacity, a bid's conditions or a quota, and theirs
    in turn.
    """
    ties: dict[object, set[int]] = {}
    counted = problem.capacity is not None or bool(problem.units)
    conditional = {each.bid_id for each in problem.either_or} | {each.bid_id for each in problem.packages}
    for offer in problem.offers:
        if counted:
            ties.setdefault(offer.bidder_id, set()).add(offer.lot)
        if offer.bid_id in conditional:
            ties.setdefault(("bid", offer.bid_id), set()).add(offer.lot)
    for index, quota in enumerate(problem.quotas):
        ties[index] = set(quota.lots)
    found, grown = {lot}, True
    while grown:
        more = {other for lots in ties.values() if lots & found for other in lots}
        grown = not more <= found
        found |= more
    return frozenset(found)


def constraints(problem: Problem, lot: int) -> tuple[Constraint, ...]:
    """Those that are there; the buyer's own last, so that they stand in a minimal set rather than the bidders'."""
    offers = [each for each in problem.offers if each.lot == lot]
    limits = next((each for each in problem.limits if each.lot == lot), LotLimits(lot=lot))
    sewers = {str(each.bidder_id) for each in offers}
    there = {
        Kind.EITHER_OR: bool(problem.either_or),
        Kind.JOINT: any(each.lot == lot for each in problem.joints),
        Kind.LEAST_PIECES: any(each.pieces_min > 1 for each in offers),
        Kind.SIZES: True,
        Kind.MOST_PIECES: True,
        Kind.DECLARED_CAPACITY: any(key.split("/")[0] in sewers for key in problem.units),
        Kind.MINUTES: problem.capacity is not None,
    }
    by_the_buyer = {
        Kind.LOT_MINIMUM: limits.pieces_min > 1,
        Kind.SHARE_MAX: limits.share_percent_max is not None,
        Kind.WINNERS_MAX: limits.winners_max is not None,
    }
    return (
        *(Constraint(Kind.OTHER_LOT, other) for other in sorted({each.lot for each in problem.demands} - {lot})),
        *(Constraint(kind) for kind, stands in there.items() if stands),
        *(Constraint(Kind.QUOTA, index) for index, quota in enumerate(problem.quotas) if lot in quota.lots),
        *(Constraint(kind) for kind, stands in by_the_buyer.items() if stands),
    )


def lifted(problem: Problem, lot: int, gone: frozenset[Constraint]) -> Problem:
    """The problem without these constraints on the lot. A lot that is lifted may still be given, in whole or in part,
    and costs nothing open.
    """
    kinds = {each.kind for each in gone}
    others = {each.number for each in gone if each.kind is Kind.OTHER_LOT}
    quotas = {each.number for each in gone if each.kind is Kind.QUOTA}
    runs = {each.line: each.run for each in problem.demands if each.lot == lot}
    return replace(
        problem,
        demands=tuple(_optional(each) if each.lot in others else each for each in problem.demands),
        offers=tuple(_freed(each, runs[each.line], kinds) if each.lot == lot else each for each in problem.offers),
        capacity=None if Kind.MINUTES in kinds else problem.capacity,
        units={} if Kind.DECLARED_CAPACITY in kinds else problem.units,
        either_or=() if Kind.EITHER_OR in kinds else problem.either_or,
        joints=tuple(each for each in problem.joints if each.lot != lot or Kind.JOINT not in kinds),
        quotas=tuple(each for index, each in enumerate(problem.quotas) if index not in quotas),
        limits=tuple(
            replace(
                each,
                winners_max=None if Kind.WINNERS_MAX in kinds else each.winners_max,
                share_percent_max=None if Kind.SHARE_MAX in kinds else each.share_percent_max,
                pieces_min=1 if Kind.LOT_MINIMUM in kinds else each.pieces_min,
            )
            if each.lot == lot
            else each
            for each in problem.limits
        ),
    )


def _optional(demand: Demand) -> Demand:
    return replace(demand, partial=True, planned_price=Money(demand.planned_price.amount * 0))


def _freed(offer: Offer, asked: SizeRun, kinds: set[Kind]) -> Offer:
    """Sizes alone leave the most pieces as they are, unless that is all pieces of the sizes."""
    least = 1 if Kind.LEAST_PIECES in kinds else offer.pieces_min
    if Kind.SIZES not in kinds:
        most = offer.run.pieces if Kind.MOST_PIECES in kinds else offer.pieces_max
        return replace(offer, pieces_min=least, pieces_max=most)
    cells = dict(offer.run.cells)
    run = SizeRun.of(offer.run.grid, cells | {size: max(count, cells.get(size, 0)) for size, count in asked.cells})
    every = Kind.MOST_PIECES in kinds or offer.pieces_max >= offer.run.pieces
    return replace(offer, pieces_min=least, run=run, pieces_max=run.pieces if every else offer.pieces_max)
