"""What a bidder sends, and is shown again in the same shape: prices, lots, packages, members."""

from typing import Annotated, Self

from pydantic import Field

from api.schemas import DecimalText, Hex32, MoneyText, Pieces, Strict, Text
from api.views.documents import DocumentBody
from domain.bids.bidding import BidCopy
from domain.bids.documents import DOCUMENTS_MAX
from domain.bids.model import NamedDocument
from domain.bids.offers import PLAIN, Answer, Combination, LineOffer, LotOffer, Member, Package, PriceBreak
from domain.garments import Size
from domain.ids import OrganizationId

LotNumber = Annotated[int, Field(ge=1, le=50)]
LineNumber = Annotated[int, Field(ge=1, le=20)]
Terms = Annotated[int, Field(ge=1, le=10_000)]
SizeLabel = Annotated[str, Field(max_length=20)]
LeadDays = Annotated[int, Field(ge=1, le=3_650)]
LotNumbers = Annotated[list[LotNumber], Field(min_length=2, max_length=50)]


class PriceBreakBody(Strict):
    """From ``pieces_from`` pieces of the line on, every piece costs ``unit_price``."""

    pieces_from: Pieces
    unit_price: MoneyText


class AnswerBody(Strict):
    """What you offer for a parameter of the line's specification."""

    parameter: Text
    value: Text


class LineOfferBody(Strict):
    """``unit_price`` without VAT; ``sizes`` empty means all; ``pieces_max`` null means all pieces of those sizes.
    ``breaks`` rise in pieces and never in price.
    """

    line: LineNumber
    unit_price: MoneyText
    sizes: Annotated[list[SizeLabel], Field(max_length=100)] = []
    pieces_min: Pieces = 1
    pieces_max: Pieces | None = None
    breaks: Annotated[list[PriceBreakBody], Field(max_length=10)] = []
    answers: Annotated[list[AnswerBody], Field(max_length=50)] = []

    @classmethod
    def of(cls, offer: LineOffer) -> Self:
        return cls(
            line=offer.line,
            unit_price=offer.unit_price,
            sizes=list(offer.sizes),
            pieces_min=offer.pieces_min,
            pieces_max=offer.pieces_max,
            breaks=[PriceBreakBody(pieces_from=each.pieces_from, unit_price=each.unit_price) for each in offer.breaks],
            answers=[AnswerBody(parameter=each.parameter, value=each.value) for each in offer.answers],
        )

    def offer(self) -> LineOffer:
        return LineOffer(
            line=self.line,
            unit_price=self.unit_price,
            sizes=tuple(Size(size) for size in self.sizes),
            pieces_min=self.pieces_min,
            pieces_max=self.pieces_max,
            breaks=tuple(PriceBreak(pieces_from=each.pieces_from, unit_price=each.unit_price) for each in self.breaks),
            answers=tuple(Answer(parameter=each.parameter, value=each.value) for each in self.answers),
        )


class LotOfferBody(Strict):
    """``lead_days``: calendar days from the closing of bids until the lot is delivered; null: as it is due."""

    lot: LotNumber
    lines: Annotated[list[LineOfferBody], Field(min_length=1, max_length=20)]
    lead_days: LeadDays | None = None

    @classmethod
    def of(cls, offer: LotOffer) -> Self:
        return cls(lot=offer.lot, lines=[LineOfferBody.of(line) for line in offer.lines], lead_days=offer.lead_days)

    def offer(self) -> LotOffer:
        return LotOffer(lot=self.lot, lines=tuple(line.offer() for line in self.lines), lead_days=self.lead_days)


class PackageBody(Strict):
    """Where you are awarded at least ``pieces_min`` pieces in each of ``lots``, your unit prices there are ``percent``
    lower, rounded down to the tiyn.
    """

    lots: LotNumbers
    percent: DecimalText
    pieces_min: Pieces = 1


class MemberBody(Strict):
    """Who sews beside you in lots that you offer, and his share of them; he has agreed to it before
    (``/v1/tenders/{tender_id}/consortium-consents``).
    """

    organization_id: OrganizationId
    lots: Annotated[list[LotOfferBody], Field(min_length=1, max_length=50)]


class CombinationBody(Strict):
    """Of the lots of one ``either_or`` group you are awarded at most one. ``members`` make your bid a consortium's,
    which you lead: your own lots are your share.
    """

    either_or: Annotated[list[LotNumbers], Field(max_length=10)] = []
    packages: Annotated[list[PackageBody], Field(max_length=10)] = []
    members: Annotated[list[MemberBody], Field(max_length=9)] = []

    @classmethod
    def of(cls, combination: Combination) -> Self:
        return cls(
            either_or=[list(group) for group in combination.either_or],
            packages=[
                PackageBody(lots=list(each.lots), percent=each.percent, pieces_min=each.pieces_min)
                for each in combination.packages
            ],
            members=[
                MemberBody(organization_id=each.organization_id, lots=[LotOfferBody.of(lot) for lot in each.lots])
                for each in combination.members
            ],
        )

    def combination(self) -> Combination:
        return Combination(
            either_or=tuple(tuple(group) for group in self.either_or),
            packages=tuple(
                Package(lots=tuple(each.lots), percent=each.percent, pieces_min=each.pieces_min)
                for each in self.packages
            ),
            members=tuple(
                Member(organization_id=each.organization_id, lots=tuple(lot.offer() for lot in each.lots))
                for each in self.members
            ),
        )


class BidBody(Strict):
    """``terms`` are the tender's terms that you have read: others by now are refused; null takes them as they are.
    ``documents`` are sealed with the bid; a replacement names them anew. ``combination`` null: each lot for itself,
    sewn by you alone.
    """

    lots: Annotated[list[LotOfferBody], Field(min_length=1, max_length=50)]
    documents: Annotated[list[DocumentBody], Field(max_length=DOCUMENTS_MAX)] = []
    combination: CombinationBody | None = None
    terms: Terms | None = None

    def offers(self) -> tuple[LotOffer, ...]:
        return tuple(lot.offer() for lot in self.lots)

    def named(self) -> tuple[NamedDocument, ...]:
        return tuple(NamedDocument(id=each.id, name=each.name, sha256=each.sha256) for each in self.documents)

    def combined(self) -> Combination:
        return self.combination.combination() if self.combination else PLAIN


class ConfirmationBody(Strict):
    """``terms`` are the tender's terms that you have read and agree to; ``copy`` and ``nonce`` what you were answered
    with your bid's present revision: the platform cannot read it.
    """

    terms: Terms
    text: str = Field(alias="copy", max_length=1_000_000)
    nonce: Hex32

    def copy_of_bid(self) -> BidCopy:
        return BidCopy(text=self.text.encode(), nonce=bytes.fromhex(self.nonce))


class WithdrawalBody(Strict):
    """Nothing to say: a withdrawal needs no reason."""


def combined(combination: Combination) -> CombinationBody | None:
    return None if combination == PLAIN else CombinationBody.of(combination)
