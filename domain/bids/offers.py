"""What a bidder offers: prices per line, and how the lots and the sewers of one bid hang together.

All of it is sealed (``domain/sealing/content.py``); whether it fits the tender is decided in ``checking.py``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from domain.garments import GarmentLine, Size, SizeRun
from domain.ids import OrganizationId
from domain.money import Money, total
from domain.tenders.lot import Lot


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceBreak:
    """From so many pieces of the line offer on, every piece of it costs ``unit_price``."""

    pieces_from: int
    unit_price: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the bidder offers for one parameter of the line's specification."""

    parameter: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineOffer:
    """A price per unit for one garment line, without VAT, for the whole run or part of it.

    ``sizes`` empty means every size of the line. ``pieces_min`` is the least the bidder will sew,
    ``pieces_max`` the most (None: all of the chosen sizes). ``unit_price`` holds below the first of ``breaks``.
    """

    line: int
    unit_price: Money
    sizes: tuple[Size, ...] = ()
    pieces_min: int = 1
    pieces_max: int | None = None
    breaks: tuple[PriceBreak, ...] = ()
    answers: tuple[Answer, ...] = ()

    def offered(self, line: GarmentLine) -> SizeRun:
        """The cells that may be awarded; their sum can exceed ``pieces_max``, which bounds the award."""
        return line.run.only(self.sizes) if self.sizes else line.run

    def pieces(self, line: GarmentLine) -> int:
        """The most pieces that can be awarded on this offer."""
        offered = self.offered(line).pieces
        return offered if self.pieces_max is None else min(offered, self.pieces_max)

    def price_at(self, pieces: int) -> Money:
        """What one of ``pieces`` pieces costs."""
        reached = [each.unit_price for each in self.breaks if pieces >= each.pieces_from]
        return reached[-1] if reached else self.unit_price


@dataclass(frozen=True, slots=True, kw_only=True)
class LotOffer:
    """``lead_days`` are calendar days from the closing of bids until the whole lot is delivered; None: as the lot is
    due.
    """

    lot: int
    lines: tuple[LineOffer, ...]
    lead_days: int | None = None

    def pieces(self, lot: Lot) -> dict[int, int]:
        """The most pieces per line that can be awarded. An amendment may have taken lines and sizes away from an offer
        that was not confirmed since: those count for nothing.
        """
        known = {line.number: line for line in lot.lines}
        return {offer.line: offer.pieces(known[offer.line]) for offer in self.lines if offer.line in known}

    def sum(self, lot: Lot) -> Money:
        """Price x most pieces over the offered lines: the bid's price for the lot as read out at the opening."""
        pieces = self.pieces(lot)
        return total(
            offer.price_at(pieces[offer.line]) * pieces[offer.line] for offer in self.lines if offer.line in pieces
        )

    def line(self, number: int) -> LineOffer | None:
        return next((offer for offer in self.lines if offer.line == number), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """Where the bid is awarded at least ``pieces_min`` pieces in each of ``lots``, all its unit prices there are
    ``percent`` lower, rounded down to the tiyn.
    """

    lots: tuple[int, ...]
    percent: Decimal
    pieces_min: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Who sews beside the bidder, and his share: what he offers of the lots that the bidder offers."""

    organization_id: OrganizationId
    lots: tuple[LotOffer, ...]

    def offer(self, lot: int) -> LotOffer | None:
        return next((offer for offer in self.lots if offer.lot == lot), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Combination:
    """How the offers of a bid hang together. Of the lots of one ``either_or`` group at most one is awarded to it.
    ``members`` make the bid a consortium's, which the bidder leads; his own offers are his share.
    """

    either_or: tuple[tuple[int, ...], ...] = ()
    packages: tuple[Package, ...] = ()
    members: tuple[Member, ...] = ()

    def seats(self, bidder_id: OrganizationId, offers: tuple[LotOffer, ...], lot: int) -> Iterator["Seat"]:
        """Who sews for the bid in a lot, the bidder first."""
        named = ((bidder_id, offers), *((member.organization_id, member.lots) for member in self.members))
        for organization_id, shares in named:
            for offer in shares:
                if offer.lot == lot:
                    yield Seat(organization_id=organization_id, offer=offer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One sewer of a bid in one lot, with what he offers of it."""

    organization_id: OrganizationId
    offer: LotOffer


PLAIN = Combination()
"""Each lot for itself, sewn by the bidder alone: most bids."""
