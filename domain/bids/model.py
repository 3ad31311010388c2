"""A bid: what a supplier offers for the lots of a tender, and the bid as it was opened.

Until the opening a bid is an envelope that nobody can read (``envelope.py``). Nothing about it may reach anybody but
the bidder before, so its events are sealed.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from domain.bids.offers import PLAIN, Combination, LotOffer, Seat
from domain.errors import Conflict, Forbidden, Invalid, NotFound, Titles
from domain.events import CLOCK, Event
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
    combination: Combination = PLAIN
    without_consent: tuple[OrganizationId, ...] = ()
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

    @property
    def sewers(self) -> tuple[OrganizationId, ...]:
        """The bidder, and the members of his consortium."""
        return (self.bidder_id, *(member.organization_id for member in self.combination.members))

    def offer(self, lot: int) -> LotOffer | None:
        return next((offer for offer in self.offers if offer.lot == lot), None)

    def seats(self, lot: int) -> tuple[Seat, ...]:
        """Who sews for the bid in a lot, the bidder first; empty where it does not offer the lot."""
        return tuple(self.combination.seats(self.bidder_id, self.offers, lot))

    def sum(self, lot: Lot) -> Money:
        """The bid's price for the lot as read out at the opening, of all who sew for it."""
        return total(seat.offer.sum(lot) for seat in self.seats(lot.number))


def check_terms(tender: Tender, terms: int) -> None:
    """Refuse (``terms-changed``) a bidder who agrees to something else than the tender's present terms."""
    if terms != tender.terms:
        raise TermsChanged(
            f"You agree to the terms {terms}, those of the tender are {tender.terms}",
            passes=f"the terms {tender.terms}, once you have read the amendments",
            terms=tender.terms,
        )
