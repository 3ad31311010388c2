"""From shares to deliveries: who brings what to which place, conserving every cell.

Places are filled in their order, and for each place the winners in the order of the award, cell by cell. The result
depends on nothing else, so that everybody who repeats it gets the same schedule.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.awards.allocation import Share
from domain.garments import SizeRun
from domain.ids import OrganizationId
from domain.tenders.lot import Lot


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceShare:
    """What one winner brings of one line to one place."""

    supplier_id: OrganizationId
    line: int
    place: int
    run: SizeRun


def schedule(lot: Lot, shares: Sequence[Share]) -> tuple[PlaceShare, ...]:
    """Distribute the lot's shares over its places.

    Law: over the places a winner's runs sum to his share; over the winners a place's runs never exceed its demand, and
    equal it where the line is filled.
    """
    owed = {
        line.number: [(place.number, place.runs[line.number]) for place in lot.places if line.number in place.runs]
        for line in lot.lines
    }
    return distribute(lot.number, owed, shares)


def distribute(
    lot: int, owed: Mapping[int, Sequence[tuple[int, SizeRun]]], shares: Sequence[Share]
) -> tuple[PlaceShare, ...]:
    """The same for what is ``owed`` per line number: places, in their order, each with its run."""
    result: list[PlaceShare] = []
    for line, places in owed.items():
        winners = [share for share in shares if (share.lot, share.line) == (lot, line)]
        left = [share.run for share in winners]
        for place, run in places:
            wanted = run
            for index, share in enumerate(winners):
                part = left[index].common(wanted)
                if part.pieces:
                    left[index] -= part
                    wanted -= part
                    result.append(PlaceShare(supplier_id=share.bidder_id, line=line, place=place, run=part))
    return tuple(result)
