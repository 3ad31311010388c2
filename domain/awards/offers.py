"""From opened bids to the offers of an allocation problem: what was admitted, in the problem's own words.

Each who sews for a bid makes offers of his own under the bid's id, so that an award gives each his share. What binds
lots together is kept for the lots that are admitted: a package whose lots are not all there can never come about.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from domain.awards.problem import EitherOr, Joint, Offer, PackageDiscount, PriceBreak
from domain.bids.model import Bid
from domain.bids.offers import LineOffer, Seat
from domain.garments import GarmentLine
from domain.ids import BidId
from domain.tenders.lot import Lot


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What admitted bids bring to a problem."""

    offers: tuple[Offer, ...] = ()
    either_or: tuple[EitherOr, ...] = ()
    packages: tuple[PackageDiscount, ...] = ()
    joints: tuple[Joint, ...] = ()


def offered(lots: Iterable[Lot], bids: Iterable[Bid], admitted: Collection[tuple[BidId, int]]) -> Offered:
    """``admitted`` are the lots of each bid that take part in the award. In the order of the bids, then of the lots,
    the bidder before his members: the same input gives the same problem.
    """
    known, given = tuple(lots), tuple(bids)
    mine = {bid.id: frozenset(lot.number for lot in known if (bid.id, lot.number) in admitted) for bid in given}
    seats = [(bid, lot, bid.seats(lot.number)) for bid in given for lot in known if lot.number in mine[bid.id]]
    return Offered(
        offers=tuple(offer for bid, lot, sewers in seats for seat in sewers for offer in _of_seat(bid, lot, seat)),
        either_or=tuple(each for bid in given for each in _either_or(bid, mine[bid.id])),
        packages=tuple(
            PackageDiscount(bid_id=bid.id, lots=each.lots, percent=each.percent, pieces_min=each.pieces_min)
            for bid in given
            for each in bid.combination.packages
            if set(each.lots) <= mine[bid.id]
        ),
        joints=tuple(Joint(bid_id=bid.id, lot=lot.number) for bid, lot, sewers in seats if len(sewers) > 1),
    )


def offer_of(bid: Bid, lot: Lot, seat: Seat, offer: LineOffer, line: GarmentLine) -> Offer:
    """One line of what a sewer of the bid offers."""
    return Offer(
        bid_id=bid.id,
        bidder_id=seat.organization_id,
        lot=lot.number,
        line=line.number,
        unit_price=offer.unit_price,
        run=offer.offered(line),
        pieces_min=offer.pieces_min,
        pieces_max=offer.pieces(line),
        received_at=bid.received_at,
        breaks=tuple(PriceBreak(pieces_from=each.pieces_from, unit_price=each.unit_price) for each in offer.breaks),
    )


def _of_seat(bid: Bid, lot: Lot, seat: Seat) -> Iterable[Offer]:
    for offer in seat.offer.lines:
        line = lot.line(offer.line)
        if line is not None:
            yield offer_of(bid, lot, seat, offer, line)


def _either_or(bid: Bid, lots: frozenset[int]) -> Iterable[EitherOr]:
    for group in bid.combination.either_or:
        left = tuple(lot for lot in group if lot in lots)
        if len(left) > 1:
            yield EitherOr(bid_id=bid.id, lots=left)
