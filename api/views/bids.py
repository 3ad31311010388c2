"""Bodies and views of bids: what a bidder sends, is given, and sees again; what everybody sees after the opening."""

from typing import Annotated, Self

from pydantic import ConfigDict, Field

from api.schemas import Hex32, Instant, MoneyText, Pieces, Strict
from api.views.documents import DocumentBody, OpenedDocumentView, named_documents, opened_documents
from domain.bids.bidding import BidCopy
from domain.bids.documents import DOCUMENTS_MAX
from domain.bids.envelope import Envelope, UnreadableBid
from domain.bids.model import BidStatus, LineOffer, LotOffer, NamedDocument
from domain.bids.ports import OwnBid, ShownBid
from domain.bids.sealing import Submission
from domain.garments import Size
from domain.ids import BidId, OrganizationId, TenderId
from domain.sealing.bids import Fault

LotNumber = Annotated[int, Field(ge=1, le=50)]
LineNumber = Annotated[int, Field(ge=1, le=20)]
Terms = Annotated[int, Field(ge=1, le=10_000)]
SizeLabel = Annotated[str, Field(max_length=20)]


class LineOfferBody(Strict):
    """``unit_price`` without VAT; ``sizes`` empty means all; ``pieces_max`` null means all pieces of those sizes."""

    line: LineNumber
    unit_price: MoneyText
    sizes: Annotated[list[SizeLabel], Field(max_length=100)] = []
    pieces_min: Pieces = 1
    pieces_max: Pieces | None = None

    @classmethod
    def of(cls, offer: LineOffer) -> Self:
        return cls(
            line=offer.line,
            unit_price=offer.unit_price,
            sizes=list(offer.sizes),
            pieces_min=offer.pieces_min,
            pieces_max=offer.pieces_max,
        )


class LotOfferBody(Strict):
    lot: LotNumber
    lines: Annotated[list[LineOfferBody], Field(min_length=1, max_length=20)]

    @classmethod
    def of(cls, offer: LotOffer) -> Self:
        return cls(lot=offer.lot, lines=[LineOfferBody.of(line) for line in offer.lines])

    def offer(self) -> LotOffer:
        return LotOffer(
            lot=self.lot,
            lines=tuple(
                LineOffer(
                    line=line.line,
                    unit_price=line.unit_price,
                    sizes=tuple(Size(size) for size in line.sizes),
                    pieces_min=line.pieces_min,
                    pieces_max=line.pieces_max,
                )
                for line in self.lines
            ),
        )


class BidBody(Strict):
    """``terms`` are the tender's terms that you have read: others by now are refused; null takes them as they are.
    ``documents`` are sealed with the bid; a replacement names them anew.
    """

    lots: Annotated[list[LotOfferBody], Field(min_length=1, max_length=50)]
    documents: Annotated[list[DocumentBody], Field(max_length=DOCUMENTS_MAX)] = []
    terms: Terms | None = None

    def offers(self) -> tuple[LotOffer, ...]:
        return tuple(lot.offer() for lot in self.lots)

    def named(self) -> tuple[NamedDocument, ...]:
        return tuple(NamedDocument(id=each.id, name=each.name, sha256=each.sha256) for each in self.documents)


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


class SubmissionView(Strict):
    """Your bid as it was sealed; keep ``copy``, ``nonce`` and ``receipt``, byte for byte: they are answered once (and
    to a retry), because from now on the platform cannot read the bid either. With them, and the public key of
    ``/v1/keys``, ``verify_receipt.py`` checks that the receipt is about this bid.
    """

    model_config = ConfigDict(serialize_by_alias=True)

    id: BidId
    tender_id: TenderId
    status: BidStatus
    revision: int
    terms: int
    currency: str = "KZT"
    lots: list[LotOfferBody]
    documents: list[DocumentBody]
    received_at: Instant
    commitment: Hex32
    ciphertext_sha256: Hex32
    text: str = Field(alias="copy")
    nonce: Hex32
    receipt: str
    public_key: Hex32

    @classmethod
    def of(cls, submission: Submission) -> Self:
        envelope = submission.envelope
        return cls(
            id=envelope.id,
            tender_id=envelope.tender_id,
            status=envelope.status,
            revision=envelope.revision,
            terms=envelope.terms,
            lots=[LotOfferBody.of(offer) for offer in submission.content.offers],
            documents=named_documents(submission.content.documents) or [],
            received_at=envelope.received_at,
            commitment=envelope.commitment.hex(),
            ciphertext_sha256=envelope.ciphertext_hash.hex(),
            copy=submission.copy.decode(),
            nonce=submission.nonce.hex(),
            receipt=submission.receipt.decode(),
            public_key=submission.public_key.hex(),
        )


class BidView(Strict):
    """A bid as its bidder sees it at any time. ``revision`` counts what was sealed; ``terms`` are those he agreed to:
    behind the tender's, the bid waits for its confirmation or replacement. ``lots``, ``documents`` and ``nonce`` are
    null until the opening, ``documents`` also for a bid from before bids named any, commitment and hash for a bid from
    before bids were sealed.
    """

    id: BidId
    tender_id: TenderId
    status: BidStatus
    revision: int
    terms: int
    currency: str = "KZT"
    lots: list[LotOfferBody] | None
    documents: list[DocumentBody] | None
    received_at: Instant
    commitment: Hex32 | None
    ciphertext_sha256: Hex32 | None
    nonce: Hex32 | None

    @classmethod
    def of(cls, own: OwnBid) -> Self:
        envelope, bid = own.envelope, own.bid
        known = bid or envelope
        assert known is not None  # noqa: S101 - an own bid has at least one of them
        return cls(
            id=known.id,
            tender_id=known.tender_id,
            status=BidStatus.UNREADABLE if own.unreadable else known.status,
            revision=known.revision,
            terms=known.terms,
            lots=[LotOfferBody.of(offer) for offer in bid.offers] if bid else None,
            documents=named_documents(bid.documents) if bid else None,
            received_at=known.received_at,
            commitment=envelope.commitment.hex() if envelope else None,
            ciphertext_sha256=envelope.ciphertext_hash.hex() if envelope else None,
            nonce=bid.nonce.hex() if bid and bid.nonce else None,
        )

    @classmethod
    def sealed(cls, envelope: Envelope) -> Self:
        return cls.of(OwnBid(envelope=envelope, bid=None))


class UnreadableView(Strict):
    """Why a bid could not be read, and both hashes of its ciphertext: the one that was published at the closing, and
    that of what the opener found.
    """

    fault: Fault
    stored_sha256: Hex32
    computed_sha256: Hex32


class OpenedBidView(Strict):
    """A bid as everybody sees it after the opening; ``terms`` behind the tender's keep it from being admitted. SHA-256
    of the text ``oimaq-bid-commitment/1`` with a line feed, ``nonce`` and the canonical bid is ``commitment``, which
    the manifest and the bidder's receipt name; its format is ``oimaq-bid/2``, or where ``documents`` is null
    ``oimaq-bid/1``. Of an unreadable bid all that it would have told is null.
    """

    id: BidId
    status: BidStatus
    bidder_id: OrganizationId | None
    bidder_name: str | None
    bidder_bin: str | None
    revision: int
    terms: int | None
    currency: str = "KZT"
    lots: list[LotOfferBody] | None
    documents: list[OpenedDocumentView] | None
    received_at: Instant
    commitment: Hex32 | None
    nonce: Hex32 | None
    unreadable: UnreadableView | None

    @classmethod
    def of(cls, shown: ShownBid | UnreadableBid) -> Self:
        return cls._unreadable(shown) if isinstance(shown, UnreadableBid) else cls._opened(shown)

    @classmethod
    def _opened(cls, shown: ShownBid) -> Self:
        bid = shown.bid
        return cls(
            id=bid.id,
            status=bid.status,
            bidder_id=bid.bidder_id,
            bidder_name=shown.name,
            bidder_bin=shown.bin,
            revision=bid.revision,
            terms=bid.terms,
            lots=[LotOfferBody.of(offer) for offer in bid.offers],
            documents=opened_documents(bid, shown.documents),
            received_at=bid.received_at,
            commitment=shown.commitment.hex() if shown.commitment else None,
            nonce=bid.nonce.hex() if bid.nonce else None,
            unreadable=None,
        )

    @classmethod
    def _unreadable(cls, bid: UnreadableBid) -> Self:
        return cls(
            id=bid.id,
            status=BidStatus.UNREADABLE,
            bidder_id=None,
            bidder_name=None,
            bidder_bin=None,
            revision=bid.revision,
            terms=None,
            lots=None,
            documents=None,
            received_at=bid.received_at,
            commitment=bid.commitment.hex(),
            nonce=None,
            unreadable=UnreadableView(
                fault=bid.fault, stored_sha256=bid.stored_hash.hex(), computed_sha256=bid.computed_hash.hex()
            ),
        )


class ManifestEntryView(Strict):
    bid_id: BidId
    ciphertext_sha256: Hex32
    commitment: Hex32
    received_at: Instant
    revision: int


class ManifestView(Strict):
    """Which bids there are, fixed at the closing before anything is opened; RFC 8785, in the order of their ids."""

    bids: list[ManifestEntryView]
    format: str
    tender_id: TenderId


class KeyView(Strict):
    """The public key that receipts are signed with (Ed25519); a receipt names its ``key_id``."""

    key_id: str
    algorithm: str = "Ed25519"
    public_key: Hex32


class KeysView(Strict):
    receipts: list[KeyView]
