"""A bid: what a supplier offers for the lots of a tender, and the bid as it was opened.

Until the opening a bid is an envelope that nobody can read (``envelope.py``). Nothing about it may reach anybody but
the bidder before, so its events are sealed.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from domain.errors import Conflict, Flaw, Forbidden, Invalid, MalformedValue, NotFound, Titles
from domain.events import CLOCK, Event
from domain.garments import GarmentLine, Size, SizeRun
from domain.ids import BidDocumentId, BidId, OrganizationId, PersonId, TenderId
from domain.money import Money, total
from domain.tenders.lot import Lot
from domain.tenders.model import Tender


class BidStatus(StrEnum):
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
    OPENED = "opened"
    UNREADABLE = "unreadable"


class BidNotFound(NotFound):
    code = "bid-not-found"
    titles = Titles("There is no such bid", "Такой заявки нет", "Мұндай өтінім жоқ")


class BidExists(Conflict):
    code = "bid-already-submitted"
    titles = Titles("You have bid already", "Заявка уже подана", "Өтінім берілген")


class BidsNotOpened(Conflict):
    code = "bids-not-opened"
    titles = Titles("The bids are not opened yet", "Заявки ещё не вскрыты", "Өтінімдер әлі ашылған жоқ")


class ManifestNotFound(NotFound):
    code = "manifest-not-found"
    titles = Titles("There is no manifest yet", "Манифеста ещё нет", "Манифест әлі жоқ")


class TermsChanged(Conflict):
    """The bidder agrees to terms that are not the tender's: it was amended after he read it, or never so."""

    code = "terms-changed"
    titles = Titles("The terms are others now", "Условия изменились", "Шарттар өзгерді")


class CopyRefused(Invalid):
    """Copy and nonce do not make the commitment of the bid that we hold."""

    code = "copy-refused"
    titles = Titles(
        "This is not the bid that we hold", "Это не та заявка, что хранится у нас", "Бұл бізде сақталған өтінім емес"
    )


class BidAboveAllocated(Invalid):
    code = "bid-above-allocated"
    titles = Titles(
        "The price is above the allocated sum", "Цена выше выделенной суммы", "Баға бөлінген сомадан жоғары"
    )


class OfferRefused(Invalid):
    code = "offer-refused"
    titles = Titles("The offer does not fit the lot", "Предложение не подходит к лоту", "Ұсыныс лотқа сай емес")


class NotEligible(Forbidden):
    """A rule of the package keeps this supplier out; ``flaws`` name each failed rule, its data and what would pass."""

    code = "not-eligible"
    titles = Titles("You may not bid on this lot", "Вы не можете участвовать в этом лоте", "Бұл лотқа қатыса алмайсыз")


class EligibilityNotChecked(NotEligible):
    """No rule keeps the supplier out, but one could not be checked, and the package refuses that at this stage."""

    code = "eligibility-not-checked"
    titles = Titles(
        "It could not be checked whether you may take part",
        "Не удалось проверить, можете ли вы участвовать",
        "Қатыса алатыныңызды тексеру мүмкін болмады",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LineOffer:
    """A price per unit for one garment line, without VAT, for the whole run or part of it.

    ``sizes`` empty means every size of the line. ``pieces_min`` is the least the bidder will sew,
    ``pieces_max`` the most (None: all of the chosen sizes).
    """

    line: int
    unit_price: Money
    sizes: tuple[Size, ...] = ()
    pieces_min: int = 1
    pieces_max: int | None = None

    def offered(self, line: GarmentLine) -> SizeRun:
        """The cells that may be awarded; their sum can exceed ``pieces_max``, which bounds the award."""
        return line.run.only(self.sizes) if self.sizes else line.run

    def pieces(self, line: GarmentLine) -> int:
        """The most pieces that can be awarded on this offer."""
        offered = self.offered(line).pieces
        return offered if self.pieces_max is None else min(offered, self.pieces_max)


@dataclass(frozen=True, slots=True, kw_only=True)
class LotOffer:
    lot: int
    lines: tuple[LineOffer, ...]

    def pieces(self, lot: Lot) -> dict[int, int]:
        """The most pieces per line that can be awarded. An amendment may have taken lines and sizes away from an offer
        that was not confirmed since: those count for nothing.
        """
        known = {line.number: line for line in lot.lines}
        return {offer.line: offer.pieces(known[offer.line]) for offer in self.lines if offer.line in known}

    def sum(self, lot: Lot) -> Money:
        """Price x most pieces over the offered lines: the bid's price for the lot as read out at the opening."""
        pieces = self.pieces(lot)
        return total(offer.unit_price * pieces[offer.line] for offer in self.lines if offer.line in pieces)

    def line(self, number: int) -> LineOffer | None:
        return next((offer for offer in self.lines if offer.line == number), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedDocument:
    """A document as the bid names it; ``sha256`` (hexadecimal) is of its content. Checked where a bid is submitted."""

    id: BidDocumentId
    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BidEvent(Event):
    subject: ClassVar[str] = "bid"
    sealed: ClassVar[bool] = True
    tender_id: TenderId
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BidOpened(BidEvent):
    """``submitted_by`` is the person who submitted the last revision; None where what was sealed with it is lost."""

    type: ClassVar[str] = "bid.opened"
    submitted_by: PersonId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bid:
    """``revision`` counts what the bidder submitted (1, 2, …). ``terms`` are the tender's terms that he has agreed to:
    behind the tender's, the bid is not admitted. ``nonce`` lets everybody check the commitment; None: the bid is from
    before bids were sealed. ``documents`` None: from before bids named documents.
    """

    id: BidId
    tender_id: TenderId
    bidder_id: OrganizationId
    offers: tuple[LotOffer, ...]
    received_at: datetime
    status: BidStatus = BidStatus.OPENED
    revision: int = 1
    terms: int = 1
    nonce: bytes | None = None
    documents: tuple[NamedDocument, ...] | None = ()
    version: int = 0

    def opened(self, *, submitted_by: PersonId | None, at: datetime) -> BidOpened:
        return BidOpened(
            subject_id=self.id,
            by=CLOCK,
            at=at,
            tender_id=self.tender_id,
            revision=self.revision,
            submitted_by=submitted_by,
        )

    def offer(self, lot: int) -> LotOffer | None:
        return next((offer for offer in self.offers if offer.lot == lot), None)


def check_terms(tender: Tender, terms: int) -> None:
    """Refuse (``terms-changed``) a bidder who agrees to something else than the tender's present terms."""
    if terms != tender.terms:
        raise TermsChanged(
            f"You agree to the terms {terms}, those of the tender are {tender.terms}",
            passes=f"the terms {tender.terms}, once you have read the amendments",
            terms=tender.terms,
        )


def check_offers(tender: Tender, offers: tuple[LotOffer, ...]) -> None:
    """Refuse offers that name what is not there, twice, above the planned price, or more than the demand.

    The allocated sum bounds each unit price: ``unit_price <= planned_price`` of the line, so that any part of the
    run stays within its part of the allocated sum.
    """
    if not offers:
        raise OfferRefused(
            "A bid offers at least one lot", flaws=(Flaw(pointer="/lots", reason="empty", passes="one lot"),)
        )
    if len({offer.lot for offer in offers}) != len(offers):
        raise OfferRefused("A lot is offered twice", flaws=(Flaw(pointer="/lots", reason="a lot stands twice"),))
    for index, offer in enumerate(offers):
        lot = tender.lot(offer.lot)
        if lot is None:
            flaw = Flaw(pointer=f"/lots/{index}/lot", reason=f"no lot {offer.lot}", passes=f"1 to {len(tender.lots)}")
            raise OfferRefused("The tender has no such lot", flaws=(flaw,))
        if not offer.lines or len({line.line for line in offer.lines}) != len(offer.lines):
            flaw = Flaw(pointer=f"/lots/{index}/lines", reason="empty, or a line stands twice")
            raise OfferRefused("A lot offer prices each line at most once, and at least one", flaws=(flaw,))
        for place, line_offer in enumerate(offer.lines):
            _check_line(lot, line_offer, f"/lots/{index}/lines/{place}")


def _check_line(lot: Lot, offer: LineOffer, pointer: str) -> None:
    line = lot.line(offer.line)
    if line is None:
        flaw = Flaw(pointer=f"{pointer}/line", reason=f"no line {offer.line}", passes=f"1 to {len(lot.lines)}")
        raise OfferRefused("The lot has no such line", flaws=(flaw,))
    if offer.unit_price.amount <= 0:
        flaw = Flaw(pointer=f"{pointer}/unit_price", reason="not positive", passes='"0.01" or more')
        raise MalformedValue("A price is positive", flaws=(flaw,))
    if offer.unit_price > line.planned_price:
        flaw = Flaw(
            pointer=f"{pointer}/unit_price",
            reason=f"{offer.unit_price.amount} is above the planned {line.planned_price.amount}",
            passes=f"at most {line.planned_price.amount}",
        )
        raise BidAboveAllocated("The unit price is above what is allocated for the line", flaws=(flaw,))
    unknown = [size for size in offer.sizes if line.run[size] == 0]
    if unknown:
        flaw = Flaw(pointer=f"{pointer}/sizes", reason=f"not in the run: {unknown}", passes=", ".join(line.run.sizes))
        raise OfferRefused("A size is offered that nobody asked for", flaws=(flaw,))
    if not 1 <= offer.pieces_min <= offer.pieces(line):
        flaw = Flaw(
            pointer=f"{pointer}/pieces_min",
            reason=f"{offer.pieces_min} of at most {offer.pieces(line)} pieces",
            passes=f"1 to {offer.pieces(line)}",
        )
        raise OfferRefused("The least number of pieces cannot be met by the offer", flaws=(flaw,))
