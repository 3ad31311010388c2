"""Views of bids: what a bidder is given and sees again; what everybody sees after the opening."""

from typing import Self

from pydantic import ConfigDict, Field

from api.schemas import Hex32, Instant, Strict
from api.views.bid_bodies import CombinationBody, LotOfferBody, combined
from api.views.documents import DocumentBody, OpenedDocumentView, named_documents, opened_documents
from domain.bids.envelope import Envelope, UnreadableBid
from domain.bids.model import BidStatus
from domain.bids.ports import OwnBid, ShownBid
from domain.bids.sealing import Submission
from domain.ids import BidId, OrganizationId, TenderId
from domain.sealing.bids import Fault


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
    combination: CombinationBody | None
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
            combination=combined(submission.content.combination),
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
    combination: CombinationBody | None
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
            combination=combined(bid.combination) if bid else None,
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
    the manifest and the bidder's receipt name. Its format is ``oimaq-bid/1`` where ``documents`` is null, ``/2`` where
    it says nothing that had no words then, ``/3`` with price breaks, answers, lead times or a ``combination``.
    ``without_consent`` are members whose consent did not stand at the closing. Of an unreadable bid all that it would
    have told is null.
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
    combination: CombinationBody | None
    without_consent: list[OrganizationId]
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
            combination=combined(bid.combination),
            without_consent=list(bid.without_consent),
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
            combination=None,
            without_consent=[],
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
