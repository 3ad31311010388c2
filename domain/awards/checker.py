"""An independent check of an allocation: shares no code with the engines, so that one mistake cannot hide in both."""

from collections import Counter
from decimal import Decimal

from domain.awards.allocation import Allocation, Problem


def violations(problem: Problem, allocation: Allocation) -> tuple[str, ...]:
    """Everything about the allocation that the problem forbids, in words; empty when it stands."""
    return (
        *_demand(problem, allocation),
        *_offers(problem, allocation),
        *_minutes(problem, allocation),
        *_units(problem, allocation),
    )


def _cells(
    problem: Problem, allocation: Allocation
) -> tuple[Counter[tuple[int, int, str]], Counter[tuple[int, int, str]]]:
    wanted: Counter[tuple[int, int, str]] = Counter()
    for demand in problem.demands:
        for size, pieces in demand.run.cells:
            wanted[demand.lot, demand.line, size] += pieces
    given: Counter[tuple[int, int, str]] = Counter()
    accounted = [(each.lot, each.line, each.run) for each in allocation.shares]
    accounted += [(each.lot, each.line, each.run) for each in allocation.unfilled]
    for lot, line, run in accounted:
        for size, pieces in run.cells:
            given[lot, line, size] += pieces
    return wanted, given


def _demand(problem: Problem, allocation: Allocation) -> list[str]:
    """Given and unfilled pieces together are the demand, cell by cell."""
    wanted, given = _cells(problem, allocation)
    return [
        f"lot {lot} line {line} size {size}: {wanted[lot, line, size]} asked, {given[lot, line, size]} accounted for"
        for lot, line, size in sorted(set(wanted) | set(given))
        if wanted[lot, line, size] != given[lot, line, size]
    ]


def _offers(problem: Problem, allocation: Allocation) -> list[str]:
    by_key = {(offer.lot, offer.line, offer.bid_id): offer for offer in problem.offers}
    found = []
    seen = set()
    for share in allocation.shares:
        key = (share.lot, share.line, share.bid_id)
        offer = by_key.get(key)
        if offer is None or offer.bidder_id != share.bidder_id:
            found.append(f"{key}: nobody offered this")
            continue
        if key in seen:
            found.append(f"{key}: awarded twice")
        seen.add(key)
        pieces = sum(count for _, count in share.run.cells)
        offered = dict(offer.run.cells)
        if share.unit_price != offer.unit_price:
            found.append(f"{key}: awarded at {share.unit_price}, offered at {offer.unit_price}")
        if any(count > offered.get(size, 0) for size, count in share.run.cells):
            found.append(f"{key}: sizes beyond the offer")
        if not offer.pieces_min <= pieces <= offer.pieces_max:
            found.append(f"{key}: {pieces} pieces, offered {offer.pieces_min} to {offer.pieces_max}")
    return found


def _minutes(problem: Problem, allocation: Allocation) -> list[str]:
    per_piece = {(demand.lot, demand.line): demand.standard_minutes for demand in problem.demands}
    used: dict[str, Decimal] = {}
    for share in allocation.shares:
        minutes = per_piece.get((share.lot, share.line), Decimal(0)) * sum(count for _, count in share.run.cells)
        used[str(share.bidder_id)] = used.get(str(share.bidder_id), Decimal(0)) + minutes
    used = {bidder: minutes for bidder, minutes in used.items() if minutes}
    found = [] if used == allocation.minutes_used else ["the minutes used are not what the shares come to"]
    if problem.minutes is not None:
        found += [
            f"{bidder}: {minutes} minutes, {problem.minutes.get(bidder, Decimal(0))} available"
            for bidder, minutes in sorted(used.items())
            if minutes > problem.minutes.get(bidder, Decimal(0))
        ]
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
