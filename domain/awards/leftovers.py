"""What a contract that did not come into force leaves, and what is left of the offers that could take it. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from domain.awards.allocation import Share
from domain.awards.offers import Offered
from domain.awards.problem import Demand, Offer, Problem
from domain.awards.settling import key_of
from domain.contracts.model import Contract
from domain.contracts.parts import NEVER_IN_FORCE
from domain.contracts.schedule import PlaceShare, distribute
from domain.garments import SizeRun, summed
from domain.ids import OrganizationId
from domain.tenders.lot import Lot


def demands(lapsed: Contract, lots: Sequence[Lot]) -> tuple[Demand, ...]:
    """What the lapsed contract owed, by the days of its own places; ``lots`` are the tender's."""
    due_on = {
        lot: max(place.due_on for line in lapsed.lines if line.lot == lot for place in line.places)
        for lot in {line.lot for line in lapsed.lines}
    }
    return tuple(
        Demand(
            lot=line.lot,
            line=line.line,
            product=line.ens_tru[:6],
            run=line.run,
            standard_minutes=line.standard_minutes,
            planned_price=lots[line.lot - 1].lines[line.line - 1].planned_price,
            due_on=due_on[line.lot],
            partial=lots[line.lot - 1].partial_award,
        )
        for line in lapsed.lines
    )


def schedules(lapsed: Contract, shares: Iterable[Share]) -> dict[int, tuple[PlaceShare, ...]]:
    """Per awarded lot, who brings what to the places of the lapsed contract."""
    found = list(shares)
    return {
        lot: distribute(
            lot,
            {
                line.line: [(place.place, place.run) for place in line.places]
                for line in lapsed.lines
                if line.lot == lot
            },
            found,
        )
        for lot in sorted({share.lot for share in found})
    }


def remaining(offer: Offer, won: SizeRun) -> Offer | None:
    """What is left of an offer of which ``won`` was awarded; None where that is nothing.

    A bidder who has won pieces of the line has reached so much of his least number.
    """
    run = offer.run - won.common(offer.run)
    most = min(offer.pieces_max - won.pieces, run.pieces)
    if most < 1:
        return None
    breaks = tuple(each for each in offer.breaks if each.pieces_from <= most)
    return replace(offer, run=run, pieces_max=most, pieces_min=max(offer.pieces_min - won.pieces, 1), breaks=breaks)


def left_of(offered: Offered, lapsed: Contract, contracts: Iterable[Contract], *, before: Problem) -> Problem:
    """The offers that could still take lines of the lapsed contract, without demands and capacity. They are compared as
    ``before``; bids that were not admitted then come last among equals.

    A consortium that sews in the lot already hangs together by its contracts; one that does not is given all or
    nothing. A bid that has won another lot of an either-or group offers nothing. Packages are of the first award.
    """
    standing = [each for each in contracts if each.status not in NEVER_IN_FORCE]
    known = {key_of(each): each for each in before.offers}
    last = max((each.tie_rank for each in before.offers), default=0) + 1
    lines = {(line.lot, line.line) for line in lapsed.lines}
    offers = []
    for offer in offered.offers:
        if (offer.lot, offer.line) not in lines or _excluded(offer, offered, standing):
            continue
        won = won_by(offer.bidder_id, offer.lot, offer.line, standing, SizeRun(offer.run.grid))
        rest = remaining(offer, won)
        if rest is not None:
            first = known.get(key_of(offer))
            percent = first.discount_percent if first else Decimal(0)
            offers.append(replace(rest, discount_percent=percent, tie_rank=first.tie_rank if first else last))
    sewing = {(each.supplier_id, line.lot) for each in standing for line in each.lines}
    begun = {(each.bid_id, each.lot) for each in offered.offers if (each.bidder_id, each.lot) in sewing}
    lots = {lot for lot, _ in lines}
    return Problem(
        demands=(),
        offers=tuple(offers),
        either_or=offered.either_or,
        joints=tuple(each for each in offered.joints if each.lot in lots and (each.bid_id, each.lot) not in begun),
    )


def _excluded(offer: Offer, offered: Offered, standing: Iterable[Contract]) -> bool:
    """Whether the bid has won another lot that excludes the offer's."""
    sewers = {each.bidder_id for each in offered.offers if each.bid_id == offer.bid_id}
    won = {line.lot for each in standing if each.supplier_id in sewers for line in each.lines}
    groups = (each.lots for each in offered.either_or if each.bid_id == offer.bid_id and offer.lot in each.lots)
    return any(won & (set(lots) - {offer.lot}) for lots in groups)


def won_by(bidder: OrganizationId, lot: int, line: int, contracts: Iterable[Contract], none: SizeRun) -> SizeRun:
    """What contracts that stand have given a bidder of a line."""
    runs = (
        each.run
        for contract in contracts
        if contract.supplier_id == bidder and contract.status not in NEVER_IN_FORCE
        for each in contract.lines
        if (each.lot, each.line) == (lot, line)
    )
    return summed(none.grid, runs)
