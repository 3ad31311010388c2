"""From pieces to an allocation: what every engine decides is who sews what; the prices and the worth follow from it."""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal

from domain.awards.allocation import Allocation, Bound, Share, TraceStep, Unfilled
from domain.awards.problem import UNFILLED, Demand, Offer, Problem, compared, price_at
from domain.garments import SizeRun, summed
from domain.ids import BidId, OrganizationId
from domain.money import Money

OfferKey = tuple[int, int, BidId, OrganizationId]
"""Lot, line, bid and bidder: unique among the offers of a problem, and the shares of an allocation."""


def key_of(offer: Offer | Share) -> OfferKey:
    return offer.lot, offer.line, offer.bid_id, offer.bidder_id


def settle(
    problem: Problem, given: Mapping[OfferKey, SizeRun], trace: tuple[TraceStep, ...] | None = None
) -> Allocation:
    """The allocation that gives each offer these pieces: each at the price of its tier and of the packages that are
    reached (of several the one with the largest discount), shares in the order of lot, line and rank.

    Without a ``trace`` there is one that names no single rule.
    """
    pieces = Counter[tuple[BidId, int]]()
    for (lot, _, bid_id, _), given_run in given.items():
        pieces[bid_id, lot] += given_run.pieces
    discounts: dict[tuple[BidId, int], Decimal] = {}
    for package in problem.packages:
        if all(pieces[package.bid_id, lot] >= package.pieces_min for lot in package.lots):
            for lot in package.lots:
                known = discounts.get((package.bid_id, lot), Decimal(0))
                discounts[package.bid_id, lot] = max(known, package.percent)
    shares = []
    for offer in problem.offers:
        run = given.get(key_of(offer))
        if run is None or not run.cells:
            continue
        percent = discounts.get((offer.bid_id, offer.lot), Decimal(0))
        price = price_at(offer, run.pieces, package_percent=percent)
        share = Share(
            lot=offer.lot,
            line=offer.line,
            bid_id=offer.bid_id,
            bidder_id=offer.bidder_id,
            unit_price=price,
            run=run,
        )
        shares.append((_rank(offer, price), share))
    shares.sort(key=lambda pair: pair[0])
    ordered = tuple(share for _, share in shares)
    return Allocation(
        shares=ordered,
        unfilled=tuple(_unfilled(problem, ordered)),
        minutes_used=_minutes_used(problem, ordered),
        trace=_trace(problem, ordered) if trace is None else trace,
    )


def worth(problem: Problem, allocation: Allocation) -> Money:
    """As ``problem.py`` defines it: the compared cost, and for every piece that is not given the planned price
    ``UNFILLED`` times.
    """
    discounts = {key_of(offer): offer.discount_percent for offer in problem.offers}
    planned = {(demand.lot, demand.line): demand.planned_price for demand in problem.demands}
    amount = Decimal(0)
    for share in allocation.shares:
        amount += compared(share.unit_price, discounts[key_of(share)]).amount * share.run.pieces
    for each in allocation.unfilled:
        amount += UNFILLED * planned[each.lot, each.line].amount * each.run.pieces
    return Money(amount)


def in_order(problem: Problem) -> list[Demand]:
    return sorted(problem.demands, key=lambda each: (each.lot, each.line))


def _rank(offer: Offer, price: Money) -> tuple[object, ...]:
    return (
        offer.lot,
        offer.line,
        compared(price, offer.discount_percent),
        offer.received_at,
        str(offer.bid_id),
        str(offer.bidder_id),
    )


def _unfilled(problem: Problem, shares: tuple[Share, ...]) -> list[Unfilled]:
    runs: dict[tuple[int, int], list[SizeRun]] = {}
    for share in shares:
        runs.setdefault((share.lot, share.line), []).append(share.run)
    found = []
    for demand in in_order(problem):
        left = demand.run - summed(demand.run.grid, runs.get((demand.lot, demand.line), ()))
        if left.cells:
            found.append(Unfilled(lot=demand.lot, line=demand.line, run=left))
    return found


def _minutes_used(problem: Problem, shares: tuple[Share, ...]) -> dict[str, Decimal]:
    per_piece = {(demand.lot, demand.line): demand.standard_minutes for demand in problem.demands}
    used: dict[str, Decimal] = {}
    for share in shares:
        bidder = str(share.bidder_id)
        used[bidder] = used.get(bidder, Decimal(0)) + per_piece[share.lot, share.line] * share.run.pieces
    return {bidder: minutes for bidder, minutes in sorted(used.items()) if minutes}


def _trace(problem: Problem, shares: tuple[Share, ...]) -> tuple[TraceStep, ...]:
    """Every offer with what it got, ranked by the price of its own most pieces."""
    given = {key_of(share): share.run.pieces for share in shares}
    steps: list[TraceStep] = []
    prices = {key_of(offer): price_at(offer, offer.pieces_max) for offer in problem.offers}
    ranks = Counter[tuple[int, int]]()
    for offer in sorted(problem.offers, key=lambda each: _rank(each, prices[key_of(each)])):
        ranks[offer.lot, offer.line] += 1
        asked = min(offer.pieces_max, offer.run.pieces)
        got = given.get(key_of(offer), 0)
        steps.append(
            TraceStep(
                lot=offer.lot,
                line=offer.line,
                rank=ranks[offer.lot, offer.line],
                bid_id=offer.bid_id,
                bidder_id=offer.bidder_id,
                unit_price=prices[key_of(offer)],
                asked=asked,
                given=got,
                bound=Bound.NOTHING if got == asked else Bound.SOLVED,
            )
        )
    return tuple(steps)
