"""From shares to deliveries: who brings what to which place, conserving every cell.

Places are filled in their order, and for each place the winners in the order of the award, cell by cell. The result
depends on nothing else, so that everybody who repeats it gets the same schedule.
"""

from collections.abc import Sequence
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
    result: list[PlaceShare] = []
    for line in lot.lines:
        winners = [share for share in shares if (share.lot, share.line) == (lot.number, line.number)]
        left = [share.run for share in winners]
        for place in lot.places:
            wanted = place.runs.get(line.number, SizeRun(line.run.grid))
            for index, share in enumerate(winners):
                part = left[index].common(wanted)
                if part.pieces:
                    left[index] -= part
                    wanted -= part
                    result.append(
                        PlaceShare(supplier_id=share.bidder_id, line=line.number, place=place.number, run=part)
                    )
    return tuple(result)
