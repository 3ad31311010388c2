"""What a contract that did not come into force leaves, and what is left of the offers that could take it. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from domain.awards.allocation import Share
from domain.awards.problem import Demand, Offer
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
    return replace(offer, run=run, pieces_max=most, pieces_min=max(offer.pieces_min - won.pieces, 1))


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
