"""Ways to spoil an allocation that stands. Every one of them is wrong: either the allocation no longer says what is so,
or the problem has become one that it breaks.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from domain.awards.allocation import Allocation, Share, Unfilled
from domain.awards.problem import EitherOr, Free, LotLimits, Problem, Quota
from domain.garments import SizeRun
from domain.ids import BidId, OrganizationId
from domain.money import Money

Mutant = tuple[str, Problem, Allocation]
NOBODY = OrganizationId(UUID(int=999_999))


def mutants(problem: Problem, allocation: Allocation) -> Iterator[Mutant]:
    for index, share in enumerate(allocation.shares):
        for name, changed in _spoiled_shares(problem, allocation, share):
            shares = (*allocation.shares[:index], *changed, *allocation.shares[index + 1 :])
            yield name, problem, replace(allocation, shares=shares)
        yield from _given_up(problem, allocation, index)
        for bidder in (str(share.bidder_id),):
            used = dict(allocation.minutes_used)
            used[bidder] += Decimal("0.01")
            yield "minutes that nobody sewed", problem, replace(allocation, minutes_used=used)
    for index, unfilled in enumerate(allocation.unfilled):
        rest = (*allocation.unfilled[:index], *allocation.unfilled[index + 1 :])
        yield "an open line is forgotten", problem, replace(allocation, unfilled=rest)
        twice = (*allocation.unfilled, unfilled)
        yield "an open line stands twice", problem, replace(allocation, unfilled=twice)
    for name, harder in _harder(problem, allocation):
        yield name, harder, allocation


def _spoiled_shares(problem: Problem, allocation: Allocation, share: Share) -> Iterator[tuple[str, tuple[Share, ...]]]:
    tiyn = Money(Decimal("0.01"))
    (size, count), *_ = share.run.cells
    yield "a tiyn dearer", (replace(share, unit_price=share.unit_price + tiyn),)
    yield "a tiyn cheaper", (replace(share, unit_price=share.unit_price - tiyn),)
    yield "another currency", (replace(share, unit_price=Money(share.unit_price.amount, "EUR")),)
    yield "a piece more", (replace(share, run=share.run + SizeRun.of(share.run.grid, {size: 1})),)
    yield "a piece less", (replace(share, run=share.run - SizeRun.of(share.run.grid, {size: 1})),)
    yield "dropped", ()
    yield "twice", (share, share)
    yield "nobody's", (replace(share, bidder_id=NOBODY),)
    yield "another bid's", (replace(share, bid_id=BidId(UUID(int=999_999))),)
    yield "another lot's", (replace(share, lot=99),)
    yield "another line's", (replace(share, line=99),)
    others = [each for each in problem.demands if (each.lot, each.line) == (share.lot, share.line)]
    for other in (cell for demand in others for cell in demand.run.sizes if cell != size):
        moved = share.run - SizeRun.of(share.run.grid, {size: 1}) + SizeRun.of(share.run.grid, {other: 1})
        yield "a piece in another size", (replace(share, run=moved),)
    if count > 1:
        half = SizeRun.of(share.run.grid, {size: 1})
        yield "in two", (replace(share, run=share.run - half), replace(share, run=half))
    for rival in allocation.shares:
        if rival.bidder_id != share.bidder_id:
            yield "sewn by another winner", (replace(share, bidder_id=rival.bidder_id),)


def _given_up(problem: Problem, allocation: Allocation, index: int) -> Iterator[Mutant]:
    """One share of a lot that must be filled is declared open, with all accounts in order."""
    share = allocation.shares[index]
    demands = {(each.lot, each.line): each for each in problem.demands}
    demand = demands[share.lot, share.line]
    rest = (*allocation.shares[:index], *allocation.shares[index + 1 :])
    if demand.partial or not any(each.lot == share.lot for each in rest):
        return
    used = dict(allocation.minutes_used)
    used[str(share.bidder_id)] -= demand.standard_minutes * share.run.pieces
    unfilled = (*allocation.unfilled, Unfilled(lot=share.lot, line=share.line, run=share.run))
    account = {bidder: minutes for bidder, minutes in used.items() if minutes}
    spoiled = replace(allocation, shares=rest, unfilled=unfilled, minutes_used=account)
    yield "a lot given in part", problem, spoiled


def _harder(problem: Problem, allocation: Allocation) -> Iterator[tuple[str, Problem]]:
    """The same allocation before a problem that is stricter by as little as breaks it."""
    days = tuple(sorted({demand.due_on for demand in problem.demands}))
    of_bids, of_lots = Counter[tuple[BidId, int]](), Counter[int]()
    for share in allocation.shares:
        of_bids[share.bid_id, share.lot] += share.run.pieces
        of_lots[share.lot] += share.run.pieces
    for bidder, minutes in allocation.minutes_used.items():
        yield "a minute short", replace(problem, capacity=_capacity(allocation, days, bidder, minutes - 1))
        sewn = sum(share.run.pieces for share in allocation.shares if str(share.bidder_id) == bidder)
        yield "a unit short", replace(problem, units={f"{bidder}/141413": sewn - 1})
    for lot, pieces in of_lots.items():
        winners = {bid: count for (bid, number), count in of_bids.items() if number == lot}
        fewest, most = min(winners.values()), max(winners.values())
        wanted = sum(demand.run.pieces for demand in problem.demands if demand.lot == lot)
        share_max = Decimal(most - 1) * 100 / wanted
        for name, limits in (
            ("a winner too many", LotLimits(lot=lot, winners_max=len(winners) - 1)),
            ("a share too large", LotLimits(lot=lot, share_percent_max=share_max)),
            ("a share too small", LotLimits(lot=lot, pieces_min=fewest + 1)),
        ):
            yield name, replace(problem, limits=(limits,))
        bidders = frozenset(share.bidder_id for share in allocation.shares if share.lot == lot)
        for left_out in sorted(bidders, key=str):
            members = bidders - {left_out}
            given = sum(s.run.pieces for s in allocation.shares if s.lot == lot and s.bidder_id in members)
            percent = Decimal(given * 100) / pieces + Decimal("0.1")
            quota = Quota(name="q", lots=(lot,), bidders=members, percent_min=percent)
            yield "a quota missed", replace(problem, quotas=(quota,))
    for bid in {bid for bid, _ in of_bids}:
        lots = tuple(sorted(lot for each, lot in of_bids if each == bid))
        if len(lots) > 1:
            yield "both of either and or", replace(problem, either_or=(EitherOr(bid_id=bid, lots=lots),))


def _capacity(
    allocation: Allocation, days: tuple[date, ...], bidder: str, minutes: Decimal
) -> dict[str, tuple[Free, ...]]:
    """Enough for everybody but one."""
    plenty = tuple(Free(until=day, minutes=Decimal(1_000_000)) for day in days)
    short = tuple(Free(until=day, minutes=minutes) for day in days)
    return {each: short if each == bidder else plenty for each in allocation.minutes_used}
