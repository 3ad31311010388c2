"""An independent check of an allocation: shares no code with the engines, so that one mistake cannot hide in both.

It reads the values of the problem and works everything out itself: prices, packages, minutes, worth.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from domain.awards.allocation import Allocation, Share
from domain.awards.checker_limits import Facts, bid_violations, lot_violations
from domain.awards.problem import Offer, Problem
from domain.awards.solution import Proof, Solution
from domain.errors import Conflict, Titles

_UNFILLED_TIMES = 10


class AllocationRefused(Conflict):
    """Nobody is awarded anything from an allocation that breaks its own problem."""

    code = "allocation-refused"
    titles = Titles(
        "The allocation breaks a rule of its problem",
        "Распределение нарушает условия задачи",
        "Бөлу есептің шартын бұзады",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """An allocation that stands. There is no other way to make one than to check it, and awards take nothing else.

    Refuses (``allocation-refused``) what the problem forbids.
    """

    problem: Problem
    allocation: Allocation

    def __post_init__(self) -> None:
        found = violations(self.problem, self.allocation)
        if found:
            told = "; ".join(found[:5])
            raise AllocationRefused(f"The allocation does not stand: {told}", passes="another evaluation")

    def shares(self, lots: tuple[int, ...]) -> tuple[Share, ...]:
        return tuple(share for share in self.allocation.shares if share.lot in lots)


def violations(problem: Problem, allocation: Allocation) -> tuple[str, ...]:
    """Everything about the allocation that the problem forbids, in words; empty when it stands."""
    facts = Facts.of(problem, allocation)
    return (
        *_demand(problem, allocation),
        *_lots(problem, allocation),
        *_offers(problem, allocation, facts),
        *_minutes(problem, allocation),
        *_units(problem, allocation),
        *bid_violations(problem, allocation, facts),
        *lot_violations(problem, facts),
    )


def misstatements(problem: Problem, solution: Solution) -> tuple[str, ...]:
    """The violations of a solution's allocation, and what the solution says of it that is not so."""
    found = violations(problem, solution.allocation)
    if found:
        return found
    worth = _worth(problem, solution.allocation)
    said = []
    if solution.worth.amount != worth:
        said.append(f"said to be worth {solution.worth.amount}, it is {worth}")
    if solution.bound is not None and solution.bound.amount > worth:
        said.append(f"worth {worth}, less than the bound {solution.bound.amount}")
    if solution.proof is Proof.OPTIMAL and (solution.bound is None or solution.bound.amount != worth):
        said.append("said to be the best, and the bound does not say so")
    if solution.proof is Proof.BOUNDED and solution.bound is None:
        said.append("said to be bounded, without a bound")
    return tuple(said)


def _demand(problem: Problem, allocation: Allocation) -> list[str]:
    """Given and unfilled pieces together are the demand, cell by cell."""
    wanted: Counter[tuple[int, int, str]] = Counter()
    for demand in problem.demands:
        for size, pieces in demand.run.cells:
            wanted[demand.lot, demand.line, size] += pieces
    found: Counter[tuple[int, int, str]] = Counter()
    accounted = [(each.lot, each.line, each.run) for each in allocation.shares]
    accounted += [(each.lot, each.line, each.run) for each in allocation.unfilled]
    for lot, line, run in accounted:
        for size, pieces in run.cells:
            found[lot, line, size] += pieces
    return [
        f"lot {lot} line {line} size {size}: {wanted[lot, line, size]} asked, {found[lot, line, size]} accounted for"
        for lot, line, size in sorted(set(wanted) | set(found))
        if wanted[lot, line, size] != found[lot, line, size]
    ]


def _lots(problem: Problem, allocation: Allocation) -> list[str]:
    """A lot is filled or gets nothing, unless it may be awarded in part."""
    partial = {demand.lot for demand in problem.demands if demand.partial}
    whole = {demand.lot for demand in problem.demands if not demand.partial}
    given = {share.lot for share in allocation.shares}
    open_lots = {each.lot for each in allocation.unfilled}
    return [
        *(f"lot {lot}: some lines may be awarded in part and others not" for lot in sorted(partial & whole)),
        *(f"lot {lot}: given in part, to be given whole or not at all" for lot in sorted(given & open_lots & whole)),
    ]


def _offers(problem: Problem, allocation: Allocation, facts: Facts) -> list[str]:
    by_key = {(offer.lot, offer.line, offer.bid_id, offer.bidder_id): offer for offer in problem.offers}
    found = []
    seen = set()
    for share in allocation.shares:
        key = (share.lot, share.line, share.bid_id, share.bidder_id)
        name = f"lot {share.lot} line {share.line} bid {share.bid_id} sewer {share.bidder_id}"
        offer = by_key.get(key)
        if offer is None:
            found.append(f"{name}: nobody offered this")
            continue
        if key in seen:
            found.append(f"{name}: awarded twice")
        seen.add(key)
        pieces = sum(count for _, count in share.run.cells)
        offered = dict(offer.run.cells)
        price = _price(offer, pieces, facts.package_percent(offer.bid_id, offer.lot))
        if (share.unit_price.amount, share.unit_price.currency) != (price, offer.unit_price.currency):
            found.append(f"{name}: awarded at {share.unit_price}, {pieces} pieces are offered at {price}")
        if any(count > offered.get(size, 0) for size, count in share.run.cells):
            found.append(f"{name}: sizes beyond the offer")
        if not max(offer.pieces_min, 1) <= pieces <= offer.pieces_max:
            found.append(f"{name}: {pieces} pieces, offered {offer.pieces_min} to {offer.pieces_max}")
    return found


def _price(offer: Offer, pieces: int, package_percent: Decimal) -> Decimal:
    """Of the breaks that are reached the one from the most pieces counts, less the package's percent."""
    reached = [each for each in offer.breaks if each.pieces_from <= pieces]
    full = max(reached, key=lambda each: each.pieces_from).unit_price if reached else offer.unit_price
    return (full.amount - full.amount * package_percent / 100).quantize(Decimal("0.01"), ROUND_DOWN)


def _minutes(problem: Problem, allocation: Allocation) -> list[str]:
    lines = {(demand.lot, demand.line): demand for demand in problem.demands}
    days = sorted({demand.due_on for demand in problem.demands})
    used: dict[str, Decimal] = {}
    by_day: dict[tuple[str, int], Decimal] = {}
    for share in allocation.shares:
        demand = lines.get((share.lot, share.line))
        if demand is None:
            continue
        bidder, minutes = str(share.bidder_id), demand.standard_minutes * sum(count for _, count in share.run.cells)
        used[bidder] = used.get(bidder, Decimal(0)) + minutes
        for index, day in enumerate(days):
            if demand.due_on <= day:
                by_day[bidder, index] = by_day.get((bidder, index), Decimal(0)) + minutes
    used = {bidder: minutes for bidder, minutes in used.items() if minutes}
    found = [] if used == allocation.minutes_used else ["the minutes used are not what the shares come to"]
    if problem.capacity is None:
        return found
    for (bidder, index), minutes in sorted(by_day.items()):
        free = Decimal(0)
        for each in problem.capacity.get(bidder, ()):
            if each.until <= days[index]:
                free = each.minutes
        if minutes > free:
            found.append(f"{bidder}: {minutes} minutes until {days[index]}, {free} free")
    return found


def _units(problem: Problem, allocation: Allocation) -> list[str]:
    """Nobody is given more of a product than his declared capacity leaves, over all lines and lots."""
    products = {(demand.lot, demand.line): demand.product for demand in problem.demands}
    given: Counter[str] = Counter()
    for share in allocation.shares:
        product = products.get((share.lot, share.line), "?")
        given[f"{share.bidder_id}/{product}"] += sum(count for _, count in share.run.cells)
    return [
        f"{capacity}: {given[capacity]} pieces, {left} left of the declared capacity"
        for capacity, left in sorted(problem.units.items())
        if given[capacity] > max(left, 0)
    ]


def _worth(problem: Problem, allocation: Allocation) -> Decimal:
    return sum(_costs(problem, allocation), Decimal("0.00"))


def _costs(problem: Problem, allocation: Allocation) -> Iterator[Decimal]:
    percents = {
        (offer.lot, offer.line, offer.bid_id, offer.bidder_id): offer.discount_percent for offer in problem.offers
    }
    planned = {(demand.lot, demand.line): demand.planned_price.amount for demand in problem.demands}
    for share in allocation.shares:
        percent = percents[share.lot, share.line, share.bid_id, share.bidder_id]
        price = share.unit_price.amount * (100 - percent) / 100
        yield price.quantize(Decimal("0.01"), ROUND_HALF_UP) * sum(count for _, count in share.run.cells)
    for each in allocation.unfilled:
        yield planned[each.lot, each.line] * sum(count for _, count in each.run.cells) * _UNFILLED_TIMES
