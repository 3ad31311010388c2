"""A scenario of one lot: its problem beside what the other lots were awarded, and the way back into the whole.

The others keep what they were given. So of a sewer's minutes, of his declared capacity and of either-or the lot has
what they leave; a package whose other lots have reached their least number is the lot's own.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.awards.allocation import Allocation, Share
from domain.awards.problem import Free, PackageDiscount, Problem
from domain.awards.settling import key_of, settle
from domain.ids import BidId


def of_lot(problem: Problem, lot: int, beside: Allocation) -> Problem:
    """The problem of ``lot`` alone, as ``beside`` leaves it."""
    others = tuple(share for share in beside.shares if share.lot != lot)
    won = {(share.bid_id, share.lot) for share in others}
    barred = {
        group.bid_id
        for group in problem.either_or
        if lot in group.lots and any((group.bid_id, other) in won for other in group.lots)
    }
    offers = tuple(each for each in problem.offers if each.lot == lot and each.bid_id not in barred)
    bids = {each.bid_id for each in offers}
    return replace(
        problem,
        demands=tuple(each for each in problem.demands if each.lot == lot),
        offers=offers,
        capacity=_capacity(problem, lot, others),
        units=_units(problem, others),
        either_or=(),
        packages=tuple(each for each in _packages(problem, lot, others) if each.bid_id in bids),
        joints=tuple(each for each in problem.joints if each.lot == lot and each.bid_id in bids),
        limits=tuple(each for each in problem.limits if each.lot == lot),
        quotas=tuple(each for each in problem.quotas if each.lots == (lot,)),
    )


def lot_part(problem: Problem, allocation: Allocation, lot: int) -> Allocation:
    """What the allocation says of one lot."""
    per_piece = {(demand.lot, demand.line): demand.standard_minutes for demand in problem.demands}
    shares = tuple(share for share in allocation.shares if share.lot == lot)
    used: dict[str, Decimal] = {}
    for share in shares:
        bidder = str(share.bidder_id)
        used[bidder] = used.get(bidder, Decimal(0)) + per_piece[share.lot, share.line] * share.run.pieces
    return Allocation(
        shares=shares,
        unfilled=tuple(each for each in allocation.unfilled if each.lot == lot),
        minutes_used=used,
        trace=tuple(each for each in allocation.trace if each.lot == lot),
    )


def widened(problem: Problem, allocation: Allocation, part: Problem, solved: Allocation) -> tuple[Problem, Allocation]:
    """The whole with the one lot of ``part`` awarded as ``solved``, everything priced anew: a package may be reached
    or lost by it. Whether the whole stands is for the checker to say.
    """
    lot = part.demands[0].lot
    whole = replace(
        problem,
        limits=(*(each for each in problem.limits if each.lot != lot), *part.limits),
        quotas=(*(each for each in problem.quotas if each.lots != (lot,)), *part.quotas),
    )
    shares = [share for share in allocation.shares if share.lot != lot] + list(solved.shares)
    steps = [step for step in allocation.trace if step.lot != lot] + list(solved.trace)
    steps.sort(key=lambda step: (step.lot, step.line, step.rank))
    return whole, settle(whole, {key_of(share): share.run for share in shares}, tuple(steps))


def _capacity(problem: Problem, lot: int, others: Iterable[Share]) -> dict[str, tuple[Free, ...]] | None:
    """Until each day of the lot what is left until then, and until any later day: minutes are counted together."""
    if problem.capacity is None:
        return None
    lines = {(demand.lot, demand.line): demand for demand in problem.demands}
    days = {demand.due_on for demand in problem.demands if demand.lot == lot}
    used: dict[str, list[tuple[date, Decimal]]] = {}
    for share in others:
        demand = lines[share.lot, share.line]
        used.setdefault(str(share.bidder_id), []).append((demand.due_on, demand.standard_minutes * share.run.pieces))
    left: dict[str, tuple[Free, ...]] = {}
    for bidder, free in problem.capacity.items():
        taken = [
            Free(
                until=each.until,
                minutes=each.minutes
                - sum((minutes for day, minutes in used.get(bidder, ()) if day <= each.until), Decimal(0)),
            )
            for each in free
        ]
        left[bidder] = tuple(
            Free(until=each.until, minutes=max(min(later.minutes for later in taken[index:]), Decimal(0)))
            for index, each in enumerate(taken)
            if each.until in days
        )
    return left


def _units(problem: Problem, others: Iterable[Share]) -> dict[str, int]:
    products = {(demand.lot, demand.line): demand.product for demand in problem.demands}
    given = Counter[str]()
    for share in others:
        given[f"{share.bidder_id}/{products[share.lot, share.line]}"] += share.run.pieces
    return {capacity: max(left - given[capacity], 0) for capacity, left in problem.units.items()}


def _packages(problem: Problem, lot: int, others: Iterable[Share]) -> Iterator[PackageDiscount]:
    pieces = Counter[tuple[BidId, int]]()
    for share in others:
        pieces[share.bid_id, share.lot] += share.run.pieces
    for package in problem.packages:
        beside = (other for other in package.lots if other != lot)
        if lot in package.lots and all(pieces[package.bid_id, other] >= package.pieces_min for other in beside):
            yield replace(package, lots=(lot,))
