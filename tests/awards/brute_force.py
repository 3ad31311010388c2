"""The least worth of a small problem, by trying everything. Exact, slow, and nothing of the engines' or the checker's.

Costs and bounds depend on how many pieces each offer is given, and not on their sizes; so first come all numbers of
pieces that some distribution of the sizes allows, line by line, then all combinations of them.
"""

from collections.abc import Iterator
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from itertools import product

from domain.awards.problem import Demand, LotLimits, Offer, Problem

Given = dict[int, int]
"""Pieces by the offer's index in the problem."""
TIYN = Decimal("0.01")


def least_worth(problem: Problem) -> Decimal:
    """The worth of doing nothing at all, or of something better."""
    choices = [_lot(problem, lot) for lot in sorted({demand.lot for demand in problem.demands})]
    return min(_worth(problem, given) for given in _combined(problem, choices, {}) if _quotas_allow(problem, given))


def _combined(problem: Problem, choices: list[list[Given]], so_far: Given) -> Iterator[Given]:
    """Lot after lot; minutes, units and either-or only get tighter, so what breaks them is left at once."""
    if not choices:
        yield so_far
        return
    for choice in choices[0]:
        given = so_far | choice
        if not choice or _sewers_allow(problem, given):
            yield from _combined(problem, choices[1:], given)


def _lot(problem: Problem, lot: int) -> list[Given]:
    demands = [demand for demand in problem.demands if demand.lot == lot]
    pieces = sum(demand.run.pieces for demand in demands)
    choices: list[Given] = [{}]
    for lines in product(*(_line(problem, demand) for demand in demands)):
        given = {index: count for line in lines for index, count in line.items() if count}
        if given and _lot_allows(problem, lot, pieces, given):
            choices.append(given)
    return choices


def _line(problem: Problem, demand: Demand) -> list[Given]:
    """Every number of pieces per offer that fills the line (or a part of it where that is allowed)."""
    offers = [
        (index, offer)
        for index, offer in enumerate(problem.offers)
        if (offer.lot, offer.line) == (demand.lot, demand.line)
    ]
    sums = {(0,) * len(offers)}
    for size, count in demand.run.cells:
        most = [min(dict(offer.run.cells).get(size, 0), count) for _, offer in offers]
        parts = [
            part
            for part in product(*(range(each + 1) for each in most))
            if sum(part) == count or (demand.partial and sum(part) < count)
        ]
        sums = {tuple(a + b for a, b in zip(one, part, strict=True)) for one in sums for part in parts}
    return [
        {index: pieces for (index, _), pieces in zip(offers, given, strict=True)}
        for given in sorted(sums)
        if all(
            pieces == 0 or offer.pieces_min <= pieces <= offer.pieces_max
            for (_, offer), pieces in zip(offers, given, strict=True)
        )
    ]


def _lot_allows(problem: Problem, lot: int, pieces: int, given: Given) -> bool:
    of_bids: dict[object, int] = {}
    for index, count in given.items():
        bid = problem.offers[index].bid_id
        of_bids[bid] = of_bids.get(bid, 0) + count
    for joint in problem.joints:
        if joint.lot == lot and joint.bid_id in of_bids:
            mine = [i for i, each in enumerate(problem.offers) if (each.bid_id, each.lot) == (joint.bid_id, lot)]
            if any(index not in given for index in mine):
                return False
    for limits in problem.limits:
        if limits.lot == lot and not _limits_allow(limits, pieces, list(of_bids.values())):
            return False
    return True


def _limits_allow(limits: LotLimits, pieces: int, of_bids: list[int]) -> bool:
    if limits.winners_max is not None and len(of_bids) > limits.winners_max:
        return False
    if limits.share_percent_max is not None:
        cap = int(limits.share_percent_max * pieces // 100)
        if max(of_bids) > cap:
            return False
    return min(of_bids) >= limits.pieces_min


def _sewers_allow(problem: Problem, given: Given) -> bool:
    lines = {(demand.lot, demand.line): demand for demand in problem.demands}
    for group in problem.either_or:
        lots = {problem.offers[i].lot for i in given if problem.offers[i].bid_id == group.bid_id}
        if len(lots & set(group.lots)) > 1:
            return False
    for bidder in {problem.offers[i].bidder_id for i in given}:
        mine = [(problem.offers[i], count) for i, count in given.items() if problem.offers[i].bidder_id == bidder]
        if problem.capacity is not None:
            for free in problem.capacity.get(str(bidder), ()):
                until = [(o, n) for o, n in mine if lines[o.lot, o.line].due_on <= free.until]
                if sum(lines[o.lot, o.line].standard_minutes * n for o, n in until) > free.minutes:
                    return False
        for demand in problem.demands:
            left = problem.units.get(f"{bidder}/{demand.product}")
            if left is not None and sum(n for o, n in mine if lines[o.lot, o.line].product == demand.product) > left:
                return False
    return True


def _quotas_allow(problem: Problem, given: Given) -> bool:
    for quota in problem.quotas:
        counted = {i: n for i, n in given.items() if problem.offers[i].lot in quota.lots}
        members = sum(n for i, n in counted.items() if problem.offers[i].bidder_id in quota.bidders)
        if Decimal(members) < sum(counted.values()) * quota.percent_min / 100:
            return False
    return True


def _worth(problem: Problem, given: Given) -> Decimal:
    percents: dict[tuple[object, int], Decimal] = {}
    for package in problem.packages:
        of_lots = [
            sum(
                n
                for i, n in given.items()
                if (problem.offers[i].bid_id, problem.offers[i].lot) == (package.bid_id, lot)
            )
            for lot in package.lots
        ]
        if min(of_lots) >= package.pieces_min:
            for lot in package.lots:
                percents[package.bid_id, lot] = max(percents.get((package.bid_id, lot), Decimal(0)), package.percent)
    worth = Decimal(0)
    for index, pieces in given.items():
        offer = problem.offers[index]
        worth += _compared(offer, pieces, percents.get((offer.bid_id, offer.lot), Decimal(0))) * pieces
    for demand in problem.demands:
        filled = sum(
            n for i, n in given.items() if (problem.offers[i].lot, problem.offers[i].line) == (demand.lot, demand.line)
        )
        worth += 10 * demand.planned_price.amount * (demand.run.pieces - filled)
    return worth


def _compared(offer: Offer, pieces: int, package_percent: Decimal) -> Decimal:
    price = offer.unit_price.amount
    for each in offer.breaks:
        price = each.unit_price.amount if pieces >= each.pieces_from else price
    price = (price * (100 - package_percent) / 100).quantize(TIYN, ROUND_DOWN)
    return (price * (100 - offer.discount_percent) / 100).quantize(TIYN, ROUND_HALF_UP)


def stands(problem: Problem, given: Given) -> bool:
    """Whether these numbers of pieces are among those that were tried."""
    lots = {demand.lot for demand in problem.demands}
    parts = ({i: n for i, n in given.items() if problem.offers[i].lot == lot} for lot in sorted(lots))
    return (
        all(part in _lot(problem, lot) for lot, part in zip(sorted(lots), parts, strict=True))
        and _sewers_allow(problem, given)
        and _quotas_allow(problem, given)
    )
